// What an operator is told whose backup is not one, or not whole: of his backup, in a sentence, with nothing changed.
import assert from 'node:assert/strict';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { callCommand } from '../support/operator-commands.ts';
import { startService } from '../support/service.ts';

const masterKey = '5c'.repeat(32);
let base: string;
let whole: string;

before(async () => {
  base = mkdtempSync(join(tmpdir(), 'chasqui-put-back-'));
  whole = join(base, 'whole');
  const dataDir = join(base, 'data');
  const service = await startService({ dataDir, env: { MASTER_KEY: masterKey } });
  const { code, stderr } = await callCommand(['backup', whole, '--data-dir', dataDir]);
  assert.equal(code, 0, stderr);
  await service.stop();
});
after(() => rmSync(base, { recursive: true, force: true }));

interface Case {
  readonly what: string;
  /** Makes of a backup what is restored from; returns its path where that is another. */
  readonly spoil: (backup: string) => string | undefined;
  readonly told: RegExp;
  /** Root reads everything. */
  readonly isForUsers?: boolean;
}

const store = 'chasqui.sqlite';
const cases: readonly Case[] = [
  {
    what: 'a store of which the end is missing',
    spoil: (backup) => void truncateSync(join(backup, store), 300_000),
    told: /^(\S+) is damaged, and nothing was changed: chasqui\.sqlite has 300000 bytes, and not the \d+ that were written\.$/m,
  },
  {
    what: 'a store that is something else of the same size',
    spoil: (backup) => {
      const path = join(backup, store);
      writeFileSync(path, Buffer.alloc(readFileSync(path).byteLength, 'x'));
      return undefined;
    },
    told: /^(\S+) is damaged, and nothing was changed: chasqui\.sqlite is not the file that was written\.$/m,
  },
  {
    what: 'a store that was packed',
    spoil: (backup) => {
      const path = join(backup, store);
      writeFileSync(`${path}.gz`, gzipSync(readFileSync(path)));
      rmSync(path);
      return undefined;
    },
    told: /^(\S+) is damaged.*: it holds no chasqui\.sqlite, but chasqui\.sqlite\.gz: unpack that first\.$/m,
  },
  {
    what: 'no store',
    spoil: (backup) => void rmSync(join(backup, store)),
    told: /^(\S+) is damaged, and nothing was changed: it holds no chasqui\.sqlite\.$/m,
  },
  {
    what: 'an archive',
    spoil: (backup) => {
      renameSync(backup, `${backup}.folder`);
      writeFileSync(backup, gzipSync('all of it'));
      return undefined;
    },
    told: /^(\S+) is no backup: .* It is a file: unpack what is packed, and name the folder\.$/m,
  },
  {
    what: 'the store itself',
    spoil: (backup) => join(backup, store),
    told: /^(\S+) is no backup: .* It is a file/m,
  },
  {
    what: 'a backup.json that is cut off',
    spoil: (backup) => void truncateSync(join(backup, 'backup.json'), 200),
    told: /^(\S+) is no backup: .* Its own is damaged, or was written by a version that is newer than this one\.$/m,
  },
  {
    what: 'a backup of a newer version',
    spoil: (backup) => {
      const path = join(backup, 'backup.json');
      writeFileSync(path, readFileSync(path, 'utf8').replace(/"schema": \d+/, '"schema": 999'));
      return undefined;
    },
    told: /schema 999; this version of Chasqui knows up to \d+/,
  },
  {
    what: 'a folder that may not be read',
    spoil: (backup) => void chmodSync(backup, 0),
    told: /^(\S+) is no backup: .* The user who calls the command may not read it\.$/m,
    isForUsers: true,
  },
];

for (const { what, spoil, told, isForUsers = false } of cases)
  test(`${what} is told as what it is`, { skip: isForUsers && process.getuid?.() === 0 }, async (t) => {
    const folder = mkdtempSync(join(base, 'case-'));
    const [backup, dataDir] = [join(folder, 'backup'), join(folder, 'data')];
    t.after(() => isForUsers && chmodSync(backup, 0o700));
    mkdirSync(dataDir, { mode: 0o700 });
    cpSync(whole, backup, { recursive: true });
    const named = spoil(backup) ?? backup;
    const { code, stderr } = await callCommand(['restore', named, '--yes', '--data-dir', dataDir], {
      MASTER_KEY: masterKey,
    });
    assert.equal(code, 1);
    assert.match(stderr, told);
    const who = told.exec(stderr)?.[1];
    if (who !== undefined) assert.equal(who, named);
    assert.deepEqual(readdirSync(dataDir), []);
  });
