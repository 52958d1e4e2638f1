// The table of docs/channel-whatsapp.md of what an error becomes has every code that the connector knows, with what it means, and no other.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { findRow } from '../../src/channels/kit/graph-errors.ts';
import { whatsappRows } from '../../src/channels/whatsapp/errors.ts';

/** The classes that a row of the page speaks of, by its first words. */
const classes: Readonly<Record<string, readonly string[]>> = {
  'token, permission': ['auth'],
  'account, payment, registration, a wrong or deleted number': ['account'],
  'rate of app, WABA or number': ['throttle'],
  'spam, limit of the day, registration tries': ['throttle'],
  pair: ['throttle'],
  'for a while': ['transient'],
  media: ['media'],
  'window closed': ['window'],
  'user’s wish, Meta’s pacing': ['opt_out', 'pacing'],
  template: ['template'],
  'message, recipient': ['permanent'],
};

type Range = readonly [from: number, to: number];

/** Numbers and ranges, in which `xx` stands for any two digits. What needs a subcode is told in words behind it. */
function toRanges(cell: string): readonly Range[] {
  return [
    ...cell
      .replace(/\d+ with subcode \d+|\d+ that asks[^|]*|but \d+/g, '')
      .matchAll(/(\d+)(?:–(\d+)|(xx))?/g),
  ].map(([, from = '', to, any]): Range =>
    any === undefined ? [Number(from), Number(to ?? from)] : [Number(`${from}00`), Number(`${from}99`)],
  );
}

it('what an error of WhatsApp becomes stands in its table, each code once', () => {
  const page = readFileSync('docs/channel-whatsapp.md', 'utf8');
  const [, part = ''] = page.split('### What an error becomes\n');
  const rows = [...(part.split('\nOur own codes')[0] ?? '').matchAll(/^\| ([^|]+) \| ([^|]+) \| [^|]+ \|$/gm)]
    .map(([, what = '', codes = '']) => [what.trim().replaceAll("'", '’'), toRanges(codes)] as const)
    .filter(([what]) => classes[what] !== undefined);
  assert.deepEqual(rows.map(([what]) => what).toSorted(), Object.keys(classes).toSorted());
  const told = rows.flatMap(([what, ranges]) => ranges.map((range) => ({ what, range })));
  const wrong = told.flatMap(({ what, range: [from, to] }) =>
    [from, to]
      .filter((code) => {
        const failure = findRow(whatsappRows, code, null)?.failure ?? 'unrecognized';
        // What stands in a range and is told apart is of the narrower row.
        const narrower = told.some(
          (other) =>
            other.what !== what &&
            other.range[0] <= code &&
            code <= other.range[1] &&
            other.range[1] - other.range[0] < to - from,
        );
        return !narrower && classes[what]?.includes(failure) !== true;
      })
      .map((code) => `${what}: ${code}`),
  );
  assert.deepEqual(wrong, []);
  const listed = (code: number): boolean => told.some(({ range: [from, to] }) => from <= code && code <= to);
  const untold = whatsappRows
    .flatMap(({ codes = [], subcodes }) => (subcodes === undefined ? codes : []))
    .flatMap((one) => (typeof one === 'number' ? [one] : [...one]))
    .filter((code) => !listed(code));
  assert.deepEqual([...new Set(untold)], []);
});
