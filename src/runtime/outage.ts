import { GatewayError } from '../domain/errors.ts';
import { schedules, toWait } from '../domain/retry.ts';
import { setQuietTimer } from './clock.ts';
import { rest } from './loop.ts';
import type { Schedule } from '../domain/retry.ts';

export interface AgainOptions {
  /** Whether to try no more. */
  readonly isStopped?: () => boolean;
  readonly schedule?: Schedule;
}

/**
 * Does what writes down how work ended, again while the store cannot be reached: the work is done, and would be done anew if
 * that were not written. Twice has to be as good as once. Rejects with `store_unavailable` when the store stays away, or at
 * once when `isStopped`.
 */
export async function writeAgain<T>(
  write: () => Promise<T>,
  { isStopped = () => false, schedule = schedules.outage }: AgainOptions = {},
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    const waitMs = toWait(schedule, tries);
    if (waitMs === undefined) return write();
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof GatewayError) || error.code !== 'store_unavailable' || isStopped()) throw error;
      // A process that ends does not wait for it.
      await rest(waitMs, setQuietTimer);
    }
  }
}
