import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pack } from '../../packaging/archive.ts';

test('the same files make the same archive, in whatever order and with whatever rights they came to be', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-archive-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const archives = [];
  for (const names of [
    ['a', 'b', 'run'],
    ['run', 'b', 'a'],
  ]) {
    const source = join(folder, names.join(''));
    mkdirSync(source, { mode: names[0] === 'a' ? 0o700 : 0o775 });
    for (const name of names) writeFileSync(join(source, name), `This is ${name}.`, { mode: 0o600 });
    chmodSync(join(source, 'run'), 0o700);
    const path = `${source}.tgz`;
    await pack(source, 'inside', path);
    archives.push(readFileSync(path));
  }
  const [first, second] = archives;
  assert.ok(first !== undefined && second !== undefined && first.equals(second));

  const listed = spawnSync('tar', ['-tvzf', join(folder, 'abrun.tgz')], { encoding: 'utf8' });
  const lines = listed.stdout.trim().split('\n');
  const shown = lines.map((line) => line.split(/\s+/)).map((words) => [words[0], words[1], words.at(-1)]);
  assert.deepEqual(shown, [
    ['drwxr-xr-x', '0/0', 'inside/'],
    ['-rw-r--r--', '0/0', 'inside/a'],
    ['-rw-r--r--', '0/0', 'inside/b'],
    ['-rwxr-xr-x', '0/0', 'inside/run'],
  ]);
});

test('what cannot be packed is told', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-archive-'));
  t.after(() => rmSync(folder, { recursive: true }));
  await assert.rejects(pack(join(folder, 'gone'), 'inside', join(folder, 'a.tgz')), /tar ended with/);
});
