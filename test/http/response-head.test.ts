import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { takeLooseHeads } from '../../src/http/response-head.ts';

/** A socket with loose heads that has asked a peer who answers with these bytes. */
async function ask(t: TestContext, answer: string): Promise<Socket> {
  const server = createServer((peer) => {
    peer.on('error', () => undefined);
    peer.once('data', () => peer.end(answer));
  });
  t.after(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  t.after(() => socket.destroy());
  takeLooseHeads(socket);
  await once(socket, 'connect');
  socket.write('ask');
  return socket;
}

const informational = 'HTTP/1.1 102 Processing\r\n\r\n';
const real = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

test('informational answers are passed over for the one that counts', async (t) => {
  const socket = await ask(t, informational.repeat(50) + real);
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  assert.equal(text, real);
});

test('a peer who sends nothing but informational answers is left', async (t) => {
  const socket = await ask(t, informational.repeat(51) + real);
  const [error] = (await once(socket, 'error')) as [Error];
  assert.match(error.message, /More than 50 informational answers/);
});

test('of a head that is too long for the parser everything is kept that somebody reads', async (t) => {
  const read = {
    'retry-after': 'Thu, 15 Jan 2026 12:00:09 GMT',
    date: 'Thu, 15 Jan 2026 12:00:00 GMT',
    'content-disposition': 'attachment; filename="letter.html"',
    'x-business-use-case-usage': '{"1":[{"estimated_time_to_regain_access":3}]}',
  };
  const lines = Object.entries({ ...read, 'set-cookie': 'a'.repeat(20_000) });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const socket = await ask(t, `HTTP/1.1 200 OK\r\n${head}content-length: 2\r\n\r\nok`);
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  for (const [name, value] of Object.entries(read)) assert.ok(text.includes(`${name}: ${value}\r\n`), name);
  assert.ok(text.length < 2000 && text.endsWith('ok'));
});
