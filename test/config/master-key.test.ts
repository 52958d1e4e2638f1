// What is said of a data folder and its key that will not do.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readMasterKey } from '../../src/config/master-key.ts';
import { loadSettings } from '../../src/config/sources.ts';
import { asStranger } from '../support/stranger.ts';

const base = mkdtempSync(join(tmpdir(), 'chasqui-key-'));
chmodSync(base, 0o755);
after(() => rmSync(base, { recursive: true, force: true }));

const read = (dataDir: string) =>
  readMasterKey(loadSettings({ options: { 'data-dir': dataDir }, env: {} }).settings);

/** A folder with a store beside which the key may be made. */
function makeFolder(name: string): string {
  const folder = join(base, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'chasqui.sqlite'), 'a store');
  return folder;
}

test('a file in the place of the folder is told as a folder that cannot be written', () => {
  const file = join(base, 'file');
  writeFileSync(file, 'not a folder');
  for (const path of [file, join(file, 'below')])
    assert.throws(() => read(path), {
      code: 'store_unavailable',
      message: `The data folder ${path} cannot be written.`,
    });
});

test('a key that cannot be read is told by its path, and what to do where it is another user’s', async () => {
  const folder = makeFolder('foreign');
  const keyFile = join(folder, 'master.key');
  writeFileSync(keyFile, '5c'.repeat(32));
  chmodSync(keyFile, process.getuid?.() === 0 ? 0o600 : 0);
  await asStranger(() =>
    assert.throws(() => read(folder), {
      code: 'wrong_master_key',
      message: `${keyFile} cannot be read: this process may not. Give it to the user that the service runs as.`,
    }),
  );
  rmSync(keyFile);
  mkdirSync(keyFile);
  assert.throws(() => read(folder), {
    code: 'wrong_master_key',
    message: `${keyFile} cannot be read: EISDIR.`,
  });
});
