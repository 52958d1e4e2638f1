// One backup of a store that is at work: what is compared before it says of itself that it is one.
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import { parseManifest } from '../../src/domain/backup.ts';
import { openFolderBackup } from '../../src/store/backups/folder.ts';
import { BrokenOff } from '../../src/store/backups/port.ts';
import { fetchBackup } from '../../src/store/backups/reading.ts';
import { writeBackup } from '../../src/store/backups/writing.ts';
import { openSqliteStore } from '../../src/store/sqlite/adapter.ts';
import { readCopyState, requireUsable } from '../../src/store/sqlite/copy-state.ts';
import { createClock } from '../support/store.ts';

const masterKey = Buffer.alloc(32, 7);
const goOn = (): void => undefined;

async function open(t: TestContext) {
  const base = mkdtempSync(join(tmpdir(), 'chasqui-writing-'));
  const clock = createClock();
  const file = join(base, 'data', 'chasqui.sqlite');
  const store = await openSqliteStore({ file, masterKey, ...clock, emit: () => undefined });
  t.after(async () => {
    await store.close();
    rmSync(base, { recursive: true, force: true });
  });
  const mediaFolder = join(base, 'data', 'media');
  mkdirSync(join(mediaFolder, 'ab'), { recursive: true });
  const addMedia = (name: string): void => writeFileSync(join(mediaFolder, 'ab', name), name);
  const deps = {
    ...clock,
    file,
    mediaFolder,
    copyStore: (copy: string, options: { mark: string; checkIn: () => void }) => store.copyTo(copy, options),
    readState: readCopyState,
  };
  const toFolder = (name: string): string => {
    mkdirSync(join(base, name));
    return join(base, name);
  };
  return { base, store, deps, addMedia, toFolder };
}

it('it says what it holds, is read as that, and links to the media of the one before', async (t) => {
  const { deps, addMedia, toFolder, base } = await open(t);
  addMedia('first');
  const one = toFolder('one');
  const manifest = await writeBackup(deps, { folder: one, formerMedia: null }, goOn);
  assert.deepEqual(parseManifest(readFileSync(join(one, 'backup.json'), 'utf8')), manifest);
  assert.deepEqual(manifest.media, { files: 1, bytes: 5 });
  addMedia('second');
  const two = toFolder('two');
  const next = await writeBackup(deps, { folder: two, formerMedia: join(one, 'media') }, goOn);
  assert.deepEqual(next.media, { files: 2, bytes: 11 });
  const inode = (folder: string, name: string): number => statSync(join(folder, 'media', 'ab', name)).ino;
  assert.equal(inode(two, 'first'), inode(one, 'first'));
  assert.notEqual(
    inode(two, 'second'),
    inode(join(base, 'data'), 'second'),
    'what is in use is no part of a backup',
  );

  const source = await openFolderBackup(two);
  assert.ok(source !== undefined);
  const state = await fetchBackup(source, toFolder('out'), readCopyState);
  requireUsable(state, masterKey);
  assert.throws(() => requireUsable(state, Buffer.alloc(32, 8)), { code: 'wrong_master_key' });
  assert.deepEqual(readdirSync(join(base, 'out', 'media', 'ab')), ['first', 'second']);
});

it('without media where those are elsewhere', async (t) => {
  const { deps, addMedia, toFolder } = await open(t);
  addMedia('of-before');
  const folder = toFolder('one');
  const { media } = await writeBackup({ ...deps, mediaFolder: null }, { folder, formerMedia: null }, goOn);
  assert.deepEqual([media, existsSync(join(folder, 'media'))], [{ files: 0, bytes: 0 }, false]);
});

it('a copy that is not of this moment, is not whole or takes too long never says that it is one', async (t) => {
  const { deps, store, toFolder } = await open(t);
  const refused = async (name: string, expected: object, other: Partial<typeof deps>, checkIn = goOn) => {
    const folder = toFolder(name);
    await assert.rejects(
      writeBackup({ ...deps, ...other }, { folder, formerMedia: null }, checkIn),
      expected,
    );
    assert.equal(existsSync(join(folder, 'backup.json')), false);
  };
  await refused(
    'old',
    { message: 'The copy is not one of this moment.' },
    {
      copyStore: (copy) => store.copyTo(copy, { mark: 'an earlier one' }),
    },
  );
  await refused(
    'torn',
    { code: 'store_corrupt' },
    {
      copyStore: async (copy, options) => {
        await store.copyTo(copy, options);
        const bytes = readFileSync(copy);
        writeFileSync(copy, bytes.fill(0xff, 4096, 8192));
      },
    },
  );
  await refused(
    'none',
    { code: 'store_corrupt' },
    {
      copyStore: async (copy) => writeFileSync(copy, 'no store at all'),
    },
  );
  await refused('late', BrokenOff, {}, () => {
    throw new BrokenOff('too long');
  });
});
