// `npm run bench:table`: puts the figures of bench/output/<store>-full.json into docs/performance.md.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { stores } from './bed.ts';
import type { Result } from './scenario.ts';

const page = new URL('../docs/performance.md', import.meta.url);
const begin = '<!-- figures: written by npm run bench:table -->';
const end = '<!-- end of figures -->';

const results = stores.map((store): ReadonlyMap<string, Result> => {
  const file = new URL(`output/${store}-full.json`, import.meta.url);
  const rows = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Result[]) : [];
  return new Map(rows.map((row) => [row.name, row]));
});
const names = new Set(results.flatMap((rows) => [...rows.keys()]));
const lines = [...names].map((name) => {
  const rows = results.map((byName) => byName.get(name));
  const figure = rows.find((row) => row !== undefined)?.figure ?? '';
  return `| ${[name, figure, ...rows.flatMap(toCells)].join(' | ')} |`;
});
const table = [
  '| scenario | figure | SQLite | wanted | PostgreSQL | wanted |',
  '|---|---|---|---|---|---|',
  ...lines,
].join('\n');

const text = readFileSync(page, 'utf8');
const [from, to] = [text.indexOf(begin), text.indexOf(end)];
if (from < 0 || to < 0) throw new Error('docs/performance.md has no place for the figures.');
writeFileSync(page, `${text.slice(0, from + begin.length)}\n\n${table}\n\n${text.slice(to)}`);

function toCells(row: Result | undefined): [string, string] {
  if (row === undefined) return ['', ''];
  const [low, high] = row.spread.map(toText);
  return [low === high ? toText(row.value) : `${toText(row.value)} (${low}–${high})`, row.limit];
}

function toText(value: number): string {
  return value >= 20 ? String(Math.round(value)) : value.toFixed(2);
}
