// The first account, made once, and what is wanted of it later.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createFirstAccount, findUnheard } from '../../../src/core/accounts/first-account.ts';
import { openTestStore } from '../../support/store.ts';

const none = { rootAccountId: null, rootAccessKeyId: null, rootAccessKeySecret: null };

it('a store that has an account hears no settings of a first one, and tells which of them say otherwise', async (t) => {
  const { store, accountId, key, close } = await openTestStore();
  t.after(close);
  assert.equal(await createFirstAccount(store, none), null);
  const same = { rootAccountId: accountId, rootAccessKeyId: key.id, rootAccessKeySecret: key.secret };
  const unheard = (wanted: Partial<typeof same>) => findUnheard(store, { ...none, ...wanted });
  assert.deepEqual(await unheard({}), []);
  assert.deepEqual(await unheard(same), []);
  assert.deepEqual(
    await unheard({ rootAccessKeySecret: key.secret }),
    [],
    'of a key that was made at random',
  );
  assert.deepEqual(await unheard({ ...same, rootAccessKeySecret: 'another' }), ['rootAccessKeySecret']);
  assert.deepEqual(await unheard({ ...same, rootAccessKeyId: 'another' }), [
    'rootAccessKeyId',
    'rootAccessKeySecret',
  ]);
  assert.deepEqual(await unheard({ rootAccountId: 5 }), ['rootAccountId']);
  await store.createAccount(
    { id: 77, name: 'Second' },
    { kind: 'system', id: 'test' },
    { id: 'its', secret: 's' },
  );
  assert.deepEqual(await unheard({ rootAccessKeyId: 'its' }), ['rootAccessKeyId'], 'another account has it');
});
