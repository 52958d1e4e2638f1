// Sessions in memory, begun while nothing could be written, and what ends them.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import { withSpareSessions } from '../../../src/core/accounts/spare-sessions.ts';
import { GatewayError } from '../../../src/domain/errors.ts';
import type { Store } from '../../../src/store/store.ts';
import { openTestStore } from '../../support/store.ts';

const actor = { kind: 'user', id: 'ana' } as const;

/** A node's store that cannot commit sessions, and the store as others have it. */
async function open(t: TestContext) {
  const { store, accountId, clock, close } = await openTestStore();
  t.after(close);
  await store.createFirstUser(accountId, { id: 'u1', name: 'ana', role: 'owner', password: 'hash' }, actor);
  const full: Store = {
    ...store,
    createSession: () => Promise.reject(new GatewayError('store_unavailable')),
  };
  const node = withSpareSessions(full, clock.now);
  const [createdAt, expiresAt] = [clock.now(), clock.now() + 1000];
  const session = {
    accountId,
    hash: 'ab',
    userId: 'u1',
    keyId: null,
    createdAt,
    expiresAt,
    endsAt: expiresAt,
  };
  await node.createSession(session, 20, actor);
  const find = () => node.findSession(accountId, 'ab', clock.now());
  return { store, node, accountId, clock, find };
}

it('a session that cannot be written is known to its node alone, until its time is over', async (t) => {
  const { store, accountId, clock, find } = await open(t);
  const found = await find();
  assert.deepEqual([found?.user?.name, found?.session.hash], ['ana', 'ab']);
  assert.ok(found && !('password' in found.session));
  assert.equal(await store.findSession(accountId, 'ab', clock.now()), undefined);
  clock.advance(1000);
  assert.equal(await find(), undefined);
});

it('another password ends it, also one that was given elsewhere, and so does the end of its user', async (t) => {
  const { store, accountId, find } = await open(t);
  await store.changeUser(accountId, 'u1', { totpActive: true, totpSecret: 'ABCDEFGH' }, actor);
  assert.ok(await find(), 'another change leaves it');
  await store.changeUser(accountId, 'u1', { password: 'another hash' }, actor);
  assert.equal(await find(), undefined);
});

it('what the node itself changes of the user, and signing out, end it', async (t) => {
  const first = await open(t);
  await first.node.changeUser(first.accountId, 'u1', { password: 'another hash' }, actor);
  assert.equal(await first.find(), undefined);
  const second = await open(t);
  assert.equal(await second.node.endSession(second.accountId, 'ab', actor), true);
  assert.equal(await second.find(), undefined);
});
