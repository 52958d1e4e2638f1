// Asks the service on this machine how it is, for whoever has to know and has no client of HTTP at hand, such as a container's runtime.
import { Agent, request } from 'undici';
import type { Settings } from '../config/table.ts';
import { GatewayError } from '../domain/errors.ts';
import { toUnreachable } from './connection-fault.ts';
import type { Output } from './output.ts';
import { readSettings } from './start.ts';

/** The service answers within three seconds, also when its store does not. */
const limitMs = 5000;
const maxBytes = 64 * 1024;

/**
 * Asks the service that runs by the same settings whether it is ready, or with `isLive` whether it is alive; tells what it answered and
 * resolves to whether that was yes. Throws `service_unreachable` when nothing of ours answers in time.
 */
export async function askHealth(output: Output, args: readonly string[], isLive: boolean): Promise<boolean> {
  const { settings } = readSettings(args);
  const origin = toOwnOrigin(settings);
  // Who listens there is ourselves, under a name that is for others, and it is told nothing.
  const dispatcher = new Agent({
    connect: { rejectUnauthorized: false, timeout: limitMs },
    headersTimeout: limitMs,
    bodyTimeout: limitMs,
    maxResponseSize: maxBytes,
  });
  try {
    const answer = await request(`${origin}/health/${isLive ? 'live' : 'ready'}`, { dispatcher });
    const told = toTold(origin, await answer.body.text());
    const reason = told.reason === undefined ? '' : `: ${told.reason}`;
    output.result(`${told.status}, version ${told.version}${reason}`, told);
    return answer.statusCode === 200;
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    throw new GatewayError('service_unreachable', toUnreachable(origin, cause), { cause });
  } finally {
    await dispatcher.destroy();
  }
}

/** Where the service has its health, as this machine reaches it. */
function toOwnOrigin({ host, port, adminPort, tlsCertFile }: Settings): string {
  const own = adminPort === 0 ? port : adminPort;
  if (own === 0) throw new GatewayError('bad_command', 'PORT is 0, so nobody knows which one was taken.');
  const everywhere: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };
  const address = everywhere[host] ?? host;
  return `${tlsCertFile === null ? 'http' : 'https'}://${address.includes(':') ? `[${address}]` : address}:${own}`;
}

interface Told {
  readonly status: string;
  readonly version: string;
  readonly reason?: string;
}

function toTold(origin: string, text: string): Told {
  try {
    const told = JSON.parse(text) as Partial<Told> | null;
    if (typeof told?.status === 'string' && typeof told.version === 'string') return told as Told;
  } catch {
    // Told below.
  }
  throw new GatewayError('service_unreachable', `What answers at ${origin} is not Chasqui's health.`);
}
