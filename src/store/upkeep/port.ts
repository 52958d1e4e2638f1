// What keeps a store good, and what it tells of changes.
import type { AccountId } from '../../domain/account.ts';
import type { Aging } from '../aging/port.ts';

/** What changed, told to every part of this process that asked, after the commit. Other nodes hear it soon after. */
export type Signal =
  /** Of one account, or of whichever when it does not say. */
  | { readonly kind: 'directory' | 'templates'; readonly accountId?: AccountId }
  | { readonly kind: 'queue'; readonly accountId: AccountId; readonly queueId: number }
  | { readonly kind: 'deliveries'; readonly accountId: AccountId; readonly destinationId: number }
  /** A setting of the service was set, or let go of. */
  | { readonly kind: 'media' | 'settings' }
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

export interface Watched {
  /** Calls `listener` after each commit that concerns it; returns what ends the calls. Listeners must not throw. */
  watch(listener: (signal: Signal) => void): () => void;
}

export interface Upkeep extends Aging, Watched {
  /** Resolves when a commit has just reached the disk. It notes the time, as the newest that is kept, unless that is not sound. */
  probe(isTimeSound?: boolean): Promise<void>;
  /**
   * Takes away one bounded batch of what has outlived its time. Receipts with a delivery that is not over stay.
   */
  sweep(retention: Retention, now: number): Promise<SweepStep>;
  /** Finishes what is under way and closes; every later call rejects. */
  close(): Promise<void>;
}
