import { GatewayError } from './domain/errors.ts';

/** Waits between tries, in ms: all are over before a lease that was taken for the work ends. */
const waitsMs = [100, 250, 500, 1000, 2000, 4000];

/**
 * Does what writes down how work ended, again while the store cannot be reached: the work is done, and done anew when that is
 * not written. It must be such that twice is as good as once. Rejects with `store_unavailable` when the store stays away, or at
 * once when `isStopped`.
 */
export async function writeAgain<T>(
  write: () => Promise<T>,
  isStopped: () => boolean = () => false,
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
