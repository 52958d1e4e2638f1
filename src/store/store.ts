/**
 * The store port. Each verb is one transaction: when its promise resolves, what it did has reached the disk; when it
 * rejects, it did nothing. All reject with `store_unavailable` when the store cannot be reached or cannot commit.
 * Calls made while a commit is under way share the next one. Times are epoch milliseconds.
 */
import type { AccountId, Actor } from '../domain/account.ts';
import type { Change, NewNotice, Notice } from '../domain/notice.ts';
import type { Accounts } from './accounts/port.ts';
import type { Aliases } from './aliases/port.ts';
import type { Backlog } from './backlog/port.ts';
import type { Channels } from './channels/port.ts';
import type { Deliveries } from './deliveries/port.ts';
import type { Erasures } from './erasures/port.ts';
import type { MediaFiles, Uploads } from './media/port.ts';
import type { Fallbacks, Outbounds } from './outbound/port.ts';
import type { Page, PageRequest } from './page.ts';
import type { Queues } from './queues/port.ts';
import type { Receipts } from './receipts/port.ts';
import type { Remarks } from './remarks/port.ts';
import type { Templates } from './templates/port.ts';
import type { Users } from './users/port.ts';

export type * from './accounts/port.ts';
export type * from './aliases/port.ts';
export type * from './backlog/port.ts';
export type * from './channels/port.ts';
export type * from './deliveries/port.ts';
export type * from './erasures/port.ts';
export type * from './media/port.ts';
export type * from './outbound/port.ts';
export type * from './page.ts';
export type * from './queues/port.ts';
export type * from './receipts/port.ts';
export type * from './remarks/port.ts';
export type * from './templates/port.ts';
export type * from './users/port.ts';

/** What changed, told to every part of this process that asked, after the commit. Other nodes hear it soon after. */
export type Signal =
  /** Of one account, or of whichever when it does not say. */
  | { readonly kind: 'directory' | 'templates'; readonly accountId?: AccountId }
  | { readonly kind: 'queue'; readonly accountId: AccountId; readonly queueId: number }
  | { readonly kind: 'deliveries'; readonly accountId: AccountId; readonly destinationId: number }
  | { readonly kind: 'media' }
  | {
      readonly kind: 'outbound';
      readonly accountId: AccountId;
      readonly channelId: string;
      readonly senderId: string;
    }
  /** Where receipts of a sender, or the audits of a channel, go was changed; told in the process alone that changed it. */
  | {
      readonly kind: 'webhook';
      readonly accountId: AccountId;
      readonly channelId: string;
      readonly senderId: string | null;
    }
  /** Something of another node may have been missed: whoever waits for anything looks by himself. */
  | { readonly kind: 'missed' };

export interface Nonces {
  /**
   * Remembers a signature nonce; resolves to false when it was used before. What the caller writes after that is never on the
   * disk without the nonce.
   */
  useNonce(keyId: string, nonce: string, now: number): Promise<boolean>;
  /** Resolves when every nonce that was used before is on the disk. */
  keepNonces(): Promise<void>;
  /** How many are on the disk. Takes the longer the more there are. */
  countNonces(): Promise<number>;
}

export interface Journal {
  /** Notes what changed nothing in the store, such as a sign-in that was refused. */
  recordChange(
    accountId: AccountId,
    actor: Actor,
    action: string,
    subject: string,
    detail: Readonly<Record<string, unknown>>,
  ): Promise<void>;
  recordNotice(notice: NewNotice): Promise<Notice>;
  listNotices(accountId: AccountId, page: PageRequest): Promise<Page<Notice>>;
  listChanges(accountId: AccountId, page: PageRequest): Promise<Page<Change>>;
}

/** What is counted for the overview of an account. */
export const rateKinds = [
  'statuses',
  'inbounds',
  'audits',
  'pushed',
  'pushFailed',
  'dead',
  'sent',
  'sendFailed',
] as const;
export type RateKind = (typeof rateKinds)[number];

/** How often something happened in one minute, counted since 1970. */
export interface Rate {
  readonly accountId: AccountId;
  readonly minute: number;
  readonly kind: RateKind;
  readonly count: number;
}

/** How many messages were put into a queue, and how many were taken away for good, in one minute, counted since 1970. */
export interface QueueRate {
  readonly accountId: AccountId;
  readonly queue: string;
  readonly minute: number;
  readonly put: number;
  readonly deleted: number;
}

export interface Rates {
  /** Adds to what is counted there, of whichever nodes. Kept for two days. */
  addRates(rates: readonly Rate[]): Promise<void>;
  /** All of an account from a minute on, oldest first. */
  listRates(accountId: AccountId, sinceMinute: number): Promise<readonly Rate[]>;
  /** Adds to what is counted of queues, of whichever nodes. Kept for two days. */
  addQueueRates(rates: readonly QueueRate[]): Promise<void>;
  /** What was counted of the named queues of an account from a minute on, oldest first. */
  listQueueRates(
    accountId: AccountId,
    queues: readonly string[],
    sinceMinute: number,
  ): Promise<readonly QueueRate[]>;
}

/** How long things are kept, in milliseconds. */
export interface Retention {
  readonly rawEventMs: number;
  readonly receiptMs: number;
  readonly attemptMs: number;
  /** Of rows that cannot be read and were kept apart, from then on. */
  readonly unreadableMs: number;
}

/** How long files are kept: those that users sent, and those that the business uploaded. */
export interface FileRetention {
  readonly mediaMs: number;
  readonly uploadMs: number;
}

/** One step of a sweep. */
interface SweepStep {
  /** Rows that went; 0 when there is no more to do. */
  readonly rows: number;
  /** How long its work held what others wait for, in milliseconds, without its own wait and the commit that it shares. */
  readonly heldMs: number;
}

/** The times up to which a sweep takes things away, in epoch ms; `at` is the time that queues and what has an end of its own go by. */
export interface SweepMark {
  readonly at: number;
  readonly rawEvents: number;
  readonly receipts: number;
  readonly attempts: number;
  /** Of files that users sent, and of those that the business uploaded; absent in the mark of an older version. */
  readonly media?: number;
  readonly uploads?: number;
}

/** What of one kind a sweep would take, and what it would leave; both counted up to a bound. */
export interface OldRows {
  readonly kind: 'raw_events' | 'receipts' | 'messages' | 'queue_messages' | 'media' | 'uploads';
  readonly old: number;
  readonly kept: number;
}

/** What tells a wrong clock from what is kept, before anything is taken away by it. */
export interface Aging {
  /** The newest time that anything is of; null for a store that holds nothing yet. */
  findNewestTime(): Promise<number | null>;
  /** What the last whole sweep went by, of whichever node. */
  findSweepMark(): Promise<SweepMark | undefined>;
  noteSweep(mark: SweepMark): Promise<void>;
  /** How much a sweep would take. Looks at no more than some ten thousand rows. */
  countOld(mark: SweepMark): Promise<readonly OldRows[]>;
  /**
   * Makes due now what is due further ahead than anything is planned: a clock that was wrong said when. A bounded part of it; resolves
   * to how many. Costs next to nothing when there is none.
   */
  bringForward(now: number): Promise<number>;
  /** No receive drops messages of queues that were not old at that time (epoch ms); null goes by the time that it is. */
  holdExpiry(until: number | null): void;
}

export interface Upkeep extends Aging {
  /** Resolves when a commit has just reached the disk. It notes the time, as the newest that is kept, unless that is not sound. */
  probe(isTimeSound?: boolean): Promise<void>;
  /**
   * Takes away one bounded batch of what has outlived its time. Receipts with a delivery that is not over stay.
   */
  sweep(retention: Retention, now: number): Promise<SweepStep>;
  /** Calls `listener` after each commit that concerns it; returns what ends the calls. Listeners must not throw. */
  watch(listener: (signal: Signal) => void): () => void;
  /** Finishes what is under way and closes; every later call rejects. */
  close(): Promise<void>;
}

export interface Store
  extends
    Accounts,
    Users,
    Channels,
    Receipts,
    Remarks,
    Deliveries,
    Backlog,
    Outbounds,
    Fallbacks,
    Templates,
    Nonces,
    Queues,
    MediaFiles,
    Uploads,
    Erasures,
    Aliases,
    Journal,
    Rates,
    Upkeep {}
