// What an error of the WhatsApp Cloud API means for the message and for its sender (channels 2.9).
// developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes, read in September 2026.
import type { FailureClass } from '../domain/message.ts';
import type { SendOutcome } from './channel.ts';
import { isAboutProof } from './graph.ts';
import type { GraphAnswer, GraphError } from './graph.ts';

/** What follows an error code. */
export interface Meaning {
  readonly failure: FailureClass;
  /** Only this recipient has to wait, and not the whole number. */
  readonly scope?: 'recipient';
  /** The least wait, where the vendor names one longer than the usual. */
  readonly waitMs?: number;
}

const minute = 60_000;
const hour = 60 * minute;

const auth: Meaning = { failure: 'auth' };
const account: Meaning = { failure: 'account' };
const throttle: Meaning = { failure: 'throttle' };
const transient: Meaning = { failure: 'transient' };
const permanent: Meaning = { failure: 'permanent' };
const window: Meaning = { failure: 'window' };
const media: Meaning = { failure: 'media' };
const template: Meaning = { failure: 'template' };

const meanings: Readonly<Record<number, Meaning>> = {
  0: auth,
  190: auth,
  3: auth,
  10: auth,
  131005: auth,
  368: account,
  130497: permanent,
  131031: account,
  4: throttle,
  80007: throttle,
  130429: throttle,
  131048: { failure: 'throttle', waitMs: 15 * minute },
  131056: { failure: 'throttle', scope: 'recipient' },
  131064: { failure: 'throttle', waitMs: hour },
  133016: { failure: 'throttle', waitMs: 72 * hour },
  1: transient,
  2: transient,
  131000: transient,
  131016: transient,
  133004: transient,
  131057: { failure: 'transient', waitMs: minute },
  33: permanent,
  100: permanent,
  131008: permanent,
  131009: permanent,
  130403: permanent,
  130472: permanent,
  131021: permanent,
  131026: permanent,
  131030: permanent,
  131037: account,
  131042: account,
  131044: account,
  131045: account,
  131047: window,
  131049: { failure: 'pacing' },
  131050: { failure: 'opt_out' },
  131051: permanent,
  131052: media,
  131053: media,
  131055: permanent,
  131062: permanent,
  131063: permanent,
  131014: media,
  132000: template,
  132001: template,
  132005: template,
  132007: template,
  132008: template,
  132012: template,
  132015: template,
  132016: template,
  132018: template,
  132068: template,
  132069: throttle,
  133000: account,
  133005: account,
  133006: account,
  133008: account,
  133009: account,
  133010: account,
  133015: account,
  134011: account,
  134100: transient,
  134101: transient,
  134102: transient,
  135000: permanent,
  137000: permanent,
  131020: permanent,
  131041: permanent,
  147001: account,
  147002: account,
  147003: account,
  147004: account,
  147005: account,
  // Legacy codes of the on-premises API.
  470: window,
  471: { failure: 'throttle', waitMs: 15 * minute },
  1026: permanent,
};

/** Codes that are not listed one by one, by their range. */
const ranges: readonly { readonly from: number; readonly to: number; readonly meaning: Meaning }[] = [
  { from: 200, to: 299, meaning: auth },
  { from: 131200, to: 131299, meaning: permanent },
  { from: 132000, to: 132999, meaning: template },
  { from: 133000, to: 133999, meaning: account },
  { from: 138000, to: 139999, meaning: permanent },
];

/** What a code means; undefined for one that is newer than this table. */
export function findMeaning(code: number): Meaning | undefined {
  if (Object.hasOwn(meanings, code)) return meanings[code];
  return ranges.find(({ from, to }) => code >= from && code <= to)?.meaning;
}

/**
 * What a refused call means. The code decides; HTTP's status only where there is none. Undefined when it cannot be said
 * whether the call was carried out: a 5xx that is not Graph's own may have come from a proxy after Graph had done its work.
 */
export function toMeaning(error: GraphError): Meaning | undefined {
  const { code, status, isTransient } = error;
  if (isAboutProof(error)) return auth;
  if (code !== null) {
    const known = findMeaning(code);
    if (known !== undefined) return known;
    if (status === 429) return throttle;
    return isTransient || status >= 500 ? transient : permanent;
  }
  if (status === 401 || status === 403) return auth;
  if (status === 429) return throttle;
  return status >= 500 ? undefined : permanent;
}

/** A call that was not answered with success, as the outcome of a send. */
export function toRefusal(answer: Exclude<GraphAnswer, { kind: 'ok' }>): SendOutcome {
  if (answer.kind === 'unknown') return { kind: 'unknown', text: answer.text };
  if (answer.kind === 'unsent')
    return { kind: 'refused', failure: 'transient', code: 'unreachable', text: answer.text };
  const { error } = answer;
  const meaning = toMeaning(error);
  if (meaning === undefined) return { kind: 'unknown', text: error.text };
  const waitMs = Math.max(meaning.waitMs ?? 0, error.retryAfterMs ?? 0);
  return {
    kind: 'refused',
    failure: meaning.failure,
    code: error.code === null ? `http_${error.status}` : String(error.code),
    text: error.text,
    ...(meaning.scope === undefined ? {} : { scope: meaning.scope }),
    ...(waitMs === 0 ? {} : { retryAfterMs: waitMs }),
  };
}
