// The nginx configuration of deploy/, run by a real nginx as whoever runs the tests, on free ports and in a folder of its own.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { bareEnv, findFreePort, rootAccount, startService, waitUntil } from '../support/service.ts';

const given = readFileSync(new URL('../../deploy/nginx/chasqui.conf', import.meta.url), 'utf8');
const basic = `Basic ${Buffer.from(`${rootAccount.keyId}:${rootAccount.keySecret}`).toString('base64')}`;

interface Proxy {
  readonly folder: string;
  readonly port: number;
  readonly ca: string;
}

function isInstalled(program: string): boolean {
  try {
    execFileSync(program, [program === 'nginx' ? '-v' : 'version'], { stdio: 'ignore', env: withSbin() });
    return true;
  } catch {
    return false;
  }
}

/** Debian keeps nginx where only root looks by itself. */
function withSbin(): Record<string, string> {
  return { ...bareEnv, PATH: `${bareEnv['PATH'] ?? ''}:/usr/sbin` };
}

/** The configuration as it stands, with the values that an operator puts in: ports, certificate, who is inside. */
function toConfig(folder: string, port: number, servicePort: number): string {
  const values: [string, string][] = [
    ['listen 443 ssl', `listen 127.0.0.1:${port} ssl`],
    ['/etc/ssl/chasqui.pem', join(folder, 'cert.pem')],
    ['/etc/ssl/chasqui.key', join(folder, 'key.pem')],
    ['127.0.0.1:8080', `127.0.0.1:${servicePort}`],
    ['allow 10.0.0.0/8', 'allow 127.0.0.2'],
  ];
  let server = given;
  for (const [from, to] of values) {
    assert.ok(server.includes(from), from);
    server = server.replaceAll(from, to);
  }
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${join(folder, 'temp')};`,
  );
  return [
    'daemon off;',
    `pid ${join(folder, 'nginx.pid')};`,
    'error_log stderr;',
    'events {}',
    `http { access_log off; ${temporary.join(' ')}\n${server}\n}`,
  ].join('\n');
}

async function openProxy(t: TestContext, servicePort: number): Promise<Proxy> {
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-nginx-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'temp'));
  const subject = ['-subj', '/CN=chasqui.example.com', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const pair = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject, ...pair],
    { stdio: 'ignore' },
  );
  const port = await findFreePort();
  writeFileSync(join(folder, 'nginx.conf'), toConfig(folder, port, servicePort));
  const child = spawn('nginx', ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')], {
    env: withSbin(),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = once(child, 'exit');
  t.after(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  await waitUntil('nginx listens', 30_000, async () => {
    assert.equal(child.exitCode, null, errors);
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return true;
    } catch {
      return false;
    } finally {
      socket.destroy();
    }
  });
  return { folder, port, ca: readFileSync(join(folder, 'cert.pem'), 'utf8') };
}

interface Sent {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
  /** Whose address the client has. */
  readonly from?: string;
}

function open(proxy: Proxy, path: string, sent: Sent): Promise<IncomingMessage> {
  const { method = 'GET', headers = {}, body, from = '127.0.0.2' } = sent;
  return new Promise((resolve, reject) => {
    const outgoing = request({
      host: '127.0.0.1',
      port: proxy.port,
      ca: proxy.ca,
      localAddress: from,
      path,
      method,
      headers,
      agent: false,
    });
    outgoing.on('response', resolve).on('error', reject);
    outgoing.end(body);
  });
}

async function call(proxy: Proxy, path: string, sent: Sent = {}) {
  const answer = await open(proxy, path, sent);
  const parts: Buffer[] = [];
  for await (const part of answer) parts.push(part as Buffer);
  return {
    status: answer.statusCode,
    headers: answer.headers,
    text: Buffer.concat(parts).toString('utf8'),
  };
}

function asJson(value: unknown, headers: Record<string, string> = { authorization: basic }): Sent {
  return {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(value),
  };
}

/** A request of the SMQ protocol, signed over its target as it stands. */
function toSmq(method: string, target: string, body = ''): Sent {
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

test('Chasqui behind the nginx of deploy/', async (t) => {
  if (!isInstalled('nginx') || !isInstalled('openssl')) {
    t.skip('nginx or openssl is not installed, so deploy/nginx/chasqui.conf is not tried');
    return;
  }
  const dataDir = mkdtempSync(join(tmpdir(), 'chasqui-behind-'));
  t.after(() => rmSync(dataDir, { recursive: true, force: true }));
  const service = await startService({ dataDir, env: { TRUST_PROXY: '127.0.0.1' } });
  t.after(() => service.kill());
  const proxy = await openProxy(t, Number(new URL(service.url).port));

  await t.test('the cookie of a session is Secure and bound to its host', async () => {
    const signIn = { keyId: rootAccount.keyId, keySecret: rootAccount.keySecret };
    const answer = await call(proxy, '/api/v1/session', asJson(signIn, { 'x-chasqui-console': '1' }));
    assert.equal(answer.status, 200, answer.text);
    const cookie = String(answer.headers['set-cookie']);
    assert.match(cookie, /^__Host-chasqui=/);
    assert.match(cookie, /; Secure/);
  });

  await t.test('the address of the client arrives, and what it says of itself does not', async () => {
    const made = await call(proxy, '/api/v1/keys', asJson({ role: 'full', addresses: ['127.0.0.2'] }));
    assert.equal(made.status, 201, made.text);
    const key = JSON.parse(made.text) as { id: string; secret: string };
    const authorization = `Basic ${Buffer.from(`${key.id}:${key.secret}`).toString('base64')}`;
    assert.equal((await call(proxy, '/api/v1/account', { headers: { authorization } })).status, 200);
    const inbound = asJson(
      { from: '15550002222', type: 'text', text: 'hello' },
      { authorization, 'x-forwarded-for': '127.0.0.2' },
    );
    const path = '/sandbox/15550100001/inbound';
    assert.equal((await call(proxy, path, { ...inbound, from: '127.0.0.3' })).status, 401);
    assert.equal((await call(proxy, path, inbound)).status, 201);
  });

  await t.test('the console and its API are for those inside alone', async () => {
    for (const path of ['/console/', '/api/v1/session', '/health/ready', '/metrics']) {
      assert.equal((await call(proxy, path)).status, 200, path);
      assert.equal((await call(proxy, path, { from: '127.0.0.3' })).status, 403, path);
    }
  });

  await t.test('the live tail comes as it is sent', async () => {
    const tail = await open(proxy, '/api/v1/tail', { headers: { authorization: basic } });
    assert.equal(tail.statusCode, 200);
    const inbound = asJson({ from: '15550002222', type: 'text', text: 'follow me' });
    assert.equal((await call(proxy, '/sandbox/15550100001/inbound', inbound)).status, 201);
    let text = '';
    for await (const part of tail) {
      text += String(part);
      if (text.includes('event: receipt')) break;
    }
    assert.match(text, /event: receipt/);
  });

  await t.test('a long poll waits for its message, and its target is signed as it came', async () => {
    const xml = '<?xml version="1.0" encoding="UTF-8"?>';
    assert.equal(
      (await call(proxy, '/queues/orders', toSmq('PUT', '/queues/orders', `${xml}<Queue/>`))).status,
      201,
    );
    const target = '/queues/orders/messages?numOfMessages=16&waitseconds=30&x=a%2Fb%20c';
    const poll = call(proxy, target, toSmq('GET', target));
    const path = '/queues/orders/messages';
    const message = `${xml}<Message><MessageBody>aGVsbG8=</MessageBody></Message>`;
    assert.equal((await call(proxy, path, toSmq('POST', path, message))).status, 201);
    const answer = await poll;
    assert.equal(answer.status, 200, answer.text);
    assert.match(answer.text, /aGVsbG8=/);
    // Longer than any poll lasts, so that nginx ends none.
    const seconds = Number(/proxy_read_timeout (\d+)s/.exec(given)?.[1]);
    assert.ok(seconds >= 60, `${seconds}`);
  });

  await t.test('the bytes of a webhook arrive as they were signed, up to the largest', async () => {
    const channel = {
      type: 'messenger',
      credentials: { appSecret: 'app-secret-1', verifyToken: 'verify-token-1', accessToken: 'token-1' },
    };
    const put = { ...asJson(channel), method: 'PUT' };
    assert.equal((await call(proxy, '/api/v1/channels/page', put)).status, 201);
    const start = Buffer.from('{ "object" :"page",\r\n "entry":[], "x":"');
    const bytes = Buffer.concat([
      start,
      Buffer.from([0xc3, 0x28, 0xff]),
      Buffer.alloc(2_900_000, ' '),
      Buffer.from('"}'),
    ]);
    const hash = createHmac('sha256', 'app-secret-1').update(bytes).digest('hex');
    const post = (body: Buffer) =>
      call(proxy, '/hooks/messenger/page', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${hash}` },
        body,
      });
    assert.equal((await post(bytes)).status, 200);
    assert.equal((await post(Buffer.concat([bytes, Buffer.from(' ')]))).status, 401);
  });

  await t.test(
    'the largest upload is refused by Chasqui for its policy, not by nginx for its size',
    async () => {
      const outgoing = request({
        host: '127.0.0.1',
        port: proxy.port,
        ca: proxy.ca,
        path: '/uploads',
        method: 'POST',
        agent: false,
        headers: {
          'content-type': 'multipart/form-data; boundary=x',
          'content-length': String(100 * 1024 * 1024),
        },
      });
      const answered = once(outgoing, 'response');
      outgoing.on('error', () => undefined);
      outgoing.write(
        '--x\r\ncontent-disposition: form-data; name="key"\r\n\r\na\r\n--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nabc',
      );
      const [answer] = (await answered) as [IncomingMessage];
      const [part] = (await once(answer, 'data')) as [Buffer];
      outgoing.destroy();
      assert.equal(answer.statusCode, 400);
      assert.match(part.toString(), /<Code>/, 'an answer of Chasqui');
    },
  );
});
