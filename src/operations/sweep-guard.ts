// Whether a sweep may take what it would take: a clock that is wrong, or a setting that is, is seen by how much it takes at once.
import { noticed } from '../domain/findings.ts';
import type { EndNotice, RaiseNotice } from '../domain/notice.ts';
import type { FileRetention, OldRows, Retention, Store, SweepMark } from '../store/store.ts';
import type { Stopwatch } from '../runtime/clock.ts';

/** A sweep may go so much further than the one before as time has passed, and this much. */
const slackMs = 60 * 60 * 1000;
/** More than these, and more than a tenth of what is kept of a kind, are unusually much for one that goes further. */
const fewRows = 50;
const share = 10;

interface SweepGuardDeps extends Stopwatch {
  readonly store: Pick<Store, 'findSweepMark' | 'noteSweep' | 'countOld' | 'holdExpiry'>;
  readonly raiseNotice: RaiseNotice;
  readonly endNotice: EndNotice;
}

const kinds: readonly OldRows['kind'][] = [
  'raw_events',
  'receipts',
  'messages',
  'queue_messages',
  'media',
  'uploads',
];

export interface SweepGuard {
  /**
   * Whether a sweep of that time may go. One that goes further than time has passed since the last one, and would take unusually much,
   * waits until it is let go, and is told; no message of a queue expires meanwhile.
   */
  readonly admit: (mark: SweepMark) => Promise<boolean>;
  /** Notes a sweep that was made. */
  readonly note: (mark: SweepMark) => Promise<void>;
  /** The time is in doubt: until the next sweep is looked at, no message of a queue expires. */
  readonly suspect: () => void;
  /** Lets the sweep that waits go, as a person says who was told what it would take; nothing while none waits. */
  readonly letGo: () => void;
  /** What waits; empty when nothing does. */
  readonly held: () => readonly OldRows[];
}

/** What a sweep at a time goes by. */
export function toMark(retention: Retention & FileRetention, at: number): SweepMark {
  return {
    at,
    rawEvents: at - retention.rawEventMs,
    receipts: at - retention.receiptMs,
    attempts: at - retention.attemptMs,
    media: at - retention.mediaMs,
    uploads: at - retention.uploadMs,
  };
}

export function createSweepGuard({ store, raiseNotice, endNotice, monotonic }: SweepGuardDeps): SweepGuard {
  let held: readonly OldRows[] = [];
  let isLetGo = false;
  let notedAt: number | undefined;

  const hold = (rows: readonly OldRows[], from: number): void => {
    held = rows;
    // Also of what another process told.
    for (const kind of kinds)
      if (!rows.some((row) => row.kind === kind)) endNotice(null, 'sweep_held', `sweep/${kind}`);
    store.holdExpiry(rows.length === 0 ? null : from);
  };

  return {
    admit: async (mark) => {
      const last = await store.findSweepMark();
      const passedMs = notedAt === undefined ? 0 : monotonic() - notedAt;
      if (isLetGo || (last !== undefined && furthest(last, mark) <= passedMs + slackMs)) {
        hold([], mark.at);
        return true;
      }
      const rows = (await store.countOld(mark)).filter(
        ({ old, kept }) => old > fewRows && old * (share - 1) > kept,
      );
      hold(rows, last?.at ?? 0);
      for (const { kind, old, kept } of rows)
        raiseNotice({
          accountId: null,
          subject: `sweep/${kind}`,
          ...noticed('sweep_held', { kind, old, total: old + kept }),
        });
      return rows.length === 0;
    },
    note: async (mark) => {
      await store.noteSweep(mark);
      notedAt = monotonic();
      isLetGo = false;
    },
    suspect: () => {
      if (held.length === 0) store.holdExpiry(0);
    },
    letGo: () => {
      if (held.length === 0) return;
      isLetGo = true;
      hold([], 0);
    },
    held: () => held,
  };
}

/** By how much a sweep goes further than another, at most. */
function furthest(last: SweepMark, mark: SweepMark): number {
  return Math.max(
    mark.at - last.at,
    mark.rawEvents - last.rawEvents,
    mark.receipts - last.receipts,
    mark.attempts - last.attempts,
    furtherBy(last.media, mark.media),
    furtherBy(last.uploads, mark.uploads),
  );
}

/** Of what one of both does not tell, nothing is known to go further. */
function furtherBy(last: number | undefined, next: number | undefined): number {
  return last === undefined || next === undefined ? 0 : next - last;
}
