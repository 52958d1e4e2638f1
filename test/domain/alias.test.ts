import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  forever,
  idRanks,
  isOfUser,
  isToUser,
  toAlias,
  toAliases,
  toAliasesOf,
  toHappened,
  toMove,
} from '../../src/domain/alias.ts';
import { isBusinessScopedUserId } from '../../src/domain/user-id.ts';

const [number, user, parent] = ['15550002222', 'US.1349', 'US.ENT.77'];

test('of two ids the more lasting one is told, in whichever order they come', () => {
  const alias = { channelId: 'c', spelling: number, told: user, rank: idRanks.user, at: 5 };
  assert.deepEqual(toAlias('c', number, user, 5), alias);
  assert.deepEqual(toAlias('c', user, number, 5), alias);
  assert.equal(toAlias('c', parent, user, 5)?.rank, idRanks.parent);
  for (const [a, b] of [
    ['x', 'x'],
    ['', 'x'],
    ['x', ''],
  ] as const)
    assert.equal(toAlias('c', a, b, 5), undefined);
});

test('a user who moves has another number from then on, and nothing else moves', () => {
  assert.deepEqual(toMove('c', number, '15550003333', 5), {
    channelId: 'c',
    spelling: number,
    told: '15550003333',
    rank: idRanks.moved,
    at: 5,
  });
  assert.equal(toMove('c', number, user, 5), undefined);
  assert.equal(toMove('c', number, number, 5), undefined);
});

test('ids that are told in one breath follow each other', () => {
  assert.deepEqual(
    toAliases('c', [number, user, parent], 5).map(({ spelling, told }) => [spelling, told]),
    [
      [number, user],
      [user, parent],
    ],
  );
  assert.deepEqual(toAliasesOf('c', { id: number }, 5), []);
  assert.equal(
    toAliasesOf('c', { id: user, phone: number, userId: user, parentUserId: parent }, 5).length,
    2,
  );
});

test('what is under an id that was another’s counts within its time, unless a lasting id says otherwise', () => {
  const lent = { id: number, isOwn: false, since: 10, until: 20 };
  const own = { id: user, isOwn: true, since: 0, until: forever };
  assert.ok(isToUser([lent], number, 10));
  assert.ok(!isToUser([lent], number, 20));
  assert.ok(isOfUser([lent], { id: number }, 15));
  assert.ok(!isOfUser([lent], { id: 'US.9', phone: number, userId: 'US.9' }, 15));
  assert.ok(isOfUser([lent, own], { id: user, phone: number, userId: user }, 99));
});

test('something happened when its channel says so, and never after it was recorded', () => {
  assert.equal(toHappened(5, 9), 5);
  assert.equal(toHappened(9, 5), 5);
});

test('an id of a user has a country and letters', () => {
  for (const id of [user, parent, 'DE.a1']) assert.ok(isBusinessScopedUserId(id), id);
  for (const id of [number, 'us.1', 'USA.1', 'US.', 'US.ENT.', 'US.a b'])
    assert.ok(!isBusinessScopedUserId(id), id);
});
