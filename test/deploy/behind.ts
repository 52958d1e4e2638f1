// What Chasqui needs of whatever reverse proxy stands before it.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:http2';
import type { ClientHttp2Stream } from 'node:http2';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { settingTable } from '../../src/config/table.ts';
import { signRpc } from '../support/cams-client.ts';
import { letPollBegin } from '../support/pace.ts';
import { findFreePort, rootAccount, startService } from '../support/service.ts';
import { asJson, basic, begin, call, createQueue, open, readText, sendHello, toSmq } from './caller.ts';
import { inside, isThere, openProxy, outside, siteName } from './proxies.ts';
import type { Proxy, ProxyKind } from './proxies.ts';

type Demand = (proxy: Proxy, t: TestContext) => Promise<void>;

/** No demand takes so long. */
const limitMs = 180_000;

const playInbound = (text: string) => asJson({ from: '15550002222', type: 'text', text });
const sandbox = '/sandbox/15550100001/inbound';
const authorized = { headers: { authorization: basic } };

const isCookieSecure: Demand = async (proxy) => {
  const signIn = { keyId: rootAccount.keyId, keySecret: rootAccount.keySecret };
  const answer = await call(proxy, '/api/v1/session', asJson(signIn, { 'x-chasqui-console': '1' }));
  assert.equal(answer.status, 200, answer.text);
  const cookie = String(answer.headers['set-cookie']);
  assert.match(cookie, /^__Host-chasqui=/);
  assert.match(cookie, /; Secure/);
};

const doesAddressArrive: Demand = async (proxy) => {
  const made = await call(proxy, '/api/v1/keys', asJson({ role: 'full', addresses: [inside] }));
  assert.equal(made.status, 201, made.text);
  const key = JSON.parse(made.text) as { id: string; secret: string };
  const authorization = `Basic ${Buffer.from(`${key.id}:${key.secret}`).toString('base64')}`;
  assert.equal((await call(proxy, '/api/v1/account', { headers: { authorization } })).status, 200);
  const inbound = asJson(
    { from: '15550002222', type: 'text', text: 'hello' },
    { authorization, 'x-forwarded-for': inside },
  );
  assert.equal((await call(proxy, sandbox, { ...inbound, from: outside })).status, 401);
  assert.equal((await call(proxy, sandbox, inbound)).status, 201);
};

const isInsideKept: Demand = async (proxy) => {
  for (const path of ['/console/', '/api/v1/session', '/health/ready', '/metrics']) {
    assert.equal((await call(proxy, path)).status, 200, path);
    assert.equal((await call(proxy, path, { from: outside })).status, 403, path);
  }
  // Spelled otherwise they lead nowhere else.
  for (const path of [
    '/%61pi/v1/account',
    '/%2fapi/v1/account',
    '//api/v1/account',
    '/queues/../api/v1/account',
    '/./metrics',
  ]) {
    const { status } = await call(proxy, path, { ...authorized, from: outside });
    assert.ok(status !== undefined && status >= 400, `${path}: ${String(status)}`);
  }
};

/** Reads the tail until it has told this, and leaves it open. */
async function readTail(tail: IncomingMessage, wanted: string): Promise<void> {
  let text = '';
  for await (const part of tail.iterator({ destroyOnReturn: false })) {
    text += String(part);
    if (text.includes(wanted)) return;
  }
  assert.fail(`The tail ended: ${text}`);
}

/** Lets a user write something and reads the tail until it is told there. */
async function followInbound(proxy: Proxy, tail: IncomingMessage, message: string): Promise<void> {
  assert.equal((await call(proxy, sandbox, playInbound(message))).status, 201);
  await readTail(tail, message);
}

/** Opens the tail; what is recorded from then on is told. */
async function openTail(proxy: Proxy, t: TestContext): Promise<IncomingMessage> {
  const tail = await open(proxy, '/api/v1/tail', authorized);
  t.after(() => tail.destroy());
  assert.equal(tail.statusCode, 200);
  await readTail(tail, 'event: ready');
  return tail;
}

const doesTailFlow: Demand = async (proxy, t) => {
  const tail = await openTail(proxy, t);
  await followInbound(proxy, tail, 'follow me');
};

const doPollsWait: Demand = async (proxy) => {
  await createQueue(proxy, 'orders');
  const target = '/queues/orders/messages?numOfMessages=16&waitseconds=30&x=a%2Fb%20c';
  const poll = call(proxy, target, toSmq('GET', target));
  assert.equal((await sendHello(proxy, 'orders')).status, 201);
  const answer = await poll;
  assert.equal(answer.status, 200, answer.text);
  assert.match(answer.text, /aGVsbG8=/);
};

const isNothingCut: Demand = async (proxy, t) => {
  await createQueue(proxy, 'quiet');
  const tail = await openTail(proxy, t);
  const target = '/queues/quiet/messages?waitseconds=30';
  const { status, text } = await call(proxy, target, toSmq('GET', target));
  assert.equal(status, 404, text);
  assert.match(text, /<Code>MessageNotExist</, 'an answer of Chasqui after its thirty seconds');
  await followInbound(proxy, tail, 'still there?');
};

const isGoneClientTold: Demand = async (proxy) => {
  // Nobody can see when the service hears of it. On a busy machine that may be after the message, but not each time.
  for (const queue of ['left-1', 'left-2', 'left-3', 'left-4', 'left-5']) {
    await createQueue(proxy, queue);
    const target = `/queues/${queue}/messages?waitseconds=30`;
    const gone = begin(proxy, target, toSmq('GET', target));
    gone.on('error', () => undefined).end();
    await letPollBegin();
    gone.destroy();
    await letPollBegin();
    assert.equal((await sendHello(proxy, queue)).status, 201);
    // Handed to the one that has gone, it would come back only after its visibility of thirty seconds.
    const soon = `/queues/${queue}/messages?waitseconds=5`;
    if ((await call(proxy, soon, toSmq('GET', soon))).status === 200) return;
  }
  assert.fail('The messages went to those who had gone.');
};

const areBytesKept: Demand = async (proxy) => {
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
};

const doesUploadPass: Demand = async (proxy) => {
  const key = { id: rootAccount.keyId, secret: rootAccount.keySecret };
  const { target } = signRpc(key, 'GetChatappUploadAuthorization', { CustSpaceId: 'sandbox' });
  const asked = await call(proxy, target);
  assert.equal(asked.status, 200, asked.text);
  const { Data: made } = JSON.parse(asked.text) as { Data: Readonly<Record<string, string>> };
  const size = settingTable.mediaMaxMegabytes.initial * 1024 * 1024;
  const expiration = new Date(Date.now() + 600_000).toISOString();
  const conditions = [['content-length-range', 0, size]];
  const policy = Buffer.from(JSON.stringify({ expiration, conditions })).toString('base64');
  const signature = createHmac('sha1', made['AccessKeySecret'] ?? '').update(policy);
  const fields = {
    OSSAccessKeyId: made['AccessKeyId'],
    'x-oss-security-token': made['SecurityToken'],
    key: `${made['Dir'] ?? ''}/large.txt`,
    policy,
    Signature: signature.digest('base64'),
    success_action_status: '201',
  };
  const parts = Object.entries(fields).map(
    ([name, value]) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value ?? ''}\r\n`,
  );
  const file = '--b\r\nContent-Disposition: form-data; name="file"; filename="large.txt"\r\n\r\n';
  const { status, text } = await call(proxy, `/${made['BucketName'] ?? ''}`, {
    method: 'POST',
    headers: { 'content-type': 'multipart/form-data; boundary=b' },
    body: Buffer.concat([
      Buffer.from(parts.join('') + file),
      Buffer.alloc(size, 'a'),
      Buffer.from('\r\n--b--\r\n'),
    ]),
  });
  assert.equal(status, 201, text);
};

const isUploadStreamed: Demand = async (proxy) => {
  const outgoing = begin(proxy, '/uploads', {
    method: 'POST',
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
  assert.match(part.toString(), /<Code>/, 'an answer of Chasqui, for the policy that is missing');
};

const isHttp2Spoken: Demand = async (proxy, t) => {
  const session = connect(`https://127.0.0.1:${proxy.port}`, { servername: siteName, ca: proxy.ca });
  t.after(() => session.destroy());
  await once(session, 'connect');
  assert.equal(session.alpnProtocol, 'h2');
  const ask = (path: string, headers: Record<string, string>): ClientHttp2Stream =>
    session.request({ ':path': path, ':authority': `${siteName}:${proxy.port}`, ...headers });
  await createQueue(proxy, 'multiplexed');
  const target = '/queues/multiplexed/messages?waitseconds=30';
  const poll = ask(target, toSmq('GET', target).headers);
  const tail = ask('/sandbox/none', {});
  const [{ ':status': status }] = (await once(tail, 'response')) as [{ ':status': number }];
  assert.equal(status, 404, 'others of the connection do not wait for the poll');
  assert.equal((await sendHello(proxy, 'multiplexed')).status, 201);
  assert.match(await readText(poll), /aGVsbG8=/);
};

const demands: Readonly<Record<string, Demand>> = {
  'the cookie of a session is Secure and bound to its host': isCookieSecure,
  'the address of the client arrives, and what it says of itself does not': doesAddressArrive,
  'the console and its API are for those inside alone, however they are spelled': isInsideKept,
  'the live tail comes as it is sent': doesTailFlow,
  'a long poll waits for its message, and its target is signed as it came': doPollsWait,
  'a long poll of thirty seconds and a tail that is quiet meanwhile are not cut off': isNothingCut,
  'a long poll whose client has gone takes no message': isGoneClientTold,
  'the bytes of a webhook arrive as they were signed, up to the largest': areBytesKept,
  'the largest file that is allowed can be uploaded': doesUploadPass,
  'an upload goes on as it comes: a refusal does not wait for its end': isUploadStreamed,
  'clients speak HTTP/2': isHttp2Spoken,
};

/** Declares a test of the proxy before one node, in which every demand is a test of its own. */
export function testBehind(kind: ProxyKind): void {
  test(`Chasqui behind the ${kind.name} of deploy/`, async (t) => {
    if (!isThere(t, kind)) return;
    const dataDir = mkdtempSync(join(tmpdir(), 'chasqui-behind-'));
    t.after(() => rmSync(dataDir, { recursive: true, force: true }));
    const env = { TRUST_PROXY: '127.0.0.1', PUBLIC_URL: `https://${siteName}` };
    const service = await startService({ dataDir, env });
    t.after(() => service.kill());
    const proxy = await openProxy(t, kind, [Number(new URL(service.url).port)]);
    // At once, for one of them lasts as long as a poll.
    await Promise.all(
      Object.entries(demands).map(([name, demand]) =>
        t.test(name, { timeout: limitMs }, (each) => demand(proxy, each)),
      ),
    );
  });

  test(`${kind.name} writes nothing of an address into its logs`, async (t) => {
    if (!isThere(t, kind)) return;
    // Nobody is there, of which each would tell with the whole request.
    const proxy = await openProxy(t, kind, [await findFreePort()]);
    const target = '/?Action=SendChatappMessage&To=8613900001111&Content=confidential';
    const refuse = async (path: string): Promise<void> => {
      const { status } = await call(proxy, path, { headers: { 'x-secret': 'confidential' } });
      assert.ok(status === 502 || status === 503, String(status));
    };
    await Promise.all([target, `/api/v1/receipts${target}`].map(refuse));
    assert.doesNotMatch(proxy.written(), /8613900001111|confidential/);
  });

  test(`${kind.name} keeps connections for less long than Chasqui does`, () => {
    const seconds = /keepalive(?:_timeout)? (\d+)s/.exec(kind.given)?.[1];
    assert.ok(seconds !== undefined);
    assert.ok(Number(seconds) < settingTable.idleTimeoutSeconds.initial, seconds);
  });
}
