import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { errorTable } from '../../src/domain/errors.ts';
import { ownFailureTable } from '../../src/domain/message.ts';
import { noticeCodes } from '../../src/domain/notice.ts';
import { smqErrorTable } from '../../src/protocols/smq/errors.ts';

function readDocs(name: string): string {
  return readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
}

/** First cell → the other cells, of every table row that begins with a code. */
function readRows(text: string): Map<string, string[]> {
  const rows = [...text.matchAll(/^\| `(\w+)`\s*\|(.*)\|$/gm)];
  return new Map(
    rows.map(([, code = '', cells = '']) => [code, cells.split('|').map((cell) => cell.trim())]),
  );
}

test('docs/errors.md lists every code of all tables with its text, and no other', () => {
  const rows = readRows(readDocs('errors.md'));
  for (const [code, { status, retryable, text }] of Object.entries(errorTable)) {
    assert.deepEqual(rows.get(code)?.slice(0, 3), [String(status), retryable ? 'yes' : 'no', text], code);
    assert.notEqual(rows.get(code)?.[3] ?? '', '', `${code} says what to do`);
  }
  for (const [code, { status, text }] of Object.entries(smqErrorTable))
    assert.deepEqual(rows.get(code), [String(status), text], code);
  for (const [code, text] of Object.entries(ownFailureTable)) {
    assert.equal(rows.get(code)?.[0], text, code);
    assert.notEqual(rows.get(code)?.[1] ?? '', '', `${code} says what to do`);
  }
  const known = new Set([errorTable, smqErrorTable, ownFailureTable].flatMap(Object.keys));
  assert.deepEqual(
    [...rows.keys()].filter((code) => !known.has(code)),
    [],
  );
});

test('docs/operations.md says what to do about every notice', () => {
  const rows = readRows(readDocs('operations.md'));
  for (const code of noticeCodes) assert.equal(rows.get(code)?.length, 2, code);
});
