import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inPlaces, Shares, toAskedRule, toKept, toQuarter } from '../../src/domain/shares.ts';

test('one holder has no more than his share, and all together no more than there is', () => {
  const shares = new Shares<string>({ total: 5, each: 3 });
  const ends = [shares.take('a'), shares.take('a'), shares.take('a')];
  assert.equal(shares.room('a'), 0);
  assert.equal(shares.room('b'), 2);
  shares.take('b');
  shares.take('c');
  assert.deepEqual([shares.room('b'), shares.room('d'), shares.taken], [0, 0, 5]);
  ends[0]?.();
  ends[0]?.();
  assert.deepEqual([shares.room('a'), shares.held('a'), shares.taken], [1, 2, 4]);
});

test('the last places are kept for those who hold few', () => {
  const shares = new Shares<string>({ total: 8, each: 8, kept: 4, few: 2 });
  assert.equal(shares.room('a'), 4);
  for (let i = 0; i < 4; i += 1) shares.take('a');
  assert.equal(shares.room('a'), 0);
  assert.equal(shares.room('b'), 2);
  shares.take('b');
  assert.equal(shares.room('b'), 1);
  shares.take('b');
  assert.equal(shares.room('b'), 0);
  assert.equal(shares.room('c'), 2);
});

test('a quarter is never nothing', () => {
  assert.deepEqual([toQuarter(1), toQuarter(7), toQuarter(32)], [1, 1, 8]);
});

test('what is asked for one account while somebody waits leaves places to the others', async () => {
  const places = new Shares<number>(toAskedRule(8));
  const hang = Promise.withResolvers<string>();
  const ask = inPlaces(places, ({ accountId }, what: string) =>
    accountId < 4 ? hang.promise : Promise.resolve(what),
  );
  const asked = [1, 1, 2, 2, 3, 3].map((accountId) => ask({ accountId }, 'slow'));
  for (const accountId of [1, 2, 3]) await assert.rejects(ask({ accountId }, 'more'), { code: 'too_many' });
  assert.equal(await ask({ accountId: 4 }, 'quick'), 'quick');
  hang.resolve('late');
  assert.deepEqual(new Set(await Promise.all(asked)), new Set(['late']));
  assert.equal(await ask({ accountId: 1 }, 'again'), 'late');
});

test('of an amount that is used up the last quarter is for those who hold less than a 32nd', () => {
  assert.deepEqual(toKept(64), { from: 48, little: 2 });
  assert.deepEqual(toKept(3), { from: 3, little: 1 }, 'too little to be parted');
});
