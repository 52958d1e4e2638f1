import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { dial, listen, readAll } from '../support/listener.ts';

async function ask(t: TestContext, port: number, head: string): Promise<string> {
  const socket = dial(t, port);
  socket.write(head.replaceAll('\n', '\r\n'));
  return readAll(socket);
}

test('a request needs one Host that names a host', async (t) => {
  const { port } = await listen(t);
  const wrong = [
    '',
    'Host: a\nHost: b\n',
    'Host: a\nhost: a\n',
    'Host:\n',
    'Host: a b\n',
    'Host: a/b\n',
    'Host: user@a\n',
    'Host: a, b\n',
    'Host: a:b\n',
    'Host: [a\n',
    'Host: a:123456\n',
  ];
  for (const host of wrong) {
    const text = await ask(t, port, `GET /echo HTTP/1.1\n${host}\n`);
    assert.match(text, /^HTTP\/1\.1 400 [^]*connection: close[^]*"detail":"[^"]*Host/i, host);
  }
  for (const host of [
    'a',
    'a.example:8080',
    '127.0.0.1:1',
    '[::1]:8080',
    'A_b-c~',
    'xn--bcher-kva.example',
    '%41:',
  ])
    assert.match(
      await ask(t, port, `GET /echo HTTP/1.1\nHost: ${host}\nConnection: close\n\n`),
      /^HTTP\/1\.1 200/,
      host,
    );
});

test('HTTP/1.0 may leave Host out, and no more than that', async (t) => {
  const { port } = await listen(t);
  assert.match(await ask(t, port, 'GET /echo HTTP/1.0\n\n'), /^HTTP\/1\.1 200/);
  assert.match(await ask(t, port, 'GET /echo HTTP/1.0\nHost: a\nHost: b\n\n'), /^HTTP\/1\.1 400/);
});

test('a head that two readers could take for different requests is refused', async (t) => {
  const { port } = await listen(t);
  const wrong = [
    'Content-Length: 2\nContent-Length: 2\n\n{}',
    'Content-Length: 2\nContent-Length: 3\n\n{} ',
    'Content-Length: 2, 2\n\n{}',
    'Content-Length: +2\n\n{}',
    'Content-Length: 2\nTransfer-Encoding: chunked\n\n2\n{}\n0\n\n',
    'Transfer-Encoding: chunked\nContent-Length: 2\n\n2\n{}\n0\n\n',
    'Transfer-Encoding: gzip\n\n{}',
    'Transfer-Encoding: chunked, gzip\n\n2\n{}\n0\n\n',
    'Transfer-Encoding: gzip, chunked\n\n2\n{}\n0\n\n',
    'Transfer-Encoding: identity, chunked\n\n2\n{}\n0\n\n',
    'Transfer-Encoding : chunked\n\n2\n{}\n0\n\n',
    'Authorization: Basic YTpi\nAuthorization: Basic YzpkCg==\n\n',
    'X-A: b\n c: d\n\n',
  ];
  for (const rest of wrong) {
    const text = await ask(t, port, `POST /echo HTTP/1.1\nHost: x\nContent-Type: application/json\n${rest}`);
    assert.match(text, /^HTTP\/1\.1 4\d\d /, rest);
    assert.equal(text.match(/^HTTP\/1\.1 /gm)?.length, 1, rest);
  }
});

test('chunks in HTTP/1.0, and another major version, are refused and the connection ends', async (t) => {
  const { port } = await listen(t);
  const body = 'Content-Type: application/json\nTransfer-Encoding: chunked\n\n2\n{}\n0\n\n';
  const next = 'GET /echo HTTP/1.1\nHost: x\n\n';
  for (const [line, status] of [
    ['POST /echo HTTP/1.0\nHost: x\n', 400],
    ['POST /echo HTTP/1.0\nHost: x\nConnection: keep-alive\n', 400],
    ['POST /echo HTTP/2.0\nHost: x\n', 505],
  ] as const) {
    const text = await ask(t, port, `${line}${body}${next}`);
    assert.match(text, new RegExp(`^HTTP/1\\.1 ${status} `), line);
    assert.equal(text.match(/^HTTP\/1\.1 /gm)?.length, 1, line);
  }
});

test('more header lines than are read are too many', async (t) => {
  const { port } = await listen(t);
  for (const lines of [1000, 2500]) {
    const text = await ask(t, port, `GET /echo HTTP/1.1\nHost: x\n${'a:\n'.repeat(lines)}\n`);
    assert.match(text, /^HTTP\/1\.1 431/, `${lines} lines`);
  }
});

test('an expectation that is not met is refused in its turn', async (t) => {
  const { port } = await listen(t);
  const text = await ask(
    t,
    port,
    'GET /echo HTTP/1.1\nHost: x\n\nGET /echo HTTP/1.1\nHost: x\nExpect: tea\n\n',
  );
  assert.match(text, /^HTTP\/1\.1 200[^]*HTTP\/1\.1 417[^]*100-continue/);
});

test('what is refused by its head waits for the answers before it', async (t) => {
  const { port } = await listen(t);
  const text = await ask(
    t,
    port,
    'GET /echo HTTP/1.1\nHost: x\n\nGET /echo HTTP/1.1\nHost: x\nHost: y\n\nGET /echo HTTP/1.1\nHost: x\n\n',
  );
  assert.deepEqual(
    [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status),
    ['200', '400'],
  );
});
