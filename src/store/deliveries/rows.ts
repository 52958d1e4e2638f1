// Rows of deliveries as both stores select them, and how they travel together.
import { toIdTime } from '../../domain/ids.ts';
import type {
  Attempt,
  AttemptOutcome,
  ClaimedBatch,
  ClaimedDelivery,
  Delivery,
  DeliveryState,
  RepeatCause,
} from '../../domain/delivery.ts';
import type { Receipt, ReceiptFacts } from '../../domain/receipt.ts';
import type {
  ClaimRequest,
  DeliveryFilter,
  DestinationCounts,
  ListedDelivery,
  PageRequest,
} from '../store.ts';
import { toHex } from '../receipts/rows.ts';
import { isUnreadable } from '../rows/corruption.ts';
import { readObject } from '../rows/json-column.ts';

/** States by the number they are kept as; what is unwanted is kept as blocked, and a row of its own tells. */
const states = ['waiting', 'blocked', 'done', 'dead'] as const satisfies readonly DeliveryState[];
export const stateNumber: Readonly<Record<DeliveryState, number>> = {
  waiting: 0,
  blocked: 1,
  unwanted: 1,
  done: 2,
  dead: 3,
};

/** A delivery that is due, as a claim reads it. */
export interface DueRow {
  readonly id: number;
  readonly receipt_id: number;
  readonly due_at: number;
  readonly attempts: number;
  readonly round_start: number;
  readonly cause: RepeatCause | null;
  readonly batch: number | null;
  readonly type: string;
}

/** Whether nobody wants a delivery any more, of the table `delivery d`. */
export const isUnwanted =
  'EXISTS (SELECT 1 FROM unwanted u WHERE u.account_id = d.account_id AND u.delivery_id = d.id)';

/** Of each destination, the oldest of the first thousand that are due there. */
export const oldestOfEach = `SELECT t.account_id, t.id, (SELECT min(d.id) FROM
    (SELECT id FROM delivery WHERE account_id = t.account_id AND destination_id = t.id AND state = 0 ORDER BY due_at, id LIMIT 1000) d) AS delivery_id
  FROM destination t`;

/** Deliveries that a probe looks at, from either end of what is due. */
export const probeRows = 128;

/**
 * What a probe may take, each once: what has not been refused yet first, and of that receipt types of which nothing was; then in
 * the order of `rows`. So one kind that a receiver cannot take holds up no other, however much there is of it.
 */
export function toProbes<Row extends DueRow>(rows: readonly Row[]): readonly Row[] {
  const known = [...new Map(rows.map((row) => [row.id, row])).values()];
  const isFresh = ({ cause }: Row): boolean => cause === null || cause === 'replay';
  const refused = new Set(known.filter((row) => !isFresh(row)).map(({ type }) => type));
  const rank = (row: Row): number => (!isFresh(row) ? 2 : refused.has(row.type) ? 1 : 0);
  return known.toSorted((a, b) => rank(a) - rank(b));
}

export interface DeliveryRow {
  readonly id: number;
  readonly account_id: number;
  readonly destination_id: number;
  readonly key: Uint8Array;
  readonly state: number;
  readonly due_at: number;
  readonly attempts: number;
  readonly lane: number;
  readonly place: number;
  /** Null unless it stands still because settings do not want it. */
  readonly unwanted_since: number | null;
}

/** The same with its receipt and its last try, as lists show it. */
export interface ListedRow extends DeliveryRow {
  readonly channel_id: string;
  readonly sender_id: string | null;
  readonly facts: string;
  /** Null where no try is recorded. */
  readonly at: number | null;
  readonly duration_ms: number | null;
  readonly status: number | null;
  readonly outcome: AttemptOutcome | null;
}

export interface AttemptRow {
  readonly at: number;
  readonly duration_ms: number;
  readonly status: number | null;
  readonly outcome: AttemptOutcome;
  readonly answer: string;
}

/** The id that an oldest-first listing goes on above. */
export function toAfter(page: PageRequest): number {
  const id = Number(page.cursor ?? 0);
  return Number.isSafeInteger(id) ? id : 0;
}

/** Whether a delivery is among those that a filter means. */
export function isMatch(row: DeliveryRow, filter: DeliveryFilter): boolean {
  if (filter.state !== undefined && toState(row) !== filter.state) return false;
  if (filter.since !== undefined && toIdTime(row.id) < filter.since) return false;
  if (filter.until !== undefined && toIdTime(row.id) >= filter.until) return false;
  return filter.destinationId === undefined || row.destination_id === filter.destinationId;
}

function toState({ state, unwanted_since: since }: DeliveryRow): DeliveryState {
  return state === stateNumber.unwanted && since !== null ? 'unwanted' : (states[state] ?? 'dead');
}

/** A delivery from its row. */
export function toDelivery(row: DeliveryRow): Delivery {
  return {
    accountId: row.account_id,
    id: row.id,
    destinationId: row.destination_id,
    receiptId: toHex(row.key),
    state: toState(row),
    dueAt: row.due_at,
    unwantedSince: row.unwanted_since,
    attempts: row.attempts,
    createdAt: toIdTime(row.id),
  };
}

/** Where the schedule of a delivery stands, and what is told at its next try. */
export interface RoundRow {
  readonly round_start: number;
  readonly cause: RepeatCause | null;
}

/** Where its schedule stands, from its row. */
export function toRound({ round_start: roundStart, cause }: RoundRow): {
  readonly roundStart: number;
  readonly cause: RepeatCause | null;
} {
  return { roundStart, cause };
}

/** What a filter asks for of the receipt and of the last try, in the order in which statements take it. */
export function toNarrowing({ type, channelId, user, outcome, status }: DeliveryFilter) {
  return [type ?? null, channelId ?? null, user ?? null, outcome ?? null, status ?? null];
}

/** A delivery of a list from its row. */
export function toListed(row: ListedRow): ListedDelivery {
  const { channel_id: channelId, sender_id: senderId, at, outcome } = row;
  const lastTry =
    at === null || outcome === null
      ? null
      : { at, durationMs: row.duration_ms ?? 0, status: row.status, outcome };
  return {
    ...toDelivery(row),
    receipt: { channelId, senderId, facts: readFacts(row.facts) },
    lastTry,
  };
}

/** Facts that cannot be read take no delivery out of a list. */
function readFacts(text: string): ReceiptFacts | null {
  try {
    return readObject(text) as unknown as ReceiptFacts;
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return null;
  }
}

/** An attempt from its row. */
export function toAttempt(row: AttemptRow): Attempt {
  return {
    at: row.at,
    durationMs: row.duration_ms,
    status: row.status,
    outcome: row.outcome,
    answer: row.answer,
  };
}

/**
 * The members of a batch with their receipts. A receipt that cannot be read holds back nobody: its delivery is named apart, so
 * that its failure can be written down. A row that a damaged file cannot give at all is the file's fault, and thrown.
 */
export function toReadable<Row extends DueRow>(
  rows: readonly Row[],
  read: (row: Row) => Receipt,
): Pick<ClaimedBatch, 'members' | 'unreadable'> {
  const members: ClaimedDelivery[] = [];
  const unreadable: number[] = [];
  for (const row of rows) {
    try {
      members.push({ deliveryId: row.id, receipt: read(row) });
    } catch (error) {
      if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
      unreadable.push(row.id);
    }
  }
  return unreadable.length === 0 ? { members } : { members, unreadable };
}

/**
 * Groups due rows into batches: those that travelled together before (`membersOf` names who of them may go now), then new
 * ones of one receipt type each.
 */
export function toBatches(
  rows: readonly DueRow[],
  { limit, batchSize }: Pick<ClaimRequest, 'limit' | 'batchSize'>,
  membersOf: (batch: number) => readonly DueRow[],
): (readonly DueRow[])[] {
  const batches: (readonly DueRow[])[] = [];
  const taken = new Set<number>();
  const forming = new Map<string, DueRow[]>();
  for (const row of rows) {
    if (taken.has(row.id)) continue;
    if (row.batch !== null) {
      const members = membersOf(row.batch);
      for (const member of members) taken.add(member.id);
      batches.push(members);
      continue;
    }
    taken.add(row.id);
    let open = forming.get(row.type);
    // A replayed or retried receipt goes by itself: its attempt number and cause are its own.
    const alone = row.cause !== null || row.attempts > row.round_start;
    if (open === undefined || open.length >= batchSize || alone) {
      open = [];
      batches.push(open);
      if (!alone) forming.set(row.type, open);
    }
    open.push(row);
  }
  return batches.slice(0, limit);
}

/** What is counted of each destination; `due` are those that wait for their time. */
export type CountRow = Pick<DestinationCounts, 'destinationId' | 'blocked' | 'dead'> & {
  readonly due: number;
};

/** What is counted of each destination, no further than `atMost`, with how much of it settings do not want. */
export function toDestinationCounts(
  counts: readonly CountRow[],
  unwanted: readonly Pick<DestinationCounts, 'destinationId' | 'unwanted'>[],
  atMost: number,
): readonly DestinationCounts[] {
  const byId = new Map(unwanted.map((row) => [row.destinationId, row.unwanted]));
  return counts.map(({ due, ...row }) => ({
    ...row,
    waiting: Math.min(atMost, due + row.blocked),
    unwanted: byId.get(row.destinationId) ?? 0,
  }));
}
