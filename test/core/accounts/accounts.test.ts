// The rules of accounts over a real store.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Account } from '../../../src/domain/account.ts';
import { openAccount } from '../../../src/core/accounts/accounts.ts';
import { openTestStore } from '../../support/store.ts';

const owner = { kind: 'user', id: 'anna' } as const;

it('an account is made with a key that the store then has, and with an id of sixteen digits where none is given', async (t) => {
  const { store, clock, close } = await openTestStore();
  t.after(close);
  const { account, key } = await openAccount({ store, now: clock.now }, { name: 'Shop' }, owner);
  assert.match(String(account.id), /^\d{16}$/);
  assert.deepEqual((await store.listAccounts()).at(-1), account);
  assert.deepEqual(await store.listKeys(account.id), [{ ...key, accountLimits: {} }]);
});

it('an id is taken once, and none that no uid can be', async (t) => {
  const { store, clock, close } = await openTestStore();
  t.after(close);
  const deps = { store, now: clock.now };
  const { key } = await openAccount(deps, { id: '77', name: 'Shop' }, owner);
  await assert.rejects(openAccount(deps, { id: '77', name: 'Again' }, owner), { code: 'conflict' });
  assert.deepEqual(await store.listKeys(77), [{ ...key, accountLimits: {} }]);
  await assert.rejects(openAccount(deps, { id: '9'.repeat(20), name: 'Shop' }, owner), {
    code: 'bad_request',
    message: 'id: is too large for a uid.',
  });
});

it('a server has at most ten thousand accounts', async () => {
  const one: Account = { id: 1, name: 'One', first: true, limits: {}, createdAt: 0 };
  const store = {
    listAccounts: async () => Array.from({ length: 10_000 }, () => one),
    createAccount: async () => assert.fail('it is refused before'),
  };
  const wish = openAccount({ store, now: () => 0 }, { name: 'One more' }, owner);
  await assert.rejects(wish, { code: 'limit_reached', message: 'A server has at most 10000 accounts.' });
});
