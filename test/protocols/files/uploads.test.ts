import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import { request } from 'undici';
import { system } from '../../../src/domain/account.ts';
import { openHttpServer } from '../../../src/http/server.ts';
import { openMediaFolder } from '../../../src/store/media/folder.ts';
import { createMediaLinks } from '../../../src/core/media/links.ts';
import { mediaRoutes } from '../../../src/protocols/files/media.ts';
import { uploadRoutes } from '../../../src/protocols/files/uploads.ts';
import { createUploadLinks, sweepUploads } from '../../../src/core/media/upload-links.ts';
import type { UploadAuthorization } from '../../../src/core/media/upload-links.ts';
import { openTestStore } from '../../support/store.ts';
import { monotonicNow } from '../../../src/runtime/clock.ts';

const png = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(2000, 5)]);
const day = 86_400_000;

async function open(t: TestContext, settings = { budgetBytes: 10_000_000, maxBytes: 1_000_000 }) {
  const opened = await openTestStore();
  const { store, directory, rates, fileQuota, clock, accountId } = opened;
  await store.putChannel(
    accountId,
    { id: 'wa', type: 'whatsapp', name: 'WA', wabaId: null, credentials: {} },
    system,
  );
  const folder = await mkdtemp(join(tmpdir(), 'chasqui-uploads-'));
  const files = openMediaFolder(folder);
  let address = '';
  const keys = { masterKey: Buffer.alloc(32, 7), publicUrl: () => address, now: clock.now };
  const links = createMediaLinks({ ...keys, lifeMs: day });
  const uploads = createUploadLinks({ ...keys, links, store });
  const app = openHttpServer({ emit: () => undefined, monotonic: monotonicNow });
  const deps = { store, directory, rates, fileQuota, files, uploads, emit: () => undefined, now: clock.now };
  uploadRoutes(app, { ...deps, settings });
  mediaRoutes(app, { store, files, links, waitMs: 0 });
  address = await app.listen({ host: '127.0.0.1', port: 0 });
  t.after(async () => {
    await app.close();
    await opened.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Posts as an uploader does; `changes` replace fields, and a field that is undefined is left out. */
  async function post(
    made: UploadAuthorization,
    name: string,
    changes: Readonly<Record<string, string | undefined>> = {},
    body: Buffer = png,
    conditions: readonly unknown[] = [['content-length-range', 0, 1_000_000]],
    type = '',
  ) {
    const expiration = new Date(clock.now() + 60_000).toISOString();
    const policy = Buffer.from(JSON.stringify({ expiration, conditions })).toString('base64');
    const fields: Record<string, string | undefined> = {
      OSSAccessKeyId: made.keyId,
      'x-oss-security-token': made.securityToken,
      key: `${made.folder}/${name}`,
      policy,
      Signature: createHmac('sha1', made.keySecret).update(policy).digest('base64'),
      success_action_status: '201',
      ...changes,
    };
    const part = (head: string, value: Buffer | string) =>
      Buffer.concat([Buffer.from(`--b\r\n${head}\r\n\r\n`), Buffer.from(value), Buffer.from('\r\n')]);
    const form = Object.entries(fields).flatMap(([field, value]) =>
      value === undefined ? [] : [part(`Content-Disposition: form-data; name="${field}"`, value)],
    );
    const head = `Content-Disposition: form-data; name="file"; filename="${name}"`;
    form.push(part(type === '' ? head : `${head}\r\nContent-Type: ${type}`, body), Buffer.from('--b--\r\n'));
    const answer = await request(`${made.endpoint}/${made.bucket}`, {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
      body: Buffer.concat(form),
    });
    const text = await answer.body.text();
    return { status: answer.statusCode, text, code: /<Code>(\w+)</.exec(text)?.[1] };
  }

  return {
    ...opened,
    uploads,
    files,
    folder,
    app,
    post,
    sweep: (keepMs: number) => sweepUploads({ store, files, now: clock.now, keepMs }, 100),
    listFiles: async () =>
      (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()),
  };
}

it('takes a file by the form post of object storage, and shows it by a signed link alone', async (t) => {
  const { uploads, accountId, post } = await open(t);
  const made = uploads.authorize(accountId, 'wa');
  const { status, text } = await post(made, 'a cat.png');
  assert.equal(status, 201, text);
  const key = `${made.folder}/a cat.png`;
  const location = /<Location>(.*)<\/Location>/.exec(text)?.[1] ?? '';
  assert.equal(uploads.toKey(accountId, location), key);
  assert.equal(uploads.toKey(accountId + 1, location), undefined);
  const bare = await request(location);
  assert.equal(bare.statusCode, 403);
  await bare.body.dump();
  const read = await request(uploads.sign(accountId, key));
  assert.deepEqual([read.statusCode, read.headers['content-type']], [200, 'image/png']);
  assert.ok(png.equals(Buffer.from(await read.body.arrayBuffer())));
  assert.deepEqual(uploads.signIn(accountId, { link: location, text: 'x', n: [location] }), {
    link: uploads.sign(accountId, key),
    text: 'x',
    n: [uploads.sign(accountId, key)],
  });
  assert.equal(await uploads.findMissing(accountId, { link: location }), undefined);
  assert.equal(await uploads.findMissing(accountId, [`${location}.png`]), `${location}.png`);
  assert.equal(await uploads.findMissing(accountId + 1, [location]), location);
});

it('needs no more than key, policy, signature and file', async (t) => {
  const { uploads, accountId, post } = await open(t);
  const made = uploads.authorize(accountId, 'wa');
  const bare = {
    OSSAccessKeyId: undefined,
    'x-oss-security-token': undefined,
    success_action_status: undefined,
  };
  assert.equal((await post(made, 'a.png', bare)).status, 204);
  assert.equal((await post(made, 'b.png', { ...bare, success_action_status: '200' })).status, 200);
});

it('refuses what is not authorized, with the code of what is wrong, and keeps nothing', async (t) => {
  const { uploads, accountId, clock, post, listFiles, store } = await open(t);
  const made = uploads.authorize(accountId, 'wa');
  const other = uploads.authorize(accountId, 'wa');
  const foreign = uploads.authorize(accountId + 1, 'wa');
  const sign = (policy: string) => createHmac('sha1', made.keySecret).update(policy).digest('base64');
  const withPolicy = (policy: object) => {
    const text = Buffer.from(JSON.stringify(policy)).toString('base64');
    return { policy: text, Signature: sign(text) };
  };
  const cases: readonly (readonly [string, Readonly<Record<string, string | undefined>>])[] = [
    ['SignatureDoesNotMatch', { Signature: 'AAAA' }],
    ['SignatureDoesNotMatch', { Signature: sign('other') }],
    ['SignatureDoesNotMatch', { OSSAccessKeyId: other.keyId }],
    ['InvalidAccessKeyId', { OSSAccessKeyId: 'LTAItestkey' }],
    ['InvalidSecurityToken', { 'x-oss-security-token': 'x' }],
    ['AccessDenied', { key: `${other.folder}/a.png` }],
    ['AccessDenied', { key: 'elsewhere/a.png' }],
    ['InvalidObjectName', { key: `${made.folder}/../a.png` }],
    ['InvalidObjectName', { key: `${made.folder}/a\u0000.png` }],
    ['InvalidArgument', { key: undefined }],
    ['InvalidArgument', { policy: undefined }],
    ['InvalidArgument', { Signature: undefined }],
    ['InvalidPolicyDocument', { policy: 'e30=', Signature: sign('e30=') }],
    ['InvalidPolicyDocument', { policy: '!', Signature: sign('!') }],
    ['AccessDenied', withPolicy({ expiration: '2020-01-01T00:00:00Z', conditions: [] })],
    ['AccessDenied', withPolicy({ expiration: '2030-01-01T00:00:00Z', conditions: [{ bucket: 'other' }] })],
    [
      'AccessDenied',
      withPolicy({ expiration: '2030-01-01T00:00:00Z', conditions: [['starts-with', '$key', 'x']] }),
    ],
    [
      'InvalidPolicyDocument',
      withPolicy({ expiration: '2030-01-01T00:00:00Z', conditions: [['like', '$key', 'x']] }),
    ],
    ['InvalidFileType', { key: `${made.folder}/a.exe` }],
    ['InvalidFileType', { key: `${made.folder}/a.pdf` }],
    ['InvalidFileType', { 'Content-Type': 'application/pdf' }],
  ];
  for (const [code, changes] of cases) {
    const answer = await post(made, 'a.png', changes);
    assert.equal(answer.code, code, JSON.stringify(changes));
    assert.ok(answer.status >= 400 && answer.status < 500);
  }
  assert.equal((await post(foreign, 'a.png')).code, 'AccessDenied');
  clock.advance(3_700_000);
  assert.equal((await post(made, 'a.png')).code, 'SecurityTokenExpired');
  assert.equal((await listFiles()).length, 0);
  assert.equal(await store.sumFileBytes(), 0);
});

it('holds a file to the sizes of the policy, the channel and the settings', async (t) => {
  const { uploads, accountId, post, listFiles } = await open(t, { budgetBytes: 5000, maxBytes: 4000 });
  const made = uploads.authorize(accountId, 'wa');
  const large = Buffer.concat([png, Buffer.alloc(300_000)]);
  assert.equal((await post(made, 'a.png', {}, large)).code, 'EntityTooLarge');
  assert.equal(
    (await post(made, 'a.png', {}, png, [['content-length-range', 0, 100]])).code,
    'EntityTooLarge',
  );
  assert.equal(
    (await post(made, 'a.png', {}, png, [['content-length-range', 9000, 9999]])).code,
    'EntityTooSmall',
  );
  assert.equal((await post(made, 'a.png', {}, Buffer.alloc(0))).code, 'EntityTooSmall');
  assert.equal((await listFiles()).length, 0);
  for (const name of ['a.png', 'b.png', 'c.png'])
    assert.equal((await post(made, name)).status, 201, 'as long as there is room');
  assert.equal((await post(made, 'd.png')).code, 'QuotaExceeded');
});

it('takes what the account may have, and no byte more, however many come at once', async (t) => {
  const { uploads, accountId, post, store, listFiles } = await open(t);
  const made = uploads.authorize(accountId, 'wa');
  await store.setAccountLimits(accountId, { storedBytes: png.byteLength * 2 + 1 }, system);
  const codes = await Promise.all(['a.png', 'b.png', 'c.png', 'd.png'].map((name) => post(made, name)));
  assert.equal(codes.filter(({ status }) => status === 201).length, 2);
  const refused = codes.filter(({ status }) => status !== 201);
  assert.deepEqual(
    refused.map(({ status, code }) => [status, code]),
    [
      [403, 'QuotaExceeded'],
      [403, 'QuotaExceeded'],
    ],
  );
  assert.equal((await listFiles()).length, 2, 'nothing is left of what was refused');
  assert.equal(await store.sumFileBytes(accountId), png.byteLength * 2);
});

it('takes as many forms in a second as the account may send, and refuses one more as object storage does', async (t) => {
  const { uploads, accountId, post, store, clock } = await open(t);
  const made = uploads.authorize(accountId, 'wa');
  await store.setAccountLimits(accountId, { requestsPerSecond: 1 }, system);
  assert.equal((await post(made, 'a.png', { Signature: 'AAAA' })).code, 'SignatureDoesNotMatch');
  assert.equal((await post(made, 'a.png')).status, 201);
  const { status, code } = await post(made, 'b.png');
  assert.deepEqual([status, code], [503, 'TotalQpsLimitExceeded']);
  clock.advance(1000);
  assert.equal((await post(made, 'b.png')).status, 201);
});

it('keeps the file that was there when a second upload breaks off', async (t) => {
  const { uploads, accountId, post, app, listFiles } = await open(t);
  const made = uploads.authorize(accountId, 'wa');
  assert.equal((await post(made, 'a.png')).status, 201);
  const { port } = app.server.address() as AddressInfo;
  const policy = Buffer.from('{"expiration":"2030-01-01T00:00:00Z","conditions":[]}').toString('base64');
  const field = (name: string, value: string) =>
    `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const head = [
    field('key', `${made.folder}/a.png`),
    field('policy', policy),
    field('Signature', createHmac('sha1', made.keySecret).update(policy).digest('base64')),
    '--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n',
  ].join('');
  const socket = connect(port, '127.0.0.1');
  socket.write(
    `POST /uploads HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 100000\r\n\r\n${head}`,
  );
  socket.write(png, () => socket.destroy());
  await new Promise((resolve) => socket.once('close', resolve));
  // The next upload is answered, so the broken one has been dealt with or stands in nobody's way.
  assert.equal((await post(made, 'b.png')).status, 201);
  const read = await request(uploads.sign(accountId, `${made.folder}/a.png`));
  assert.ok(png.equals(Buffer.from(await read.body.arrayBuffer())));
  const stored = (await listFiles()).filter(({ parentPath }) => !parentPath.endsWith('incoming'));
  assert.equal(stored.length, 2);
});

it('takes uploads away when their time is over', async (t) => {
  const { uploads, accountId, clock, post, sweep, listFiles } = await open(t);
  const made = uploads.authorize(accountId, 'wa');
  assert.equal((await post(made, 'a.png')).status, 201);
  assert.equal(await sweep(day), 0);
  clock.advance(day + 1);
  assert.equal(await sweep(day), 1);
  assert.equal((await listFiles()).length, 0);
  const read = await request(uploads.sign(accountId, `${made.folder}/a.png`));
  assert.equal(read.statusCode, 404);
  await read.body.dump();
});
