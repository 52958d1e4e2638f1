import { clip } from '../../domain/cut.ts';
import type { AttemptOutcome, Preset } from '../../domain/delivery.ts';
import type { Answer, Failure } from '../../http/client.ts';
import { isFailure } from '../../http/client.ts';
import { readRetryAfter } from '../../http/retry-after.ts';
import { readAcknowledgement } from './acknowledgement.ts';

/** What a try came to. `failed` names the receipts of a batch that have to be sent again; null means all or none, by `outcome`. */
export interface Judgement {
  readonly outcome: AttemptOutcome;
  readonly status: number | null;
  /** The wait that the receiver asked for. */
  readonly retryAfterMs: number | null;
  readonly failed: readonly string[] | null;
  /** First bytes of the answer, after the reason where they do not tell it, or why there was none. */
  readonly answer: string;
  /** Why the body of a 2xx is no acknowledgement, in a few words; null otherwise. */
  readonly why: string | null;
  /** Whether the connection ended before the answer did, so that the receiver may have taken what was sent. */
  readonly isCutOff: boolean;
}

/**
 * Bytes of an answer that are read, encoded and decoded alike: enough for any answer that is meant, and little enough for a
 * thousand liars at once.
 */
export const maxAnswerBytes = 256 * 1024;

/** Text kept of an answer, in characters. */
const keptAnswer = 2000;

/**
 * Judges an answer. `standard`: any 2xx is success unless the body is a JSON object whose `code` is not 0. `cams`: only
 * status 200 with `{"code":0}`, as Alibaba's service asks. Either way `{"code":0,"failed":[ids]}` takes the rest of a batch, which
 * `sent` names. What looks like JSON and cannot be read is no acknowledgement. Never throws.
 */
export function judge(
  result: Answer | Failure,
  preset: Preset,
  now: number,
  sent: readonly string[] = [],
): Judgement {
  try {
    return isFailure(result) ? judgeFailure(result, preset, now) : judgeAnswer(result, preset, now, sent);
  } catch (error) {
    const status = isFailure(result) ? null : result.status;
    return failure('failed', `The answer cannot be judged (${toName(error)}).`, status);
  }
}

/** A try that came to nothing, by its reason. */
export function failure(outcome: AttemptOutcome, answer: string, status: number | null = null): Judgement {
  return { outcome, status, retryAfterMs: null, failed: null, answer, why: null, isCutOff: false };
}

/** What kind of error it was, for an attempt: its message may hold what a user wrote. */
export function toName(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

function judgeFailure(
  { outcome, reason, isCutOff, partial }: Failure,
  preset: Preset,
  now: number,
): Judgement {
  const broken = { ...failure(outcome, reason), isCutOff: isCutOff === true };
  if (partial === undefined) return broken;
  const byStatus = judgeStatus(partial, preset, now);
  if (byStatus.outcome !== 'accepted') return byStatus;
  // There is no body at 204, so nothing is missing.
  if (partial.status === 204) return byStatus;
  const said = readAcknowledgement(partial.body, 'it was cut off');
  if (said.kind === 'no') return { ...byStatus, outcome: 'not_acknowledged', why: said.why };
  return { ...byStatus, outcome, isCutOff: true, answer: tell(reason, byStatus.answer) };
}

function judgeAnswer(answer: Answer, preset: Preset, now: number, sent: readonly string[]): Judgement {
  const byStatus = judgeStatus(answer, preset, now);
  if (byStatus.outcome !== 'accepted') return byStatus;
  const said = readAcknowledgement(answer.body, answer.unread);
  if (said.kind === 'no' || said.kind === 'unreadable') return refuse(byStatus, said.why);
  const hasCode = said.kind === 'yes' && said.hasCode;
  if (preset === 'cams' && !hasCode) return refuse(byStatus, 'the answer has no "code"');
  if (said.kind === 'none' || said.failed.length === 0) return byStatus;
  if (!said.failed.every((id) => sent.includes(id)))
    return refuse(byStatus, '"failed" names a receipt that was not sent');
  if (sent.every((id) => said.failed.includes(id)))
    return { ...refuse(byStatus, '"failed" names all that was sent'), failed: said.failed };
  return { ...byStatus, failed: said.failed };
}

function refuse(judgement: Judgement, why: string): Judgement {
  return { ...judgement, outcome: 'not_acknowledged', why, answer: tell(why, judgement.answer) };
}

function tell(reason: string, answer: string): string {
  const text = `${reason.slice(0, 1).toUpperCase()}${reason.slice(1)}.`;
  return answer === '' ? text : clip(`${text} ${answer}`, keptAnswer);
}

/** What the status alone makes of an answer. */
function judgeStatus({ status, headers, body }: Answer, preset: Preset, now: number): Judgement {
  const retryAfterMs = readRetryAfter(headers, now);
  // UTF-8 takes four bytes for a character at most.
  const answer = clip(body.toString('utf8', 0, 4 * keptAnswer), keptAnswer);
  const judgement = { ...failure('rejected', answer, status), retryAfterMs };
  if (status === 410) return { ...judgement, outcome: 'gone' };
  if (status === 429 || (status === 503 && retryAfterMs !== null))
    return { ...judgement, outcome: 'throttled' };
  const isSuccess = preset === 'cams' ? status === 200 : status >= 200 && status <= 299;
  return isSuccess ? { ...judgement, outcome: 'accepted' } : judgement;
}
