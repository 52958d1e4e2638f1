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

export const mediaLimits = {
  /** What a channel sends at most: WhatsApp documents have 100 MB. */
  bytes: 100 * 1024 * 1024,
  /** Waits before each try to fetch; media ids live 7 days, the links to them 5 minutes. */
  scheduleMs: [0, 2_000, 10_000, 60_000, 300_000, 1_800_000, 7_200_000, 21_600_000, 86_400_000],
} as const;
