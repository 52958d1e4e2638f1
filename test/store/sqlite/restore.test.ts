// A restore that is killed at each of its steps leaves the old store or the new one, whoever comes next.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { GatewayError } from '../../../src/domain/errors.ts';
import { beginRestore, finishRestore, listStoreFiles } from '../../../src/store/sqlite/restore.ts';
import { bareEnv } from '../../support/service.ts';

const child = fileURLToPath(new URL('../../support/restore-child.ts', import.meta.url));

function openFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-restore-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A store that says which one it is, with a file of media of its own. */
function writeStore(folder: string, which: string): void {
  const db = new DatabaseSync(join(folder, 'chasqui.sqlite'));
  db.exec(`PRAGMA journal_mode = WAL; CREATE TABLE which AS SELECT '${which}' AS name`);
  db.close();
  mkdirSync(join(folder, 'media', 'ab'), { recursive: true });
  writeFileSync(join(folder, 'media', 'ab', which), which);
}

function readStore(
  folder: string,
): { readonly name: unknown; readonly media: readonly string[] } | undefined {
  if (!existsSync(join(folder, 'chasqui.sqlite'))) return undefined;
  const db = new DatabaseSync(join(folder, 'chasqui.sqlite'));
  try {
    return {
      name: db.prepare('SELECT name FROM which').get()?.['name'],
      media: readdirSync(join(folder, 'media', 'ab')),
    };
  } finally {
    db.close();
  }
}

const whole = (which: string) => ({ name: which, media: [which] });

/** Restores in a process that is killed at its n-th change of the disk; resolves to whether it got to its end before. */
function restoreAndKill(folder: string, at: number): boolean {
  const ran = spawnSync(process.execPath, [child, folder, String(at)], { env: bareEnv, encoding: 'utf8' });
  assert.ok(ran.signal === 'SIGKILL' || ran.status === 0, ran.stderr);
  return ran.signal === null;
}

for (const [what, hasOld] of [
  ['a store', true],
  ['an empty folder', false],
] as const)
  it(`killed at any step, a restore over ${what} is done as a whole or not at all`, (t) => {
    const seen = new Set<string>();
    for (let step = 1; ; step += 1) {
      const folder = openFolder(t);
      writeFileSync(join(folder, 'master.key'), 'the key');
      if (hasOld) writeStore(folder, 'old');
      const isOver = restoreAndKill(folder, step);
      finishRestore(folder);
      const found = readStore(folder);
      const aside = join(folder, 'replaced');
      const names = readdirSync(folder).toSorted();
      if (found?.name === 'new') {
        assert.deepEqual(found, whole('new'), `step ${step}`);
        assert.equal(existsSync(aside), hasOld, `step ${step}`);
        if (hasOld) assert.deepEqual(readStore(aside), whole('old'), `step ${step}`);
        const all = ['chasqui.sqlite', 'master.key', 'media', ...(hasOld ? ['replaced'] : [])];
        assert.deepEqual(names, all, `step ${step}`);
      } else {
        assert.deepEqual(found, hasOld ? whole('old') : undefined, `step ${step}`);
        const all = hasOld ? ['chasqui.sqlite', 'master.key', 'media'] : ['master.key'];
        assert.deepEqual(names, all, `step ${step}`);
      }
      seen.add(String(found?.name));
      assert.equal(readFileSync(join(folder, 'master.key'), 'utf8'), 'the key');
      if (isOver) break;
    }
    assert.deepEqual(
      [...seen],
      [hasOld ? 'old' : 'undefined', 'new'],
      'it was killed before and after it was decided',
    );
  });

describe('while a restore is under way', () => {
  it('nobody else opens the folder, and what is there stays until it is decided', (t) => {
    const folder = openFolder(t);
    writeStore(folder, 'old');
    const restoring = beginRestore(folder);
    const isInUse = (error: unknown): boolean =>
      error instanceof GatewayError && error.code === 'store_in_use';
    assert.throws(() => finishRestore(folder), isInUse);
    assert.throws(() => beginRestore(folder), isInUse);
    writeStore(restoring.folder, 'new');
    restoring.close();
    assert.deepEqual(readStore(folder), whole('old'));
    assert.deepEqual(listStoreFiles(folder), ['chasqui.sqlite', 'media']);
    assert.deepEqual(readdirSync(folder).toSorted(), ['chasqui.sqlite', 'media']);
  });

  it('a service that began in an empty folder meanwhile keeps it', (t) => {
    const folder = openFolder(t);
    const restoring = beginRestore(folder);
    writeStore(restoring.folder, 'new');
    writeStore(folder, 'old');
    assert.throws(() => restoring.commit('replaced'), { code: 'store_in_use' });
    restoring.close();
    assert.deepEqual(readStore(folder), whole('old'));
  });

  it('a store that somebody has open is not touched', (t) => {
    const folder = openFolder(t);
    writeStore(folder, 'old');
    const program =
      "const db = new (require('node:sqlite').DatabaseSync)(process.argv[1]); db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE'); console.log(require('node:child_process').spawnSync(process.execPath, [process.argv[2], process.argv[3], '0'], { encoding: 'utf8' }).stderr)";
    const ran = spawnSync(process.execPath, ['-e', program, join(folder, 'chasqui.sqlite'), child, folder], {
      env: bareEnv,
      encoding: 'utf8',
    });
    assert.match(ran.stdout, /A service, or another command, is at work on/);
    assert.deepEqual(readStore(folder), whole('old'));
  });
});
