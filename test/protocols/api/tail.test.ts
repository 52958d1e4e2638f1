import assert from 'node:assert/strict';
import { createServer, get } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { maxUnreadBytes, Tail } from '../../../src/protocols/api/tail.ts';
import { openApiTest } from '../../support/api.ts';
import type { ApiTest } from '../../support/api.ts';
import { openBrowser } from '../../support/browser.ts';
import { inbound, record, status } from '../../store/contract/fixture.ts';

const sender = '15550100001';

async function open(t: TestContext): Promise<ApiTest & { readonly address: string }> {
  const api = await openApiTest();
  const address = await api.app.listen({ host: '127.0.0.1', port: 0 });
  t.after(() => api.close());
  return { ...api, address };
}

interface Listener {
  readonly answer: IncomingMessage;
  /** Resolves once what was read holds `text`. */
  readonly reads: (text: string) => Promise<string>;
  readonly ended: Promise<unknown>;
}

/** Opens the stream, and resolves once its head and its first line are there. */
async function listen(
  t: TestContext,
  { address, key }: { address: string; key: { id: string; secret: string } },
  query = '',
  cookie?: string,
): Promise<Listener> {
  const authorization = `Basic ${Buffer.from(`${key.id}:${key.secret}`).toString('base64')}`;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = get(
      `${address}/api/v1/tail${query}`,
      { headers: cookie === undefined ? { authorization } : { cookie }, agent: false },
      resolve,
    );
    request.on('error', reject);
    t.after(() => request.destroy());
  });
  answer.on('error', () => undefined);
  let text = '';
  const waiting = new Set<() => void>();
  answer.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    for (const look of waiting) look();
  });
  const reads = (wanted: string): Promise<string> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!text.includes(wanted)) return;
        waiting.delete(look);
        resolve(text);
      };
      waiting.add(look);
      look();
    });
  const ended = new Promise((resolve) => answer.once('close', resolve));
  if (answer.statusCode === 200) await reads('retry:');
  return { answer, reads, ended };
}

function play(api: ApiTest, id: string, key = api.key): Promise<unknown> {
  return api.call(
    'POST',
    `/sandbox/${sender}/inbound`,
    { from: '15550002222', type: 'text', text: id, id },
    key,
  );
}

test('a receipt reaches those who follow, once, and not those who follow something else', async (t) => {
  const api = await open(t);
  await play(api, 'before');
  const all = await listen(t, api);
  const statuses = await listen(t, api, '?type=ChatAppStatus');
  const other = { ...api, key: await api.addAccount(77) };
  const stranger = await listen(t, other);
  // The first look marks what is there already; only then is something new told from it.
  await new Promise((resolve) => setImmediate(resolve));
  await play(api, 'first');
  await play(api, 'second');
  const text = await all.reads('second');
  assert.equal(text.split('event: receipt').length - 1, 2);
  assert.equal(text.includes('before'), false);
  assert.match(String(all.answer.headers['content-type']), /^text\/event-stream/);
  assert.equal(all.answer.headers['cache-control'], 'no-store');
  await api.call('POST', `/sandbox/${sender}/status`, { messageId: 'm1', to: '15550002222', status: 'read' });
  const told = await statuses.reads('m1');
  assert.equal(told.includes('first'), false);
  await api.store.recordIntake([]);
  await play(other, 'theirs', other.key);
  const seen = await stranger.reads('theirs');
  assert.equal(/first|second|m1/.test(seen), false);
});

test('a reader is told from when on nothing is missed, also one who joins others', async (t) => {
  const api = await open(t);
  await play(api, 'before');
  for (const reader of [await listen(t, api), await listen(t, api)]) {
    const first = await reader.reads('event: ready');
    assert.equal(first.includes('event: receipt'), false);
  }
  const late = await listen(t, api);
  await late.reads('event: ready');
  await play(api, 'after');
  const text = await late.reads('after');
  assert.ok(text.indexOf('event: ready') < text.indexOf('event: receipt'));
  assert.equal(text.split('event: ready').length, 2);
});

test('a receipt of a rare kind is told among thousands of another', async (t) => {
  const api = await open(t);
  const statuses = await listen(t, api, '?type=ChatAppStatus');
  await new Promise((resolve) => setImmediate(resolve));
  const fixture = { ...api, otherId: 2, channelId: 'sandbox', senderId: sender };
  const flood = Array.from({ length: 5000 }, (_, n) => inbound(fixture, `flood ${n}`));
  await record(fixture, status(fixture, 'needle', 'read', 4), ...flood);
  assert.match(await statuses.reads('needle'), /event: receipt/);
});

test('readers of an account and of all are bounded, and one more is told why', async (t) => {
  const api = await open(t);
  const accounts = [
    api,
    ...(await Promise.all([77, 78].map(async (id) => ({ ...api, key: await api.addAccount(id) })))),
  ];
  const [first = api, second = api, third = api] = accounts;
  const refusal = async (account: typeof first): Promise<string> => {
    const { answer, reads } = await listen(t, account);
    assert.equal(answer.statusCode, 429);
    return reads('too_many');
  };
  const opened = [];
  for (let readers = 0; readers < 6; readers += 1) opened.push(await listen(t, first));
  assert.match(await refusal(first), /of this account/);
  for (let readers = 0; readers < 4; readers += 1) await listen(t, second);
  assert.match(await refusal(third), /Too many are watching already. Try again later/);
  opened[0]?.answer.destroy();
  let answer = (await listen(t, third)).answer;
  while (answer.statusCode === 429) answer = (await listen(t, third)).answer;
  assert.equal(answer.statusCode, 200);
});

test('filters of one account leave others theirs', async (t) => {
  const api = await open(t);
  const tail = new Tail({
    store: api.store,
    emit: () => undefined,
    now: api.clock.now,
    monotonic: api.clock.monotonic,
    tail: { readers: 1000, readersPerAccount: 1000 },
  });
  t.after(() => tail.close());
  const server = createServer((request, response) => {
    tail.add(api.accountId, { senderId: request.url ?? '' }, response, async () => true);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  for (let filter = 0; filter < 20; filter += 1) {
    const answer = await new Promise<IncomingMessage>((resolve) => {
      get({ port, host: '127.0.0.1', path: `/${filter}`, agent: false }, resolve);
    });
    answer.on('error', () => undefined).resume();
  }
  assert.throws(() => tail.checkRoom(api.accountId, { senderId: 'another' }), /different filters/);
  tail.checkRoom(api.accountId, { senderId: '/0' });
  tail.checkRoom(77, { senderId: 'another' });
});

test('who follows by a key, or by a session that it began, is sent away when the key may not any more', async (t) => {
  const api = await open(t);
  const changes = {
    'it is switched off': { state: 'disabled' },
    'it is for sending alone': { role: 'send' },
    'it is for elsewhere': { addresses: ['192.0.2.7'] },
  } as const;
  for (const [name, change] of Object.entries(changes)) {
    const made = await api.call('POST', '/keys', { name: 'Follower', role: 'full' });
    const key = made.json as { id: string; secret: string };
    const browser = openBrowser(api, '127.0.0.1');
    const began = await browser.call('POST', '/session', { keyId: key.id, keySecret: key.secret });
    assert.equal(began.status, 200, began.body);
    const byKey = await listen(t, { ...api, key });
    const bySession = await listen(t, api, '', browser.cookie());
    const other = await listen(t, api);
    const path = `/keys/${key.id}`;
    const changed =
      'state' in change ? await api.call('POST', `${path}/disable`) : await api.call('PATCH', path, change);
    assert.ok(changed.status < 300, changed.body);
    api.clock.advance(30_000);
    for (const reader of [byKey, bySession]) {
      await reader.reads('event: bye');
      await reader.ended;
    }
    await play(api, name);
    await other.reads(name);
  }
});

test('followers are told goodbye when the service stops', async (t) => {
  const api = await open(t);
  const reader = await listen(t, api);
  await api.app.close();
  await reader.reads('event: bye');
  await reader.ended;
});

test('a reader that does not read is dropped at a bound, and the others go on', async (t) => {
  const api = await open(t);
  const tail = new Tail({
    store: api.store,
    emit: () => undefined,
    now: api.clock.now,
    monotonic: api.clock.monotonic,
    tickMs: 1,
    tail: { readers: 2, readersPerAccount: 2 },
  });
  const responses: ServerResponse[] = [];
  const server = createServer((_request, response) => {
    responses.push(response);
    tail.add(api.accountId, {}, response, async () => true);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    tail.close();
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  let read = 0;
  const good = connect(port, '127.0.0.1').on('data', (chunk: Buffer) => (read += chunk.byteLength));
  const slow = connect(port, '127.0.0.1').pause();
  slow.on('error', () => undefined);
  t.after(() => good.destroy());
  t.after(() => slow.destroy());
  for (const socket of [good, slow]) {
    socket.write('GET / HTTP/1.1\r\nhost: tail\r\n\r\n');
    while (responses.length < (socket === good ? 1 : 2)) await new Promise(setImmediate);
  }
  const [kept, dropped] = responses;
  assert.ok(kept && dropped);
  let mostUnread = 0;
  // The system's own buffers take some megabytes before anything is left to ours.
  const text = 'x'.repeat(4000);
  const say = (): Promise<unknown> =>
    api.call('POST', `/sandbox/${sender}/inbound`, { from: '15550002222', type: 'text', text });
  for (let round = 0; !dropped.destroyed && round < 1000; round += 1) {
    await Promise.all(Array.from({ length: 25 }, say));
    mostUnread = Math.max(mostUnread, dropped.writableLength);
  }
  assert.ok(dropped.destroyed, 'it is dropped');
  // Checked before each write, so what stands above the bound is one look's worth.
  assert.ok(mostUnread < maxUnreadBytes + 25 * 8192, `${mostUnread} bytes were kept for it`);
  const before = read;
  await api.call('POST', `/sandbox/${sender}/inbound`, { from: '15550002222', type: 'text', text: 'after' });
  while (read === before) await new Promise(setImmediate);
  assert.equal(kept.destroyed, false);
});
