// Requests to the OTLP endpoint, as OTLP over HTTP has them (opentelemetry.io/docs/specs/otlp, read 2026-11-30). In the place of the
// SDK's own, which has no end for an answer that comes byte by byte, and does not say what the endpoint answered.
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Pool } from 'undici';
import { schedules, toWait } from '../../domain/retry.ts';
import { readRetryAfter } from '../../http/retry-after.ts';
import { setQuietTimer } from '../../runtime/clock.ts';
import type { Time } from '../../runtime/clock.ts';

/** An answer has a number and a sentence; what comes beyond is not read. */
const maxAnswerBytes = 64 * 1024;
/** One request is under way, and several at the end. */
const maxConnections = 4;

interface SenderOptions {
  /** Where requests go. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly compression: 'none' | 'gzip';
  /** For one request with all its tries, answers included. */
  readonly timeoutMs: number;
  readonly time: Time;
  /** In [0, 1). */
  readonly random: () => number;
}

/** What became of a request: the answer of an endpoint that took it, or a code of why it did not. */
type Sent = { readonly answer: Buffer } | { readonly reason: string };

/** One try. `waitMs`: what may go well another time is worth another try, and how long the endpoint asks to wait before it. */
type Tried = { readonly answer: Buffer } | { readonly reason: string; readonly waitMs?: number };

/** Sends bodies of protobuf to one address. */
export class OtlpSender {
  readonly #options: SenderOptions;
  readonly #pool: Pool;
  readonly #target: string;
  readonly #ending = new AbortController();
  /** While the endpoint wants to be left alone, and by which answer it said so. */
  #left: { readonly until: number; readonly reason: string } | undefined;

  constructor(options: SenderOptions) {
    const { origin, pathname } = new URL(options.url);
    this.#options = options;
    this.#target = pathname;
    const connect = { timeout: options.timeoutMs };
    this.#pool = new Pool(origin, { connections: maxConnections, connect });
  }

  /** Never throws. Over within `timeoutMs`, and at once while the endpoint has asked to be left alone. */
  async send(body: Uint8Array): Promise<Sent> {
    const { compression, timeoutMs, time, random } = this.#options;
    const endsAt = time.monotonic() + timeoutMs;
    if (this.#left !== undefined && time.monotonic() < this.#left.until) return { reason: this.#left.reason };
    const packed = compression === 'gzip' ? await promisify(gzip)(body) : body;
    for (let tries = 1; ; tries += 1) {
      const tried = await this.#try(packed, endsAt - time.monotonic());
      if ('answer' in tried) return tried;
      const { reason, waitMs: askedMs } = tried;
      if (askedMs === undefined) return { reason };
      const waitMs = toWait(schedules.telemetry, tries, { random: random(), askedMs });
      if (waitMs === undefined) return { reason };
      const until = time.monotonic() + waitMs;
      if (askedMs > 0) this.#left = { until, reason };
      if (until >= endsAt || !(await this.#rest(waitMs))) return { reason };
    }
  }

  /** Gives up what is under way. */
  async close(): Promise<void> {
    this.#ending.abort();
    await this.#pool.destroy();
  }

  async #try(body: Uint8Array, leftMs: number): Promise<Tried> {
    const { headers, compression, time } = this.#options;
    const late = AbortSignal.timeout(Math.max(1, Math.floor(leftMs)));
    try {
      const answer = await this.#pool.request({
        method: 'POST',
        path: this.#target,
        headers: {
          'user-agent': 'Chasqui/1',
          ...headers,
          'content-type': 'application/x-protobuf',
          ...(compression === 'gzip' ? { 'content-encoding': 'gzip' } : {}),
        },
        body,
        headersTimeout: 0,
        bodyTimeout: 0,
        signal: AbortSignal.any([late, this.#ending.signal]),
      });
      const read = await readStart(answer.body);
      return judge(answer.statusCode, answer.headers, read, time.now());
    } catch (error) {
      if (late.aborted) return { reason: 'timeout' };
      // What did not come through may come through the next time, but for a certificate that nobody vouches for.
      return { reason: toCode(error), ...(isOfTls(error) ? {} : { waitMs: 0 }) };
    }
  }

  /** Whether the wait went by before the end came. */
  async #rest(ms: number): Promise<boolean> {
    const { signal } = this.#ending;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const cancel = setQuietTimer(() => resolve(true), ms);
    const end = (): void => resolve(false);
    signal.addEventListener('abort', end, { once: true });
    const isOver = !signal.aborted && (await promise);
    cancel();
    signal.removeEventListener('abort', end);
    return isOver;
  }
}

async function readStart(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > maxAnswerBytes) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function judge(
  status: number,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  answer: Buffer,
  now: number,
): Tried {
  if (status >= 200 && status < 300) {
    // A page, such as that of a sign-in on the way, is of somebody who knows nothing of OTLP.
    const isPage = /^text\/html/i.test(String(headers['content-type'] ?? ''));
    return isPage ? { reason: 'a page of HTML' } : { answer };
  }
  const reason = `HTTP ${status}`;
  return [429, 502, 503, 504].includes(status)
    ? { reason, waitMs: readRetryAfter(headers, now) ?? 0 }
    : { reason };
}

function toCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^\w{1,64}$/.test(code) ? code : 'no answer';
}

function isOfTls(error: unknown): boolean {
  return /CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_VERIFY/.test(toCode(error));
}
