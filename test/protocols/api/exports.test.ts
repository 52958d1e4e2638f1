import assert from 'node:assert/strict';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { pause } from '../../support/pace.ts';
import {
  connect,
  killDeliveries,
  open as openConnected,
  subscribe,
  toIntake,
} from '../../support/connected.ts';
import { openApiTest } from '../../support/api.ts';
import type { ApiTest } from '../../support/api.ts';
import { waitUntil } from '../../support/service.ts';

async function open(t: TestContext): Promise<ApiTest> {
  const api = await openApiTest();
  t.after(() => api.close());
  return api;
}

const sender = '15550100001';

async function write(api: ApiTest, text: string, from = '4915112345678'): Promise<string> {
  const event = { from, type: 'text', text };
  const { status, json, body } = await api.call('POST', `/sandbox/${sender}/inbound`, event);
  assert.equal(status, 201, body);
  return String(json['receiptId']);
}

async function send(api: ApiTest, text: string, to = '15550002220', members: object = {}): Promise<string> {
  const body = { channelId: 'sandbox', senderId: sender, to, type: 'text', text, ...members };
  return String((await api.call('POST', '/messages', body)).json['messageId']);
}

/** Reads CSV by RFC 4180 alone, as another program would. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    let cell = '';
    if (text[at] === '"') {
      for (at += 1; text[at] !== '"' || text[at + 1] === '"'; at += text[at] === '"' ? 2 : 1)
        cell += text[at];
      at += 1;
    } else while (at < text.length && !',\r'.includes(text[at] ?? '')) cell += text[at++];
    row.push(cell);
    if (text[at] === ',') at += 1;
    else {
      assert.equal(text.slice(at, at + 2), '\r\n', `at ${at}`);
      at += 2;
      rows.push(row);
      row = [];
    }
  }
  return rows;
}

const toTable = (text: string): Record<string, string>[] => {
  const [head = [], ...rows] = parseCsv(text);
  return rows.map((row) => {
    assert.equal(row.length, head.length);
    return Object.fromEntries(head.map((name, n) => [name, row[n] ?? '']));
  });
};

test('a search is exported whole, as CSV and as JSON lines, each row once and newest first', async (t) => {
  const api = await open(t);
  const texts = Array.from({ length: 1203 }, (_, n) => `message ${n}`);
  for (const text of texts) await write(api, text);
  await write(api, 'of somebody else', '4915199999999');
  const query = 'direction=mo&number=%2B49%20(0)151%2012345678';
  const lines = await api.call('GET', `/exports/messages?format=ndjson&${query}`);
  assert.equal(lines.status, 200);
  assert.match(String(lines.headers['content-type']), /^application\/x-ndjson/);
  const rows = lines.body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(
    rows.map((row) => row['text']),
    texts.toReversed(),
  );
  const listed = await api.call('GET', `/messages?limit=1&${query}`);
  assert.deepEqual(rows[0], (listed.json['items'] as unknown[])[0]);
  const csv = await api.call('GET', `/exports/messages?format=csv&${query}`);
  assert.match(String(csv.headers['content-type']), /^text\/csv; charset=utf-8/);
  assert.match(
    String(csv.headers['content-disposition']),
    /^attachment; filename="messages-\d{4}-\d\d-\d\d\.csv"$/,
  );
  assert.deepEqual(
    toTable(csv.body).map(({ text, number }) => [text, number]),
    texts.toReversed().map((text) => [text, '4915112345678']),
  );
});

test('what a user wrote is a cell of CSV and no formula, whatever it is, and its whole length', async (t) => {
  const api = await open(t);
  const plain = ['a,b', 'say "hello"', 'two\r\nlines', ' with blanks ', '名前 🙂', 'x'.repeat(3000)];
  const formulas = ['=1+1', '+1', '-1', '@SUM(A1)', '  =1', '\t=1', '＝1', '=cmd|"/c calc"!A1'];
  for (const text of [...plain, ...formulas]) await write(api, text);
  const { body } = await api.call('GET', '/exports/messages?format=csv&direction=mo');
  assert.deepEqual(
    toTable(body).map(({ text }) => text),
    [...plain, ...formulas.map((text) => `'${text}`)].toReversed(),
  );
});

test('for a spreadsheet the file says that it is UTF-8, and ids of many digits are text', async (t) => {
  const api = await open(t);
  const messageId = await send(api, 'hello');
  const { body } = await api.call('GET', '/exports/messages?format=csv&spreadsheet=true');
  assert.ok(body.startsWith('\ufeffat,direction,'));
  assert.ok(body.includes(`"\t${messageId}"`), body);
  const plain = await api.call('GET', '/exports/messages?format=csv');
  assert.ok(plain.body.startsWith('at,direction,') && plain.body.includes(`,${messageId},`), plain.body);
});

test('receipts and deliveries are exported as they are listed, and the journal tells of each, not of whom', async (t) => {
  const api = await open(t);
  const receiptId = await write(api, 'hello');
  await api.call('GET', '/exports/messages?format=csv&direction=mo&number=4915112345678');
  const receipts = await api.call('GET', '/exports/receipts?format=csv&type=ChatAppInbound');
  const [row] = toTable(receipts.body);
  assert.equal(row?.['receiptId'], receiptId);
  assert.deepEqual(JSON.parse(row['content'] ?? ''), { text: 'hello' });
  const deliveries = await api.call('GET', '/exports/deliveries?format=csv&state=dead');
  assert.equal(
    deliveries.body,
    'createdAt,id,receiptId,destinationId,state,attempts,dueAt,unwantedSince,type,what,user,channelId,senderId,' +
      'lastTry.at,lastTry.durationMs,lastTry.status,lastTry.outcome,nextTryAt\r\n',
  );
  const { json } = await api.call('GET', '/changes?limit=3');
  assert.deepEqual(
    (json['items'] as Record<string, unknown>[]).map(({ action, subject, detail }) => [
      action,
      subject,
      detail,
    ]),
    [
      ['list.exported', 'deliveries', { format: 'csv', filters: ['state'] }],
      ['list.exported', 'receipts', { format: 'csv', filters: ['type'] }],
      ['list.exported', 'messages', { format: 'csv', filters: ['direction', 'number'] }],
    ],
  );
});

test('deliveries are exported with what they carry, how their last try ended and when the next one is', async (t) => {
  const api = await openConnected(t);
  await connect(api);
  const destinationId = await subscribe(api);
  await api.store.recordIntake([toIntake(api, destinationId, 'a'.repeat(32))]);
  await killDeliveries(api, destinationId);
  await api.store.recordIntake([toIntake(api, destinationId, 'b'.repeat(32))]);
  const listed = (await api.call('GET', '/deliveries')).json['items'] as Record<string, unknown>[];
  const lines = await api.call('GET', '/exports/deliveries?format=ndjson');
  const [waiting, dead] = lines.body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(waiting, { ...listed[0], nextTryAt: listed[0]?.['dueAt'] });
  assert.deepEqual(dead, { ...listed[1], nextTryAt: null });
  const [ofWaiting, ofDead] = toTable((await api.call('GET', '/exports/deliveries?format=csv')).body);
  assert.partialDeepStrictEqual(ofWaiting, { 'lastTry.at': '', 'lastTry.status': '' });
  assert.equal(ofWaiting?.['nextTryAt'], listed[0]?.['dueAt']);
  const { type, what, user, channelId, senderId, lastTry } = listed[1] ?? {};
  const { at, status, outcome } = lastTry as Record<string, unknown>;
  assert.equal(status, 500);
  assert.partialDeepStrictEqual(ofDead, {
    ...{ state: 'dead', type, what, user, channelId, senderId, nextTryAt: '' },
    ...{ 'lastTry.at': at, 'lastTry.status': '500', 'lastTry.outcome': outcome },
  });
});

test('an export that nobody reads asks for no more pages, and gives its place back when its reader leaves', async (t) => {
  let pages = 0;
  const api = await openApiTest();
  t.after(() => api.close());
  await write(api, 'x'.repeat(4000));
  const { items } = await api.store.listReceipts(api.accountId, {}, { limit: 1 });
  // A list without an end, as a large one looks to whoever reads slowly.
  const store = {
    ...api.store,
    listReceipts: async () => ({ items: Array.from({ length: 500 }, () => items[0]), next: String(++pages) }),
  };
  const endless = await openApiTest({ store: store as typeof api.store });
  t.after(() => endless.close());
  await endless.app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = endless.app.server.address() as AddressInfo;
  const authorization = `Basic ${Buffer.from(`${endless.key.id}:${endless.key.secret}`).toString('base64')}`;
  const get = async () => {
    const call = request({
      port,
      path: '/api/v1/exports/receipts?format=ndjson',
      headers: { authorization },
    });
    call.on('error', () => undefined);
    call.end();
    const [answer] = (await once(call, 'response')) as [IncomingMessage];
    answer.pause();
    return { call, answer };
  };
  const [first, second] = [await get(), await get()];
  assert.deepEqual([first.answer.statusCode, second.answer.statusCode], [200, 200]);
  const third = await get();
  assert.equal(third.answer.statusCode, 429);
  third.call.destroy();
  // It stands still once what lies between here and there is full.
  let last = -1;
  await waitUntil('no page is asked for any more', 60_000, async () => {
    const isStill = pages > 0 && pages === last;
    last = pages;
    await pause(200, 'a page that is asked for has come by then');
    return isStill && pages === last;
  });
  assert.ok(pages < 60, `${pages} pages of 2 MB were read`);
  first.call.destroy();
  await waitUntil('its place is free', 60_000, async () => {
    const next = await get();
    next.call.destroy();
    return next.answer.statusCode === 200;
  });
  second.call.destroy();
});

test('lists are counted by their filters, as far as ten thousand', async (t) => {
  const api = await open(t);
  for (let n = 0; n < 3; n += 1) await write(api, `message ${n}`);
  await write(api, 'of another', '4915199999999');
  await send(api, 'a');
  await send(api, 'b', '15550002221', { taskId: 'task' });
  const counts: Record<string, number> = {
    'messages?direction=mo': 4,
    'messages?direction=mo&number=%2B49%20151%2012345678': 3,
    'messages?direction=mo&channelId=elsewhere': 0,
    'messages?direction=mo&status=read': 0,
    messages: 2,
    'messages?number=15550002221': 1,
    'messages?taskId=task': 1,
    'messages?taskId=task&number=15550002220': 0,
    'messages?status=queued': 2,
    'messages?status=read': 0,
    'messages?status=received': 0,
    'messages?templateCode=none': 0,
    [`messages?channelId=sandbox&senderId=%2B${sender}`]: 2,
    receipts: 4,
    'receipts?type=ChatAppStatus': 0,
    'receipts?type=ChatAppInbound&channelId=sandbox': 4,
    deliveries: 0,
  };
  for (const [path, count] of Object.entries(counts))
    assert.deepEqual((await api.call('GET', `/counts/${path}`)).json, { count, isMore: false }, path);
});
