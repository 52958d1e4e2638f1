// An empty temporary folder and an empty home for a run of tests, which have to be empty again when it is over.
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pause } from './pace.ts';

interface Sandbox {
  /** Of everything that is to run in it. */
  readonly env: { readonly TMPDIR: string; readonly HOME: string };
  /** Ends what still runs in it and removes it; resolves to what was left behind, a line for each process and for each file or folder. */
  readonly close: () => Promise<readonly string[]>;
}

/** Makes both. At its end it waits `endingMs` for processes that were told to end. Its names are short because the path of a socket may not be long. */
export function openSandbox({ endingMs = 5000 } = {}): Sandbox {
  const folder = mkdtempSync(join(tmpdir(), 'ct-'));
  const env = { TMPDIR: join(folder, 't'), HOME: join(folder, 'h') };
  for (const inner of Object.values(env)) mkdirSync(inner);
  // PostgreSQL is never run as root, and its user has to get to its data.
  chmodSync(folder, 0o711);
  return {
    env,
    close: async () => {
      const processes = await findLeft(env.TMPDIR, endingMs);
      for (const { pid } of processes) process.kill(pid, 'SIGKILL');
      const files = Object.entries(env).flatMap(([name, inner]) =>
        readdirSync(inner).map((entry) => `$${name}/${entry}`),
      );
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
      return [...processes.map(({ pid, command }) => `process ${pid}: ${command}`), ...files];
    },
  };
}

interface Left {
  readonly pid: number;
  readonly command: string;
}

/** Processes that were given this temporary folder and do not end; none on a system that does not tell of them. */
async function findLeft(folder: string, endingMs: number): Promise<readonly Left[]> {
  const end = Date.now() + endingMs;
  let left = listProcesses(folder);
  while (left.length > 0 && Date.now() < end) {
    await pause(50, 'processes come to their end');
    left = listProcesses(folder);
  }
  return left;
}

function listProcesses(folder: string): readonly Left[] {
  return listPids().flatMap((pid) => {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
      if (!environment.includes(`TMPDIR=${folder}`)) return [];
      return [
        { pid, command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').slice(0, 200) },
      ];
    } catch {
      // It has ended meanwhile, or is another user's.
      return [];
    }
  });
}

function listPids(): readonly number[] {
  try {
    readlinkSync('/proc/self');
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    // No Linux.
    return [];
  }
}
