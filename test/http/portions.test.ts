import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import { countPieces, gatherRequests } from '../../src/http/gathered-request.ts';
import { readInPortions } from '../../src/http/portions.ts';
import { waitUntil } from '../support/service.ts';

const post = (headers: string): string => `POST / HTTP/1.1\r\nHost: x\r\n${headers}\r\n\r\n`;
const head = post('Transfer-Encoding: chunked');
const pieces = 10_000;
const chunks = '1\r\na\r\n'.repeat(pieces);
const end = '0\r\n\r\n';

interface Opened {
  readonly socket: Socket;
  readonly requests: IncomingMessage[];
  readonly serverSocket: () => Socket | undefined;
}

/** A server that answers each request with how long its body was. */
async function open(t: TestContext, isProven: () => boolean): Promise<Opened> {
  const requests: IncomingMessage[] = [];
  let serverSocket: Socket | undefined;
  const server = createServer({ IncomingMessage: gatherRequests() }, (request, response) => {
    requests.push(request);
    let bytes = 0;
    request.on('data', (piece: Buffer) => (bytes += piece.byteLength));
    request.on('end', () => response.end(`${bytes} bytes`));
    request.on('error', () => undefined);
  });
  server.prependListener('connection', (socket: Socket) => {
    serverSocket = socket;
    readInPortions(socket, isProven);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => undefined);
  t.after(async () => {
    socket.destroy();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return { socket, requests, serverSocket: () => serverSocket };
}

/** Collects what comes, as text. */
function collect(socket: Socket): () => string {
  let text = '';
  socket.on('data', (piece: Buffer) => (text += piece.toString()));
  return () => text;
}

const isParsedDirectly = (socket: Socket | undefined): boolean =>
  socket !== undefined &&
  (Reflect.get(socket, 'parser') as { _consumed?: boolean } | undefined)?._consumed === true;

it('chunks of one byte are parsed some hundreds at a time, from the first read on', async (t) => {
  const { socket, requests } = await open(t, () => false);
  socket.write(head + chunks);
  await waitUntil('it has begun', 30_000, () => requests.length === 1);
  const [request] = requests as [IncomingMessage];
  let before = countPieces(request);
  while (before < pieces) {
    const now = countPieces(request);
    assert.ok(now - before <= 700, `${now - before} in one turn`);
    before = now;
    await new Promise((resolve) => setImmediate(resolve));
  }
});

it('requests that come together, shredded or large, are served whole and in their order', async (t) => {
  const { socket } = await open(t, () => false);
  const answers = collect(socket);
  const large = post('Content-Length: 300000') + 'b'.repeat(300_000);
  socket.write(head + chunks + end + large + head + chunks + end + large);
  await waitUntil('all are answered', 60_000, () => answers().split(' bytes').length === 5);
  assert.deepEqual(answers().match(/\d+(?= bytes)/g), ['10000', '300000', '10000', '300000']);
});

it('a connection that is proven is parsed past its stream from its next request on', async (t) => {
  let isProven = false;
  const { socket, serverSocket } = await open(t, () => isProven);
  const answers = collect(socket);
  const ask = async (count: number): Promise<void> => {
    socket.write(`${post('Content-Length: 2')}{}`);
    await waitUntil('it is answered', 30_000, () => answers().split('2 bytes').length === count + 1);
  };
  await ask(1);
  await ask(2);
  assert.equal(isParsedDirectly(serverSocket()), false);
  isProven = true;
  await ask(3);
  assert.equal(isParsedDirectly(serverSocket()), true);
  await ask(4);
  // A whole read may be parsed in one go now, and a stream that is full still stops it.
  const large = post('Content-Length: 3000000') + 'b'.repeat(3_000_000);
  socket.write(large);
  await waitUntil('it is answered', 60_000, () => answers().includes('3000000 bytes'));
});
