import type { MediaFault } from '../../channels/channel.ts';

/** What ended a fetch early, with what is to become of it. */
export class FetchError extends Error {
  readonly fault: MediaFault['fault'];
  readonly retryAfterMs: number | undefined;

  constructor(fault: MediaFault['fault'], reason: string, retryAfterMs?: number) {
    super(reason);
    this.name = 'FetchError';
    this.fault = fault;
    this.retryAfterMs = retryAfterMs;
  }
}
