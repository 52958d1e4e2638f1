// What an operator is told of his store by `check`, and what mending leaves alone.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chownSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';
import { openControl } from '../../src/operations/control-socket.ts';
import type { ControlVerbs } from '../../src/operations/control-socket.ts';
import { callCommand } from '../support/operator-commands.ts';
import { startService } from '../support/service.ts';

let base: string;
/** A store that a service has left as it should be. */
let dataDir: string;

before(async () => {
  base = mkdtempSync(join(tmpdir(), 'chasqui-check-'));
  dataDir = join(base, 'data');
  const service = await startService({ dataDir });
  assert.equal(await service.stop(), 0);
});
after(() => rmSync(base, { recursive: true, force: true }));

const check = (...flags: string[]) => callCommand(['check', ...flags, '--data-dir', dataDir]);
const list = () => readdirSync(dataDir).sort();

/** The id of a process that is gone. */
function findGoneProcess(): number {
  const { pid } = spawnSync(process.execPath, ['--version']);
  return pid;
}

describe('mending', () => {
  it('a store that is whole stays the file it is, and nothing is called damaged', async () => {
    const before = list();
    const { code, stdout } = await check('--mend');
    assert.equal(code, 0);
    assert.match(stdout, /^The store is whole/);
    assert.match(stdout, /Mended: nothing, for nothing is damaged$/m);
    assert.doesNotMatch(stdout, /Put aside/);
    assert.deepEqual(list(), before);
  });

  it('a row that cannot be read is kept apart in a file whose pages are right', async () => {
    const db = new DatabaseSync(join(dataDir, 'chasqui.sqlite'), { defensive: false });
    db.exec(
      "INSERT INTO notice (id, at, code, subject, text, params) VALUES (4096, 1, 'clock_off', 'clock', 'Off.', '{')",
    );
    db.close();
    const before = list();
    const { stdout } = await check('--mend');
    assert.match(stdout, /Mended: kept apart: 1 rows of notice, because its JSON cannot be read$/m);
    assert.deepEqual(list(), before);
    assert.match((await check()).stdout, /1 rows of notice are kept apart/);
  });

  it('another user’s folder is left alone by what would make files of its own in it', async () => {
    const isRoot = process.getuid?.() === 0;
    const folder = isRoot ? join(base, 'foreign') : '/usr';
    if (isRoot) {
      mkdirSync(folder);
      copyFileSync(join(dataDir, 'chasqui.sqlite'), join(folder, 'chasqui.sqlite'));
      chownSync(folder, 65_534, 65_534);
    }
    const commands = [['migrate'], ...(isRoot ? [['check', '--mend']] : [])];
    for (const command of commands) {
      const { code, stderr } = await callCommand([...command, '--data-dir', folder], {
        MASTER_KEY: '5c'.repeat(32),
      });
      assert.equal(code, 1);
      assert.match(stderr, /is not your folder: it is that of the user \d+/, command.join(' '));
    }
  });
});

describe('beside a service that runs', () => {
  it('the copy is made by the service alone, so that another user than its own may ask, and goes away', async () => {
    const asked: string[] = [];
    const backup: ControlVerbs['backup'] = async ({ folder, media }) => {
      assert.deepEqual([existsSync(folder), media], [false, false]);
      asked.push(folder);
      mkdirSync(folder);
      copyFileSync(join(dataDir, 'chasqui.sqlite'), join(folder, 'chasqui.sqlite'));
      return { folder, storeBytes: 1, mediaFiles: 0, isExposed: false, durationMs: 1 };
    };
    const unasked = () => assert.fail('That is not asked for.');
    const verbs = { backup, findPerson: unasked, makeKey: unasked, resetUser: unasked };
    const close = await openControl(dataDir, verbs, () => undefined);
    const { code, stdout } = await check();
    await close();
    assert.equal(code, 0, stdout);
    assert.equal(asked.length, 1);
    assert.equal(existsSync(asked[0] ?? ''), false);
  });

  it('a copy whose command was killed is taken away by the next command, and by a start; that of one at work stays', async () => {
    const [left, other] = [findGoneProcess(), process.pid].map((pid) =>
      join(dataDir, `chasqui.sqlite.check-${pid}`),
    ) as [string, string];
    const leave = () => [left, other].forEach((folder) => mkdirSync(folder, { recursive: true }));
    leave();
    await check();
    assert.deepEqual([existsSync(left), existsSync(other)], [false, true]);
    leave();
    const service = await startService({ dataDir });
    assert.equal(await service.stop(), 0);
    assert.deepEqual([existsSync(left), existsSync(other)], [false, true]);
    rmSync(other, { recursive: true });
  });
});
