// What an error of the WhatsApp Cloud API means for the message and for its sender (docs/protocols/whatsapp.md).
// [W] developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes, read in September 2026. [O] its predecessor, the
// on-premises API. [T] …/docs/whatsapp/business-management-api/message-templates.
import type { FailureMeaning, SendOutcome } from '../channel.ts';
import { findRow, graphRows, readMeaning, readRefusal } from '../kit/graph-errors.ts';
import type { GraphRow } from '../kit/graph-errors.ts';
import type { GraphAnswer, GraphError } from '../kit/graph.ts';

const minute = 60_000;
const hour = 60 * minute;

const ownRows: readonly GraphRow[] = [
  { codes: [0, 3, 10, 190, [200, 299], 131005], failure: 'auth', source: 'W' },
  // 33: the number has been deleted.
  { codes: [33, 368, 131031, 131037, 131042, 131044, 131045, 134011], failure: 'account', source: 'W' },
  // 136025: the number's code for its registration was wrong.
  { codes: [136025, [147001, 147005]], failure: 'account', source: 'W' },
  { codes: [80007, 130429, 132069], failure: 'throttle', source: 'W' },
  { codes: [131048], failure: 'throttle', waitMs: 15 * minute, source: 'W' },
  { codes: [131056], failure: 'throttle', scope: 'recipient', source: 'W' },
  { codes: [131064], failure: 'throttle', waitMs: hour, source: 'W' },
  { codes: [133016], failure: 'throttle', waitMs: 72 * hour, source: 'W' },
  { codes: [131000, 131016, 133004, [134100, 134102]], failure: 'transient', source: 'W' },
  { codes: [131057], failure: 'transient', waitMs: minute, source: 'W' },
  { codes: [131047], failure: 'window', source: 'W' },
  { codes: [131049], failure: 'pacing', source: 'W' },
  { codes: [131050], failure: 'opt_out', source: 'W' },
  { codes: [131014, 131052, 131053], failure: 'media', source: 'W' },
  { codes: [130403, 130472, 130497, 131008, 131009, 131020], failure: 'permanent', source: 'W' },
  { codes: [131021, 131026, 131030, 131041, 131051, 131055], failure: 'permanent', source: 'W' },
  { codes: [131062, 131063, 135000, 137000], failure: 'permanent', source: 'W' },
  // Of earlier versions of the page: too long, no such kind of recipient, no such thing, not delivered within its time.
  { codes: [131001, 131002, 131006, 131043], failure: 'permanent', source: 'W' },
  // Groups; calls, flows and blocked users.
  {
    codes: [
      [131200, 131299],
      [138000, 139999],
    ],
    failure: 'permanent',
    source: 'W',
  },
  // How many templates an account may have is no word on this one.
  { codes: [100], subcodes: [2388019], failure: 'account', source: 'T' },
  { codes: [2388019], failure: 'account', source: 'T' },
  {
    // 200002: a template could not be made.
    codes: [200002, [132000, 132999], [2388000, 2388999]],
    failure: 'template',
    source: 'W, T',
  },
  { codes: [[133000, 133999]], failure: 'account', source: 'W' },
  { codes: [470], failure: 'window', source: 'O' },
  { codes: [471], failure: 'throttle', waitMs: 15 * minute, source: 'O' },
  { codes: [1026], failure: 'permanent', source: 'O' },
];

/** Every code that Meta documents for WhatsApp; the first row that fits decides. */
export const whatsappRows: readonly GraphRow[] = [...ownRows, ...graphRows];

/** What a refused call means; undefined when it may have been carried out ({@link readMeaning}). */
export function toMeaning(error: GraphError): FailureMeaning | undefined {
  return readMeaning(whatsappRows, error);
}

/** What the code of a status means by which a message that was taken is given up; undefined for one that stands in no row. */
export function explainFailure(code: string): FailureMeaning | undefined {
  return /^\d+$/.test(code) ? findRow(whatsappRows, Number(code), null) : undefined;
}

/** A call that was not answered with success, as the outcome of a send. */
export function toRefusal(answer: Exclude<GraphAnswer, { kind: 'ok' }>): SendOutcome {
  return readRefusal(whatsappRows, answer);
}
