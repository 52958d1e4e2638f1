// One request and its answer over a pool, read through undici's own callbacks: a stream for each answer costs a third more.
import type { Dispatcher } from 'undici';
import { setDeadline } from '../runtime/clock.ts';
import { Pieces } from './pieces.ts';

/** An answer as it came. */
export interface Exchanged {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** `bounded`: there was more than `maxBytes`; `broken`: the connection or the answer's form ended before its body did. */
  readonly end: 'whole' | 'bounded' | 'broken';
}

interface ExchangeLimits {
  /** For everything: connection, request and answer. An answer that has come by then is in time, also when it is read later. */
  readonly timeoutMs: number;
  /** Bytes of the answer that are kept; the rest is not waited for. */
  readonly maxBytes: number;
  /** What the exchange rejects with when its time is over. */
  readonly toTimeout: () => Error;
}

/**
 * Sends a request and resolves to its answer, also to one that broke off after its head. Rejects with what went wrong before
 * there was any, or with `toTimeout()`.
 */
export function exchange(
  dispatcher: Dispatcher,
  options: Dispatcher.DispatchOptions,
  { timeoutMs, maxBytes, toTimeout }: ExchangeLimits,
): Promise<Exchanged> {
  const { promise, resolve, reject } = Promise.withResolvers<Exchanged>();
  const pieces = new Pieces();
  let bytes = 0;
  let status = 0;
  let headers: Exchanged['headers'] = {};
  let controller: Dispatcher.DispatchController | undefined;
  let isOver = false;

  const cancelDeadline = setDeadline(() => {
    const error = toTimeout();
    fail(error);
    // A request that still waits for its connection is ended when it gets one.
    controller?.abort(error);
  }, timeoutMs);

  function fail(error: Error): void {
    if (isOver) return;
    isOver = true;
    cancelDeadline();
    reject(error);
  }

  function finish(end: Exchanged['end']): void {
    if (isOver) return;
    isOver = true;
    cancelDeadline();
    resolve({ status, headers, end, body: pieces.join() });
  }

  dispatcher.dispatch(options, {
    onRequestStart: (started) => {
      controller = started;
      if (isOver) started.abort(toTimeout());
    },
    onResponseStart: (_controller, statusCode, received) => {
      // Informational answers come before the real one.
      if (statusCode < 200) return;
      status = statusCode;
      headers = received;
    },
    onResponseData: (current, chunk) => {
      if (pieces.length < maxBytes) pieces.add(chunk.subarray(0, maxBytes - pieces.length));
      bytes += chunk.byteLength;
      if (bytes <= maxBytes) return;
      finish('bounded');
      current.abort(new Error('The rest of the answer is not wanted.'));
    },
    onResponseEnd: () => finish('whole'),
    onResponseError: (_controller, error) => (status === 0 ? fail(error) : finish('broken')),
  });
  return promise;
}
