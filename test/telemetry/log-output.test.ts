import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { openLogOutput } from '../../src/telemetry/log-output.ts';

function makeFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-log-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

function open(file: { path: string; maxBytes: number; kept: number }) {
  const told: string[] = [];
  let lost = 0;
  let now = 0;
  const output = openLogOutput({
    file,
    monotonic: () => now,
    onLost: () => (lost += 1),
    tell: (text) => told.push(text),
  });
  return { output, told, countLost: () => lost, pass: (ms: number) => (now += ms) };
}

const line = (number: number): string => `{"line":${number}}\n`;

describe('the file of the log', () => {
  it('is added to, and what a full disk cut off stays a line of its own', async (t) => {
    const path = join(makeFolder(t), 'log');
    writeFileSync(path, '{"whole":1}\n{"cut');
    const { output, countLost } = open({ path, maxBytes: 0, kept: 1 });
    output.write(line(1));
    await output.close();
    assert.equal(readFileSync(path, 'utf8'), `{"whole":1}\n{"cut\n${line(1)}`);
    assert.equal(countLost(), 0);
  });

  it('is put aside at its size, so many times as are kept, and no line is lost on the way', async (t) => {
    const folder = makeFolder(t);
    const path = join(folder, 'log');
    const { output } = open({ path, maxBytes: 4 * line(10).length, kept: 2 });
    for (let number = 10; number < 20; number++) output.write(line(number));
    await output.close();
    assert.deepEqual(readdirSync(folder).toSorted(), ['log', 'log.1', 'log.2']);
    const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
    const all = [10, 11, 12, 13, 14, 15, 16, 17, 18, 19].map(line).join('');
    assert.equal(read('log.2') + read('log.1') + read('log'), all);
    const again = open({ path, maxBytes: 4 * line(10).length, kept: 2 });
    for (const number of [20, 21]) again.output.write(line(number));
    await again.output.close();
    assert.equal(read('log.2') + read('log.1'), [14, 15, 16, 17, 18, 19, 20, 21].map(line).join(''));
  });

  it('is whole once it is closed, also where its last line has just been put aside', async (t) => {
    const path = join(makeFolder(t), 'log');
    const long = `${'x'.repeat(900_000)}\n`;
    const { output } = open({ path, maxBytes: long.length, kept: 1 });
    output.write(long);
    await output.close();
    assert.equal(readFileSync(`${path}.1`, 'utf8').length, long.length);
  });

  it('is opened anew by its name, as logrotate wants it: what came before goes to the old one', async (t) => {
    const path = join(makeFolder(t), 'log');
    const { output } = open({ path, maxBytes: 0, kept: 1 });
    output.write(line(1));
    renameSync(path, `${path}.old`);
    output.write(line(2));
    output.reopen();
    output.write(line(3));
    await output.close();
    assert.equal(readFileSync(path, 'utf8'), line(3));
    assert.equal(readFileSync(`${path}.old`, 'utf8'), line(1) + line(2));
  });

  it(
    'that is a pipe keeps nobody waiting for its reader, and is not put aside',
    { skip: process.platform === 'win32', timeout: 60_000 },
    async (t) => {
      const folder = makeFolder(t);
      const path = join(folder, 'pipe');
      execFileSync('mkfifo', [path]);
      const output = new URL('../../src/telemetry/log-output.ts', import.meta.url).href;
      const program = `
        const { openLogOutput } = await import('${output}');
        const options = { path: ${JSON.stringify(path)}, maxBytes: 1000, kept: 1 };
        const log = openLogOutput({ file: options, monotonic: () => performance.now(), onLost: () => undefined });
        for (let count = 0; count < 2000; count += 1) log.write('x'.repeat(1000) + '\\n');
        await new Promise((resolve) => setTimeout(resolve, 100));
        await log.close();`;
      // It ends by itself, though what a pipe holds is long since full.
      execFileSync(process.execPath, ['--input-type=module', '--eval', program], { timeout: 30_000 });
      assert.deepEqual(readdirSync(folder), ['pipe']);
    },
  );

  it('that cannot be opened costs lines, which are counted and told once a minute, and is tried again', async (t) => {
    const folder = join(makeFolder(t), 'not there yet');
    const path = join(folder, 'log');
    const { output, told, countLost, pass } = open({ path, maxBytes: 0, kept: 1 });
    for (let number = 0; number < 5; number++) {
      output.write(line(number));
      pass(1000);
    }
    assert.equal(countLost(), 5);
    assert.deepEqual(told, ['The log cannot be written (ENOENT); 0 lines are lost. The service goes on.\n']);
    pass(60_000);
    output.write(line(5));
    assert.match(told[1] ?? '', /ENOENT\); 5 lines/);
    assert.equal(existsSync(folder), false);
    mkdirSync(folder);
    pass(1000);
    output.write(line(6));
    await output.close();
    assert.equal(readFileSync(path, 'utf8'), line(6));
  });

  it(
    'on a full disk costs lines, and nobody waits or is ended',
    { skip: !existsSync('/dev/full') },
    async () => {
      const { output, told, countLost } = open({ path: '/dev/full', maxBytes: 0, kept: 1 });
      for (let number = 0; number < 100; number++) output.write(line(number));
      await output.close();
      assert.equal(countLost(), 100);
      assert.match(told[0] ?? '', /ENOSPC/);
    },
  );
});
