// `Expect: 100-continue`: a client that waits to be told to send its body is told so when the body is wanted, and not before.
import type { IncomingMessage, ServerResponse } from 'node:http';

const waiting = new WeakSet<IncomingMessage>();

/** Remembers that a client waits to be told whether to send its body. */
export function noteWaiting(raw: IncomingMessage): void {
  waiting.add(raw);
}

/** Whether a client still waits to be told. */
export function isWaiting(raw: IncomingMessage): boolean {
  return waiting.has(raw);
}

/** Tells a client that waits for it to send its body. */
export function invite(raw: IncomingMessage, response: ServerResponse): void {
  if (waiting.delete(raw)) response.writeContinue();
}
