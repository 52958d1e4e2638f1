// `npm run package:measure [-- folder]`: what the packages in `dist/`, or in the folder given, take: room, time until they are ready, and memory.
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { version } from '../src/runtime/release.ts';

const checkout = join(import.meta.dirname, '..');
const starts = 5;
const idleMs = 30_000;
const limitMs = 60_000;

const archives = resolve(process.argv[2] ?? join(checkout, 'dist'));
const work = mkdtempSync(join(tmpdir(), 'chasqui-measure-'));
try {
  console.log('| package | packed, MB | unpacked, MB | first start, s | later start, s | idle, MB |');
  console.log('|---|---|---|---|---|---|');
  const linux = `chasqui-${version}-linux-x64`;
  await measure(`${linux}.tar.gz`, (folder) => [join(folder, linux, 'chasqui')]);
  await measure(`chasqui-${version}.tgz`, (folder) => [
    process.execPath,
    join(folder, 'package', 'bin', 'chasqui.js'),
  ]);
  console.log(
    `Load averages at the end: ${loadavg()
      .map((load) => load.toFixed(1))
      .join(', ')}.`,
  );
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** Prints the row of one package, which `toCommand` runs where it was unpacked. */
async function measure(name: string, toCommand: (folder: string) => readonly string[]): Promise<void> {
  const archive = join(archives, name);
  const folder = mkdtempSync(join(work, 'unpacked-'));
  const { status } = spawnSync('tar', ['-xzf', archive, '-C', folder], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${archive} could not be unpacked; npm run package makes it.`);
  const [first, later]: [number[], number[]] = [[], []];
  let idleBytes = 0;
  for (let index = 0; index < starts; index += 1) {
    const data = mkdtempSync(join(work, 'data-'));
    first.push((await run(toCommand(folder), data, 0)).seconds);
    const isLast = index === starts - 1;
    const again = await run(toCommand(folder), data, isLast ? idleMs : 0);
    later.push(again.seconds);
    idleBytes = again.bytes;
  }
  const sizes = [statSync(archive).size, sizeOf(folder)].map((bytes) => (bytes / 1e6).toFixed(1));
  const times = [first, later].map((seconds) => toMiddle(seconds).toFixed(2));
  console.log(`| \`${name}\` | ${[...sizes, ...times, (idleBytes / 1e6).toFixed(0)].join(' | ')} |`);
}

/** Starts it, and ends it `waitMs` after it was ready; resolves to how long that took, and the bytes that it had in memory at its end. */
async function run(
  [file = '', ...words]: readonly string[],
  data: string,
  waitMs: number,
): Promise<{ readonly seconds: number; readonly bytes: number }> {
  const beganAt = performance.now();
  const env = { PATH: process.env['PATH'], HOME: data, DATA_DIR: join(data, 'store'), PORT: '0' };
  const child = spawn(file, [...words, 'start'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  try {
    const url = await readUrl(child);
    while (!(await isReady(url))) {
      if (performance.now() - beganAt > limitMs) throw new Error('It is not ready within a minute.');
      await sleep(5);
    }
    const seconds = (performance.now() - beganAt) / 1000;
    await sleep(waitMs);
    const told = readFileSync(`/proc/${String(child.pid)}/status`, 'utf8');
    return { seconds, bytes: Number(/^VmRSS:\s+(\d+) kB/m.exec(told)?.[1]) * 1024 };
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}

async function isReady(url: string): Promise<boolean> {
  const { statusCode, body } = await request(`${url}/health/ready`);
  await body.dump();
  return statusCode === 200;
}

/** Resolves to where it says that it listens; all that it prints is read, to its end. */
function readUrl(child: ChildProcess): Promise<string> {
  let said = '';
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const [, url] = /Chasqui is listening on (\S+)/.exec(said) ?? [];
      if (url !== undefined) resolve(url);
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`It never listened:\n${said}`)));
  });
}

function toMiddle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Bytes of all files of a folder. */
function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
