// Every payload of test/fixtures with what consumers are told of it. `UPDATE_SNAPSHOT=1` writes test/fixtures/told.json anew; read the
// difference before you commit it.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { folderOf, kinds, tell } from '../support/told.ts';
import type { Kind } from '../support/told.ts';

const folder = new URL('../fixtures/', import.meta.url);
const snapshotFile = new URL('told.json', folder);

/** What makes a receipt what it is: its type, what the message says, and what came with it. */
const shown = [
  'Type',
  'Status',
  'AuditStatus',
  'Message',
  'Context',
  'ErrorCode',
  'ErrorDescription',
  'Reason',
  'TemplateName',
  'Extra',
];

function toLines(kind: Kind, file: string): readonly unknown[] {
  const payload = readFileSync(new URL(`${folderOf(kind)}${file}`, folder));
  const { receipts, marks, remarks } = tell(kind, payload);
  const read = (name: string, value: unknown): unknown =>
    name === 'Message' && typeof value === 'string' && value.startsWith('{') ? JSON.parse(value) : value;
  return [
    ...receipts.map((receipt) =>
      Object.fromEntries(
        Object.entries(receipt)
          .filter(([name, value]) => shown.includes(name) && value !== '')
          .map(([name, value]) => [name, read(name, value)]),
      ),
    ),
    ...marks.map(() => 'a mark'),
    ...remarks.map((remark) => `kept: ${remark}`),
  ];
}

const actual = Object.fromEntries(
  (Object.keys(kinds) as Kind[]).flatMap((kind) =>
    readdirSync(new URL(folderOf(kind), folder))
      .filter((file) => file.endsWith('.json'))
      .sort()
      .map((file) => [`${folderOf(kind)}${file}`, toLines(kind, file)]),
  ),
);

describe('what is told of', () => {
  if (process.env['UPDATE_SNAPSHOT'] === '1')
    writeFileSync(snapshotFile, `${JSON.stringify(actual, null, 2)}\n`);
  const expected = JSON.parse(readFileSync(snapshotFile, 'utf8')) as Readonly<Record<string, unknown>>;
  for (const file of new Set([...Object.keys(actual), ...Object.keys(expected)]))
    it(file, () => assert.deepEqual(actual[file], expected[file]));
});
