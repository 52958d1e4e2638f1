import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { strip } from '../../packaging/strip.ts';

test('a stripped Node is smaller, the same as far as it goes but for three fields of its head, and runs threads, SQLite and WebAssembly', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-strip-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const whole = readFileSync(process.execPath);
  const stripped = strip(whole);
  assert.ok(stripped.length < whole.length, 'a Node of its makers has symbols');
  assert.ok(
    stripped.subarray(64).equals(whole.subarray(64, stripped.length)),
    'what follows the head is untouched',
  );
  const path = join(folder, 'node');
  writeFileSync(path, stripped, { mode: 0o755 });
  const work = `
    const { Worker } = require('node:worker_threads');
    const { DatabaseSync } = require('node:sqlite');
    const { one } = new DatabaseSync(':memory:').prepare('SELECT 1 AS one').get();
    new Worker('require("node:worker_threads").parentPort.postMessage(2)', { eval: true }).on('message', async (two) => {
      await WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
      console.log(process.version, one, two);
    });`;
  assert.equal(execFileSync(path, ['-e', work], { encoding: 'utf8' }), `${process.version} 1 2\n`);
});

test('what is no program for a 64-bit Linux is refused', () => {
  assert.throws(() => strip(Buffer.alloc(64)), /no 64-bit little-endian ELF/);
});
