// What errors of Meta's Graph API mean, whatever was asked; the tables of the channels stand before this one.
// [G] developers.facebook.com/docs/graph-api/guides/error-handling, [R] …/docs/graph-api/overview/rate-limiting.
import type { FailureClass } from '../../domain/message.ts';
import type { ChannelFault, FailureMeaning, SendOutcome } from '../channel.ts';
import { isAboutProof } from './graph.ts';
import type { GraphAnswer, GraphError } from './graph.ts';

export interface GraphRow extends FailureMeaning {
  /** Codes one by one, and ranges from the first to the last; absent: any, and the subcode decides. */
  readonly codes?: readonly (number | readonly [from: number, to: number])[];
  /** Absent: whatever the subcode is. 0 stands for an error without one. */
  readonly subcodes?: readonly number[];
  /** The vendor says so of calls that it has carried out as well. */
  readonly mayBeDone?: true;
  /** Where the vendor says so. */
  readonly source: string;
}

/** The first row that fits decides. */
export const graphRows: readonly GraphRow[] = [
  // The object of the call does not exist or the token may not see it: an id in the settings, not the message.
  { codes: [100], subcodes: [33], failure: 'account', source: 'G' },
  { codes: [803], failure: 'account', source: 'G' },
  { codes: [102, 104, 190], failure: 'auth', source: 'G' },
  // Capability, permission, source address, policy.
  { codes: [3, 5, 10, [200, 299], 368], failure: 'account', source: 'G' },
  // 9: the user of the token does too much.
  { codes: [4, 9, 17, 32, 341, 613, [80_000, 80_014]], failure: 'throttle', source: 'R' },
  { codes: [1, 2], failure: 'transient', source: 'G' },
  // A wrong parameter, too many of a list, no such user, no number, too few of a list; what was said just before; an address that
  // Meta cannot read.
  { codes: [100, 105, 110, 192, 194, 506, 1609005], failure: 'permanent', source: 'G' },
];

const auth: FailureMeaning = { failure: 'auth' };
const throttle: FailureMeaning = { failure: 'throttle' };
const unrecognized: FailureMeaning = { failure: 'unrecognized' };

/** What a table says of a code; undefined for one that stands in none of its rows. */
export function findRow(
  rows: readonly GraphRow[],
  code: number,
  subcode: number | null,
): GraphRow | undefined {
  const fits = (row: GraphRow): boolean =>
    (row.codes?.some((one) => (typeof one === 'number' ? one === code : code >= one[0] && code <= one[1])) ??
      true) &&
    (row.subcodes?.includes(subcode ?? 0) ?? true);
  return rows.find(fits);
}

/**
 * What a refused call means. The code decides; what else the answer tells only where no row names it, and a refusal that is not
 * understood is `unrecognized`. Undefined when it cannot be said whether the call was carried out: Meta says so of the error, or a
 * 5xx without a code that is known may have come after Graph, or a proxy before it, had done its work.
 */
export function readMeaning(rows: readonly GraphRow[], error: GraphError): FailureMeaning | undefined {
  const { code, subcode, status, isTransient, retryAfterMs } = error;
  if (isAboutProof(error)) return auth;
  const known = code === null ? undefined : findRow(rows, code, subcode);
  if (known !== undefined) return known.mayBeDone === true ? undefined : known;
  if (status === 429) return throttle;
  if (status === 401 || (status === 403 && code === null && retryAfterMs === undefined)) return auth;
  if (code !== null && isTransient) return { failure: 'transient' };
  if (status >= 500) return undefined;
  // Meta names a time to come back with limits alone.
  if (retryAfterMs !== undefined) return throttle;
  return status === 413 ? { failure: 'permanent' } : unrecognized;
}

/** A call that was not answered with success, as the outcome of a send. The code is Meta's, or `http_<status>`. */
export function readRefusal(
  rows: readonly GraphRow[],
  answer: Exclude<GraphAnswer, { kind: 'ok' }>,
): SendOutcome {
  if (answer.kind === 'unknown') return { kind: 'unknown', text: answer.text };
  if (answer.kind === 'unsent')
    return { kind: 'refused', failure: 'transient', code: 'unreachable', text: answer.text };
  const { error } = answer;
  const code = error.code === null ? `http_${error.status}` : String(error.code);
  const meaning = readMeaning(rows, error);
  if (meaning === undefined) {
    const isExplained = error.code !== null && findRow(rows, error.code, error.subcode) !== undefined;
    return { kind: 'unknown', text: error.text, ...(error.code === null || isExplained ? {} : { code }) };
  }
  const waitMs = Math.max(meaning.waitMs ?? 0, error.retryAfterMs ?? 0);
  return {
    kind: 'refused',
    failure: meaning.failure,
    code,
    text: error.text,
    ...(meaning.scope === undefined ? {} : { scope: meaning.scope }),
    ...(waitMs === 0 ? {} : { retryAfterMs: waitMs }),
  };
}

/** What a refusal means for a call that is no message: who has to do something, or that time may help. */
export function toFaultKind(failure: FailureClass | undefined): ChannelFault['fault'] {
  if (failure === 'auth') return 'auth';
  const isLater =
    failure === undefined || ['transient', 'throttle', 'unrecognized', 'pacing'].includes(failure);
  return isLater ? 'later' : 'refused';
}
