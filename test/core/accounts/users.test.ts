// The rules of users over a real store, as the API uses them.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import { Passwords } from '../../../src/core/accounts/passwords.ts';
import {
  addFirstUser,
  addUser,
  changeUser,
  findUser,
  removeUser,
  requireUserName,
} from '../../../src/core/accounts/users.ts';
import { cheapGuesses } from '../../support/guesses.ts';
import { openTestStore } from '../../support/store.ts';

const password = 'correct horse battery';

async function open(t: TestContext) {
  const { store, accountId, close } = await openTestStore();
  t.after(close);
  const principal = { accountId, actor: { kind: 'key', id: 'testkey' } } as const;
  return { deps: { store, passwords: new Passwords(cheapGuesses) }, store, accountId, principal };
}

it('the first user of an account is an owner, and there is no second first one', async (t) => {
  const { deps, principal, store, accountId } = await open(t);
  const first = await addFirstUser(deps, principal, { name: 'ana', password });
  const { role, state, password: kept } = await findUser(store, accountId, first.id);
  assert.deepEqual([first.role, role, state], ['owner', 'owner', 'active']);
  assert.match(kept, /^scrypt\$/);
  await assert.rejects(addFirstUser(deps, principal, { name: 'eve', password }), { code: 'wrong_state' });
});

it('a user has a name of his own and a password that is not guessed first', async (t) => {
  const { deps, principal } = await open(t);
  const given = { name: ' Ben ', role: 'viewer', password } as const;
  assert.equal((await addUser(deps, principal, given)).name, 'ben');
  await assert.rejects(addUser(deps, principal, given), { code: 'conflict' });
  await assert.rejects(addUser(deps, principal, { ...given, name: 'b n' }), { field: 'name' });
  await assert.rejects(addUser(deps, principal, { ...given, password: '123456789012' }), {
    field: 'password',
  });
});

it('an account has at most a thousand users', async (t) => {
  const { deps, principal, store, accountId } = await open(t);
  for (let n = 0; n < 1000; n += 1)
    await store.createUser(
      accountId,
      { id: `u${n}`, name: `user${n}`, role: 'viewer', password: '' },
      principal.actor,
    );
  await assert.rejects(addUser(deps, principal, { name: 'late', role: 'viewer', password }), {
    code: 'limit_reached',
  });
});

it('what is given of a user changes, and the rest stays', async (t) => {
  const { deps, principal } = await open(t);
  await addUser(deps, principal, { name: 'ana', role: 'owner', password });
  const { id, password: before } = await addUser(deps, principal, { name: 'ben', role: 'viewer', password });
  const raised = await changeUser(deps, principal, id, { role: 'operator' });
  assert.deepEqual([raised.role, raised.state, raised.password], ['operator', 'active', before]);
  const changed = await changeUser(deps, principal, id, { password: 'another horse battery' });
  assert.notEqual(changed.password, before);
  await assert.rejects(changeUser(deps, principal, id, { password: 'aaaaaaaaaaaa' }), { field: 'password' });
  await assert.rejects(changeUser(deps, principal, 'nobody', {}), { code: 'not_found' });
});

it('the last owner who is active stays one', async (t) => {
  const { deps, principal, store, accountId } = await open(t);
  const ana = await addUser(deps, principal, { name: 'ana', role: 'owner', password });
  const ben = await addUser(deps, principal, { name: 'ben', role: 'viewer', password });
  for (const change of [{ role: 'operator' }, { state: 'disabled' }] as const)
    await assert.rejects(changeUser(deps, principal, ana.id, change), { code: 'last_one' });
  await assert.rejects(removeUser(deps, principal, ana.id), { code: 'last_one' });
  await changeUser(deps, principal, ben.id, { role: 'owner' });
  await removeUser(deps, principal, ana.id);
  await assert.rejects(removeUser(deps, principal, ana.id), { code: 'not_found' });
  await assert.rejects(findUser(store, accountId, ana.id), { code: 'not_found' });
});

it('a name is of letters of any language, and is kept in lower case, without what stands around it', () => {
  assert.equal(requireUserName(' Ana.B+1@shop '), 'ana.b+1@shop');
  assert.equal(requireUserName(' 李雷 '), '李雷');
  for (const name of ['', ' ', '-ana', 'a b', 'a\u200bb', 'a'.repeat(101)])
    assert.throws(() => requireUserName(name), { code: 'bad_request', field: 'name' });
});
