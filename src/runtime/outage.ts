import { GatewayError } from '../domain/errors.ts';

/** Waits between tries, in ms: all are over before a lease that was taken for the work ends. */
const defaultWaitsMs = [100, 250, 500, 1000, 2000, 4000];

export interface AgainOptions {
  /** Whether to try no more. */
  readonly isStopped?: () => boolean;
  readonly waitsMs?: readonly number[];
}

/**
 * Does what writes down how work ended, again while the store cannot be reached: the work is done, and would be done anew if
 * that were not written. Twice has to be as good as once. Rejects with `store_unavailable` when the store stays away, or at
 * once when `isStopped`.
 */
export async function writeAgain<T>(
  write: () => Promise<T>,
  { isStopped = () => false, waitsMs = defaultWaitsMs }: AgainOptions = {},
): Promise<T> {
  for (const waitMs of waitsMs) {
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof GatewayError) || error.code !== 'store_unavailable' || isStopped()) throw error;
      // A process that ends does not wait for it.
      await new Promise((resolve) => setTimeout(resolve, waitMs).unref());
    }
  }
  return write();
}
