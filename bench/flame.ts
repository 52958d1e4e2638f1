// `npm run bench:flame -- <folder> <title> <file.svg>`: draws the first CPU profile that a bench left in a folder (BENCH_CPU_PROF)
// as a flame graph. As wide as its share of the time at work is each call, callees above their callers; the functions of Node
// and of libraries count for whichever function of ours called them, so that what is seen is our own code.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readStacks } from './profiles.ts';
import type { CallFrame, Profile } from './profiles.ts';

interface Frame {
  readonly name: string;
  micros: number;
  readonly callees: Map<string, Frame>;
}

const [width, rowHeight, top] = [1000, 18, 34];
/** Narrower calls are left out. */
const narrowest = 3;

const [folder = '', title = '', file = ''] = process.argv.slice(2);
const name = readdirSync(folder).find((entry) => entry.endsWith('.cpuprofile'));
if (name === undefined || file === '')
  throw new Error('Name a folder with a .cpuprofile, a title and a file.');
const profile = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Profile;

const root: Frame = { name: 'all', micros: 0, callees: new Map() };
for (const { frames, micros } of readStacks(profile)) {
  root.micros += micros;
  let at = root;
  for (const text of frames.flatMap(toName)) {
    const next = at.callees.get(text) ?? { name: text, micros: 0, callees: new Map() };
    at.callees.set(text, next);
    next.micros += micros;
    at = next;
  }
}
const depth = toDepth(root);
writeFileSync(
  file,
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top + depth * rowHeight}" font-family="sans-serif" font-size="11">
<rect width="100%" height="100%" fill="#fff"/>
<text x="4" y="18" font-size="13">${escape(title)}</text>
${draw(root, 0, 0).join('\n')}
</svg>
`,
);

/** The name of a call that is shown; none for what counts for its caller. */
function toName({ functionName, url }: CallFrame): string[] {
  if (functionName === '(garbage collector)') return ['garbage collection'];
  const own = /\/src\/(.+)\.ts$/.exec(url)?.[1];
  return own === undefined || functionName === '' ? [] : [`${functionName} (${own})`];
}

function toWidth(frame: Frame): number {
  return (width * frame.micros) / root.micros;
}

function toDepth(frame: Frame): number {
  const wide = [...frame.callees.values()].filter((callee) => toWidth(callee) >= narrowest);
  return 1 + Math.max(0, ...wide.map(toDepth));
}

/** The call and what it calls, from `x` on; the bottom row is the whole. */
function draw(frame: Frame, x: number, row: number): string[] {
  const own = toWidth(frame);
  if (own < narrowest) return [];
  const y = top + (depth - 1 - row) * rowHeight;
  const share = `${((100 * frame.micros) / root.micros).toFixed(1)} %`;
  const label = escape(frame.name.slice(0, Math.floor(own / 6)));
  const lines = [
    `<g><title>${escape(frame.name)} ${share}</title><rect x="${x.toFixed(1)}" y="${y}" width="${(own - 0.5).toFixed(1)}" height="${rowHeight - 1}" fill="hsl(${30 - (row % 4) * 6} 90% ${62 + (row % 3) * 5}%)"/><text x="${(x + 3).toFixed(1)}" y="${y + 12}">${label}</text></g>`,
  ];
  let left = x;
  for (const callee of [...frame.callees.values()].sort((a, b) => b.micros - a.micros)) {
    lines.push(...draw(callee, left, row + 1));
    left += toWidth(callee);
  }
  return lines;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
