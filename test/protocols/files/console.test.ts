import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { staticRoutes } from '../../../src/protocols/files/console.ts';
import { openHttpServer } from '../../../src/http/server.ts';
import { monotonicNow } from '../../../src/runtime/clock.ts';

const page = '<!doctype html><script type="module" src="/console/assets/app-1a2b.js"></script>';
const script = 'console.log("a console");'.repeat(50);

const folders = new WeakMap<FastifyInstance, string>();

function folderOf(app: FastifyInstance): string {
  return folders.get(app) ?? '';
}

async function serve(t: TestContext, isBuilt = true): Promise<FastifyInstance> {
  const root = await mkdtemp(join(tmpdir(), 'chasqui-console-'));
  const folder = join(root, 'dist');
  await writeFile(join(root, 'secret.txt'), 'outside');
  if (isBuilt) {
    await mkdir(join(folder, 'assets'), { recursive: true });
    await writeFile(join(folder, 'index.html'), page);
    await writeFile(join(folder, '.hidden.txt'), 'hidden');
    await writeFile(join(folder, 'logo.svg'), '<svg/>');
    await writeFile(join(folder, 'assets', 'app-1a2b.js'), script);
    await writeFile(join(folder, 'assets', 'app-1a2b.js.br'), brotliCompressSync(script));
    await writeFile(join(folder, 'assets', 'app-1a2b.js.gz'), gzipSync(script));
  }
  const app = openHttpServer({ emit: () => undefined, monotonic: monotonicNow });
  staticRoutes(app, { folder, portalAncestors: ['https://crm.example.com'] });
  folders.set(app, folder);
  t.after(async () => {
    await app.close();
    await rm(root, { recursive: true });
  });
  return app;
}

test('the console and every deep link of it get its document, and nothing leads elsewhere', async (t) => {
  const app = await serve(t);
  for (const url of [
    '/console/',
    '/console/messages/wamid.HBg=',
    '/console/channels/my.shop/senders/1?tab=a',
  ]) {
    const answer = await app.inject(url);
    assert.equal(answer.statusCode, 200, url);
    assert.equal(answer.body, page);
    assert.match(String(answer.headers['content-type']), /^text\/html/);
    assert.equal(answer.headers['cache-control'], 'no-cache');
  }
  const bare = await app.inject('/console?next=1');
  assert.equal(bare.headers.location, '/console/?next=1');
  for (const url of ['/console?//evil.example/', '/console?next=//evil.example/', '//evil.example/console']) {
    const { location = '' } = (await app.inject(url)).headers;
    assert.equal(new URL(String(location), 'http://here.example').host, 'here.example', url);
  }
});

test('no page may run a script of its own text, be framed, or send its forms elsewhere', async (t) => {
  const app = await serve(t);
  const { headers } = await app.inject('/console/');
  const policy = String(headers['content-security-policy']);
  assert.match(policy, /(^|; )script-src 'self'(;|$)/);
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /frame-ancestors 'none'/);
  assert.match(policy, /form-action 'self'/);
  assert.equal(headers['x-frame-options'], 'DENY');
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.equal(headers['referrer-policy'], 'no-referrer');
});

test('assets are kept for good, and go out in the smallest form that is taken', async (t) => {
  const app = await serve(t);
  const get = (encoding: string) =>
    app.inject({ url: '/console/assets/app-1a2b.js', headers: { 'accept-encoding': encoding } });
  const brotli = await get('gzip, br');
  assert.equal(brotli.headers['content-encoding'], 'br');
  assert.equal(brotliDecompressSync(brotli.rawPayload).toString(), script);
  assert.equal(brotli.headers['cache-control'], 'public, max-age=31536000, immutable');
  assert.match(String(brotli.headers['content-type']), /javascript/);
  assert.match(String(brotli.headers.vary), /accept-encoding/i);
  const gzip = await get('gzip');
  assert.equal(gunzipSync(gzip.rawPayload).toString(), script);
  const plain = await get('identity');
  assert.equal(plain.headers['content-encoding'], undefined);
  assert.equal(plain.body, script);
});

test('a document that has not changed is not sent again', async (t) => {
  const app = await serve(t);
  const { etag } = (await app.inject('/console/')).headers;
  assert.ok(etag !== undefined);
  const again = await app.inject({ url: '/console/', headers: { 'if-none-match': etag } });
  assert.equal(again.statusCode, 304);
  assert.equal(again.body, '');
});

test('an asset of an older build is not found, rather than a document', async (t) => {
  const app = await serve(t);
  const answer = await app.inject('/console/assets/app-old.js');
  assert.equal(answer.statusCode, 404);
  assert.match(String(answer.headers['content-type']), /problem\+json/);
});

test('nothing outside the build and nothing hidden in it is served', async (t) => {
  const app = await serve(t);
  for (const path of [
    '../secret.txt',
    '..%2fsecret.txt',
    '%2e%2e/secret.txt',
    'assets/..%2f..%2fsecret.txt',
    '.hidden.txt',
    '%2fetc%2fpasswd',
  ]) {
    const answer = await app.inject(`/console/${path}`);
    assert.ok(
      !answer.body.includes('outside') && !answer.body.includes('hidden') && !answer.body.includes('root:'),
      path,
    );
  }
});

test('a console that is not built says so and how to build it', async (t) => {
  const app = await serve(t, false);
  const answer = await app.inject('/console/overview');
  assert.equal(answer.statusCode, 503);
  assert.match(answer.body, /has not been built/);
});

test('files that change are read anew, and those that asked before have their own', async (t) => {
  const app = await serve(t);
  const before = await app.inject('/console/logo.svg');
  assert.equal(before.body, '<svg/>');
  assert.match(String(before.headers['content-type']), /^image\/svg/);
  await writeFile(join(folderOf(app), 'logo.svg'), '<svg><path/></svg>');
  const after = await app.inject('/console/logo.svg');
  assert.equal(after.body, '<svg><path/></svg>');
  assert.notEqual(after.headers.etag, before.headers.etag);
});

test('however many ask for files at once, few are open', async (t) => {
  const app = await serve(t);
  const folder = folderOf(app);
  const names = Array.from({ length: 200 }, (_, at) => `assets/many-${at}.js`);
  for (const name of names) await writeFile(join(folder, name), name);
  const reading = Promise.all(
    Array.from({ length: 5 }, () => names).flatMap((all) =>
      all.map((name) => app.inject(`/console/${name}`)),
    ),
  );
  let most = 0;
  let isOver = false;
  const done = reading.finally(() => (isOver = true));
  while (!isOver) {
    most = Math.max(most, await countOpen(folder));
    await new Promise(setImmediate);
  }
  const answers = await done;
  assert.ok(answers.every(({ statusCode }) => statusCode === 200));
  assert.ok(most <= 3, `${most} files were open at once`);
});

/** Files below a folder that this process has open; none where the system does not tell. */
async function countOpen(folder: string): Promise<number> {
  const handles = await readdir('/proc/self/fd').catch(() => []);
  const targets = await Promise.all(handles.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => '')));
  return targets.filter((target) => target.startsWith(folder)).length;
}
