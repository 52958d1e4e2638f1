// The rules of access keys over a real store, as the API and the making of accounts use them.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import { changeKey, createKey, findKey, rotateKey, switchKey } from '../../../src/core/accounts/keys.ts';
import { openTestStore } from '../../support/store.ts';

async function open(t: TestContext) {
  const opened = await openTestStore();
  t.after(() => opened.close());
  const { store, clock, accountId } = opened;
  const deps = { store, now: clock.now };
  const principal = { accountId, actor: { kind: 'user', id: 'anna' } } as const;
  const [first] = await store.listKeys(accountId);
  assert.ok(first);
  return { deps, store, accountId, principal, first };
}

it('a key may do everything from everywhere unless something else is said', async (t) => {
  const { deps, principal, store, accountId } = await open(t);
  const plain = await createKey(deps, principal, {});
  assert.deepEqual([plain.name, plain.role, plain.addresses, plain.state], ['', 'full', [], 'active']);
  assert.match(plain.id, /^LTAI[0-9a-f]{20}$/);
  const bound = await createKey(deps, principal, { role: 'send', addresses: ['192.0.2.0/24'] });
  assert.deepEqual(await findKey(store, accountId, bound.id), { ...bound, accountLimits: {} });
  assert.notEqual(plain.secret, bound.secret);
});

it('an account has at most a hundred keys, disabled ones among them', async (t) => {
  const { deps, principal } = await open(t);
  const { id } = await createKey(deps, principal, {});
  await switchKey(deps, principal, id, 'disabled');
  for (let count = 2; count < 100; count += 1) await createKey(deps, principal, {});
  await assert.rejects(createKey(deps, principal, {}), { code: 'limit_reached' });
  await assert.rejects(rotateKey(deps, principal, id, false), { code: 'limit_reached' });
});

it('a key takes the place of another with all that it may do, and the old one ends unless it is kept', async (t) => {
  const { deps, principal, store, accountId } = await open(t);
  const old = await createKey(deps, principal, { name: 'till', role: 'receive', addresses: ['192.0.2.1'] });
  const kept = await rotateKey(deps, principal, old.id, true);
  assert.equal((await findKey(store, accountId, old.id)).state, 'active');
  const next = await rotateKey(deps, principal, old.id, false);
  assert.equal((await findKey(store, accountId, old.id)).state, 'disabled');
  for (const key of [kept, next])
    assert.deepEqual(
      [key.name, key.role, key.addresses, key.state],
      ['till', 'receive', ['192.0.2.1'], 'active'],
    );
});

it('the last key that may do everything is neither disabled nor made to do less', async (t) => {
  const { deps, principal, first } = await open(t);
  await createKey(deps, principal, { role: 'send' });
  const other = await createKey(deps, principal, {});
  await switchKey(deps, principal, other.id, 'disabled');
  await assert.rejects(switchKey(deps, principal, first.id, 'disabled'), { code: 'last_one' });
  await assert.rejects(changeKey(deps, principal, first.id, { role: 'receive' }), { code: 'last_one' });
  assert.equal((await changeKey(deps, principal, first.id, { name: 'till' })).name, 'till');
  await switchKey(deps, principal, other.id, 'active');
  assert.equal((await changeKey(deps, principal, first.id, { role: 'receive' })).role, 'receive');
  await assert.rejects(switchKey(deps, principal, other.id, 'disabled'), { code: 'last_one' });
});

it('what is not there is not found', async (t) => {
  const { deps, principal, store, accountId } = await open(t);
  const missing = { code: 'not_found', message: 'There is no such key.' };
  await assert.rejects(findKey(store, accountId, 'nobody'), missing);
  await assert.rejects(findKey(store, accountId + 1, 'testkey'), missing);
  await assert.rejects(rotateKey(deps, principal, 'nobody', false), missing);
  await assert.rejects(changeKey(deps, principal, 'nobody', { name: 'x' }), missing);
  await assert.rejects(switchKey(deps, principal, 'nobody', 'disabled'), missing);
});
