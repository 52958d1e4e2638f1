import type { AccountId } from './account.ts';
import { schedules, toWait } from './retry.ts';

/** `pending` is to be fetched, `stored` can be read, `gone` could not be had for good, `erased` was taken away by us. */
export type MediaState = 'pending' | 'stored' | 'gone' | 'erased';

/** One file that a user sent, on its way from the channel to our own store. */
export interface Media {
  readonly accountId: AccountId;
  /** 32 hex digits; unguessable only together with the signature of its link. */
  readonly id: string;
  readonly channelId: string;
  readonly senderId: string;
  readonly channelMediaId: string;
  readonly mimeType: string;
  readonly fileName: string | null;
  readonly sha256: string | null;
  readonly state: MediaState;
  /** In words for the reader: why it is gone, or what the last try ran into. */
  readonly reason: string;
  readonly bytes: number | null;
  readonly attempts: number;
  readonly dueAt: number;
  readonly createdAt: number;
}

const hour = 60 * 60_000;

/** How long a channel keeps what a user sent: 7 days on WhatsApp, some hours more for a clock that differs. */
const channelKeepsMs = 7 * 24 * hour + 12 * hour;

/**
 * The wait before the next try to fetch, after `attempts` tries and as long as the channel asked for, if it did; undefined when the
 * channel has nothing to give any more.
 */
export function toFetchDelay(
  { attempts, createdAt }: Pick<Media, 'attempts' | 'createdAt'>,
  now: number,
  retryAfterMs = 0,
): number | undefined {
  const delayMs = toWait(schedules.mediaFetch, attempts, { askedMs: retryAfterMs }) ?? 0;
  return now + delayMs > createdAt + channelKeepsMs ? undefined : delayMs;
}
