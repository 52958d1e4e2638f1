// Unpacks a program in two halves and runs it, for the test of unpacking: `node unpacker.ts <root> <version>`. Says `half` in
// the middle and waits for a line; says `ran` once the program, unpacked by whomever, has run.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unpackOnce } from './unpack.ts';

const [root = '', version = ''] = process.argv.slice(2);
const folder = await unpackOnce(
  'program',
  version,
  async (target) => {
    const bytes = readFileSync('/bin/sh');
    const file = join(target, 'run');
    writeFileSync(file, bytes.subarray(0, bytes.length / 2), { mode: 0o755 });
    process.stdout.write('half\n');
    await once(process.stdin, 'data');
    appendFileSync(file, bytes.subarray(bytes.length / 2));
  },
  root,
);
const { stdout, error } = spawnSync(join(folder, 'run'), ['-c', 'echo ran'], {
  argv0: 'sh',
  encoding: 'utf8',
});
process.stdout.write(error === undefined ? stdout : String(error));
process.stdin.destroy();
