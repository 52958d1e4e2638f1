import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { countPieces, gatherRequests } from '../../src/http/gathered-request.ts';
import { waitUntil } from '../support/service.ts';

const bytes = 20_000;
const text = Array.from({ length: bytes }, (_, at) => String.fromCharCode(97 + (at % 26))).join('');
const head = 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
const shredded = [...text].map((byte) => `1\r\n${byte}\r\n`).join('');
const end = '0\r\n\r\n';

/** A server whose requests are kept as they come, and read by nobody before `read`. */
async function open(
  t: TestContext,
): Promise<{ server: Server; requests: IncomingMessage[]; socket: Socket }> {
  const requests: IncomingMessage[] = [];
  const server = createServer({ IncomingMessage: gatherRequests() }, (request) => {
    // Whoever was let go may end in the middle.
    request.on('error', () => undefined);
    requests.push(request);
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
  return { server, requests, socket };
}

/** Reads piece by piece, as they wait. */
async function read(request: IncomingMessage | undefined): Promise<{ text: string; pieces: number }> {
  const pieces: Buffer[] = [];
  request?.on('data', (piece: Buffer) => pieces.push(piece));
  if (request !== undefined) await once(request, 'end');
  return { text: Buffer.concat(pieces).toString(), pieces: pieces.length };
}

describe('a request in chunks of one byte', () => {
  it('waits in few pieces for whoever reads it late, whole and in its order', async (t) => {
    const { requests, socket } = await open(t);
    socket.write(head + shredded + end);
    await waitUntil('all of it has come', 30_000, () => requests[0]?.complete === true);
    assert.equal(countPieces(requests[0] as IncomingMessage), bytes);
    const got = await read(requests[0]);
    assert.ok(got.text === text, 'another text');
    assert.ok(got.pieces < 100, `${got.pieces} pieces`);
  });

  it('comes whole to whoever reads it at once, and so does the next one', async (t) => {
    const { server, requests, socket } = await open(t);
    const reads: Promise<{ text: string }>[] = [];
    server.on('request', (request: IncomingMessage, response) => {
      reads.push(read(request));
      request.on('end', () => response.end());
    });
    socket.resume();
    socket.write(`${head}${shredded}${end}${head}${shredded}${end}`);
    await waitUntil('both have come', 30_000, () => requests.length === 2);
    for (const got of await Promise.all(reads)) assert.ok(got.text === text, 'another text');
  });

  it('is read no further than a stream may hold', async (t) => {
    const { requests, socket } = await open(t);
    socket.write(head);
    for (let i = 0; i < 40; i += 1) socket.write(shredded);
    let before = -1;
    await waitUntil('no more is read', 60_000, async () => {
      const now = requests[0]?.readableLength ?? -1;
      const isSame = now > 0 && now === before;
      before = now;
      for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      return isSame && now >= 65_536;
    });
    // What one read of the socket brings may come on top.
    assert.ok((requests[0]?.readableLength ?? 0) <= 2 * 65_536 + 16_384);
  });

  it('lets others have their turn in the meantime', async (t) => {
    const { server, requests, socket } = await open(t);
    server.on('request', (request: IncomingMessage) => request.resume());
    socket.write(head);
    for (let i = 0; i < 40; i += 1) socket.write(shredded);
    await waitUntil('it has begun', 30_000, () => requests.length === 1);
    const first = requests[0] as IncomingMessage;
    for (let turn = 0; turn < 10; turn += 1) {
      const before = countPieces(first);
      await new Promise((resolve) => setImmediate(resolve));
      // One read of 64 KiB has eleven thousand of them.
      assert.ok(countPieces(first) - before < 12_000, `${countPieces(first) - before} in one turn`);
    }
  });

  it('ends with its connection', async (t) => {
    const { requests, socket } = await open(t);
    socket.write(head + shredded);
    await waitUntil('it has begun', 30_000, () => requests.length === 1);
    socket.destroy();
    const [request] = requests as [IncomingMessage];
    request.resume();
    await waitUntil('it has ended', 30_000, () => request.destroyed);
  });
});

it('pieces of a common size are passed on as they come', async (t) => {
  const { requests, socket } = await open(t);
  const large = 'b'.repeat(2000);
  socket.write(head + `7d0\r\n${large}\r\n`.repeat(3) + end);
  await waitUntil('all of it has come', 30_000, () => requests[0]?.complete === true);
  const got = await read(requests[0]);
  assert.equal(got.pieces, 3);
  assert.ok(got.text === large.repeat(3));
});
