import type { AccountId } from './account.ts';
import type { Finding, StateCode } from './findings.ts';
import type { Receipt } from './receipt.ts';
import { schedules, toWait } from './retry.ts';

const hour = 60 * 60 * 1000;

/** How a destination is pushed to. `cams` does as Alibaba's service does; `standard` is made for keeping everything. */
export const presets = {
  standard: { timeoutMs: 10_000, scheduleMs: schedules.standardPush.waitsMs },
  cams: { timeoutMs: 3_000, scheduleMs: schedules.camsPush.waitsMs },
} as const satisfies Record<string, { timeoutMs: number; scheduleMs: readonly number[] }>;

export type Preset = keyof typeof presets;

/** What an operator may set of a destination. The first entry of the schedule is the wait before the first try. */
export interface DestinationSettings {
  readonly preset: Preset;
  /** Receipts a POST: 1 to 100. */
  readonly batchSize: number;
  readonly timeoutMs: number;
  readonly scheduleMs: readonly number[];
  /** POSTs under way at once: 1 to 1,000. */
  readonly concurrency: number;
}

export const destinationRanges = {
  batchSize: { min: 1, max: 100, initial: 1 },
  timeoutMs: { min: 100, max: 60_000 },
  concurrency: { min: 1, max: 1000, initial: 32 },
  scheduleSteps: { min: 1, max: 50 },
  scheduleStepMs: { min: 0, max: 7 * 24 * hour },
} as const;

/** `active` takes deliveries, `opened` waits for a probe to succeed, `off` takes none until switched on again. */
export type DestinationState = 'active' | 'opened' | 'off';

/** One callback URL of one account: every subscription that names it shares its secrets, its breaker and its concurrency. */
export interface Destination {
  readonly accountId: AccountId;
  readonly id: number;
  /** What people call it; '' while nobody gave it a name. */
  readonly name: string;
  readonly url: string;
  readonly settings: DestinationSettings;
  readonly state: DestinationState;
  /** Why and since when the state is what it is. */
  readonly stateReason: StateReason;
  readonly stateSince: number;
  /** Signing secrets, newest first; two while a rotation lasts. `whsec_` and Base64, as Standard Webhooks writes them. */
  readonly secrets: readonly DestinationSecret[];
  readonly createdAt: number;
  /** The last pause that its receiver asked for, over or not; null when there was none since a person switched it on or moved it. */
  readonly pause: DestinationPause | null;
}

/** Why a destination is in its state; `code` is null where an older version said so, in a text alone. */
export type StateReason = Omit<Finding<StateCode>, 'code'> & { readonly code: StateCode | null };

/** A reason that is a text alone. */
export function inWords(text: string): StateReason {
  return { code: null, params: {}, text };
}

/** Why a destination is left alone for a while: its receiver said that it is too much. */
export interface DestinationPause {
  readonly until: number;
  /** What it answered: 429, or 503 with `Retry-After`. */
  readonly status: number;
  /** The wait that it named; null when it named none. */
  readonly askedMs: number | null;
}

export interface DestinationSecret {
  readonly secret: string;
  /** Null for the newest; the older one signs along until then. */
  readonly expiresAt: number | null;
}

/** How a new destination is pushed to: a preset, or settings of its own. */
export type NewDestination = Preset | DestinationSettings;

/** Judged as Alibaba's service judges, and tried as long as `standard` does: an outage of minutes loses nothing. */
export const patientCams: DestinationSettings = {
  ...toDestinationSettings('cams'),
  scheduleMs: presets.standard.scheduleMs,
};

/** The settings of a preset; settings are as they are. */
export function toDestinationSettings(preset: NewDestination): DestinationSettings {
  if (typeof preset !== 'string') return preset;
  return {
    preset,
    batchSize: destinationRanges.batchSize.initial,
    concurrency: destinationRanges.concurrency.initial,
    timeoutMs: presets[preset].timeoutMs,
    scheduleMs: presets[preset].scheduleMs,
  };
}

/**
 * `waiting` is due now or later, `blocked` stands behind another of its lane, `unwanted` stands still because settings do not want
 * it pushed any more, `done` and `dead` are over.
 */
export type DeliveryState = 'waiting' | 'blocked' | 'unwanted' | 'done' | 'dead';

/**
 * Why a receipt is pushed when it may have been pushed before. `retry`: the last answer was no success. `timeout`: no
 * answer came in time, so it may have been taken. `cut off`: the connection ended before the answer did, so it may have been
 * taken too. `recovery`: a process or a lease ended between push and record.
 * `replay`: someone asked for it.
 */
export type RepeatCause = 'retry' | 'timeout' | 'cut off' | 'recovery' | 'replay';

/** One receipt on its way to one HTTP destination. */
export interface Delivery {
  readonly accountId: AccountId;
  readonly id: number;
  readonly destinationId: number;
  readonly receiptId: string;
  readonly state: DeliveryState;
  /** Epoch milliseconds of the next try; when it ended, for one that is over. */
  readonly dueAt: number;
  /** Since when settings do not want it; null for one that stands still for no such reason. */
  readonly unwantedSince: number | null;
  /** Tries recorded so far. */
  readonly attempts: number;
  readonly createdAt: number;
}

/** What a claim hands out: receipts to push in one POST, all of one destination and one receipt type. */
export interface ClaimedBatch {
  readonly accountId: AccountId;
  readonly destinationId: number;
  readonly members: readonly ClaimedDelivery[];
  /** 1 for the first try of this batch. */
  readonly attempt: number;
  readonly cause: RepeatCause | null;
  /** Deliveries of this batch whose receipts are there and cannot be read; left out when there are none. */
  readonly unreadable?: readonly number[];
}

export interface ClaimedDelivery {
  readonly deliveryId: number;
  readonly receipt: Receipt;
}

/** What one try came to, as kept with the delivery. */
export interface Attempt {
  readonly at: number;
  readonly durationMs: number;
  /** HTTP status; null when no answer came. */
  readonly status: number | null;
  readonly outcome: AttemptOutcome;
  /** First bytes of the answer as text, or of the error's message. */
  readonly answer: string;
}

/**
 * `accepted` and the ways to fail: `rejected` (an answer that is no success), `not_acknowledged` (2xx whose body says no),
 * `gone` (410), `throttled` (429, 503 with Retry-After), `timeout`, `refused` (connection refused or reset), `unresolved`
 * (no address), `guarded` (address inside), `tls` (certificate), `failed` (anything else).
 */
export const attemptOutcomes = [
  'accepted',
  'rejected',
  'not_acknowledged',
  'gone',
  'throttled',
  'timeout',
  'refused',
  'unresolved',
  'guarded',
  'tls',
  'failed',
] as const;

/** How one try ended, as {@link attemptOutcomes} lists it. */
export type AttemptOutcome = (typeof attemptOutcomes)[number];

/** What becomes of a delivery after a try. */
export type Next = { readonly kind: 'done' } | { readonly kind: 'dead' } | Retry;

export interface Retry {
  readonly kind: 'retry';
  readonly dueAt: number;
  /** Told to the receiver at the next try. */
  readonly cause: RepeatCause;
  /** The batch that it belongs to from now on, named by a delivery of it; the one that it was in when left out. */
  readonly batch?: number;
  /** Whether the try that has ended uses up none of the schedule. It is recorded all the same. */
  readonly isSpared?: boolean;
}

export interface Settlement {
  readonly accountId: AccountId;
  readonly destinationId: number;
  readonly deliveryId: number;
  readonly attempt: Attempt;
  readonly next: Next;
}

/**
 * The wait before try `attempt` + 1, in milliseconds, or undefined when the schedule has ended.
 * `random` is in [0, 1). A `retryAfterMs` asked for by the receiver lengthens the wait, up to a day; it never shortens it.
 */
export function toRetryDelay(
  scheduleMs: readonly number[],
  attempt: number,
  random: number,
  retryAfterMs: number | null,
): number | undefined {
  return toWait({ ...schedules.standardPush, waitsMs: scheduleMs }, attempt, {
    random,
    askedMs: retryAfterMs ?? 0,
  });
}
