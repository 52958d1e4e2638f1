// What Messenger and Instagram mean by the errors of their send API, and what follows (docs/protocols/messenger-instagram.md).
// [M] developers.facebook.com/docs/messenger-platform/error-codes, [I] …/docs/instagram-messaging, both read in November 2026. [G] as of graph-errors.ts.
import type { FailureClass } from '../../domain/message.ts';
import type { SendOutcome } from '../channel.ts';
import { graphRows, readMeaning, readRefusal } from '../kit/graph-errors.ts';
import type { GraphRow } from '../kit/graph-errors.ts';
import type { GraphAnswer, GraphError } from '../kit/graph.ts';

/** What is wrong with a file: the upload that an `attachment_id` names is lost or not this Page's, or could not be made. */
export const lostUploads = [2018047, 2018074, 2018294];

const ownRows: readonly GraphRow[] = [
  // This user: unknown, away, has blocked the account or restricted messages, is no tester of an app that is being made.
  { subcodes: [2018001, 2018028, 2018108, 1545041], failure: 'permanent', source: 'M' },
  { subcodes: [2534014, 2534041], failure: 'permanent', source: 'I' },
  { subcodes: [2018065, 2018278], failure: 'window', source: 'M' },
  { subcodes: [2534022], failure: 'window', source: 'I' },
  { codes: [551], failure: 'permanent', source: 'M' },
  // Of a notification that a user has let the Page send: too soon after the one before it, asked for too often. Others do not wait.
  { codes: [4, 9], subcodes: [2018352, 2018354], failure: 'pacing', source: 'M' },
  // Somebody has to accept terms before labels can be used.
  { codes: [2], subcodes: [2018344], failure: 'account', source: 'M' },
  // "The messages are all sent successfully, but the endpoint returns an error."
  { codes: [1], subcodes: [1357046], failure: 'transient', mayBeDone: true, source: 'M' },
  // The Page is restricted.
  { codes: [10], subcodes: [0, 2018336, 1893063], failure: 'account', source: 'M' },
  // Said of one user as well as of all of them: how many users in a row hear it tells.
  { codes: [10, 200], failure: 'ambiguous', source: 'M' },
  // A user who cannot be seen, or a token that is not the Page's.
  { codes: [210], failure: 'ambiguous', source: 'G' },
  { codes: [100], subcodes: [2018008, 2018109, ...lostUploads], failure: 'media', source: 'M' },
  { codes: [99, 1200], failure: 'transient', source: 'M' },
  // Another app controls the thread; the message or thread is deleted.
  { codes: [2022, 2018300, 9000001], failure: 'permanent', source: 'M' },
];

/** Every error that Meta documents for Messenger and Instagram; the first row that fits decides. */
export const messagingRows: readonly GraphRow[] = [...ownRows, ...graphRows];

/** The class of an error; undefined when the call may have been carried out ({@link readMeaning}). */
export function toFailureClass(error: GraphError): FailureClass | undefined {
  return readMeaning(messagingRows, error)?.failure;
}

/** A send call that was not answered with success. The receipt's code is Meta's; its text ends with the subcode. */
export function toRefusal(answer: Exclude<GraphAnswer, { kind: 'ok' }>): SendOutcome {
  const outcome = readRefusal(messagingRows, answer);
  if (answer.kind !== 'refused' || outcome.kind === 'accepted') return outcome;
  const { subcode } = answer.error;
  return subcode === null ? outcome : { ...outcome, text: `${outcome.text}(subcode ${subcode}.)` };
}
