// What an operator at the machine is given, over a real store.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import { Passwords } from '../../../src/core/accounts/passwords.ts';
import { createWayBack } from '../../../src/core/accounts/way-back.ts';
import { addUser } from '../../../src/core/accounts/users.ts';
import { cheapGuesses } from '../../support/guesses.ts';
import { openTestStore } from '../../support/store.ts';

const password = 'correct horse battery';

async function open(t: TestContext) {
  const { store, accountId, clock, directory, close } = await openTestStore();
  t.after(close);
  const deps = { store, passwords: new Passwords(cheapGuesses), now: clock.now };
  const actor = { kind: 'key', id: 'testkey' } as const;
  const add = (name: string) => addUser(deps, { accountId, actor }, { name, role: 'owner', password });
  return { store, accountId, clock, directory, add, wayBack: createWayBack(deps) };
}

it('an account is found by its uid or as the first, and a user by his name; else it is said who there is', async (t) => {
  const { wayBack, accountId, add, store } = await open(t);
  await assert.rejects(wayBack.find({ userName: 'ana' }), { code: 'not_found', message: /has no users/ });
  await add('ana');
  await add('ben');
  await store.createAccount({ id: 77, name: 'Second' }, { kind: 'system', id: 'test' });
  const { account, user } = await wayBack.find({ userName: ' ANA' });
  assert.deepEqual([account.id, user?.name, user?.hasApp], [accountId, 'ana', false]);
  assert.deepEqual(await wayBack.find({ accountId: '77' }), {
    account: { id: 77, name: 'Second' },
    user: null,
  });
  await assert.rejects(wayBack.find({ userName: 'eve' }), {
    code: 'not_found',
    message: /There are: ana, ben\./,
  });
  await assert.rejects(wayBack.find({ accountId: '78' }), {
    message: new RegExp(`There are: .*${accountId}`),
  });
  await assert.rejects(wayBack.find({ accountId: 'x' }), { code: 'not_found' });
});

it('a key is made however many there are, works at once, and the journal tells by whom', async (t) => {
  const { wayBack, accountId, store, directory } = await open(t);
  for (let n = 0; n < 100; n += 1)
    await store.createKey({ id: `lost${n}`, secret: 's', accountId }, { kind: 'system', id: 'test' });
  const { id, secret } = await wayBack.makeKey({ accountId });
  const key = await directory.key(id);
  assert.deepEqual([key?.secret, key?.role, key?.state, key?.addresses], [secret, 'full', 'active', []]);
  const { items } = await store.listChanges(accountId, { limit: 1 });
  assert.deepEqual([items[0]?.actor, items[0]?.action], ['system/command-line', 'key.created']);
  assert.ok(!JSON.stringify(items).includes(secret));
  await assert.rejects(wayBack.makeKey({ accountId, name: 'two\nlines' }), { code: 'bad_request' });
});

it('a user gets a password for one sign-in, his sessions end, and his app goes where that is asked', async (t) => {
  const { wayBack, accountId, store, clock, add } = await open(t);
  const { id } = await add('ana');
  const actor = { kind: 'user', id: 'ana' } as const;
  const app = { totpSecret: 'ABCDEFGH', totpActive: true, recoveryCodes: ['hash'] };
  await store.changeUser(accountId, id, app, actor);
  const session = { accountId, hash: 'ab', userId: id, keyId: null, createdAt: clock.now() };
  await store.createSession({ ...session, expiresAt: clock.now() + 9, endsAt: clock.now() + 9 }, 9, actor);
  const kept = await wayBack.resetUser({ accountId, userId: id, removesApp: false });
  assert.equal(await store.findSession(accountId, 'ab', clock.now()), undefined);
  const ana = await store.findUser(accountId, 'ana');
  assert.deepEqual([ana?.totpActive, ana?.passwordEndsAt], [true, clock.now() + 86_400_000]);
  assert.equal(await new Passwords(cheapGuesses).verify(kept.password, ana?.password, 'v', true), true);
  await wayBack.resetUser({ accountId, userId: id, removesApp: true });
  const after = await store.findUser(accountId, 'ana');
  assert.deepEqual([after?.totpActive, after?.totpSecret, after?.recoveryCodes], [false, null, []]);
  const { items } = await store.listChanges(accountId, { limit: 1 });
  assert.deepEqual(
    [items[0]?.actor, items[0]?.action, items[0]?.detail],
    ['system/command-line', 'user.changed', { password: 'for one sign-in', codes: false }],
  );
  await assert.rejects(wayBack.resetUser({ accountId, userId: 'gone', removesApp: false }), {
    code: 'not_found',
  });
});
