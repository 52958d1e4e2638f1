// Connecting to a host of which several addresses are known.
import { connect, isIPv6 } from 'node:net';
import type { Socket } from 'node:net';
import { errors } from 'undici';

/** The next address is tried when the one before has failed, or has not connected for so long (RFC 8305, 5). */
const staggerMs = 250;

/**
 * Connects to whichever address answers first, the families in turn and the first one's first (RFC 8305, 4); those that were begun
 * besides are closed. Rejects with what the first address failed by once all have failed, or with undici's ConnectTimeoutError after
 * `timeoutMs`.
 */
export function connectToAny(addresses: readonly string[], port: number, timeoutMs: number): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const waiting = inTurn(addresses);
  const open = new Set<Socket>();
  let firstError: Error | undefined;
  let next: NodeJS.Timeout | undefined;
  const limit = setTimeout(() => end(new errors.ConnectTimeoutError('no connection in time')), timeoutMs);

  function end(result: Socket | Error): void {
    clearTimeout(limit);
    clearTimeout(next);
    waiting.length = 0;
    for (const socket of open) if (socket !== result) socket.destroy();
    open.clear();
    if (result instanceof Error) reject(result);
    else resolve(result);
  }

  function begin(): void {
    clearTimeout(next);
    const host = waiting.shift();
    if (host === undefined) {
      if (open.size === 0) end(firstError ?? new Error('There is no address to connect to.'));
      return;
    }
    // As undici makes its own.
    const socket = connect({
      host,
      port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 60_000,
    });
    open.add(socket);
    const fail = (error: Error): void => {
      // One that lost the race.
      if (!open.delete(socket)) return;
      firstError ??= error;
      begin();
    };
    socket.on('error', fail);
    socket.once('connect', () => {
      if (!open.has(socket)) return;
      socket.off('error', fail);
      // Whoever gets it listens a moment later.
      socket.on('error', () => undefined);
      end(socket);
    });
    if (waiting.length > 0) next = setTimeout(begin, staggerMs);
  }

  begin();
  return promise;
}

/** The addresses, families taking turns. */
function inTurn(addresses: readonly string[]): string[] {
  const [first] = addresses;
  if (first === undefined) return [];
  const own = addresses.filter((address) => isIPv6(address) === isIPv6(first));
  const other = addresses.filter((address) => isIPv6(address) !== isIPv6(first));
  return own
    .flatMap((address, index) => [address, ...other.slice(index, index + 1)])
    .concat(other.slice(own.length));
}
