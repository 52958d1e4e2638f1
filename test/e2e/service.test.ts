// The service as an operator starts it, over the wire: what only the whole of it can show.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { Agent, request } from 'undici';
import type { Dispatcher } from 'undici';
import { openReceiver } from '../support/receiver.ts';
import { findFreePort, rootAccount, startService } from '../support/service.ts';

const authorization = `Basic ${Buffer.from(`${rootAccount.keyId}:${rootAccount.keySecret}`).toString('base64')}`;

function makeFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-e2e-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function call(
  url: string,
  method: Dispatcher.HttpMethod,
  path: string,
  body?: unknown,
  dispatcher?: Dispatcher,
) {
  const answer = await request(`${url}${path}`, {
    method,
    headers: { authorization, 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
    ...(dispatcher === undefined ? {} : { dispatcher }),
  });
  return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
}

test('a user’s image reaches a callback with a link that serves the file', async (t) => {
  const receiver = await openReceiver();
  t.after(() => receiver.close());
  const service = await startService({
    dataDir: makeFolder(t),
    env: { PUBLIC_URL: 'https://chasqui.example/base' },
  });
  t.after(() => service.kill());
  const settings = { http: true, queue: false, inboundUrl: `${receiver.url}/inbound` };
  const path = '/api/v1/channels/sandbox/senders/15550100001/webhook';
  assert.equal((await call(service.url, 'PUT', path, settings)).status, 200);

  const image = { from: '15550002222', type: 'image', caption: 'look' };
  assert.equal((await call(service.url, 'POST', '/sandbox/15550100001/inbound', image)).status, 201);
  await receiver.waitFor(1);
  const [receipt] = JSON.parse(receiver.calls[0]?.body ?? '[]') as { Message: string }[];
  const { url } = JSON.parse(receipt?.Message ?? '{}') as { url: string };
  assert.match(url, /^https:\/\/chasqui\.example\/base\/media\/\d+\/[0-9a-f]{32}\.png\?/);
  const file = await request(url.replace('https://chasqui.example/base', service.url));
  assert.equal(file.statusCode, 200);
  assert.equal(file.headers['content-type'], 'image/png');
  assert.deepEqual(
    Buffer.from(await file.body.arrayBuffer())
      .subarray(1, 4)
      .toString(),
    'PNG',
  );
});

test('ADMIN_PORT takes console, API, health and metrics off the public port', async (t) => {
  const adminPort = await findFreePort();
  const dataDir = makeFolder(t);
  // The service is ready on its admin port only, so its start is awaited there.
  const service = await startService({
    dataDir,
    env: { ADMIN_PORT: String(adminPort) },
    readyPort: adminPort,
  });
  t.after(() => service.kill());
  const admin = `http://127.0.0.1:${adminPort}`;
  for (const path of ['/api/v1/account', '/health/live', '/health/ready', '/metrics']) {
    assert.equal((await call(admin, 'GET', path)).status, 200, path);
    assert.equal((await call(service.url, 'GET', path)).status, 404, path);
  }
  assert.equal((await call(service.url, 'GET', '/hooks/whatsapp/none')).status, 404);
  assert.match((await call(service.url, 'GET', '/queues')).text, /<Code>/);
  assert.doesNotMatch((await call(admin, 'GET', '/queues')).text, /<Code>/);
  // Whatever the start prints leads somewhere, and so does the address that a browser is given first.
  const printed = new Set(service.output().match(/http:\/\/\S+/g));
  assert.ok(printed.size >= 4);
  for (const address of printed) {
    const { origin, pathname } = new URL(address);
    if (pathname === '/') continue;
    const isDoor = pathname.startsWith('/sandbox/');
    const body = { from: '15550002222', type: 'text', text: 'hello' };
    const { status } = await call(origin, isDoor ? 'POST' : 'GET', pathname, isDoor ? body : undefined);
    assert.ok(status === 200 || status === 201, `${address}: ${status}`);
  }
  const start = await request(`${admin}/`);
  assert.deepEqual([start.statusCode, start.headers['location']], [302, '/console/']);
  await start.body.dump();
  assert.equal((await call(service.url, 'GET', '/')).status, 404);
});

test('with a certificate and its key the listener speaks HTTPS', async (t) => {
  const dataDir = makeFolder(t);
  const [cert, key] = [join(dataDir, 'cert.pem'), join(dataDir, 'key.pem')];
  try {
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const options = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject];
    execFileSync('openssl', [...options, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  } catch {
    t.skip('openssl is not installed, so there is no certificate to try');
    return;
  }
  const agent = new Agent({ connect: { ca: readFileSync(cert, 'utf8') } });
  t.after(() => agent.close());
  const service = await startService({
    dataDir,
    env: { TLS_CERT_FILE: cert, TLS_KEY_FILE: key },
    dispatcher: agent,
  });
  t.after(() => service.kill());
  assert.match(service.url, /^https:/);
  assert.equal((await call(service.url, 'GET', '/api/v1/account', undefined, agent)).status, 200);
  await assert.rejects(call(service.url.replace('https', 'http'), 'GET', '/health/live'));
  assert.equal(await service.stop(), 0);
});
