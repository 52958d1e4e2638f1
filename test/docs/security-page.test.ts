// docs/security.md: each row names a test that is there.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

const read = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');

/** The names of the tests of a file, as its source writes them. */
const testNames = (path: string): string[] =>
  [...read(path).matchAll(/\b(?:test|it|describe)\(\s*(['"`])((?:\\.|(?!\1).)*)\1/gs)].map(
    ([, , name = '']) => name,
  );

/** What stands in the last cell of each row of the page's table of tests. */
function toCells(page: string): { row: string; cell: string }[] {
  return page.split('\n').flatMap((line) => {
    const [numbers = '', , cell = ''] = line.split(' | ');
    return /^\| \d+\.\d+\.\d+/.test(numbers) ? [{ row: numbers, cell: cell.replace(/\s*\|$/, '') }] : [];
  });
}

test('each row of the security page names tests that are there', () => {
  const cells = toCells(read('docs/security.md'));
  assert.ok(cells.length > 20, `${cells.length} rows`);
  let named = 0;
  for (const { row, cell } of cells) {
    const files = [...cell.matchAll(/`([\w/-]+\.test\.ts)`: ([^`]+?)(?=; `|$)/g)];
    if (files.length === 0) assert.match(cell, /^`npm run test:interop`/, row);
    for (const [, file = '', phrases = ''] of files)
      for (const phrase of phrases.split('; ')) {
        // One that runs for each store begins with the name of the store.
        const names = testNames(`test/${file}`).map((name) => name.replace(/^\$\{\w+\}: /, ''));
        const found = names.filter((name) => name.startsWith(phrase));
        assert.equal(
          found.length,
          1,
          `${row}: “${phrase}” begins one test of ${file}, of ${names.join(' | ')}`,
        );
        named += 1;
      }
  }
  assert.ok(named > 30, `${named} tests`);
});
