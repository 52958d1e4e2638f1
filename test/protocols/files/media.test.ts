import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { FastifyInstance } from 'fastify';
import type { MediaResult, Signal } from '../../../src/store/store.ts';
import { openHttpServer } from '../../../src/http/server.ts';
import { openMediaFolder } from '../../../src/store/media/folder.ts';
import type { MediaStore } from '../../../src/store/store.ts';
import { createMediaLinks } from '../../../src/core/media/links.ts';
import { mediaRoutes } from '../../../src/protocols/files/media.ts';
import type { MediaSource } from '../../../src/domain/receipt.ts';
import { inbound, record, toId } from '../../store/contract/fixture.ts';
import { openTestStore } from '../../support/store.ts';
import type { TestStore } from '../../support/store.ts';
import { monotonicNow } from '../../../src/runtime/clock.ts';

const text = '0123456789';

interface Server extends TestStore {
  readonly app: FastifyInstance;
  readonly files: MediaStore;
  /** How many readers wait for a fetch. */
  readonly watchers: () => number;
  /** Records a message with media; resolves to their id and the path of their link. */
  readonly add: (source?: Partial<MediaSource>) => Promise<{ id: string; path: string }>;
  readonly settle: (id: string, result: MediaResult) => Promise<void>;
  /** Writes `text` as the file and settles it as stored. */
  readonly keep: (id: string) => Promise<void>;
}

async function open(t: TestContext, waitMs = 0): Promise<Server> {
  const opened = await openTestStore();
  const { store, clock, accountId } = opened;
  const folder = await mkdtemp(join(tmpdir(), 'chasqui-media-'));
  const files = openMediaFolder(folder);
  const links = createMediaLinks({
    masterKey: Buffer.alloc(32, 7),
    publicUrl: () => 'http://chasqui.test',
    lifeMs: 7 * 86_400_000,
    now: clock.now,
  });
  const app = openHttpServer({ emit: () => undefined, monotonic: monotonicNow });
  let watchers = 0;
  const watch = (listener: (signal: Signal) => void): (() => void) => {
    const end = store.watch(listener);
    watchers += 1;
    return () => {
      watchers -= 1;
      end();
    };
  };
  mediaRoutes(app, {
    store: {
      findMedia: (...media) => store.findMedia(...media),
      findUpload: (...upload) => store.findUpload(...upload),
      watch,
    },
    files,
    links,
    waitMs,
  });
  t.after(async () => {
    await app.close();
    await opened.close();
    await rm(folder, { recursive: true, force: true });
  });
  let added = 0;
  const settle = (id: string, result: MediaResult): Promise<void> => store.settleMedia(accountId, id, result);

  return {
    ...opened,
    app,
    files,
    watchers: () => watchers,
    add: async (source = {}) => {
      const id = toId(`media ${(added += 1)}`);
      const media = { id, channelMediaId: 'graph-1', mimeType: 'image/jpeg', ...source };
      const fixture = { ...opened, otherId: 0, channelId: 'sandbox', senderId: '15550100001' };
      await record(fixture, inbound(fixture, id, { media }));
      const { pathname, search } = new URL(links.url(accountId, id, media.mimeType));
      return { id, path: pathname + search };
    },
    settle,
    keep: async (id) => {
      await files.write(
        { accountId, id },
        (async function* () {
          yield Buffer.from(text);
        })(),
      );
      await settle(id, { state: 'stored', bytes: text.length });
    },
  };
}

test('stored media are served with what keeps a browser from running them', async (t) => {
  const { app, add, keep } = await open(t);
  const { id, path } = await add();
  await keep(id);
  const answer = await app.inject(path);
  assert.equal(answer.statusCode, 200);
  assert.equal(answer.body, text);
  assert.equal(answer.headers['content-type'], 'image/jpeg');
  assert.equal(answer.headers['content-length'], '10');
  assert.equal(answer.headers['content-disposition'], 'inline');
  assert.equal(answer.headers['x-content-type-options'], 'nosniff');
  assert.match(String(answer.headers['content-security-policy']), /sandbox/);
});

test('a HEAD answers as a GET does, without the body', async (t) => {
  const { app, add, keep } = await open(t);
  const { id, path } = await add();
  await keep(id);
  const answer = await app.inject({ method: 'HEAD', url: path });
  assert.equal(answer.statusCode, 200);
  assert.equal(answer.headers['content-length'], '10');
  assert.equal(answer.body, '');
});

test('a reader who has the file already is told so', async (t) => {
  const { app, add, keep } = await open(t);
  const { id, path } = await add();
  await keep(id);
  const etag = String((await app.inject(path)).headers.etag);
  const again = await app.inject({ url: path, headers: { 'if-none-match': etag } });
  assert.equal(again.statusCode, 304);
  assert.equal(again.body, '');
});

for (const [range, body, contentRange] of [
  ['bytes=0-3', '0123', 'bytes 0-3/10'],
  ['bytes=8-', '89', 'bytes 8-9/10'],
  ['bytes=-3', '789', 'bytes 7-9/10'],
  ['bytes=5-999', '56789', 'bytes 5-9/10'],
] as const) {
  test(`the range ${range} is a part of the file`, async (t) => {
    const { app, add, keep } = await open(t);
    const { id, path } = await add();
    await keep(id);
    const answer = await app.inject({ url: path, headers: { range } });
    assert.equal(answer.statusCode, 206);
    assert.equal(answer.body, body);
    assert.equal(answer.headers['content-range'], contentRange);
    assert.equal(answer.headers['content-length'], String(body.length));
  });
}

test('a range that makes no sense is the whole file', async (t) => {
  const { app, add, keep } = await open(t);
  const { id, path } = await add();
  await keep(id);
  for (const range of [
    'bytes=9-2',
    'bytes=10-',
    'bytes=-',
    'bytes=-0',
    'bytes=0-1,4-5',
    'lines=1-2',
    'bytes=x',
  ]) {
    const answer = await app.inject({ url: path, headers: { range } });
    assert.deepEqual([answer.statusCode, answer.body], [200, text], range);
  }
});

test('what a browser could run is only ever downloaded', async (t) => {
  const { app, add, keep } = await open(t);
  for (const mimeType of [
    'text/html',
    'image/svg+xml',
    'application/xhtml+xml',
    'text/plain',
    'x',
    'image/jpeg\r\nx: y',
    'image/png; ä',
  ]) {
    const { id, path } = await add({ mimeType });
    await keep(id);
    const { statusCode, headers } = await app.inject(path);
    assert.equal(statusCode, 200, mimeType);
    assert.equal(headers['content-type'], 'application/octet-stream', mimeType);
    assert.equal(headers['content-disposition'], 'attachment', mimeType);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['content-security-policy'], "default-src 'none'; sandbox");
    assert.equal(headers['x'], undefined);
  }
});

test('a file name of any characters comes along safely', async (t) => {
  const { app, add, keep } = await open(t);
  for (const [fileName, written] of [
    ['Rechnung (März).pdf', 'Rechnung%20%28M%C3%A4rz%29.pdf'],
    ['a"; x=\r\n.pdf', 'a%22%3B%20x%3D%0D%0A.pdf'],
    ['\ud800.pdf', '%EF%BF%BD.pdf'],
  ] as const) {
    const { id, path } = await add({ mimeType: 'application/pdf', fileName });
    await keep(id);
    const { statusCode, headers } = await app.inject(path);
    assert.equal(statusCode, 200);
    assert.equal(headers['content-disposition'], `attachment; filename*=UTF-8''${written}`);
  }
});

test('a link that is not ours is forbidden, whatever it names', async (t) => {
  const { app, add, keep, accountId } = await open(t);
  const { id, path } = await add();
  await keep(id);
  const { pathname, searchParams } = new URL(path, 'http://x');
  const [expires, signature] = [searchParams.get('Expires'), searchParams.get('Signature')];
  for (const url of [
    pathname,
    `${pathname}?Expires=${expires}`,
    `${pathname}?Signature=${signature}`,
    `${pathname}?Expires=9999999999&Signature=${signature}`,
    `${path}&Signature=${signature}`,
    `${path}&Expires=${expires}`,
    `/media/1/${id}.jpg?Expires=${expires}&Signature=${signature}`,
    `/media/${accountId}/${toId('none')}.jpg?Expires=${expires}&Signature=${signature}`,
    `/media/${accountId}/..%2f..%2fmaster.key?Expires=${expires}&Signature=${signature}`,
  ]) {
    const answer = await app.inject(url);
    assert.equal(answer.statusCode, 403, url);
    assert.equal(answer.headers['content-type'], 'application/problem+json; charset=utf-8');
    assert.equal(answer.json<{ code: string }>().code, 'bad_link');
  }
});

test('a link whose time is over is forbidden and says where a fresh one comes from', async (t) => {
  const { app, add, keep, clock } = await open(t);
  const { id, path } = await add();
  await keep(id);
  clock.advance(7 * 86_400_000);
  const answer = await app.inject(path);
  assert.equal(answer.statusCode, 403);
  assert.match(answer.json<{ detail: string }>().detail, /time of this link is over/);
});

test('a reader who comes before the fetch is done gets the file once it is', async (t) => {
  const { app, add, keep, settle, clock, watchers } = await open(t, 30_000);
  const { id, path } = await add();
  const other = await add();
  const reading = app.inject(path);
  while (watchers() === 0) await new Promise((resolve) => setImmediate(resolve));
  // Other media, and a try that failed, end no wait.
  await settle(other.id, { state: 'gone', reason: 'x' });
  await settle(id, { state: 'pending', dueAt: clock.now(), reason: 'x' });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(watchers(), 1);
  await keep(id);
  const answer = await reading;
  assert.deepEqual([answer.statusCode, answer.body], [200, text]);
  assert.equal(watchers(), 0);
});

test('a reader is told when the fetch ends without a file', async (t) => {
  const { app, add, settle, watchers } = await open(t, 30_000);
  const { id, path } = await add();
  const reading = app.inject(path);
  while (watchers() === 0) await new Promise((resolve) => setImmediate(resolve));
  await settle(id, { state: 'gone', reason: 'The channel no longer has it.' });
  const answer = await reading;
  assert.equal(answer.statusCode, 410);
  assert.equal(answer.json<{ detail: string }>().detail, 'The channel no longer has it.');
});

test('a reader who has waited long enough is asked to come back, and learns why', async (t) => {
  const { app, add, settle, clock, watchers } = await open(t, 20);
  const { id, path } = await add();
  await settle(id, { state: 'pending', dueAt: clock.now(), reason: 'The channel answered 500.' });
  const answer = await app.inject(path);
  assert.equal(answer.statusCode, 503);
  assert.ok(Number(answer.headers['retry-after']) > 0);
  assert.match(answer.json<{ detail: string }>().detail, /The channel answered 500/);
  assert.equal(watchers(), 0);
});

test('a reader who goes away waits no longer', async (t) => {
  const { app, add, watchers } = await open(t, 30_000);
  const { path } = await add();
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const reading = request({ host: '127.0.0.1', port, path }).on('error', () => undefined);
  reading.end();
  while (watchers() === 0) await new Promise((resolve) => setImmediate(resolve));
  reading.destroy();
  while (watchers() > 0) await new Promise((resolve) => setImmediate(resolve));
});

test('media that are gone or erased are answered with the reason', async (t) => {
  const { app, add, keep, settle } = await open(t);
  const gone = await add();
  await settle(gone.id, { state: 'gone', reason: 'The file is larger than 1000 bytes.' });
  const erased = await add();
  await keep(erased.id);
  await settle(erased.id, { state: 'erased', reason: 'Its time was over.' });
  for (const [path, reason] of [
    [gone.path, 'The file is larger than 1000 bytes.'],
    [erased.path, 'Its time was over.'],
  ] as const) {
    const answer = await app.inject(path);
    assert.equal(answer.statusCode, 410);
    assert.equal(answer.json<{ detail: string }>().detail, reason);
  }
});

test('a file that is missing from the folder is answered 410, not as a fault of ours', async (t) => {
  const { app, add, keep, files, accountId } = await open(t);
  const { id, path } = await add();
  await keep(id);
  await files.remove({ accountId, id });
  assert.equal((await app.inject(path)).statusCode, 410);
});

test('readers of one account hold no more files open than its share, and give them back', async (t) => {
  const { app, add, keep, files } = await open(t);
  const { id, path } = await add();
  await keep(id);
  const etag = String((await app.inject(path)).headers.etag);
  const streams: Readable[] = [];
  // Files that never end: whoever reads them goes on reading.
  t.mock.method(files, 'read', async () => {
    const stream = new Readable({ read: () => undefined });
    stream.push(text[0]);
    streams.push(stream);
    return { bytes: text.length, stream };
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const answers = Array.from({ length: 129 }, async () => {
    const outgoing = request({ host: '127.0.0.1', port, path, agent: false });
    outgoing.end();
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    return answer;
  });
  const refused = (await Promise.all(answers)).filter(({ statusCode }) => statusCode === 429);
  assert.deepEqual([refused.length, streams.length], [1, 128]);
  assert.match(String(refused[0]?.headers['retry-after']), /^\d+$/);
  assert.equal(refused[0]?.headers['cache-control'], 'no-store');
  assert.equal((await app.inject({ url: path, headers: { 'if-none-match': etag } })).statusCode, 304);
  const closed = streams.map((stream) => once(stream, 'close'));
  for (const answer of await Promise.all(answers)) answer.destroy();
  await Promise.all(closed);
  assert.equal(streams.filter(({ destroyed }) => destroyed).length, 128);
});
