import { readFileSync } from 'node:fs';

/** The names of docs/workers.md, sorted: of all workers, of those that a store of files does without, and of those that it alone has. */
export function readWorkersPage(): {
  readonly all: readonly string[];
  readonly shared: readonly string[];
  readonly embedded: readonly string[];
} {
  const page = readFileSync(new URL('../../docs/workers.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `([\w.]+)` \|(.*)$/gm)];
  const toNames = (from: typeof rows): string[] => from.map(([, name = '']) => name).toSorted();
  return {
    all: toNames(rows),
    shared: toNames(rows.filter(([, , text = '']) => text.includes('only with PostgreSQL'))),
    embedded: toNames(rows.filter(([, , text = '']) => text.includes('with the embedded store alone'))),
  };
}
