import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Memories } from '../../../src/store/sqlite/memories.ts';

test('what was found is looked up once, until it is forgotten', () => {
  const memories = new Memories();
  let looks = 0;
  const find = memories.remember((key: string) => `${key}${(looks += 1)}`);
  assert.deepEqual([find('a'), find('a'), find('b'), find('a')], ['a1', 'a1', 'b2', 'a1']);
  memories.forget();
  assert.equal(find('a'), 'a3');
});

test('what was not there is looked up again', () => {
  const memories = new Memories();
  const there = new Map<number, string>();
  const find = memories.remember((key: number) => there.get(key));
  assert.equal(find(1), undefined);
  there.set(1, 'made');
  assert.equal(find(1), 'made');
});

test('all memories are forgotten at once', () => {
  const memories = new Memories();
  let version = 1;
  const one = memories.remember(() => version);
  const other = memories.remember(() => version);
  assert.deepEqual([one(0), other(0)], [1, 1]);
  version = 2;
  memories.forget();
  assert.deepEqual([one(0), other(0)], [2, 2]);
});

test('a memory that is full begins anew, so that it does not grow for ever', () => {
  const memories = new Memories();
  let looks = 0;
  const find = memories.remember((key: number) => {
    looks += 1;
    return key;
  });
  for (let key = 0; key < 10_000; key += 1) find(key);
  find(0);
  assert.equal(looks, 10_000);
  find(10_000);
  find(0);
  assert.equal(looks, 10_002);
});
