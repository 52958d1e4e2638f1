import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Actor } from '../../../src/domain/account.ts';
import type { NewUser, Store } from '../../../src/store/store.ts';
import { minute, need, withStore } from './fixture.ts';
import type { OpenStore } from './fixture.ts';

const actor: Actor = { kind: 'user', id: 'ana' };

function user(name: string, role: NewUser['role'] = 'viewer'): NewUser {
  return { id: `id-${name}`, name, role, password: `hash of ${name}` };
}

/** A session whose hash is made of one digit. */
async function signIn(
  store: Store,
  accountId: number,
  digit: string,
  { now, userId = null, keyId = null }: { now: number; userId?: string | null; keyId?: string | null },
  atMost = 10,
): Promise<string> {
  const hash = digit.repeat(64);
  const times = { createdAt: now, expiresAt: now + 10 * minute, endsAt: now + 15 * minute };
  await store.createSession({ accountId, hash, userId, keyId, ...times }, atMost, actor);
  return hash;
}

export function userContract(open: OpenStore): void {
  test(
    'createFirstUser: the first user of an account is its owner, and is made once',
    withStore(open, async ({ store, accountId, otherId }) => {
      assert.equal(await store.createFirstUser(accountId, user('ana'), actor), true);
      assert.equal(await store.createFirstUser(accountId, user('eve'), actor), false);
      assert.equal((await store.findUser(accountId, 'ana'))?.role, 'owner');
      assert.equal(await store.findUser(accountId, 'eve'), undefined);
      assert.equal(await store.createFirstUser(otherId, user('ana'), actor), true);
    }),
  );

  test(
    'createFirstUser: of two first users made at once, one is made',
    withStore(open, async ({ store, accountId }) => {
      const made = await Promise.all(
        ['ana', 'eve'].map((name) => store.createFirstUser(accountId, user(name), actor)),
      );
      assert.deepEqual(made.toSorted(), [false, true]);
      assert.equal((await store.listUsers(accountId)).length, 1);
    }),
  );

  test(
    'createUser, findUser: names of any language are told apart by their letters',
    withStore(open, async ({ store, accountId }) => {
      const names = ['李雷', '李蕾', '\u00e4nne', 'anne', 'анна', '𠮷野'];
      for (const name of names)
        assert.equal(await store.createUser(accountId, user(name), actor), 'created', name);
      for (const name of names) {
        assert.equal((await store.findUser(accountId, name))?.id, `id-${name}`);
        assert.equal(
          await store.createUser(accountId, { ...user(name), id: `other-${name}` }, actor),
          'exists',
        );
      }
      assert.deepEqual((await store.listUsers(accountId)).map(({ name }) => name).sort(), [...names].sort());
    }),
  );

  test(
    'createUser: a user comes back as he was made, under his name in his account alone',
    withStore(open, async ({ store, accountId, otherId, clock }) => {
      assert.equal(await store.createUser(accountId, user('bo', 'operator'), actor), 'created');
      assert.equal(await store.createUser(accountId, { ...user('bo'), id: 'other' }, actor), 'exists');
      assert.deepEqual(await store.findUser(accountId, 'bo'), {
        ...user('bo', 'operator'),
        accountId,
        state: 'active',
        identity: null,
        totpSecret: null,
        totpActive: false,
        recoveryCodes: [],
        passwordEndsAt: null,
        createdAt: clock.now(),
        signedInAt: null,
        usedAt: null,
      });
      assert.equal(await store.findUser(otherId, 'bo'), undefined);
      assert.deepEqual(await store.listUsers(otherId), []);
    }),
  );

  test(
    'findUserByIdentity: a user is found by whom the provider says he is, in his account alone, and there is one of each',
    withStore(open, async ({ store, accountId, otherId }) => {
      const identity = { issuer: 'https://login.example.com', subject: 'p-1' };
      const given = { ...user('bo'), password: '', identity };
      const both = await Promise.all(
        [given, { ...given, id: 'other', name: 'other' }].map((one) =>
          store.createUser(accountId, one, actor),
        ),
      );
      assert.deepEqual(both.toSorted(), ['created', 'exists']);
      const found = await store.findUserByIdentity(accountId, identity);
      assert.deepEqual(found?.identity, identity);
      assert.deepEqual(await store.listUsers(accountId), [found]);
      assert.equal(await store.findUserByIdentity(otherId, identity), undefined);
      for (const other of [
        { ...identity, subject: 'P-1' },
        { ...identity, issuer: `${identity.issuer}/` },
      ])
        assert.equal(await store.findUserByIdentity(accountId, other), undefined);
      await store.createUser(accountId, user('cy'), actor);
      await store.changeUser(accountId, found?.id ?? '', { state: 'disabled' }, actor);
      assert.deepEqual((await store.findUserByIdentity(accountId, identity))?.identity, identity);
    }),
  );

  test(
    'giveRole: the provider says the role, also of the last owner, and it is noted',
    withStore(open, async ({ store, accountId, otherId }) => {
      await store.createFirstUser(accountId, user('ana'), actor);
      assert.equal(await store.giveRole(otherId, 'id-ana', 'viewer', actor), false);
      assert.equal(await store.giveRole(accountId, 'id-ana', 'viewer', actor), true);
      assert.equal((await store.findUser(accountId, 'ana'))?.role, 'viewer');
      const [change] = (await store.listChanges(accountId, { limit: 1 })).items;
      assert.deepEqual([change?.action, change?.detail], ['user.changed', { role: 'viewer' }]);
    }),
  );

  test(
    "changeUser: another account's user is as good as none",
    withStore(open, async ({ store, accountId, otherId }) => {
      await store.createUser(accountId, user('bo', 'operator'), actor);
      assert.equal(await store.changeUser(otherId, 'id-bo', { role: 'owner' }, actor), 'missing');
      assert.equal((await store.findUser(accountId, 'bo'))?.role, 'operator');
    }),
  );

  test(
    "deleteUser: another account's user stays",
    withStore(open, async ({ store, accountId, otherId }) => {
      await store.createUser(accountId, user('bo'), actor);
      assert.equal(await store.deleteUser(otherId, 'id-bo', actor), 'missing');
      assert.ok(await store.findUser(accountId, 'bo'));
    }),
  );

  test(
    'changeUser: an account that has users keeps an owner who can act',
    withStore(open, async ({ store, accountId }) => {
      await store.createFirstUser(accountId, user('ana'), actor);
      await store.createUser(accountId, user('bo'), actor);
      assert.equal(await store.changeUser(accountId, 'id-ana', { role: 'viewer' }, actor), 'last_owner');
      assert.equal(await store.changeUser(accountId, 'id-ana', { state: 'disabled' }, actor), 'last_owner');
      assert.equal(await store.changeUser(accountId, 'id-bo', { role: 'owner' }, actor), 'done');
      const both = await Promise.all(
        ['id-ana', 'id-bo'].map((id) => store.changeUser(accountId, id, { role: 'viewer' }, actor)),
      );
      assert.deepEqual(both.toSorted(), ['done', 'last_owner']);
    }),
  );

  test(
    'deleteUser: an account that has users keeps an owner who can act',
    withStore(open, async ({ store, accountId }) => {
      await store.createFirstUser(accountId, user('ana'), actor);
      await store.createUser(accountId, user('bo'), actor);
      assert.equal(await store.deleteUser(accountId, 'id-ana', actor), 'last_owner');
      assert.ok(await store.findUser(accountId, 'ana'));
    }),
  );

  test(
    'changeUser: no change of a user shows a password or a secret in the log of changes',
    withStore(open, async ({ store, accountId }) => {
      await store.createUser(accountId, user('bo'), actor);
      await store.changeUser(
        accountId,
        'id-bo',
        { password: 'hash of more', totpSecret: 'BASE32SECRET', totpActive: true },
        actor,
      );
      const { totpSecret, totpActive, password } = need(await store.findUser(accountId, 'bo'));
      assert.deepEqual([totpSecret, totpActive, password], ['BASE32SECRET', true, 'hash of more']);
      const { items } = await store.listChanges(accountId, { limit: 2 });
      assert.deepEqual(
        items.map(({ action, actor: by, subject }) => [action, by, subject]),
        [
          ['user.changed', 'user/ana', 'user/bo'],
          ['user.created', 'user/ana', 'user/bo'],
        ],
      );
      assert.doesNotMatch(JSON.stringify(items), /hash of|BASE32/);
    }),
  );

  test(
    'changeUser: recovery codes go with the app, and the next password is one for good',
    withStore(open, async ({ store, accountId }) => {
      await store.createUser(accountId, user('bo'), actor);
      const change = (changes: Parameters<Store['changeUser']>[2]) =>
        store.changeUser(accountId, 'id-bo', changes, actor);
      const bo = async () => need(await store.findUser(accountId, 'bo'));
      await change({ totpSecret: 'BASE32', totpActive: true, recoveryCodes: ['one', 'two'] });
      await change({ password: 'hash of once', passwordEndsAt: 4000 });
      await change({ role: 'operator' });
      const kept = await bo();
      assert.deepEqual([kept.recoveryCodes, kept.passwordEndsAt], [['one', 'two'], 4000]);
      await change({ password: 'hash of good', totpActive: false });
      const { recoveryCodes, passwordEndsAt } = await bo();
      assert.deepEqual([recoveryCodes, passwordEndsAt], [[], null]);
    }),
  );

  test(
    'useRecoveryCode: each counts once, also where two use it at once, and of its user alone',
    withStore(open, async ({ store, accountId, otherId }) => {
      await store.createUser(accountId, user('bo'), actor);
      await store.createUser(accountId, user('eve'), actor);
      await store.changeUser(accountId, 'id-bo', { recoveryCodes: ['one', 'two'] }, actor);
      const use = (hash: string, userId = 'id-bo', owner = accountId) =>
        store.useRecoveryCode(owner, userId, hash, actor);
      assert.deepEqual(
        [await use('three'), await use('one', 'id-eve'), await use('one', 'id-bo', otherId)],
        [undefined, undefined, undefined],
      );
      const both = await Promise.all([use('one'), use('one')]);
      assert.deepEqual(both.toSorted(), [1, undefined]);
      assert.deepEqual(need(await store.findUser(accountId, 'bo')).recoveryCodes, ['two']);
      assert.equal(await use('two'), 0);
      const { items } = await store.listChanges(accountId, { limit: 2 });
      assert.deepEqual(
        items.map(({ action, subject, detail }) => [action, subject, detail['left']]),
        [
          ['recovery_code.used', 'user/bo', 0],
          ['recovery_code.used', 'user/bo', 1],
        ],
      );
    }),
  );

  test(
    'useTotpStep: a code counts once, and none before it afterwards',
    withStore(open, async ({ store, accountId }) => {
      await store.createUser(accountId, user('bo'), actor);
      const used = await Promise.all([100, 100].map((step) => store.useTotpStep(accountId, 'id-bo', step)));
      assert.deepEqual(used.toSorted(), [false, true]);
      assert.equal(await store.useTotpStep(accountId, 'id-bo', 99), false);
      assert.equal(await store.useTotpStep(accountId, 'id-bo', 101), true);
    }),
  );

  test(
    'findSession: a session is found with its user until its time is over, and each use moves that, up to its end',
    withStore(open, async ({ store, accountId, otherId, clock }) => {
      await store.createUser(accountId, user('bo', 'operator'), actor);
      const start = clock.now();
      const hash = await signIn(store, accountId, 'a', { now: start, userId: 'id-bo' });
      const find = (at: number) => store.findSession(accountId, hash, start + at);
      assert.equal((await find(0))?.user?.role, 'operator');
      assert.equal(await store.findSession(otherId, hash, start), undefined);
      assert.equal(await find(10 * minute), undefined);
      await store.touchSession(accountId, hash, start + 9 * minute, start + 19 * minute);
      assert.equal((await store.findUser(accountId, 'bo'))?.usedAt, start + 9 * minute);
      const { session } = need(await find(14 * minute));
      assert.deepEqual([session.seenAt, session.expiresAt], [start + 9 * minute, start + 15 * minute]);
      assert.equal(await find(15 * minute), undefined);
      assert.equal((await store.findUser(accountId, 'bo'))?.signedInAt, start);
    }),
  );

  test(
    'changeUser: a new role shows in sessions at once; a new password, and being disabled, ends them',
    withStore(open, async ({ store, accountId, clock }) => {
      await store.createUser(accountId, user('bo', 'operator'), actor);
      const now = clock.now();
      const first = await signIn(store, accountId, 'a', { now, userId: 'id-bo' });
      await store.changeUser(accountId, 'id-bo', { role: 'viewer' }, actor);
      assert.equal((await store.findSession(accountId, first, now))?.user?.role, 'viewer');
      await store.changeUser(accountId, 'id-bo', { password: 'new' }, actor);
      assert.equal(await store.findSession(accountId, first, now), undefined);
      const second = await signIn(store, accountId, 'b', { now, userId: 'id-bo' });
      await store.changeUser(accountId, 'id-bo', { state: 'disabled' }, actor);
      assert.equal(await store.findSession(accountId, second, now), undefined);
      await store.changeUser(accountId, 'id-bo', { state: 'active' }, actor);
      assert.equal(await store.findSession(accountId, second, now), undefined);
    }),
  );

  test(
    'deleteUser: the sessions of a user end with him',
    withStore(open, async ({ store, accountId, clock }) => {
      await store.createUser(accountId, user('bo', 'operator'), actor);
      const now = clock.now();
      const hash = await signIn(store, accountId, 'a', { now, userId: 'id-bo' });
      assert.ok(await store.findSession(accountId, hash, now));
      await store.deleteUser(accountId, 'id-bo', actor);
      assert.equal(await store.findSession(accountId, hash, now), undefined);
    }),
  );

  test(
    'endSession: a session ends once, and no other with it',
    withStore(open, async ({ store, accountId, clock }) => {
      await store.createUser(accountId, user('bo'), actor);
      const now = clock.now();
      const [a = '', b = ''] = await Promise.all(
        ['a', 'b'].map((digit) => signIn(store, accountId, digit, { now, userId: 'id-bo' })),
      );
      assert.equal(await store.endSession(accountId, a, actor), true);
      assert.equal(await store.endSession(accountId, a, actor), false);
      assert.equal(await store.findSession(accountId, a, now), undefined);
      assert.ok(await store.findSession(accountId, b, now));
    }),
  );

  test(
    'endSessions: the sessions of a user or of a key end, all but one or all',
    withStore(open, async ({ store, accountId, clock }) => {
      await store.createUser(accountId, user('bo'), actor);
      const now = clock.now();
      const [b = '', c = ''] = await Promise.all(
        ['b', 'c'].map((digit) => signIn(store, accountId, digit, { now, userId: 'id-bo' })),
      );
      const ofKey = await signIn(store, accountId, 'd', { now, keyId: 'first-key' });
      assert.equal((await store.findSession(accountId, ofKey, now))?.user, null);
      assert.equal(await store.endSessions(accountId, { userId: 'id-bo', keyId: null }, b, actor), 1);
      assert.equal(await store.findSession(accountId, c, now), undefined);
      assert.ok(await store.findSession(accountId, b, now));
      assert.ok(await store.findSession(accountId, ofKey, now));
      assert.equal(await store.endSessions(accountId, { userId: null, keyId: 'first-key' }, null, actor), 1);
      assert.equal(await store.findSession(accountId, ofKey, now), undefined);
    }),
  );

  test(
    'createSession: a user has so many sessions and no more: the oldest go',
    withStore(open, async ({ store, accountId, clock }) => {
      await store.createUser(accountId, user('bo'), actor);
      const hashes: string[] = [];
      for (const digit of ['a', 'b', 'c']) {
        clock.advance(minute);
        hashes.push(await signIn(store, accountId, digit, { now: clock.now(), userId: 'id-bo' }, 2));
      }
      const found = await Promise.all(hashes.map((hash) => store.findSession(accountId, hash, clock.now())));
      assert.deepEqual(
        found.map((session) => session !== undefined),
        [false, true, true],
      );
    }),
  );

  test(
    'sweep: sessions whose time is over are swept',
    withStore(open, async ({ store, accountId, clock }) => {
      await store.createUser(accountId, user('bo'), actor);
      const now = clock.now();
      const hash = await signIn(store, accountId, 'a', { now, userId: 'id-bo' });
      const retention = { rawEventMs: minute, receiptMs: minute, attemptMs: minute, unreadableMs: minute };
      while ((await store.sweep(retention, now + 10 * minute)).rows > 0);
      assert.equal(await store.findSession(accountId, hash, now), undefined);
    }),
  );
}
