import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { unpackOnce } from './unpack.ts';

const program = fileURLToPath(new URL('unpacker.ts', import.meta.url));

function makeRoot(t: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), 'chasqui-unpack-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

interface Unpacker {
  readonly child: ChildProcess;
  /** Resolves once it has said so. */
  readonly says: (word: string) => Promise<void>;
  readonly goOn: () => void;
}

/** A process that unpacks and then runs what is there. */
function startUnpacker(t: TestContext, root: string, version = '1'): Unpacker {
  const child = spawn(process.execPath, [program, root, version], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return {
    child,
    says: async (word) => {
      while (!output.includes(word)) {
        assert.equal(child.stdout.readableEnded, false, output);
        await Promise.race([once(child.stdout, 'data'), once(child.stdout, 'end')]);
      }
    },
    goOn: () => void child.stdin.write('\n'),
  };
}

test('processes that unpack at once all run a whole program, and it is there once', async (t) => {
  const root = makeRoot(t);
  const unpackers = [startUnpacker(t, root), startUnpacker(t, root), startUnpacker(t, root)];
  for (const { says } of unpackers) await says('half');
  // Nobody has it yet, so nobody can start what is half written.
  assert.ok(readdirSync(join(root, 'program')).every((entry) => entry.startsWith('1.partial-')));
  for (const { goOn } of unpackers) goOn();
  for (const { says } of unpackers) await says('ran');
  assert.deepEqual(readdirSync(join(root, 'program')), ['1']);
});

test('an unpacking that was killed half way counts for nothing, and is cleared away', async (t) => {
  const root = makeRoot(t);
  const killed = startUnpacker(t, root);
  await killed.says('half');
  killed.child.kill('SIGKILL');
  await once(killed.child, 'exit');
  const [left = ''] = readdirSync(join(root, 'program'));
  assert.match(left, /^1\.partial-/);
  // Another may be at work in what is young; what is old is nobody's.
  utimesSync(join(root, 'program', left), 0, 0);
  const next = startUnpacker(t, root);
  await next.says('half');
  next.goOn();
  await next.says('ran');
  assert.deepEqual(readdirSync(join(root, 'program')), ['1']);
});

test('another version is unpacked beside, and the one before goes', async (t) => {
  const root = makeRoot(t);
  let unpacked = 0;
  const fill = (): void => void (unpacked += 1);
  await unpackOnce('program', '1', fill, root);
  assert.equal(await unpackOnce('program', '1', fill, root), join(root, 'program', '1'));
  assert.equal(unpacked, 1);
  await unpackOnce('program', '2', fill, root);
  assert.equal(unpacked, 2);
  assert.deepEqual(readdirSync(join(root, 'program')), ['2']);
});

test('what cannot be unpacked leaves nothing, and is tried again', async (t) => {
  const root = makeRoot(t);
  const fail = (): never => {
    throw new Error('no room');
  };
  await assert.rejects(unpackOnce('program', '1', fail, root), /no room/);
  assert.deepEqual(readdirSync(join(root, 'program')), []);
  await unpackOnce('program', '1', () => undefined, root);
  assert.deepEqual(readdirSync(join(root, 'program')), ['1']);
});
