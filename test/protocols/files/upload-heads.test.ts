import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import { Bodies } from '../../../src/http/bodies.ts';
import { openHttpServer } from '../../../src/http/server.ts';
import { openMediaFolder } from '../../../src/store/media/folder.ts';
import { createMediaLinks } from '../../../src/core/media/links.ts';
import { UploadError } from '../../../src/protocols/files/upload-error.ts';
import { checkPolicy } from '../../../src/protocols/files/upload-policy.ts';
import { uploadRoutes } from '../../../src/protocols/files/uploads.ts';
import { createUploadLinks, uploadBucket } from '../../../src/core/media/upload-links.ts';
import { sendHead } from '../../support/heads.ts';
import { waitUntil } from '../../support/service.ts';
import { openTestStore } from '../../support/store.ts';
import { monotonicNow } from '../../../src/runtime/clock.ts';

const target = `/${uploadBucket}`;
const multipart = { 'content-type': 'multipart/form-data; boundary=b' };
const png = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(150_000, 5)]);

async function open(t: TestContext, maxUploads = 1) {
  const opened = await openTestStore();
  const { store, directory, rates, clock, accountId } = opened;
  const channel = { id: 'wa', type: 'whatsapp', name: 'WA', wabaId: null, credentials: {} } as const;
  await store.putChannel(accountId, channel, system);
  const folder = await mkdtemp(join(tmpdir(), 'chasqui-uploads-'));
  const keys = { masterKey: Buffer.alloc(32, 7), publicUrl: () => 'http://localhost', now: clock.now };
  const links = createMediaLinks({ ...keys, lifeMs: 86_400_000 });
  const uploads = createUploadLinks({ ...keys, links, store });
  const bodies = new Bodies({ monotonic: monotonicNow });
  const app = openHttpServer({ emit: () => undefined, monotonic: monotonicNow, bodies, closeGraceMs: 50 });
  uploadRoutes(app, {
    store,
    directory,
    rates,
    fileQuota: opened.fileQuota,
    files: openMediaFolder(folder),
    uploads,
    emit: () => undefined,
    now: clock.now,
    settings: { budgetBytes: 10_000_000, maxBytes: 1_000_000, maxUploads },
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  t.after(async () => {
    await app.close();
    await opened.close();
    await rm(folder, { recursive: true, force: true });
  });
  const ours = uploads.authorize(accountId, 'wa');
  await store.createAccount({ id: 77, name: 'Other' }, system);
  await store.putChannel(77, { ...channel, id: 'other' }, system);
  const theirs = uploads.authorize(77, 'other');

  /** The form up to the bytes of its file; unsigned when the signature is given. */
  function toForm(name: string, signature?: string, made = ours): string {
    const expiration = new Date(clock.now() + 60_000).toISOString();
    const policy = Buffer.from(JSON.stringify({ expiration, conditions: [] })).toString('base64');
    const fields = {
      OSSAccessKeyId: made.keyId,
      key: `${made.folder}/${name}`,
      policy,
      Signature: signature ?? createHmac('sha1', made.keySecret).update(policy).digest('base64'),
    };
    const parts = Object.entries(fields).map(
      ([field, value]) => `--b\r\nContent-Disposition: form-data; name="${field}"\r\n\r\n${value}\r\n`,
    );
    return `${parts.join('')}--b\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\n`;
  }

  /** Begins to post in chunks; `text` is what came back. */
  function begin(): { socket: Socket; send: (data: string | Buffer) => void; text: () => string } {
    const { port } = app.server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    t.after(() => socket.destroy());
    let text = '';
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.write(
      `POST ${target} HTTP/1.1\r\nHost: x\r\nContent-Type: ${multipart['content-type']}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    const send = (data: string | Buffer): void => {
      socket.write(`${Buffer.byteLength(data).toString(16)}\r\n`);
      socket.write(data);
      socket.write('\r\n');
    };
    return { socket, send, text: () => text };
  }

  return {
    ...opened,
    app,
    bodies,
    toForm,
    toTheirForm: (name: string) => toForm(name, undefined, theirs),
    begin,
    listFiles: async () =>
      (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()),
  };
}

const until = (text: () => string, pattern: RegExp): Promise<void> =>
  waitUntil(`${String(pattern)} came`, 60_000, () => pattern.test(text()));

it('uploads of one account leave the others their places', async (t) => {
  const { toForm, toTheirForm, begin } = await open(t, 4);
  const held = begin();
  held.send(toForm('a.png'));
  held.send(png);
  const refused = begin();
  // Until the first has its place, the second may be quicker; then it is the first that is refused.
  refused.send(toForm('b.png'));
  refused.send(png);
  await until(() => held.text() + refused.text(), /<Code>ServiceUnavailable<\/Code>/);
  const other = begin();
  other.send(toTheirForm('c.png'));
  other.send(Buffer.concat([png, Buffer.from('\r\n--b--\r\n')]));
  other.socket.write('0\r\n\r\n');
  await until(other.text, /^HTTP\/1\.1 20[04]/);
});

it('a form is refused by its head, or by its fields, and never takes the turn of a good one', async (t) => {
  const { app, toForm, begin, listFiles, bodies } = await open(t);
  const cases = [
    [{ 'content-type': 'application/json' }, 'MalformedPOSTRequest'],
    [{ ...multipart, 'content-length': '2000000' }, 'EntityTooLarge'],
  ] as const;
  for (const [headers, code] of cases)
    for (const more of [{}, { expect: '100-continue' }]) {
      const answer = await sendHead(app, { method: 'POST', target, headers: { ...headers, ...more } });
      assert.ok(answer.text.includes(`<Code>${code}</Code>`), answer.text);
      assert.match(answer.text, /connection: close/i);
    }
  // Strangers who show a policy that nobody signed, and who show none.
  for (const form of [toForm('a.png', 'AAAA'), toForm('a.png').replaceAll('name="policy"', 'name="other"')]) {
    const stranger = begin();
    stranger.send(form);
    stranger.send(png);
    await until(stranger.text, /HTTP\/1\.1 (400|403)[^]*<Code>(SignatureDoesNotMatch|InvalidArgument)</);
    // Of what comes then a megabyte is read, and the connection ends.
    const closed = once(stranger.socket, 'close');
    for (let sent = 0; sent < 20 && !stranger.socket.destroyed; sent += 1) stranger.send(png);
    await closed;
  }
  const [slow, next] = [begin(), begin()];
  slow.send(toForm('slow.png'));
  slow.send(png);
  await waitUntil('the slow one writes', 60_000, async () => (await listFiles()).length === 1);
  next.send(toForm('next.png'));
  next.send(png);
  await until(next.text, /HTTP\/1\.1 503[^]*retry-after: 1[^]*<Code>ServiceUnavailable</i);
  slow.send('\r\n--b--\r\n');
  slow.socket.write('0\r\n\r\n');
  await until(slow.text, /HTTP\/1\.1 204/);
  await waitUntil('nothing is held', 60_000, () => bodies.underWay === 0);
});

it('fields are read up to 64 KiB, and in pieces of one byte', async (t) => {
  const { toForm, begin } = await open(t);
  const wordy = begin();
  for (let at = 0; at < 5; at += 1)
    wordy.send(`--b\r\nContent-Disposition: form-data; name="f${at}"\r\n\r\n${'x'.repeat(30_000)}\r\n`);
  await until(wordy.text, /HTTP\/1\.1 400[^]*fields before the file are larger than 65536 bytes/);
  const patient = begin();
  for (const byte of Buffer.concat([Buffer.from(toForm('a.png')), png.subarray(0, 3000)]))
    patient.send(Buffer.of(byte));
  patient.send('\r\n--b--\r\n');
  patient.socket.write('0\r\n\r\n');
  await until(patient.text, /HTTP\/1\.1 204/);
});

it('a policy that is nested too deep is refused in words', () => {
  const list = '['.repeat(10_000) + ']'.repeat(10_000);
  for (const conditions of [list, `[["eq",${list},1]]`, `[{"key":${list}}]`, `[[${list},"$key","a"]]`]) {
    const policy = Buffer.from(`{"expiration":"2999-01-01T00:00:00Z","conditions":${conditions}}`);
    assert.throws(
      () => checkPolicy(policy.toString('base64'), new Map(), 0),
      (error) => error instanceof UploadError && error.code === 'InvalidPolicyDocument',
    );
  }
});
