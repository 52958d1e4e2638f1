// Calls to a service through a proxy over TLS, as its different clients make them.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { request } from 'node:https';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { rootAccount } from '../support/service.ts';
import { inside, siteName } from './proxies.ts';
import type { Proxy } from './proxies.ts';

export const basic = `Basic ${Buffer.from(`${rootAccount.keyId}:${rootAccount.keySecret}`).toString('base64')}`;

/** Longer than any poll waits. */
const silenceMs = 60_000;

interface Sent {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
  /** Whose address the client has. */
  readonly from?: string;
}

interface Answered {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

/** Begins a request, on a connection of its own, whose body is still to come. */
export function begin(proxy: Proxy, path: string, sent: Sent): ClientRequest {
  const { method = 'GET', headers = {}, from = inside } = sent;
  const outgoing = request({
    host: '127.0.0.1',
    port: proxy.port,
    servername: siteName,
    ca: proxy.ca,
    localAddress: from,
    path,
    method,
    headers: { host: `${siteName}:${proxy.port}`, ...headers },
    agent: false,
    timeout: silenceMs,
  });
  return outgoing.on('timeout', () =>
    outgoing.destroy(new Error(`${method} ${path} was silent for ${silenceMs} ms.`)),
  );
}

/** Makes a request and resolves once its answer begins. */
export function open(proxy: Proxy, path: string, sent: Sent = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    begin(proxy, path, sent).on('response', resolve).on('error', reject).end(sent.body);
  });
}

export async function readText(answer: AsyncIterable<unknown>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of answer) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

export async function call(proxy: Proxy, path: string, sent: Sent = {}): Promise<Answered> {
  const answer = await open(proxy, path, sent);
  return { status: answer.statusCode, headers: answer.headers, text: await readText(answer) };
}

export function asJson(value: unknown, headers: Record<string, string> = { authorization: basic }): Sent {
  return {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(value),
  };
}

/** A request of the SMQ protocol, signed over its target as it stands. */
export function toSmq(method: string, target: string, body = ''): Sent & { headers: Record<string, string> } {
  const date = new Date().toUTCString();
  const type = body === '' ? '' : 'text/xml';
  const text = `${method}\n\n${type}\n${date}\nx-mns-version:2015-06-06\n${target}`;
  const signature = createHmac('sha1', rootAccount.keySecret).update(text).digest('base64');
  return {
    method,
    headers: {
      date,
      'x-mns-version': '2015-06-06',
      authorization: `MNS ${rootAccount.keyId}:${signature}`,
      ...(type === '' ? {} : { 'content-type': type }),
    },
    ...(body === '' ? {} : { body }),
  };
}

/** Makes a queue, which may be there. */
export async function createQueue(proxy: Proxy, name: string): Promise<void> {
  const target = `/queues/${name}`;
  const { status, text } = await call(proxy, target, toSmq('PUT', target, '<Queue/>'));
  assert.ok(status === 201 || status === 204, text);
}

/** Sends `aGVsbG8=` to a queue. */
export function sendHello(proxy: Proxy, queue: string): Promise<Answered> {
  const target = `/queues/${queue}/messages`;
  return call(proxy, target, toSmq('POST', target, '<Message><MessageBody>aGVsbG8=</MessageBody></Message>'));
}
