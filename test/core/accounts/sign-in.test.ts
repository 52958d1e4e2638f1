// Who is let in by his password and his app, for how long, and what he does with them, over a real store.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import { Secret, TOTP } from 'otpauth';
import {
  beginApp,
  changePassword,
  confirmApp,
  removeApp,
  renewRecoveryCodes,
  requireAppBegun,
  requireCode,
} from '../../../src/core/accounts/credentials.ts';
import { Passwords } from '../../../src/core/accounts/passwords.ts';
import { beginSession } from '../../../src/core/accounts/sessions.ts';
import { checkUser, useCode } from '../../../src/core/accounts/sign-in.ts';
import { addUser, changeUser, findUser } from '../../../src/core/accounts/users.ts';
import type { NewNotice } from '../../../src/domain/notice.ts';
import { cheapGuesses } from '../../support/guesses.ts';
import { openTestStore } from '../../support/store.ts';

const password = 'correct horse battery';
const origin = { visitor: '192.0.2.1', isKnown: false };
const wrong = { code: 'wrong_credentials', message: 'The name or the password is wrong.' };

async function open(t: TestContext) {
  const { store, accountId, clock, close } = await openTestStore();
  t.after(close);
  const notices: NewNotice[] = [];
  const raiseNotice = (notice: NewNotice) => void notices.push(notice);
  const passwords = new Passwords(cheapGuesses);
  const deps = { store, passwords, now: clock.now, raiseNotice, isCompanyOnly: false };
  const principal = { accountId, actor: { kind: 'key', id: 'testkey' } } as const;
  await addUser(deps, principal, { name: 'ana', role: 'owner', password });
  const { id } = await addUser(deps, principal, { name: 'ben', role: 'viewer', password });
  return {
    deps,
    store,
    accountId,
    clock,
    principal,
    actor: { kind: 'user', id: 'ben' } as const,
    ben: () => findUser(store, accountId, id),
    notices,
    check: (given: Partial<Parameters<typeof checkUser>[2]>) =>
      checkUser(deps, accountId, { name: 'ben', password, ...given }, origin),
  };
}

function toCode(secret: string, at: number): string {
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: at });
}

it('a user is known by name and password, and whatever is wrong is refused alike', async (t) => {
  const { check, deps, principal, ben, store, accountId } = await open(t);
  assert.equal(await check({ name: ' BEN ' }).then((user) => typeof user === 'object' && user.name), 'ben');
  await assert.rejects(check({ password: 'wrong horse battery' }), wrong);
  await assert.rejects(check({ name: 'nobody' }), wrong);
  await assert.rejects(check({ name: '' }), wrong);
  await assert.rejects(checkUser(deps, undefined, { name: 'ben', password }, origin), wrong);
  await changeUser(deps, principal, (await ben()).id, { state: 'disabled' });
  await assert.rejects(check({}), wrong);
  const { items } = await store.listChanges(accountId, { limit: 50 });
  const refused = items.filter(({ action }) => action === 'session.refused').map(({ subject }) => subject);
  assert.deepEqual(refused, ['user/ben', 'user/ben'], 'of names that somebody has, the journal tells');
});

it('an app counts once it has shown a code, each of its codes once, and until it is taken away', async (t) => {
  const { check, ben, deps, store, clock, actor } = await open(t);
  assert.throws(() => requireAppBegun(null), { code: 'wrong_state' });
  const { secret } = await beginApp(store, await ben(), actor);
  assert.equal((await ben()).totpActive, false);
  assert.notEqual(await check({}), 'code_missing');
  const begun = requireAppBegun(await ben());
  assert.equal(begun.secret, secret);
  const code = toCode(secret, clock.now());
  await assert.rejects(requireCode(deps, begun.user, secret, '000000'), {
    code: 'wrong_password',
    field: 'code',
  });
  await requireCode(deps, begun.user, secret, code);
  await confirmApp(store, begun.user, actor);
  const withApp = await ben();
  assert.throws(() => requireAppBegun(withApp), { code: 'wrong_state' });
  await assert.rejects(beginApp(store, withApp, actor), { code: 'wrong_state' });
  assert.equal(await check({}), 'code_missing');
  await assert.rejects(check({ password: 'wrong horse battery' }), wrong);
  await assert.rejects(check({ code }), wrong, 'it was used to show that the app works');
  clock.advance(60_000);
  const next = toCode(secret, clock.now());
  assert.notEqual(await check({ code: next }), 'code_missing');
  assert.equal(await useCode(deps, withApp, secret, next), false);
  await removeApp(store, withApp, actor);
  assert.notEqual(await check({}), 'code_missing');
});

it('a recovery code stands in for the app once, is told of, and goes with the app', async (t) => {
  const { check, ben, store, clock, actor, notices, accountId } = await open(t);
  await assert.rejects(renewRecoveryCodes(store, await ben(), actor), { code: 'wrong_state' });
  const { secret } = await beginApp(store, await ben(), actor);
  const codes = await confirmApp(store, await ben(), actor);
  assert.equal(new Set(codes).size, 10);
  const [first = '', second = '', third = ''] = codes;
  await assert.rejects(check({ recoveryCode: 'no-such-code' }), wrong);
  await assert.rejects(check({ password: 'wrong horse battery', recoveryCode: first }), wrong);
  assert.equal(
    typeof (await check({ recoveryCode: ` ${first.toUpperCase().replaceAll('-', ' ')}` })),
    'object',
  );
  await assert.rejects(check({ recoveryCode: first }), wrong, 'it is used up');
  assert.equal((await ben()).recoveryCodes.length, 9);
  const both = await Promise.allSettled([check({ recoveryCode: second }), check({ recoveryCode: second })]);
  assert.deepEqual(both.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
  assert.deepEqual(
    notices.map(({ code, subject, params }) => [code, subject, params['left']]),
    [
      ['recovery_code_used', `user/${(await ben()).id}`, 9],
      ['recovery_code_used', `user/${(await ben()).id}`, 8],
    ],
  );
  const renewed = await renewRecoveryCodes(store, await ben(), actor);
  await assert.rejects(check({ recoveryCode: third }), wrong, 'others took its place');
  assert.equal(typeof (await check({ code: toCode(secret, clock.now()) })), 'object', 'the app goes on');
  const { items } = await store.listChanges(accountId, { limit: 50 });
  assert.equal(items.filter(({ action }) => action === 'recovery_code.used').length, 2);
  assert.ok(![...codes, ...renewed].some((code) => JSON.stringify([items, notices]).includes(code)));
  await removeApp(store, await ben(), actor);
  assert.deepEqual((await ben()).recoveryCodes, []);
});

it('a password for one sign-in has to be replaced there, by one person, before its time is over', async (t) => {
  const { check, ben, store, clock, actor, accountId } = await open(t);
  const once = async () => {
    const { password: hash, id } = await ben();
    const passwordEndsAt = clock.now() + 1000;
    await store.changeUser(accountId, id, { password: hash, passwordEndsAt }, actor);
  };
  await assert.rejects(check({ newPassword: 'another horse battery' }), { field: 'newPassword' });
  await once();
  assert.equal(await check({}), 'password_over');
  await assert.rejects(check({ newPassword: password }), { field: 'newPassword' });
  await assert.rejects(check({ newPassword: '123456789012' }), { field: 'newPassword' });
  const both = await Promise.allSettled(
    ['first horse battery', 'second horse battery'].map((newPassword) => check({ newPassword })),
  );
  assert.deepEqual(both.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
  await assert.rejects(check({}), wrong, 'it has had its sign-in');
  assert.equal((await ben()).passwordEndsAt, null);
  await once();
  clock.advance(1000);
  const [mine] = ['first horse battery', 'second horse battery'].filter(
    (_, at) => both[at]?.status === 'fulfilled',
  );
  await assert.rejects(check({ password: mine ?? '', newPassword: 'third horse battery' }), wrong);
});

it('what is missing is asked for before a code is used up', async (t) => {
  const { check, ben, store, clock, actor, accountId } = await open(t);
  const { secret } = await beginApp(store, await ben(), actor);
  await confirmApp(store, await ben(), actor);
  const { password: hash, id } = await ben();
  await store.changeUser(accountId, id, { password: hash, passwordEndsAt: clock.now() + 1000 }, actor);
  const code = toCode(secret, clock.now());
  assert.equal(await check({ code }), 'password_over');
  await assert.rejects(check({ code, newPassword: '123456789012' }), { field: 'newPassword' });
  assert.equal(await check({ newPassword: 'another horse battery' }), 'code_missing');
  assert.equal(typeof (await check({ code, newPassword: 'another horse battery' })), 'object');
});

it('a new password takes the place of the old one', async (t) => {
  const { check, ben, deps, actor } = await open(t);
  await assert.rejects(changePassword(deps, await ben(), '123456789012', actor), { field: 'newPassword' });
  await changePassword(deps, await ben(), 'another horse battery', actor);
  await assert.rejects(check({}), wrong);
  assert.notEqual(await check({ password: 'another horse battery' }), 'code_missing');
});

it('a session ends unused, and in the end however much it is used; the twenty-first ends the first', async (t) => {
  const { store, accountId, clock, actor, ben } = await open(t);
  const begin = async (hash: string, idleMs: number) =>
    beginSession(
      { store, now: clock.now, sessions: { idleMs, lifeMs: 1000 } },
      { accountId, userId: (await ben()).id, keyId: null },
      hash,
      actor,
    );
  const at = clock.now();
  const { createdAt, seenAt, expiresAt, endsAt } = await begin('00', 300);
  assert.deepEqual([createdAt, seenAt, expiresAt, endsAt], [at, at, at + 300, at + 1000]);
  assert.equal((await begin('01', 5000)).expiresAt, at + 1000);
  const hashes = Array.from({ length: 19 }, (_, n) => (n + 2).toString(16).padStart(2, '0'));
  for (const hash of hashes) {
    assert.ok(await store.findSession(accountId, '00', at), `before ${hash}`);
    clock.advance(1);
    await begin(hash, 300);
  }
  const found = await Promise.all(['00', '01', '14'].map((hash) => store.findSession(accountId, hash, at)));
  assert.deepEqual(
    found.map((one) => one !== undefined),
    [false, true, true],
  );
});
