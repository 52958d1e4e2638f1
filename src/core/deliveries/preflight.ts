// Grades a business's own callback endpoint before receipts depend on it.
import { createHash } from 'node:crypto';
import type { Destination } from '../../domain/delivery.ts';
import { gradeTexts, tried } from '../../domain/findings.ts';
import type { Finding, Grade, PreflightCode, PreflightName } from '../../domain/findings.ts';
import type { Answer, Client, Failure } from '../../http/client.ts';
import { isFailure } from '../../http/client.ts';
import { readRetryAfter } from '../../http/retry-after.ts';
import { judge, maxAnswerBytes } from './judge.ts';
import { generateSecret, toHeaders } from './signature.ts';
import type { Time } from '../../runtime/clock.ts';

interface PreflightDeps extends Time {
  readonly client: Pick<Client, 'post'>;
}

/** One thing that was tried: what came back, and what to do about it. */
interface PreflightCheck extends Finding<PreflightCode> {
  readonly name: PreflightName;
  readonly result: 'ok' | 'warning' | 'failed';
}

export interface Preflight {
  readonly grade: Grade;
  readonly text: string;
  readonly checks: readonly PreflightCheck[];
}

/** What an answer has to be there within, so that a burst is no backlog; measured over so many posts. */
const goodMs = 1000;
const samples = 5;
/** Posts at once, as a busy minute brings them. */
const burst = 20;
const maxTimeoutMs = 10_000;
/** Older than any receiver should take (Standard Webhooks: five minutes). */
const staleMs = 60 * 60 * 1000;

interface Tried {
  readonly result: Answer | Failure;
  readonly isTaken: boolean;
  readonly durationMs: number;
  /** The answer in words. */
  readonly said: string;
}

/**
 * Posts test receipts to a destination, marked `chasqui-test: true`, and grades what comes back: reachability, latency, a
 * repeat, a wrong and an old signature, an unknown type, a burst. About thirty small posts, some of them forged on purpose. Nothing
 * is recorded, no breaker moves. Never throws for what the endpoint does.
 */
export async function preflight(deps: PreflightDeps, destination: Destination): Promise<Preflight> {
  const checks: PreflightCheck[] = [];
  const add: Add = (name, result, finding) => {
    checks.push({ name, result, ...finding });
  };
  const post = createPoster(deps, destination);

  const isTls = destination.url.startsWith('https:');
  add('tls', isTls ? 'ok' : 'warning', tried(isTls ? 'tls_there' : 'tls_missing', {}));
  const first = await post({ number: 0 });
  add(
    'reachable',
    first.isTaken ? 'ok' : 'failed',
    tried(first.isTaken ? 'receipt_taken' : 'receipt_refused', { said: first.said }),
  );
  if (!first.isTaken) return grade(checks);

  const times: number[] = [];
  for (let number = 1; number <= samples; number += 1) {
    const { durationMs, isTaken } = await post({ number });
    times.push(isTaken ? durationMs : Number.POSITIVE_INFINITY);
  }
  addLatency(add, times);

  const again = await post({ number: 0, attempt: 2 });
  add(
    'repeat',
    again.isTaken ? 'ok' : 'failed',
    again.isTaken ? tried('repeat_taken', {}) : tried('repeat_refused', { said: again.said }),
  );

  const forged = await post({ number: 100, isForged: true });
  const isRefused = isAnswered(forged) && !forged.isTaken;
  add(
    'signature',
    isRefused ? 'ok' : 'failed',
    forged.isTaken
      ? tried('forged_taken', {})
      : tried(isRefused ? 'forged_refused' : 'forged_unanswered', { said: forged.said }),
  );

  const stale = await post({ number: 101, ageMs: staleMs });
  add(
    'timestamp',
    stale.isTaken ? 'warning' : 'ok',
    stale.isTaken ? tried('stale_taken', {}) : tried('stale_refused', { said: stale.said }),
  );

  const unknown = await post({ number: 102, type: 'A_TYPE_OF_TOMORROW' });
  add(
    'unknown',
    unknown.isTaken ? 'ok' : 'failed',
    unknown.isTaken ? tried('unknown_taken', {}) : tried('unknown_refused', { said: unknown.said }),
  );

  const many = await Promise.all(Array.from({ length: burst }, (_, index) => post({ number: 200 + index })));
  addBurst(add, many, deps.now());
  addGone(add, [first, again, forged, stale, unknown, ...many]);
  return grade(checks);
}

type Add = (name: PreflightName, result: PreflightCheck['result'], finding: Finding<PreflightCode>) => void;

function addLatency(add: Add, times: readonly number[]): void {
  const sorted = times.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? Number.POSITIVE_INFINITY;
  const slowest = sorted.at(-1) ?? Number.POSITIVE_INFINITY;
  const lost = times.filter((time) => !Number.isFinite(time)).length;
  const params = { medianMs: Math.round(median), slowestMs: Math.round(slowest) };
  if (lost > 0) add('latency', 'failed', tried('latency_lost', { lost, count: times.length }));
  else if (slowest > goodMs) add('latency', 'warning', tried('latency_slow', params));
  else add('latency', 'ok', tried('latency_good', params));
}

function addBurst(add: Add, many: readonly Tried[], now: number): void {
  const count = many.length;
  const throttled = many.filter(({ result }) => !isFailure(result) && result.status === 429);
  const lost = many.filter((one) => !one.isTaken && !throttled.includes(one));
  const unsaid = throttled.filter(
    ({ result }) => !isFailure(result) && readRetryAfter(result.headers, now) === null,
  );
  const [example] = lost;
  if (example !== undefined)
    add('burst', 'failed', tried('burst_lost', { count, lost: lost.length, said: example.said }));
  else if (unsaid.length > 0)
    add('burst', 'warning', tried('burst_unsaid', { count, putOff: unsaid.length }));
  else if (throttled.length > 0)
    add('burst', 'ok', tried('burst_put_off', { count, putOff: throttled.length }));
  else add('burst', 'ok', tried('burst_taken', { count }));
}

function addGone(add: Add, all: readonly Tried[]): void {
  const count = all.filter(({ result }) => !isFailure(result) && result.status === 410).length;
  if (count > 0) add('gone', 'failed', tried('gone_answered', { count }));
  else add('gone', 'ok', tried('gone_never', {}));
}

interface Trial {
  readonly number: number;
  readonly attempt?: number;
  readonly isForged?: boolean;
  readonly ageMs?: number;
  readonly type?: string;
}

function createPoster(
  { client, now, monotonic }: PreflightDeps,
  { id, url, settings, secrets }: Destination,
) {
  const startedAt = now();
  const timeoutMs = Math.min(settings.timeoutMs, maxTimeoutMs);
  return async ({
    number,
    attempt = 1,
    isForged = false,
    ageMs = 0,
    type = 'TEXT',
  }: Trial): Promise<Tried> => {
    const receiptId = createHash('sha256')
      .update(`preflight/${id}/${startedAt}/${number}`)
      .digest('hex')
      .slice(0, 32);
    const body = JSON.stringify([
      {
        MessageId: `test-${receiptId.slice(0, 16)}`,
        CustSpaceId: 'test',
        WabaId: '',
        From: '10000000000',
        To: '10000000001',
        Timestamp: startedAt,
        DisplayName: 'Chasqui',
        Name: 'Chasqui',
        NoticeType: 'inbound',
        Type: type,
        Message: 'This is a test event. Nobody wrote it.',
        ReceiptId: receiptId,
      },
    ]);
    const headers = {
      ...toHeaders({
        id: receiptId,
        at: now() - ageMs,
        body,
        secrets: isForged ? [{ secret: generateSecret(), expiresAt: null }] : secrets,
        attempt,
        cause: attempt > 1 ? 'retry' : null,
      }),
      'chasqui-test': 'true',
    };
    const sentAt = monotonic();
    const result = await client.post(url, { headers, body, timeoutMs, maxBytes: maxAnswerBytes });
    const durationMs = monotonic() - sentAt;
    const { outcome, answer, why } = judge(result, settings.preset, now(), [receiptId]);
    return {
      result,
      isTaken: outcome === 'accepted',
      durationMs,
      said: isFailure(result) ? answer : toWords(result.status, why),
    };
  };
}

function toWords(status: number, why: string | null): string {
  return why === null ? `HTTP ${status}` : `HTTP ${status}, ${why}`;
}

function isAnswered({ result }: Tried): boolean {
  return !isFailure(result);
}

function grade(checks: readonly PreflightCheck[]): Preflight {
  const failed = checks.filter(({ result }) => result === 'failed');
  const warned = checks.some(({ result }) => result === 'warning');
  const isDeaf = failed.some(({ name }) => name === 'reachable');
  const letter: Grade = isDeaf
    ? 'F'
    : failed.length > 1
      ? 'D'
      : failed.length === 1
        ? 'C'
        : warned
          ? 'B'
          : 'A';
  return { grade: letter, text: gradeTexts[letter], checks };
}
