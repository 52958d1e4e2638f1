import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { system } from '../../../src/domain/account.ts';
import { need, toId } from '../../store/contract/fixture.ts';
import { channelId, openBench, sha256Of } from './fixture.ts';
import type { Bench } from './fixture.ts';

const picture = Buffer.from('bytes of a picture');

async function readFile(bench: Bench, id: string): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of need(await bench.files.read({ accountId: bench.accountId, id })).stream)
    chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

for (const encoding of ['base64', 'hex'] as const) {
  test(`media are fetched with the token of their channel and checked against a ${encoding} digest`, async (t) => {
    const bench = await openBench(t);
    bench.graph.set('p1', { bytes: picture });
    const id = await bench.addMedia('p1', sha256Of(picture, encoding));
    bench.fetcher.start();
    assert.equal(await bench.fetched(), 'stored');
    const { state, bytes, reason } = await bench.find(id);
    assert.deepEqual({ state, bytes, reason }, { state: 'stored', bytes: picture.byteLength, reason: '' });
    assert.equal(await readFile(bench, id), picture.toString());
    assert.deepEqual(bench.tokens, ['Bearer graph-token', 'Bearer graph-token']);
  });
}

test('media that are recorded later are fetched at once', async (t) => {
  const bench = await openBench(t);
  bench.fetcher.start();
  bench.graph.set('p1', { bytes: picture });
  const id = await bench.addMedia('p1');
  assert.equal(await bench.fetched(), 'stored');
  assert.equal((await bench.find(id)).state, 'stored');
});

test('bytes that are not what was announced are thrown away and fetched again', async (t) => {
  const bench = await openBench(t);
  bench.graph.set('p1', { bytes: Buffer.from('something else') });
  const id = await bench.addMedia('p1', sha256Of(picture));
  bench.fetcher.start();
  assert.equal(await bench.fetched(), 'retried');
  const { state, reason } = await bench.find(id);
  assert.equal(state, 'pending');
  assert.match(reason, /SHA-256 differs/);
  assert.deepEqual(await bench.listFiles(), []);
  bench.graph.set('p1', { bytes: picture });
  await bench.elapse(2000);
  assert.equal(await bench.fetched(), 'stored');
  assert.equal(await readFile(bench, id), picture.toString());
});

test('a channel that fails is asked again, later each time', async (t) => {
  const bench = await openBench(t);
  bench.graph.set('p1', { fault: { status: 500, code: 2 } });
  const id = await bench.addMedia('p1');
  bench.fetcher.start();
  for (const waitMs of [2000, 10_000, 60_000]) {
    assert.equal(await bench.fetched(), 'retried');
    assert.match((await bench.find(id)).reason, /answered 500/);
    await bench.elapse(waitMs);
  }
  assert.equal(await bench.fetched(), 'retried');
  assert.deepEqual(bench.notices, []);
  assert.deepEqual(bench.crashes, []);
});

test('media that the channel does not have any more are gone, with the reason', async (t) => {
  const bench = await openBench(t);
  const id = await bench.addMedia('unknown');
  bench.fetcher.start();
  assert.equal(await bench.fetched(), 'gone');
  const { state, reason } = await bench.find(id);
  assert.equal(state, 'gone');
  assert.match(reason, /no longer has it/);
});

test('media that a lost permission hides are not gone: they wait, with a notice, until it is given back', async (t) => {
  const bench = await openBench(t);
  bench.lock(true);
  const id = await bench.addMedia('p1');
  bench.fetcher.start();
  assert.equal(await bench.fetched(), 'retried');
  assert.equal((await bench.find(id)).state, 'pending');
  assert.deepEqual(
    bench.notices.map(({ code }) => code),
    ['token_refused'],
  );
  bench.lock(false);
  bench.graph.set('p1', { bytes: Buffer.from('a picture') });
  await bench.elapse(2000);
  assert.equal(await bench.fetched(), 'stored');
});

test('media of a channel that has been deleted are gone', async (t) => {
  const bench = await openBench(t);
  const id = await bench.addMedia('p1');
  await bench.store.deleteChannel(bench.accountId, channelId, system);
  bench.fetcher.start();
  assert.equal(await bench.fetched(), 'gone');
  assert.match((await bench.find(id)).reason, /disconnected/);
});

test('a token that is refused is told to the operator, and tried again until it is renewed', async (t) => {
  const bench = await openBench(t);
  bench.graph.set('p1', { fault: { status: 401, code: 190 } });
  const id = await bench.addMedia('p1');
  bench.fetcher.start();
  assert.equal(await bench.fetched(), 'retried');
  assert.deepEqual(
    bench.notices.map(({ accountId, code, subject }) => ({ accountId, code, subject })),
    [{ accountId: bench.accountId, code: 'token_refused', subject: `channel/${channelId}` }],
  );
  assert.doesNotMatch(JSON.stringify(bench.notices), /graph-token/);
  assert.ok(!bench.ended.some((one) => one.startsWith('token_refused')));
  bench.graph.set('p1', { bytes: picture });
  await bench.elapse(2000);
  assert.equal(await bench.fetched(), 'stored');
  assert.ok(bench.ended.includes(`token_refused channel/${channelId}`));
  assert.equal((await bench.find(id)).attempts, 2);
});

test('a file above the limit is given up while it comes, and leaves nothing behind', async (t) => {
  const bench = await openBench(t, { maxBytes: 1000 });
  bench.graph.set('p1', { bytes: Buffer.alloc(1001) });
  bench.graph.set('p2', { bytes: Buffer.alloc(1000) });
  const tooLarge = await bench.addMedia('p1');
  const fits = await bench.addMedia('p2');
  bench.fetcher.start();
  assert.deepEqual([await bench.fetched(), await bench.fetched()].toSorted(), ['gone', 'stored']);
  assert.match((await bench.find(tooLarge)).reason, /larger than 1000 bytes/);
  assert.deepEqual(await bench.listFiles(), [fits]);
});

test('a channel that breaks off in the middle is asked again, and nobody calls it a crash', async (t) => {
  const bench = await openBench(t);
  bench.graph.set('p1', { bytes: Buffer.alloc(50_000), breaksOff: true });
  const id = await bench.addMedia('p1');
  bench.fetcher.start();
  assert.equal(await bench.fetched(), 'retried');
  assert.match((await bench.find(id)).reason, /broke off/);
  assert.deepEqual(await bench.listFiles(), []);
  assert.deepEqual(bench.crashes, []);
});

test('an address that has died is asked for once more', async (t) => {
  const bench = await openBench(t);
  bench.graph.set('p1', { bytes: picture, deadAddresses: 1 });
  await bench.addMedia('p1');
  bench.fetcher.start();
  assert.equal(await bench.fetched(), 'stored');
  assert.equal(bench.tokens.length, 4);
});

test('a channel, an account and all together have no more fetches at once than their shares', async (t) => {
  const bench = await openBench(t, { concurrency: 16 });
  const { promise, resolve } = Promise.withResolvers<void>();
  const other = await bench.addAccount(77);
  const channels = [
    ['wa-media', bench.accountId],
    ['wa-2', bench.accountId],
    ['wa-3', bench.accountId],
    ['wa-other', other],
  ] as const;
  for (const [channel, accountId] of channels.slice(1)) await bench.addChannel(channel, accountId);
  for (const [channel, accountId] of channels)
    for (let index = 0; index < 10; index += 1) {
      bench.graph.set(`${channel}-${index}`, { bytes: picture, until: promise });
      await bench.addMedia(`${channel}-${index}`, undefined, { channelId: channel, accountId });
    }
  bench.fetcher.start();
  // Of 16 an account has 4 and a channel 2; each is one question for the address and one for the bytes.
  while (bench.tokens.length < 12) await new Promise((done) => setImmediate(done));
  const asked = bench.asked().filter((name) => name.startsWith('bytes/'));
  const count = (channel: string): number =>
    asked.filter((name) => name.startsWith(`bytes/${channel}-`)).length;
  assert.deepEqual(
    channels.map(([channel]) => count(channel)).toSorted((a, b) => a - b),
    [1, 1, 2, 2],
  );
  assert.equal(count('wa-other'), 2);
  resolve();
  for (let index = 0; index < 40; index += 1) assert.equal(await bench.fetched(), 'stored');
  assert.equal(bench.busiest(), 6);
});

test('accounts whose files hang, with a thousand waiting behind them, hold up no other’s', async (t) => {
  const bench = await openBench(t, { concurrency: 8 });
  const { promise, resolve } = Promise.withResolvers<void>();
  t.after(() => resolve());
  for (let account = 0; account < 5; account += 1) {
    const accountId = await bench.addAccount(100 + account);
    await bench.addChannel(`hangs-${account}`, accountId);
    for (let index = 0; index < 200; index += 1) {
      bench.graph.set(`hangs-${account}-${index}`, { bytes: picture, until: promise });
      await bench.addMedia(`hangs-${account}-${index}`, undefined, {
        channelId: `hangs-${account}`,
        accountId,
      });
    }
  }
  bench.fetcher.start();
  while (bench.tokens.length < 8) await new Promise((done) => setImmediate(done));
  bench.graph.set('quick', { bytes: picture });
  const id = await bench.addMedia('quick');
  assert.equal(await bench.fetched(), 'stored');
  assert.equal((await bench.find(id)).state, 'stored');
});

test('when the budget is used up, files whose time is over make room', async (t) => {
  const bench = await openBench(t, { budgetBytes: 1500 });
  for (const name of ['p1', 'p2']) bench.graph.set(name, { bytes: Buffer.alloc(1000) });
  const old = await bench.addMedia('p1');
  bench.fetcher.start();
  assert.equal(await bench.fetched(), 'stored');
  bench.clock.advance(8 * 86_400_000);
  const young = await bench.addMedia('p2');
  assert.equal(await bench.fetched(), 'stored');
  const { state, reason } = await bench.find(old);
  assert.equal(state, 'erased');
  assert.equal(reason, 'Its time was over.');
  assert.deepEqual(await bench.listFiles(), [young]);
  assert.deepEqual(bench.notices, []);
});

test('files make no room by a clock that is in doubt, nor while a sweep waits', async (t) => {
  let maySweep = false;
  const bench = await openBench(t, { budgetBytes: 1500 }, { maySweep: () => maySweep });
  for (const name of ['p1', 'p2']) bench.graph.set(name, { bytes: Buffer.alloc(1000) });
  const old = await bench.addMedia('p1');
  bench.fetcher.start();
  assert.equal(await bench.fetched(), 'stored');
  bench.clock.advance(8 * 86_400_000);
  await bench.addMedia('p2');
  assert.equal(await bench.fetched(), 'retried');
  assert.equal((await bench.find(old)).state, 'stored');
  maySweep = true;
  await bench.elapse(2000);
  assert.equal(await bench.fetched(), 'stored');
  assert.equal((await bench.find(old)).state, 'erased');
});

test('when the budget is used up for good, the operator is told and the fetch waits', async (t) => {
  const bench = await openBench(t, { budgetBytes: 1500 });
  for (const name of ['p1', 'p2']) bench.graph.set(name, { bytes: Buffer.alloc(1000) });
  const first = await bench.addMedia('p1');
  bench.fetcher.start();
  assert.equal(await bench.fetched(), 'stored');
  const second = await bench.addMedia('p2');
  assert.equal(await bench.fetched(), 'retried');
  assert.equal(bench.notices[0]?.code, 'disk_budget_reached');
  assert.match((await bench.find(second)).reason, /no disk space/);
  assert.deepEqual(await bench.listFiles(), [first]);
});

test('of the budget the last quarter is kept for accounts that hold little', async (t) => {
  const bench = await openBench(t, { budgetBytes: 4000 });
  const other = { accountId: await bench.addAccount(42), channelId: 'wa-other' };
  await bench.addChannel(other.channelId, other.accountId);
  for (const name of ['p1', 'p2', 'p3', 'p4', 'q1']) bench.graph.set(name, { bytes: Buffer.alloc(1000) });
  bench.fetcher.start();
  for (const name of ['p1', 'p2', 'p3']) {
    await bench.addMedia(name);
    assert.equal(await bench.fetched(), 'stored');
  }
  const fourth = await bench.addMedia('p4');
  assert.equal(await bench.fetched(), 'retried');
  assert.match((await bench.find(fourth)).reason, /no disk space for media of this account left/);
  const [notice] = bench.notices;
  assert.deepEqual([notice?.code, notice?.accountId], ['disk_share_reached', bench.accountId]);
  await bench.addMedia('q1', undefined, other);
  assert.equal(await bench.fetched(), 'stored');
  assert.equal(await bench.store.sumFileBytes(other.accountId), 1000);
});

test('files under way count against the budget too', async (t) => {
  const bench = await openBench(t, { budgetBytes: 2500 });
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const name of ['p1', 'p2', 'p3']) {
    bench.graph.set(name, { bytes: Buffer.alloc(1000), until: promise });
    await bench.addMedia(name);
  }
  bench.fetcher.start();
  while (bench.tokens.length < 6) await new Promise((done) => setImmediate(done));
  resolve();
  const outcomes = [await bench.fetched(), await bench.fetched(), await bench.fetched()];
  assert.deepEqual(outcomes.toSorted(), ['retried', 'stored', 'stored']);
  assert.equal(await bench.store.sumFileBytes(), 2000);
});

test('a sweep erases what is older than the life of its links, and its file', async (t) => {
  const bench = await openBench(t);
  for (const name of ['p1', 'p2']) bench.graph.set(name, { bytes: picture });
  bench.fetcher.start();
  const old = await bench.addMedia('p1');
  await bench.fetched();
  bench.clock.advance(6 * 86_400_000);
  const young = await bench.addMedia('p2');
  await bench.fetched();
  assert.equal(await bench.fetcher.sweep(10), 0);
  bench.clock.advance(86_400_000 + 1);
  assert.equal(await bench.fetcher.sweep(10), 1);
  assert.equal(await bench.fetcher.sweep(10), 0);
  assert.equal((await bench.find(old)).state, 'erased');
  assert.equal(await bench.files.read({ accountId: bench.accountId, id: old }), undefined);
  assert.equal((await bench.find(young)).state, 'stored');
});

test('media that are erased while they are fetched leave no file', async (t) => {
  const bench = await openBench(t);
  const { promise, resolve } = Promise.withResolvers<void>();
  bench.graph.set('p1', { bytes: picture, until: promise });
  const id = await bench.addMedia('p1');
  bench.fetcher.start();
  while (bench.tokens.length < 2) await new Promise((done) => setImmediate(done));
  const { store, accountId } = bench;
  const erased = await store.eraseMessages(accountId, { userId: '4915112345678' }, ['p1']);
  assert.deepEqual(erased, [{ accountId, id }]);
  for (const media of erased) await bench.files.remove(media);
  resolve();
  assert.equal(await bench.fetched(), 'gone');
  assert.equal((await bench.find(id)).state, 'erased');
  assert.deepEqual(await bench.listFiles(), []);
});

test('at the end, what is under way is finished and nothing new is begun', async (t) => {
  const bench = await openBench(t);
  const { promise, resolve } = Promise.withResolvers<void>();
  bench.graph.set('p1', { bytes: picture, until: promise });
  bench.graph.set('p2', { bytes: picture });
  const first = await bench.addMedia('p1');
  bench.fetcher.start();
  while (bench.tokens.length < 2) await new Promise((done) => setImmediate(done));
  const stopped = bench.fetcher.stop();
  const second = await bench.addMedia('p2');
  resolve();
  await stopped;
  assert.equal((await bench.find(first)).state, 'stored');
  assert.deepEqual([(await bench.find(second)).state, (await bench.find(second)).attempts], ['pending', 0]);
});

test('what a process that was killed was fetching is fetched after its lease', async (t) => {
  const bench = await openBench(t);
  bench.graph.set('p1', { bytes: picture });
  await bench.addMedia('p1');
  await bench.store.claimMedia({ ...bench, channelId }, 1, bench.clock.now(), 30_000);
  bench.fetcher.start();
  await bench.elapse(30_000);
  assert.equal(await bench.fetched(), 'stored');
  assert.equal((await bench.find(toId('p1'))).attempts, 2);
});

test('a fetch that takes long stays leased for as long as it goes on', async (t) => {
  const bench = await openBench(t);
  const { promise, resolve } = Promise.withResolvers<void>();
  bench.graph.set('p1', { bytes: picture, until: promise });
  const id = await bench.addMedia('p1');
  bench.fetcher.start();
  while (bench.tokens.length < 2) await new Promise((done) => setImmediate(done));
  const leased = (await bench.find(id)).dueAt;
  for (let renewals = 1; renewals <= 4; renewals += 1) {
    await bench.elapse(20_000);
    while ((await bench.find(id)).dueAt < need(leased) + renewals * 20_000)
      await new Promise((done) => setImmediate(done));
  }
  // Far past its first lease nobody else gets it.
  assert.deepEqual(await bench.store.claimMedia({ ...bench, channelId }, 1, bench.clock.now(), 1), []);
  resolve();
  assert.equal(await bench.fetched(), 'stored');
  assert.equal((await bench.find(id)).attempts, 1);
});

const png = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), picture]);
const mp4 = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypisom'), picture]);

for (const [name, file, mimeType, fileName] of [
  [
    'what the event said where its bytes bear it out',
    { bytes: Buffer.from('ffd8ffe000', 'hex') },
    'image/jpeg',
    null,
  ],
  ['what its server says', { bytes: png, headers: { 'content-type': 'image/png' } }, 'image/png', null],
  [
    'what it is, whatever it is called',
    { bytes: mp4, headers: { 'content-type': 'image/jpeg' } },
    'video/mp4',
    null,
  ],
  [
    'what its server says of a letter, and the name with it',
    {
      bytes: Buffer.from('<p>Dear shop</p>'),
      headers: { 'content-type': 'text/html', 'content-disposition': 'attachment; filename="letter.html"' },
    },
    'text/html',
    'letter.html',
  ],
] as const)
  test(`a file that was fetched has the type of ${name}`, async (t) => {
    const bench = await openBench(t);
    bench.graph.set('p1', file);
    const id = await bench.addMedia('p1');
    bench.fetcher.start();
    assert.equal(await bench.fetched(), 'stored');
    assert.partialDeepStrictEqual(await bench.find(id), { state: 'stored', mimeType, fileName });
    assert.equal(await readFile(bench, id), file.bytes.toString());
  });

test('a file that came encoded is kept as what it is, and compared with its digest so', async (t) => {
  const bench = await openBench(t);
  const headers = { 'content-type': 'image/png', 'content-encoding': 'gzip' };
  bench.graph.set('p1', { bytes: gzipSync(png), headers });
  const id = await bench.addMedia('p1', sha256Of(png));
  bench.fetcher.start();
  assert.equal(await bench.fetched(), 'stored');
  const { bytes, mimeType } = await bench.find(id);
  assert.deepEqual({ bytes, mimeType }, { bytes: png.byteLength, mimeType: 'image/png' });
});

test('a small answer that becomes a large file is held to the size of files', async (t) => {
  const bench = await openBench(t);
  const bomb = gzipSync(gzipSync(Buffer.alloc(50_000_000)));
  assert.ok(bomb.byteLength < 10_000);
  bench.graph.set('p1', { bytes: bomb, headers: { 'content-encoding': 'gzip, gzip' } });
  const id = await bench.addMedia('p1');
  bench.fetcher.start();
  assert.equal(await bench.fetched(), 'gone');
  assert.match((await bench.find(id)).reason, /larger than 100000 bytes/);
  assert.deepEqual(await bench.listFiles(), []);
  assert.deepEqual(bench.crashes, []);
});
