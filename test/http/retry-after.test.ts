import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readRetryAfter } from '../../src/http/retry-after.ts';

const now = Date.UTC(2026, 0, 15, 12);
const at = (ms: number): string => new Date(now + ms).toUTCString();

describe('the wait that an answer asks for', () => {
  const cases: readonly [name: string, headers: Record<string, string | string[]>, waitMs: number | null][] =
    [
      ['seconds', { 'retry-after': '120' }, 120_000],
      ['seconds since 1970', { 'retry-after': String(now / 1000 + 60) }, 60_000],
      ['milliseconds since 1970', { 'retry-after': String(now + 60_000), date: at(1000) }, 59_000],
      ['seconds since 1970 that have passed', { 'retry-after': String(now / 1000 - 60) }, 0],
      ['the most seconds that are none since 1970', { 'retry-after': '999999999' }, 999_999_999_000],
      ['seconds with blanks', { 'retry-after': ' 7 ' }, 7000],
      ['a date', { 'retry-after': at(5000) }, 5000],
      ['the first of two', { 'retry-after': ['3', '60'] }, 3000],
      ['a date in the old long form', { 'retry-after': 'Thursday, 15-Jan-26 12:00:09 GMT' }, 9000],
      ['a date in the form of C, which has no zone', { 'retry-after': 'Thu Jan 15 12:00:09 2026' }, 9000],
      ['a date with an offset', { 'retry-after': 'Thu, 15 Jan 2026 14:00:09 +0200' }, 9000],
      ['a date that has passed', { 'retry-after': at(-5000) }, 0],
      [
        'a date of a clock years behind',
        { 'retry-after': 'Sun, 06 Nov 1994 08:51:37 GMT', date: 'Sun, 06 Nov 1994 08:49:37 GMT' },
        120_000,
      ],
      ['a date of a clock an hour ahead', { 'retry-after': at(3_604_000), date: at(3_600_000) }, 4000],
      ['a date beside a time that is none', { 'retry-after': at(5000), date: 'yesterday' }, 5000],
      ['seconds whatever the clock says', { 'retry-after': '9', date: at(-9_999_000) }, 9000],
      ['more seconds than anybody waits', { 'retry-after': '9'.repeat(400) }, 999_999_999_000],
      ['a date beyond all waits', { 'retry-after': 'Fri, 31 Dec 275759 23:59:59 GMT' }, 999_999_999_000],
      ['nothing', {}, null],
    ];
  for (const [name, headers, waitMs] of cases)
    it(`is read of ${name}`, () => assert.equal(readRetryAfter(headers, now), waitMs));

  it('is none where it is neither seconds nor a date', () => {
    for (const text of ['soon', '1.5', '-1', '', 'Tue', '0x10', '1e3', '12 s'])
      assert.equal(readRetryAfter({ 'retry-after': text }, now), null, text);
  });
});
