// What is decided about damage that a call meets; what is done about it is in damage.test.ts.
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { Mending } from '../../../src/store/sqlite/damage/mending.ts';
import { isGatewayError } from '../../support/errors.ts';

const second = 1000;

/** SQLite's word for bad pages. */
function badPage(): Error {
  return Object.assign(new Error('database disk image is malformed'), { errcode: 11 });
}

/** The mending of an empty store in memory, which nothing can be saved of. */
function open() {
  const told: object[] = [];
  const state = { at: 0, isClosed: false, changes: 0 };
  const db = new DatabaseSync(':memory:');
  const mended = {
    db: () => db,
    isClosed: () => state.isClosed,
    reopen: () => assert.fail('There is nothing to open again.'),
    tellChanged: () => void (state.changes += 1),
  };
  const options = {
    file: ':memory:',
    now: () => 0,
    monotonic: () => state.at,
    emit: (name: string, detail: object) => void told.push({ name, ...detail }),
  };
  return { mending: new Mending(mended, options), state, told };
}

test('an error that is no damage is nothing to mend', async () => {
  const { mending, told } = open();
  assert.equal(await mending.meet(new Error('a bug')), false);
  assert.equal(await mending.meet(Object.assign(new Error('full'), { errcode: 13 })), false);
  assert.deepEqual(told, []);
  assert.equal(mending.isAway, false);
});

test('damage is told of at most every ten seconds', async () => {
  const { mending, state, told } = open();
  for (const at of [0, 1, 9.9, 10, 10.1]) {
    state.at = at * second;
    assert.equal(await mending.meet(badPage()), false);
  }
  assert.equal(told.length, 2);
  assert.equal(mending.isAway, false, 'nobody waits for what is not saved');
  await mending.untilBack();
});

test('rows that cannot be read are looked for again after a minute at the earliest', async () => {
  const { mending, state } = open();
  const unreadable = new SyntaxError('a row holds no JSON');
  // The store is empty, so that looking at it fails; who met the row is told no more than before.
  assert.equal(await mending.meet(unreadable), false);
  assert.equal(state.changes, 1);
  state.at = 59 * second;
  assert.equal(await mending.meet(unreadable), false);
  assert.equal(state.changes, 1);
  state.at = 60 * second;
  assert.equal(await mending.meet(unreadable), false);
  assert.equal(state.changes, 2);
});

test('a store that is closed begins nothing any more', async () => {
  const { mending, state } = open();
  state.isClosed = true;
  assert.equal(await mending.meet(new SyntaxError('a row holds no JSON')), false);
  assert.equal(state.changes, 0);
});

test('a caller is told of damage in the words of the store', () => {
  const { mending } = open();
  assert.ok(isGatewayError('store_corrupt')(mending.toError(badPage())));
  const bug = new Error('a bug');
  assert.equal(mending.toError(bug), bug);
});
