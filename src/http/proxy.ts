// Going out through a proxy: a tunnel by HTTP CONNECT for every connection.
import { lookup } from 'node:dns/promises';
import { isIPv6 } from 'node:net';
import type { Socket } from 'node:net';
import { errors } from 'undici';
import { EgressError, toName } from './guard.ts';
import { connectToAny } from './race.ts';

/** An outgoing proxy. */
export interface Proxy {
  /** `http://`, with a user and a password where it wants them. */
  readonly url: string;
  /**
   * Who looks names up: `here`, so that the proxy is asked for an address that was checked, or the `proxy`, which is asked for the name
   * and has to keep what is inside from being reached by itself.
   */
  readonly names: 'here' | 'proxy';
}

/** Bytes of the proxy's answer. */
const maxHeadBytes = 16 * 1024;

/**
 * A connection to the first of these hosts (names or addresses) that the proxy connects to, as long as there is time left.
 * Throws `EgressError` when the proxy refuses or cannot be reached, and undici's ConnectTimeoutError when time is over.
 */
export async function connectThrough(
  proxy: Proxy,
  hosts: readonly string[],
  port: number,
  leftMs: () => number,
): Promise<Socket> {
  let refused: unknown;
  for (const host of hosts) {
    try {
      return await tunnel(proxy, `${isIPv6(host) ? `[${host}]` : host}:${port}`, leftMs);
    } catch (error) {
      refused ??= error;
      if (!(error instanceof EgressError) || !error.message.startsWith(unreached)) throw error;
    }
  }
  throw refused;
}

/** What the proxy itself could not connect to; another address of the host may do. */
const unreached = 'the proxy did not reach it';

async function tunnel({ url }: Proxy, authority: string, leftMs: () => number): Promise<Socket> {
  const { hostname, port, username, password } = new URL(url);
  const socket = await connectToAny(await findProxy(hostname), Number(port || 80), leftMs()).catch(
    (cause: unknown) => {
      if (cause instanceof errors.ConnectTimeoutError) throw cause;
      throw new EgressError('refused', 'the proxy cannot be reached', { cause });
    },
  );
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const head = [
    `CONNECT ${authority} HTTP/1.1`,
    `Host: ${authority}`,
    ...(credentials === ':'
      ? []
      : [`Proxy-Authorization: Basic ${Buffer.from(credentials).toString('base64')}`]),
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  try {
    judge(await readStatus(socket, leftMs()));
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function findProxy(hostname: string): Promise<readonly string[]> {
  try {
    return (await lookup(toName(hostname), { all: true, verbatim: true })).map(({ address }) => address);
  } catch (cause) {
    throw new EgressError('refused', 'the proxy has no address', { cause });
  }
}

function judge(status: number): void {
  if (status >= 200 && status < 300) return;
  if (status === 407) throw new EgressError('refused', 'the proxy wants other credentials (407)');
  if (status === 502 || status === 503 || status === 504)
    throw new EgressError('refused', `${unreached} (${status})`);
  throw new EgressError('refused', `the proxy refuses the connection (${status})`);
}

/** The status of the answer to CONNECT; what follows its head is left to be read. */
function readStatus(socket: Socket, timeoutMs: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let head = Buffer.alloc(0);
  const timer = setTimeout(
    () => finish(new errors.ConnectTimeoutError('no answer of the proxy in time')),
    timeoutMs,
  );
  const fail = (cause?: Error): void =>
    finish(new EgressError('refused', 'the proxy broke the connection off', { cause }));
  const read = (): void => {
    for (let chunk: unknown = socket.read(); Buffer.isBuffer(chunk); chunk = socket.read())
      head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0 && head.byteLength <= maxHeadBytes) return;
    const [, status] = /^HTTP\/1\.[01] (\d{3})\b/.exec(head.toString('latin1')) ?? [];
    if (end < 0 || status === undefined) {
      finish(new EgressError('refused', 'what answers at the proxy is none'));
      return;
    }
    const rest = head.subarray(end + 4);
    finish(Number(status));
    if (rest.byteLength > 0) socket.unshift(rest);
  };
  const finish = (result: number | Error): void => {
    clearTimeout(timer);
    socket.off('readable', read).off('end', fail).off('error', fail).off('close', fail);
    if (typeof result === 'number') resolve(result);
    else reject(result);
  };
  socket.on('readable', read).once('end', fail).once('error', fail).once('close', fail);
  return promise;
}
