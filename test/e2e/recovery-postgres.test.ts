// The database set back to the moment before an accident: a base copy made at work, and the log that was archived since.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { request } from 'undici';
import { openPostgres } from '../support/postgres.ts';
import { CompanyBrowser } from '../support/company-browser.ts';
import { openReceiver } from '../support/receiver.ts';
import { findFreePort, rootAccount, startService, waitUntil } from '../support/service.ts';
import { SmqClient } from '../support/smq-client.ts';

const key = { id: rootAccount.keyId, secret: rootAccount.keySecret };

test('a database recovered to a point in time has all that was acknowledged by then, and a node works on it', async (t) => {
  const base = mkdtempSync(join(tmpdir(), 'chasqui-recovery-'));
  t.after(() => rmSync(base, { recursive: true }));
  const postgres = await openPostgres({
    settings: { archive_mode: 'on', archive_command: 'cp %p "{folder}/archived-%f"' },
  });
  t.after(() => postgres.close());
  const masterKey = '5c'.repeat(32);
  const service = await startService({
    dataDir: '/nowhere',
    // Nobody is there to take messages.
    env: {
      DATABASE_URL: postgres.url('postgres'),
      MASTER_KEY: masterKey,
      CHASQUI_GRAPH_URL: `http://127.0.0.1:${await findFreePort()}`,
    },
  });
  t.after(() => service.kill());
  const id = await sendMessage(service.url);
  const { token } = (await call(service.url, 'POST', '/portal-links', { name: 'Shop', senders: null })) as {
    token: string;
  };
  const browser = new CompanyBrowser(service);
  const { keyId, keySecret } = rootAccount;
  assert.equal((await browser.call('POST', '/api/v1/session', { keyId, keySecret })).status, 200);
  const smq = new SmqClient(service.url, key);
  t.after(() => smq.close());
  const send = async (client: SmqClient, names: readonly string[]): Promise<void> => {
    const answers = await Promise.all(names.map((name) => client.send('orders', name)));
    for (const { status } of answers) assert.equal(status, 201);
  };
  const named = (what: string): string[] => Array.from({ length: 200 }, (_, n) => `${what} ${n}`);
  assert.equal((await smq.createQueue('orders')).status, 201);

  await send(smq, named('before'));
  const during = send(smq, named('during'));
  await postgres.copyBase(join(base, 'copy'));
  await during;
  await send(smq, named('after'));
  const [moment] = await postgres.query('SELECT clock_timestamp()::text AS now');
  assert.equal((await smq.call('DELETE', '/queues/orders')).status, 204);
  assert.equal(await service.stop(), 0);
  await postgres.query('SELECT pg_switch_wal()');
  // What is not archived yet is archived before the server ends.
  await postgres.stop();

  const recovered = await openPostgres({
    base: join(base, 'copy'),
    settings: {
      restore_command: `cp "${postgres.folder}/archived-%f" %p`,
      recovery_target_time: String(moment?.['now']),
      recovery_target_action: 'promote',
      // It answers once it has recovered.
      hot_standby: 'off',
    },
  });
  t.after(() => recovered.close());
  const vendor = await openReceiver();
  t.after(() => vendor.close());
  const [active] = await recovered.query(toLookThrough.split(';')[0] ?? '');
  assert.deepEqual([active?.['id'], active?.['role']], [key.id, 'full']);
  for (const statement of toLookThrough.split(';').filter((text) => text.trim() !== ''))
    await recovered.query(statement);
  for (const statement of statements.split(';').filter((text) => text.trim() !== ''))
    await recovered.query(statement);
  const node = await startService({
    dataDir: '/nowhere',
    env: {
      DATABASE_URL: recovered.url('postgres'),
      MASTER_KEY: masterKey,
      CHASQUI_GRAPH_URL: vendor.url,
      CHASQUI_SEND_UNKNOWN_SECONDS: '1',
    },
  });
  t.after(() => node.kill());
  const client = new SmqClient(node.url, key);
  t.after(() => client.close());
  await send(client, ['since']);
  const bodies: string[] = [];
  for (;;) {
    const messages = await client.receive('orders', 0);
    if (messages.length === 0) break;
    bodies.push(...messages.map(({ body }) => body));
  }
  assert.deepEqual(
    bodies.toSorted(),
    [...named('before'), ...named('during'), ...named('after'), 'since'].toSorted(),
  );
  await waitUntil('the message that waited has ended', 120_000, async () => {
    const { message } = (await call(node.url, 'GET', `/messages/${id}`)) as { message: { state: string } };
    return message.state === 'failed';
  });
  assert.deepEqual(vendor.calls, []);
  const headers = { authorization: `Bearer ${token}` };
  const held = await request(`${node.url}/api/v1/portal`, { headers });
  assert.equal(held.statusCode, 401);
  await held.body.dump();
  const late = new CompanyBrowser(node);
  for (const [name, value] of browser.jar) late.jar.set(name, value);
  assert.notEqual((await late.session())['state'], 'signed_in');
  const { items } = (await call(node.url, 'GET', '/portal-links')) as {
    items: { revokedAt: string | null }[];
  };
  assert.match(items[0]?.revokedAt ?? '', /^20/);
  assert.equal(await node.stop(), 0);
});

/** What the page says for messages that waited, and for whoever has access. */
const [, statements = ''] =
  /```sql\n(UPDATE outbound [^`]*)```/.exec(readFileSync('docs/operations.md', 'utf8')) ?? [];
/** What it has people look through. */
const [, toLookThrough = ''] =
  /```sql\n(SELECT [^`]*FROM access_key[^`]*)```/.exec(readFileSync('docs/operations.md', 'utf8')) ?? [];

async function call(
  url: string,
  method: 'GET' | 'PUT' | 'POST',
  path: string,
  body?: object,
): Promise<unknown> {
  const authorization = `Basic ${Buffer.from(`${key.id}:${key.secret}`).toString('base64')}`;
  const answer = await request(`${url}/api/v1${path}`, {
    method,
    headers: { authorization, 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  });
  assert.ok(answer.statusCode < 300, `${method} ${path}: ${answer.statusCode}`);
  return answer.body.json();
}

/** Gives a message to a channel of its own; resolves to its id. */
async function sendMessage(url: string): Promise<string> {
  const credentials = { appSecret: '0123456789abcdef', verifyToken: 'v', accessToken: 'token' };
  await call(url, 'PUT', '/channels/wa', { type: 'whatsapp', wabaId: '501', credentials });
  await call(url, 'PUT', '/channels/wa/senders/15550001111', { phoneNumberId: '7001' });
  const message = {
    channelId: 'wa',
    senderId: '15550001111',
    to: '15550002222',
    type: 'text',
    text: 'Hello',
  };
  const { messageId } = (await call(url, 'POST', '/messages', message)) as { messageId: string };
  return messageId;
}
