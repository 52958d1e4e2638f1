// A planner may run the select of a join once for each row of the other side; one that locks and skips then gives more rows than its
// limit, which no test of the contract sees with the plans of small tables.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { it } from 'node:test';

const folders = ['../../../src/store/', '../../../sql/postgres/'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);

/** What stands before the select that a locking clause belongs to: the word behind which its bracket opens. */
function openingOf(text: string, at: number): string {
  let depth = 0;
  for (let n = at; n >= 0; n--) {
    if (text[n] === ')') depth++;
    if (text[n] === '(' && depth-- === 0) return text.slice(Math.max(0, n - 24), n);
  }
  return '';
}

it('no claim joins a select that locks and skips, whose limit would not hold', () => {
  let looked = 0;
  for (const folder of folders)
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (!/postgres.*\.ts$|\.sql$/.test(name)) continue;
      const text = readFileSync(join(folder, name), 'utf8');
      for (const { index } of text.matchAll(/SKIP LOCKED/g)) {
        looked++;
        // A query of its own in WITH is run once when it locks; so is one that gives the single value of a comparison.
        assert.match(openingOf(text, index), /\bAS( MATERIALIZED)? ?$|=\s*$/, `${name} at ${index}`);
      }
    }
  assert.ok(looked >= 8, `${looked} claims`);
});
