// Grades a business's own callback endpoint before receipts depend on it.
import { createHash } from 'node:crypto';
import type { Destination } from '../domain/delivery.ts';
import type { Answer, Client, Failure } from '../http/client.ts';
import { isFailure } from '../http/client.ts';
import { judge } from './judge.ts';
import { generateSecret, toHeaders } from './signature.ts';

export interface PreflightDeps {
  readonly client: Pick<Client, 'post'>;
  readonly now: () => number;
}

/** One thing that was tried, in words: what came back, and what to do about it. */
export interface PreflightCheck {
  readonly name: string;
  readonly result: 'ok' | 'warning' | 'failed';
  readonly text: string;
}

/** `A`: nothing to say. `B`: warnings. `C`: one thing fails. `D`: several do. `F`: the endpoint takes no receipt at all. */
export type Grade = 'A' | 'B' | 'C' | 'D' | 'F';

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

const gradeTexts: Readonly<Record<Grade, string>> = {
  A: 'The endpoint is ready.',
  B: 'The endpoint works; the warnings tell what to improve.',
  C: 'One thing has to be mended before receipts can be relied on.',
  D: 'Several things have to be mended before receipts can be relied on.',
  F: 'The endpoint takes no receipt.',
};

/**
 * Posts test receipts to a destination, marked `chasqui-test: true`, and grades what comes back: reachability, latency, a
 * repeat, a wrong and an old signature, an unknown type, a burst. About thirty small posts, some of them forged on purpose. Nothing
 * is recorded, no breaker moves. Never throws for what the endpoint does.
 */
export async function preflight(deps: PreflightDeps, destination: Destination): Promise<Preflight> {
  const checks: PreflightCheck[] = [];
  const add = (name: string, result: PreflightCheck['result'], text: string): void => {
    checks.push({ name, result, text });
  };
  const post = createPoster(deps, destination);

  const isTls = destination.url.startsWith('https:');
  add(
    'tls',
    isTls ? 'ok' : 'warning',
    isTls ? 'The address is https.' : 'Receipts hold what users write: serve the address over https.',
  );
  const first = await post({ number: 0 });
  add(
    'reachable',
    first.isTaken ? 'ok' : 'failed',
    first.isTaken
      ? `A signed test receipt was acknowledged (${first.said}).`
      : `A signed test receipt was not acknowledged: ${first.said}. Answer 200 to what is signed with this destination's secret.`,
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
    again.isTaken
      ? 'The same webhook-id was acknowledged a second time.'
      : `The same webhook-id a second time was answered ${again.said}. Acknowledge what you have already, or it is sent until its schedule ends.`,
  );

  const forged = await post({ number: 100, isForged: true });
  const isRefused = isAnswered(forged) && !forged.isTaken;
  add(
    'signature',
    isRefused ? 'ok' : 'failed',
    isRefused
      ? `A receipt with a wrong signature was refused (${forged.said}).`
      : forged.isTaken
        ? 'A receipt with a wrong signature was acknowledged: anybody can make up receipts. Verify webhook-signature over the raw body.'
        : `A receipt with a wrong signature got no answer: ${forged.said}. Answer 401.`,
  );

  const stale = await post({ number: 101, ageMs: staleMs });
  add(
    'timestamp',
    stale.isTaken ? 'warning' : 'ok',
    stale.isTaken
      ? 'A receipt signed an hour ago was acknowledged: whoever captured it could play it again. Refuse timestamps more than five minutes away.'
      : `A receipt signed an hour ago was refused (${stale.said}).`,
  );

  const unknown = await post({ number: 102, type: 'A_TYPE_OF_TOMORROW' });
  add(
    'unknown',
    unknown.isTaken ? 'ok' : 'failed',
    unknown.isTaken
      ? 'A receipt of a type that nobody knows yet was acknowledged.'
      : `A receipt of an unknown Type was answered ${unknown.said}. Acknowledge it: refused, it is sent until its schedule ends.`,
  );

  const many = await Promise.all(Array.from({ length: burst }, (_, index) => post({ number: 200 + index })));
  addBurst(add, many);
  addGone(add, [first, again, forged, stale, unknown, ...many]);
  return grade(checks);
}

type Add = (name: string, result: PreflightCheck['result'], text: string) => void;

function addLatency(add: Add, times: readonly number[]): void {
  const sorted = times.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? Number.POSITIVE_INFINITY;
  const slowest = sorted.at(-1) ?? Number.POSITIVE_INFINITY;
  const lost = times.filter((time) => !Number.isFinite(time)).length;
  if (lost > 0)
    add(
      'latency',
      'failed',
      `${lost} of ${times.length} test receipts one after the other were not acknowledged.`,
    );
  else if (slowest > goodMs)
    add(
      'latency',
      'warning',
      `The median answer took ${Math.round(median)} ms, the slowest ${Math.round(slowest)} ms. Store the receipt, answer, and do the work afterwards.`,
    );
  else
    add(
      'latency',
      'ok',
      `The median answer took ${Math.round(median)} ms, the slowest ${Math.round(slowest)} ms.`,
    );
}

function addBurst(add: Add, many: readonly Tried[]): void {
  const throttled = many.filter(({ result }) => !isFailure(result) && result.status === 429);
  const lost = many.filter((tried) => !tried.isTaken && !throttled.includes(tried));
  const unsaid = throttled.filter(
    ({ result }) => !isFailure(result) && result.headers['retry-after'] === undefined,
  );
  if (lost.length > 0)
    add(
      'burst',
      'failed',
      `Of ${burst} receipts at once ${lost.length} were not acknowledged, e.g. ${lost[0]?.said ?? ''}. Answer 429 with Retry-After to what is too much, or lower the destination's concurrency.`,
    );
  else if (unsaid.length > 0)
    add(
      'burst',
      'warning',
      `Of ${burst} receipts at once ${unsaid.length} were answered 429 without Retry-After; say how long to wait.`,
    );
  else if (throttled.length > 0)
    add(
      'burst',
      'ok',
      `Of ${burst} receipts at once ${throttled.length} were put off with 429 and Retry-After.`,
    );
  else add('burst', 'ok', `${burst} receipts at once were acknowledged.`);
}

function addGone(add: Add, all: readonly Tried[]): void {
  const gone = all.filter(({ result }) => !isFailure(result) && result.status === 410).length;
  if (gone > 0)
    add(
      'gone',
      'failed',
      `${gone} answers were 410: to a receipt that switches the destination off. Answer 4xx for what you refuse, 410 only when the address is no more.`,
    );
  else add('gone', 'ok', 'Nothing was answered 410, which would switch the destination off.');
}

interface Trial {
  readonly number: number;
  readonly attempt?: number;
  readonly isForged?: boolean;
  readonly ageMs?: number;
  readonly type?: string;
}

function createPoster({ client, now }: PreflightDeps, { id, url, settings, secrets }: Destination) {
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
    const sentAt = performance.now();
    const result = await client.post(url, { headers, body, timeoutMs, maxBytes: 16 * 1024 });
    const durationMs = performance.now() - sentAt;
    const { outcome, answer } = judge(result, settings.preset, now());
    return {
      result,
      isTaken: outcome === 'accepted',
      durationMs,
      said: isFailure(result) ? answer : toWords(result.status, outcome),
    };
  };
}

function toWords(status: number, outcome: string): string {
  return outcome === 'not_acknowledged' ? `status ${status} with a code that is not 0` : `status ${status}`;
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
