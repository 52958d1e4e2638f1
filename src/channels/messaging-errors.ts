// What Messenger and Instagram mean by the errors of their send API, and what follows (channels 3.6, 8).
import type { FailureClass } from '../domain/message.ts';
import type { SendOutcome } from './channel.ts';
import { isAboutProof } from './graph.ts';
import type { GraphError } from './graph.ts';

interface Row {
  readonly code: number;
  /** Absent: whatever the subcode is, when no row before names it. */
  readonly subcodes?: readonly number[];
  readonly failure: FailureClass;
}

/** The first row that fits decides. */
const rows: readonly Row[] = [
  { code: 190, failure: 'auth' },
  { code: 10, subcodes: [2018278, 2018065, 2534022], failure: 'window' },
  { code: 10, failure: 'account' },
  { code: 100, subcodes: [2018008, 2018109], failure: 'media' },
  // No such user, bad parameter, retired tag, not the owner of the conversation.
  { code: 100, failure: 'permanent' },
  // The person blocked the account, cannot be written to, or restricted messages.
  { code: 200, subcodes: [1545041, 2018028, 2534041], failure: 'permanent' },
  { code: 200, failure: 'account' },
  { code: 551, failure: 'permanent' },
  { code: 613, failure: 'throttle' },
  { code: 4, failure: 'throttle' },
  { code: 17, failure: 'throttle' },
  { code: 32, failure: 'throttle' },
  { code: 1, failure: 'transient' },
  { code: 2, failure: 'transient' },
  { code: 99, failure: 'transient' },
  { code: 1200, failure: 'transient' },
  { code: 2022, failure: 'permanent' },
  { code: 2018300, failure: 'permanent' },
  { code: 9000001, failure: 'permanent' },
  { code: 368, failure: 'account' },
];

/** The class of an error. One that no row names is judged by what else it says; a strange refusal is not sent again. */
export function toFailureClass(error: GraphError): FailureClass {
  const { status, code, subcode, isTransient } = error;
  if (isAboutProof(error)) return 'auth';
  const found = rows.find(
    (row) => row.code === code && (row.subcodes === undefined || row.subcodes.includes(subcode ?? 0)),
  );
  if (found !== undefined) return found.failure;
  if (status === 429) return 'throttle';
  if (status === 401) return 'auth';
  if (isTransient || status >= 500) return 'transient';
  return 'permanent';
}

/** A refusal of a send call as the sending knows it. The receipt's code is Meta's; its text ends with the subcode. */
export function toRefusal(error: GraphError): SendOutcome {
  const { status, code, subcode, text, retryAfterMs } = error;
  // A proxy's error page names no code: the request may have gone through.
  if (code === null && status >= 500) return { kind: 'unknown', text };
  return {
    kind: 'refused',
    failure: toFailureClass(error),
    code: code === null ? `http_${status}` : String(code),
    text: subcode === null ? text : `${text}(subcode ${subcode}.)`,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}
