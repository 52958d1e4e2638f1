// `npm run bench:profile -- <folder>`: says on what the service spent its time, by the CPU profiles that a bench left in the
// folder (BENCH_CPU_PROF). Time is the function's own; what has no file of its own counts for whoever called it. Idle time
// and all before the first request of a hot path are left out.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readStacks } from './profiles.ts';
import type { CallFrame, Profile } from './profiles.ts';

/** In the order in which they are tried, against `<file>#<function>`. */
const groups: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['garbage collection', /\(garbage collector\)/],
  ['commit (log, flush, checkpoint)', /connection\.ts##commit/],
  ['statements', /(?:statement|connection)\.ts#(get|all|run|of)$/],
  ['store, in JavaScript', /src\/store\//],
  ['signatures and hashes', /internal\/crypto|signature|auth\.ts|#isSigned|#digest/],
  ['XML', /saxes|smq\/(xml|messages)\.ts/],
  ['reading webhooks', /src\/channels\//],
  ['recording and rendering', /src\/(core\/(receipts|messages)|protocols\/(hooks|cams)|domain)\//],
  ['SMQ', /src\/(protocols\/smq|core\/queues)\//],
  ['pushing', /src\/core\/deliveries\/|src\/http\/(client|exchange)\.ts|undici/],
  ['log and metrics', /telemetry|prom-client|pino|quick-format|sonic-boom/],
  [
    'HTTP server and sockets',
    /node:_http|node:http|node:net|streams|stream_base|src\/http\/|node:buffer|internal\/buffer/,
  ],
  ['event loop and promises', /task_queues|timers|async_hooks|node:events|runMicrotasks|#\(program\)/],
];

const [folder = ''] = process.argv.slice(2);
const files = readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'));
for (const file of files) {
  const profile = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Profile;
  const times = toTimes(profile);
  const total = [...times].reduce((sum, [, time]) => sum + time, 0);
  console.log(`\n${file}: ${(total / 1e6).toFixed(1)} s at work\n\n| % | what |\n|---|---|`);
  for (const [name, time] of [...times].toSorted((a, b) => b[1] - a[1]))
    console.log(`| ${((time / total) * 100).toFixed(0)} | ${name} |`);
}

/** Microseconds by group. */
function toTimes(profile: Profile): Map<string, number> {
  const times = new Map<string, number>();
  for (const { frames, micros } of readStacks(profile)) {
    const group = toGroup(frames);
    times.set(group, (times.get(group) ?? 0) + micros);
  }
  return times;
}

/** The group of the innermost call that is of one; what has no file of its own counts for whoever called it. */
function toGroup(frames: readonly CallFrame[]): string {
  for (const { functionName, url } of frames.toReversed()) {
    const text = `${url}#${functionName}`;
    const known = groups.find(([, pattern]) => pattern.test(text));
    if (known !== undefined) return known[0];
    if (url !== '') break;
  }
  return 'everything else';
}
