// Connects to one of the addresses that the egress guard has checked, under the name that was asked for.
import { Socket } from 'node:net';
import ipaddr from 'ipaddr.js';
import { buildConnector } from 'undici';
import type { Stopwatch } from '../runtime/clock.ts';
import { EgressError, toName } from './guard.ts';
import type { Guard } from './guard.ts';
import { connectThrough } from './proxy.ts';
import type { Proxy } from './proxy.ts';
import { connectToAny } from './race.ts';
import { takeLooseHeads } from './response-head.ts';

/** For a connection, and for its TLS, each. */
const connectMs = 10_000;

export interface ConnectorDeps extends Stopwatch {
  readonly guard: Guard;
  readonly proxy: Proxy | undefined;
}

/** What undici opens its connections by; through the proxy, but for addresses inside that may be reached. */
export function openConnector(deps: ConnectorDeps): buildConnector.connector {
  const secure = buildConnector({ timeout: connectMs });
  return (target, callback) => {
    openSocket(deps, target.hostname, toPort(target)).then(
      (socket) => {
        if (target.protocol === 'https:') startTls(secure, socket, target, callback);
        else {
          takeLooseHeads(socket);
          callback(null, socket);
        }
      },
      (error: Error) => callback(error, null),
    );
  };
}

/** A connection to a host that may be reached, through the proxy where there is one. Throws `EgressError`, and what connecting fails by. */
export async function openSocket(
  { guard, proxy, monotonic }: ConnectorDeps,
  hostname: string,
  port: number,
): Promise<Socket> {
  const vetted = await guard.vet(hostname).catch((error: unknown) => {
    // What has no address here may have one where the proxy is.
    if (proxy?.names === 'proxy' && error instanceof EgressError && error.outcome === 'unresolved')
      return undefined;
    throw error;
  });
  if (proxy === undefined || vetted?.isInside === true)
    return connectToAny(vetted?.addresses ?? [], port, connectMs);
  const deadline = monotonic() + connectMs;
  const asked = proxy.names === 'proxy' || vetted === undefined ? [toName(hostname)] : vetted.addresses;
  return connectThrough(proxy, asked, port, () => Math.max(1, deadline - monotonic()));
}

function startTls(
  secure: buildConnector.connector,
  socket: Socket,
  target: buildConnector.Options,
  callback: buildConnector.Callback,
): void {
  const servername = ipaddr.isValid(toName(target.hostname))
    ? undefined
    : (target.servername ?? target.hostname);
  const options = { ...target, httpSocket: socket, ...(servername === undefined ? {} : { servername }) };
  secure(options, (...connected) => {
    const [, secured] = connected;
    if (secured instanceof Socket) takeLooseHeads(secured);
    else socket.destroy();
    callback(...connected);
  });
}

function toPort({ port, protocol }: buildConnector.Options): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}
