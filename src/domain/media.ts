import type { AccountId } from './account.ts';

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

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const mediaLimits = {
  /** Waits before each try to fetch; the last one is repeated for as long as the channel keeps the file. */
  scheduleMs: [0, 2_000, 10_000, minute, 5 * minute, 30 * minute, 2 * hour, 6 * hour, 12 * hour],
  /** How long a channel keeps what a user sent: 7 days on WhatsApp, some hours more for a clock that differs. */
  channelKeepsMs: 7 * day + 12 * hour,
  /** The longest wait that a channel is granted. */
  askedMs: 6 * hour,
} as const;

/**
 * The wait before the next try to fetch, after `attempts` tries and as long as the channel asked for, if it did; undefined when the
 * channel has nothing to give any more.
 */
export function toFetchDelay(
  { attempts, createdAt }: Pick<Media, 'attempts' | 'createdAt'>,
  now: number,
  retryAfterMs = 0,
): number | undefined {
  const { scheduleMs, channelKeepsMs, askedMs } = mediaLimits;
  const ownMs = scheduleMs[attempts] ?? scheduleMs.at(-1) ?? 0;
  const delayMs = Math.max(ownMs, Math.min(askedMs, retryAfterMs));
  return now + delayMs > createdAt + channelKeepsMs ? undefined : delayMs;
}
