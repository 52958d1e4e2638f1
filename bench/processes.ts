// What processes have used, as /proc tells it. What it does not tell is undefined, and never 0.
import { readdir, readFile, readlink } from 'node:fs/promises';
import { sum } from './measure.ts';

interface Stat {
  readonly parent: number;
  /** Hundredths of a second that it has used so far. */
  readonly ticks: number;
  /** The same of its children that have ended. */
  readonly childTicks: number;
}

/** Whose processor time and memory count; undefined where it is not known, empty where there are none. */
export interface Processes {
  readonly service: readonly number[] | undefined;
  readonly database: readonly number[] | undefined;
}

interface Usage {
  readonly ticks: number;
  readonly memoryMb: number | undefined;
}

/** What listens on a port for somebody else, and so says nothing of what does the work. */
const forwarders = /^(docker-proxy|rootlessport|slirp4netns|conmon|ssh|haproxy|nginx)\b/;

/** Of a process by `/proc/<id>`, or of a thread by its folder; undefined when it has ended. */
export async function readStat(folder: string): Promise<Stat | undefined> {
  const stat = await readFile(`${folder}/stat`, 'utf8').catch(() => undefined);
  if (stat === undefined) return undefined;
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [user = 0, system = 0, childUser = 0, childSystem = 0] = fields.slice(11, 15);
  return { parent: fields[1] ?? 0, ticks: user + system, childTicks: childUser + childSystem };
}

/** Of these processes and all that came from them, together; undefined when one of them is not there. */
export async function readUsage(pids: readonly number[]): Promise<Usage | undefined> {
  const all = await readStats();
  if (pids.some((pid) => !all.has(pid))) return undefined;
  const family = new Set(pids);
  for (let size = 0; size < family.size;) {
    size = family.size;
    for (const [pid, { parent }] of all) if (family.has(parent)) family.add(pid);
  }
  const members = [...family].flatMap((pid) => all.get(pid) ?? []);
  const memories = await Promise.all([...family].map(readMemoryMb));
  return {
    ticks: sum(members.map(({ ticks, childTicks }) => ticks + childTicks)),
    memoryMb: memories.includes(undefined) ? undefined : sum(memories.map((memory = 0) => memory)),
  };
}

/** The processes of this machine that listen on a TCP port; undefined where none is seen, or one that only forwards. */
export async function findListeners(port: number): Promise<readonly number[] | undefined> {
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')),
  );
  const local = port.toString(16).toUpperCase().padStart(4, '0');
  const sockets = new Set(
    tables
      .join('\n')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, address = '', , state]) => address.endsWith(`:${local}`) && state === '0A')
      .map((fields) => `socket:[${fields[9] ?? ''}]`),
  );
  const pids = await readPids();
  const held = await Promise.all(pids.map((pid) => holdsAny(pid, sockets)));
  const listeners = pids.filter((_, n) => held[n]);
  const names = await Promise.all(
    listeners.map((pid) => readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')),
  );
  return listeners.length === 0 || names.some((name) => forwarders.test(name)) ? undefined : listeners;
}

async function readPids(): Promise<number[]> {
  return (await readdir('/proc').catch(() => [])).map(Number).filter((pid) => pid > 0);
}

async function readStats(): Promise<ReadonlyMap<number, Stat>> {
  const pids = await readPids();
  const stats = await Promise.all(pids.map((pid) => readStat(`/proc/${pid}`)));
  return new Map(pids.flatMap((pid, n) => (stats[n] === undefined ? [] : [[pid, stats[n]] as const])));
}

/** Its own memory and its share of what it has together with others. */
async function readMemoryMb(pid: number): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  const kilobytes = /^Pss:\s+(\d+)/m.exec(text)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
}

async function holdsAny(pid: number, sockets: ReadonlySet<string>): Promise<boolean> {
  const files = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const links = await Promise.all(files.map((file) => readlink(`/proc/${pid}/fd/${file}`).catch(() => '')));
  return links.some((link) => sockets.has(link));
}
