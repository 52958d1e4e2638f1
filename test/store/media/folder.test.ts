import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { openMediaFolder } from '../../../src/store/media/folder.ts';
import type { MediaStore } from '../../../src/store/store.ts';
import { need, toId } from '../contract/fixture.ts';
import { sha256Of } from '../../core/media/fixture.ts';

const id = toId('a file');
const key = { accountId: 5, id };

async function open(t: TestContext): Promise<{ folder: string; files: MediaStore }> {
  const folder = await mkdtemp(join(tmpdir(), 'chasqui-files-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return { folder, files: openMediaFolder(folder) };
}

async function* chunksOf(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

async function readAll(files: MediaStore, range?: { start: number; end: number }): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of need(await files.read(key, range)).stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

test('a file is read as it was written, as a whole or in part', async (t) => {
  const { files } = await open(t);
  const written = await files.write(key, chunksOf('hello ', '', 'world'));
  assert.deepEqual(written, { bytes: 11, sha256: sha256Of(Buffer.from('hello world'), 'hex') });
  assert.equal(await readAll(files), 'hello world');
  assert.equal(await readAll(files, { start: 4, end: 6 }), 'o w');
  const found = need(await files.read(key));
  found.stream.destroy();
  assert.equal(found.bytes, 11);
});

test('an empty file is a file', async (t) => {
  const { files } = await open(t);
  assert.equal((await files.write(key, chunksOf())).bytes, 0);
  assert.equal(await readAll(files), '');
});

test('a write that fails leaves what was there before and nothing else', async (t) => {
  const { folder, files } = await open(t);
  await files.write(key, chunksOf('before'));
  await assert.rejects(
    files.write(
      key,
      (async function* () {
        yield Buffer.from('half');
        throw new Error('The channel broke off.');
      })(),
    ),
    /broke off/,
  );
  assert.equal(await readAll(files), 'before');
  assert.deepEqual(await readdir(join(folder, 'incoming')), []);
});

test('a removed file is gone, and removing it again is no error', async (t) => {
  const { files } = await open(t);
  await files.write(key, chunksOf('x'));
  await files.remove(key);
  await files.remove(key);
  assert.equal(await files.read(key), undefined);
});

test('only media ids are names of files', async (t) => {
  const { files } = await open(t);
  for (const name of [
    '',
    '../../etc/passwd',
    `../${id}`,
    id.toUpperCase(),
    `${id}0`,
    `${id.slice(0, 30)}/a`,
  ]) {
    await assert.rejects(files.read({ accountId: 5, id: name }), /media id/);
    await assert.rejects(files.write({ accountId: 5, id: name }, chunksOf('x')), /media id/);
    await assert.rejects(files.remove({ accountId: 5, id: name }), /media id/);
  }
});

test('what a killed process was writing is cleared away at the next write', async (t) => {
  const { folder, files } = await open(t);
  await mkdir(join(folder, 'incoming'), { recursive: true });
  await writeFile(join(folder, 'incoming', `${id}.0123456789ab`), 'half a file');
  await files.write(key, chunksOf('whole'));
  assert.deepEqual(await readdir(join(folder, 'incoming')), []);
});

test('two that write one file at once leave one of them whole', async (t) => {
  const { files } = await open(t);
  await Promise.all([files.write(key, chunksOf('one', ' one')), files.write(key, chunksOf('two', ' two'))]);
  assert.match(await readAll(files), /^(one one|two two)$/);
});

test('files and folders are their owner’s alone', async (t) => {
  const { folder, files } = await open(t);
  await files.write(key, chunksOf('x'));
  assert.equal((await stat(join(folder, id.slice(0, 2), id))).mode & 0o077, 0);
  assert.equal((await stat(join(folder, id.slice(0, 2)))).mode & 0o077, 0);
});

test('a file that cannot be looked at is not told as one that is not there', async (t) => {
  const { folder, files } = await open(t);
  assert.equal(await files.read(key), undefined);
  await writeFile(join(folder, id.slice(0, 2)), 'no folder');
  await assert.rejects(files.read(key), /ENOTDIR/);
});
