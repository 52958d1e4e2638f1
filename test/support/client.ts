import { openClient } from '../../src/http/client.ts';
import type { Client, ClientOptions } from '../../src/http/client.ts';
import { monotonicNow } from '../../src/runtime/clock.ts';

/** A client that reaches this machine alone, unless it is told otherwise. */
export function openLocalClient(options: Partial<ClientOptions> = {}): Client {
  return openClient({ egressAllow: ['127.0.0.0/8'], monotonic: monotonicNow, ...options });
}
