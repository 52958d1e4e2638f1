import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  formatOutboundId,
  maxId,
  parseId,
  parseOutboundId,
  toFirstId,
  toFollowing,
  toId,
  toIdNumber,
  toIdRange,
  toIdTime,
  toIdTimeSql,
  toNextId,
  toPreceding,
  toSinceId,
  toUntilId,
} from '../../src/domain/ids.ts';
import { isGatewayError } from '../support/errors.ts';

const turnOf2030 = Date.UTC(2030);
const times = [
  Date.UTC(2026, 10, 29),
  turnOf2030 - 1,
  turnOf2030,
  turnOf2030 + 1,
  // Where milliseconds * 4096 passes 2^53.
  Date.UTC(2039, 8, 7, 15, 47, 35, 551),
  Date.UTC(2040, 0, 1, 0, 0, 0, 1),
  Date.UTC(2100, 11, 31, 23, 59, 59, 999),
];

test('an id tells its time and number, stays in range until 2101 and above those of earlier times', () => {
  let last = 0;
  for (const time of times) {
    const first = toFirstId(time);
    assert.ok(first > last && first < maxId, String(time));
    const room = toFirstId(time + 1) - first;
    assert.ok(room >= 512);
    for (const number of [0, 1, room - 1]) {
      last = first + number;
      assert.deepEqual([toIdTime(last), toIdNumber(last), toId(time, number)], [time, number, last]);
      assert.match(formatOutboundId(last), /^\d{21}$/);
      assert.equal(parseOutboundId(formatOutboundId(last)), last);
    }
    assert.equal(toId(time, room), undefined);
  }
});

test('ids that stores hold from before are read as they were given', () => {
  const time = Date.UTC(2026, 10, 1, 12);
  assert.equal(toFirstId(time), time * 4096);
  assert.equal(toIdTime(time * 4096 + 4095), time);
  assert.equal(formatOutboundId(time * 4096 + 7), '202611011200000000007');
});

test('the next id is above the last, also when the clock went back or a millisecond has no more', () => {
  const id = toNextId(0, times[0] ?? 0);
  assert.equal(toNextId(id, (times[0] ?? 0) - 3_600_000), id + 1);
  for (const time of times) {
    let last = 0;
    for (let count = 0; count < 5000; count += 1) {
      const next = toNextId(last, time);
      assert.ok(next > last);
      last = next;
    }
    assert.ok(toIdTime(last) - time < 10);
  }
});

test('those who share ids of one time never give the same, and each keeps its order', () => {
  for (const time of times) {
    const given = new Set<number>();
    for (let number = 0; number < 64; number += 1) {
      let last = 0;
      for (let count = 0; count < 100; count += 1) {
        const next = toNextId(last, time, { of: 64, number });
        assert.ok(next > last);
        last = next;
        given.add(last);
      }
      // A number that was lost and replaced by a lower one.
      const other = toNextId(last, time, { of: 64, number: 0 });
      assert.ok(other > last);
    }
    assert.equal(given.size, 6400);
    assert.ok(Math.min(...given) >= toFirstId(time));
  }
});

test('a clock that says a time without ids is told, and bounds of such times are those of all ids', () => {
  for (const time of [Date.UTC(2200), 8.7e15, Number.NaN, -1])
    assert.throws(() => toNextId(0, time), isGatewayError('store_unavailable'));
  assert.throws(() => toNextId(0, Date.UTC(2200)), /the year 2200/);
  assert.throws(() => toNextId(maxId - 1, times[0] ?? 0), isGatewayError('store_unavailable'));
  assert.equal(toFirstId(Number.POSITIVE_INFINITY), maxId);
  assert.equal(toFirstId(Date.UTC(2200)), maxId);
  assert.equal(toFirstId(-5), 0);
});

const anyTime = fc.integer({ min: 0, max: Date.UTC(2101) });

test('every time until 2101 has ids in its order, and every id is read back, as a number and as a MessageId', () => {
  const anyNumber = fc.integer({ min: 0, max: 511 });
  fc.assert(
    fc.property(anyTime, anyTime, anyNumber, anyNumber, (time, later, one, other) => {
      const id = toId(time, one);
      assert.ok(id !== undefined && id <= maxId);
      assert.deepEqual(
        [toIdTime(id), toIdNumber(id), parseOutboundId(formatOutboundId(id))],
        [time, one, id],
      );
      assert.equal(parseId(String(id)), id);
      const second = toId(later, other) ?? Number.NaN;
      if (time !== later) assert.equal(id < second, time < later);
    }),
  );
});

test('the time that SQL reckons is the time of the id', () => {
  const reckon = (id: number): number => {
    const [, border, wide, from, border2, narrow] =
      /< (\d+) THEN id \/ (\d+) ELSE (\d+) \+ \(id - (\d+)\) \/ (\d+) END/
        .exec(toIdTimeSql('id'))
        ?.map(Number) ?? [];
    assert.ok(border !== undefined && wide !== undefined && from !== undefined);
    assert.ok(border2 === border && narrow !== undefined);
    return id < border ? Math.floor(id / wide) : from + Math.floor((id - border) / narrow);
  };
  fc.assert(
    fc.property(fc.integer({ min: 0, max: maxId - 1 }), (id) => {
      assert.equal(reckon(id), toIdTime(id));
    }),
  );
});

test('the ids of a period are those that its times give, and with slack those that a moment beyond gives too', () => {
  fc.assert(
    fc.property(anyTime, anyTime, anyTime, (since, until, time) => {
      const id = toFirstId(time);
      const isIn = id >= toSinceId({ since }) && id < (toUntilId({ until }) ?? maxId);
      assert.equal(isIn, time >= since && time < until);
      const { from, before } = toIdRange({ since, until });
      assert.equal(id >= from && id < before, time >= since - 10_000 && time < until + 10_000);
    }),
  );
  assert.deepEqual([toSinceId({}), toUntilId({})], [0, null]);
  assert.deepEqual(toIdRange({}), { from: 0, before: maxId });
  assert.deepEqual(toIdRange({}, 77), { from: 0, before: 77 });
});

test('what goes on behind an id, or up to it, is bounded by its neighbours', () => {
  assert.equal(toFollowing(41), 42);
  assert.equal(toFollowing(maxId), maxId);
  assert.equal(toPreceding(42), 41);
});

test('what is no id is read as none', () => {
  for (const text of ['', 'x', '1.5', '1e400', '9007199254740993', 'NaN'])
    assert.equal(parseId(text), undefined, text);
  for (const text of ['', '1', '202611011200000000', '2026110112000000000070', '202613011200000000007'])
    assert.equal(parseOutboundId(text), undefined, text);
});
