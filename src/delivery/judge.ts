import type { AttemptOutcome, Preset } from '../domain/delivery.ts';
import type { Answer, Failure } from '../http/client.ts';
import { isFailure } from '../http/client.ts';

/** What a try came to. `failed` names the receipts of a batch that have to be sent again; null means all or none, by `outcome`. */
export interface Judgement {
  readonly outcome: AttemptOutcome;
  readonly status: number | null;
  /** The wait that the receiver asked for. */
  readonly retryAfterMs: number | null;
  readonly failed: readonly string[] | null;
  /** First bytes of the answer, or why there was none. */
  readonly answer: string;
}

/** Text kept of an answer, in characters. */
const keptAnswer = 2000;

/**
 * Judges an answer. `standard`: any 2xx is success unless the body is a JSON object whose `code` is not 0. `cams`: only
 * status 200 with `{"code":0}`, as Alibaba's service asks. Either way `{"code":0,"failed":[ids]}` takes the rest of a batch.
 */
export function judge(result: Answer | Failure, preset: Preset, now: number): Judgement {
  if (isFailure(result))
    return { outcome: result.outcome, status: null, retryAfterMs: null, failed: null, answer: result.reason };
  const { status, headers } = result;
  const text = result.body.toString('utf8');
  const common = {
    status,
    retryAfterMs: parseRetryAfter(headers['retry-after'], now),
    failed: null,
    answer: text.slice(0, keptAnswer),
  };
  if (status === 410) return { ...common, outcome: 'gone' };
  if (status === 429 || (status === 503 && common.retryAfterMs !== null))
    return { ...common, outcome: 'throttled' };
  if (preset === 'cams' ? status !== 200 : status < 200 || status > 299)
    return { ...common, outcome: 'rejected' };
  const object = parseObject(text);
  const code = object?.['code'];
  const isRefused = preset === 'cams' ? code !== 0 : code !== undefined && Number(code) !== 0;
  if (isRefused) return { ...common, outcome: 'not_acknowledged' };
  const failed = object?.['failed'];
  const ids = Array.isArray(failed) ? failed.filter((id) => typeof id === 'string') : null;
  return {
    ...common,
    outcome: 'accepted',
    failed: code === 0 && ids !== null && ids.length > 0 ? ids : null,
  };
}

/** Reads Retry-After in either form; null when there is none or it is neither. */
function parseRetryAfter(value: string | string[] | undefined, now: number): number | null {
  const text = Array.isArray(value) ? value[0] : value;
  if (text === undefined) return null;
  if (/^\d{1,9}$/.test(text.trim())) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

function parseObject(text: string): Record<string, unknown> | undefined {
  if (!/^\s*\{/.test(text)) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : undefined;
  } catch {
    // Not JSON after all: the status alone speaks.
    return undefined;
  }
}
