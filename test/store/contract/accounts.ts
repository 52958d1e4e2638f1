import assert from 'node:assert/strict';
import { test } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import { createClock } from '../../support/store.ts';
import { minute, need, withStore } from './fixture.ts';
import type { OpenStore } from './fixture.ts';

export function accountContract(open: OpenStore): void {
  test(
    'createFirstAccount: the first account is made once, with its key and its sandbox channel',
    withStore(open, async ({ store, accountId }) => {
      const again = await store.createFirstAccount({
        account: { id: 77, name: 'Late' },
        key: { id: 'late-key', secret: 'late' },
      });
      assert.equal(again, false);
      assert.equal(await store.findKey('late-key'), undefined);
      assert.equal((await store.findKey('first-key'))?.secret, 'first-secret');
      const sandbox = need(await store.findChannel('sandbox'));
      assert.equal(sandbox.accountId, accountId);
      assert.equal(sandbox.type, 'sandbox');
      const senders = await store.listSenders(accountId, 'sandbox');
      assert.deepEqual(
        senders.map(({ id, type, routeId }) => [id, type, routeId]),
        [
          ['15550100001', 'whatsapp', '15550100001'],
          ['100000000000001', 'messenger', '100000000000001'],
          ['17840000000000001', 'instagram', '17840000000000001'],
          ['10001', 'viber', '10001'],
        ],
      );
    }),
  );

  test('createFirstAccount: of two first accounts made at once, one is made', async () => {
    const store = await open(createClock());
    const made = await Promise.all(
      [11, 12].map((id) =>
        store.createFirstAccount({ account: { id, name: 'A' }, key: { id: `key-${id}`, secret: 's' } }),
      ),
    );
    assert.deepEqual(made.toSorted(), [false, true]);
    assert.equal((await store.listAccounts()).length, 1);
    await store.close();
  });

  test(
    'createAccount: every other account has a sandbox channel of its own name, with the same senders',
    withStore(open, async ({ store, otherId }) => {
      const senders = await store.listSenders(otherId, `sandbox-${otherId}`);
      assert.equal(senders.length, 4);
      assert.equal(senders[0]?.id, '15550100001');
    }),
  );

  test(
    'createAccount: an account is made once',
    withStore(open, async ({ store, otherId }) => {
      assert.equal(await store.createAccount({ id: otherId, name: 'Again' }, system), 'exists');
      assert.deepEqual(
        (await store.listAccounts()).map(({ name }) => name),
        ['First', 'Other'],
      );
    }),
  );

  test(
    'createAccount: an account is made with its first key, and one that is there gets none',
    withStore(open, async ({ store, otherId }) => {
      const key = { id: 'its-first', secret: 'päss', name: 'First key' };
      assert.equal(await store.createAccount({ id: otherId, name: 'Again' }, system, key), 'exists');
      assert.equal(await store.findKey(key.id), undefined);
      const third = otherId + 1;
      assert.equal(await store.createAccount({ id: third, name: 'Third' }, system, key), 'created');
      const { accountId, secret, name, role, state } = (await store.findKey(key.id)) ?? assert.fail();
      assert.deepEqual(
        [accountId, secret, name, role, state],
        [third, 'päss', 'First key', 'full', 'active'],
      );
    }),
  );

  test(
    'setAccountLimits: what is given is changed, null takes it away, and keys tell it with their own',
    withStore(open, async ({ store, accountId, otherId }) => {
      assert.equal(await store.setAccountLimits(7, { requestsPerSecond: 1 }, system), false);
      assert.deepEqual((await store.findAccount(accountId))?.limits, {});
      assert.equal(
        await store.setAccountLimits(accountId, { requestsPerSecond: 10, storedBytes: 2 ** 40 }, system),
        true,
      );
      await store.setAccountLimits(accountId, { requestsPerSecond: null, queuedMessages: 0 }, system);
      const limits = { queuedMessages: 0, storedBytes: 2 ** 40 };
      assert.deepEqual((await store.findAccount(accountId))?.limits, limits);
      assert.deepEqual((await store.findAccount(otherId))?.limits, {});
      assert.deepEqual(
        (await store.listAccounts()).map((account) => account.limits),
        [limits, {}],
      );
      const key = {
        id: 'limited',
        accountId,
        secret: 's',
        limits: { requestsPerSecond: 3, storedBytes: null },
      };
      await store.createKey(key, system);
      const found = need(await store.findKey('limited'));
      assert.deepEqual([found.limits, found.accountLimits], [{ requestsPerSecond: 3 }, limits]);
      await store.setKeySettings(accountId, 'limited', { limits: { queuedMessages: 5 } }, system);
      await store.setKeySettings(accountId, 'limited', { name: 'Slow' }, system);
      assert.equal(await store.setKeySettings(otherId, 'limited', { limits: {} }, system), false);
      const listed = (await store.listKeys(accountId)).find(({ id }) => id === 'limited');
      assert.deepEqual(
        [listed?.name, listed?.limits, listed?.accountLimits],
        ['Slow', { requestsPerSecond: 3, queuedMessages: 5 }, limits],
      );
      const { items } = await store.listChanges(accountId, { limit: 10 });
      const changes = items.filter(({ action }) => action === 'account.limited');
      assert.deepEqual(
        changes.map(({ detail }) => detail),
        [
          { limits: { requestsPerSecond: null, queuedMessages: 0 } },
          { limits: { requestsPerSecond: 10, storedBytes: 2 ** 40 } },
        ],
      );
    }),
  );

  test(
    'setKeyState: a key is active until it is switched off, and can be switched on again',
    withStore(open, async ({ store, accountId, clock }) => {
      await store.createKey({ id: 'second-key', accountId, secret: 'päss' }, system);
      assert.deepEqual(await store.findKey('second-key'), {
        id: 'second-key',
        accountId,
        secret: 'päss',
        state: 'active',
        name: '',
        role: 'full',
        addresses: [],
        limits: {},
        accountLimits: {},
        createdAt: clock.now(),
        usedAt: null,
      });
      assert.equal(await store.setKeyState(accountId, 'second-key', 'disabled', system), true);
      assert.equal((await store.findKey('second-key'))?.state, 'disabled');
      assert.equal(await store.setKeyState(accountId, 'second-key', 'active', system), true);
      assert.deepEqual(
        (await store.listKeys(accountId)).map(({ id, state }) => [id, state]),
        [
          ['first-key', 'active'],
          ['second-key', 'active'],
        ],
      );
    }),
  );

  test(
    'setKeySettings: a key has the role and the addresses that it was given, until they are changed',
    withStore(open, async ({ store, accountId, otherId }) => {
      const settings = { name: 'puller', role: 'receive', addresses: ['10.0.0.0/8'] } as const;
      await store.createKey({ id: 'k2', accountId, secret: 's', ...settings }, system);
      const read = async () => {
        const { name, role, addresses } = need(await store.findKey('k2'));
        return { name, role, addresses };
      };
      assert.deepEqual(await read(), settings);
      assert.equal(await store.setKeySettings(accountId, 'k2', { role: 'read' }, system), true);
      assert.deepEqual(await read(), { ...settings, role: 'read' });
      assert.equal(await store.setKeySettings(accountId, 'k2', { addresses: [], name: '' }, system), true);
      assert.deepEqual(await read(), { name: '', role: 'read', addresses: [] });
      assert.equal(await store.setKeySettings(otherId, 'k2', { role: 'full' }, system), false);
      assert.equal((await store.findKey('k2'))?.role, 'read');
    }),
  );

  test(
    'noteKeyUses: the last use of a key never moves back, and is noted in its own account alone',
    withStore(open, async ({ store, accountId, otherId, clock }) => {
      const at = clock.now();
      const keyId = 'first-key';
      await store.noteKeyUses([{ accountId, keyId, at }]);
      await store.noteKeyUses([
        { accountId, keyId, at: at - minute },
        { accountId: otherId, keyId, at: at + minute },
        { accountId, keyId: 'gone', at },
      ]);
      assert.equal((await store.findKey(keyId))?.usedAt, at);
    }),
  );

  test(
    'listAccounts: the account of the first start is told from the others',
    withStore(open, async ({ store }) => {
      assert.deepEqual(
        (await store.listAccounts()).map(({ first }) => first),
        [true, false],
      );
    }),
  );

  test(
    "setKeyState: another account's key is as good as none",
    withStore(open, async ({ store, otherId }) => {
      assert.equal(await store.setKeyState(otherId, 'first-key', 'disabled', system), false);
      assert.equal((await store.findKey('first-key'))?.state, 'active');
      assert.deepEqual(await store.listKeys(otherId), []);
    }),
  );

  test(
    'createKey: a key id is on the server once',
    withStore(open, async ({ store, otherId }) => {
      await assert.rejects(store.createKey({ id: 'first-key', accountId: otherId, secret: 'x' }, system));
      assert.equal((await store.findKey('first-key'))?.secret, 'first-secret');
    }),
  );

  test(
    'createTemporaryKey: a temporary key comes back as it was made',
    withStore(open, async ({ store, accountId, clock }) => {
      const key = {
        id: 'STS.1',
        accountId,
        secret: 'temporary',
        securityToken: 'token',
        queueName: 'orders',
        createdAt: clock.now(),
        expiresAt: clock.now() + minute,
      };
      await store.createTemporaryKey(key);
      assert.deepEqual(await store.findTemporaryKey('STS.1'), key);
      assert.equal(await store.findTemporaryKey('STS.2'), undefined);
    }),
  );

  test(
    'createTemporaryKey: a temporary key that somebody asked for is recorded, one that a puller renews is not',
    withStore(open, async ({ store, accountId, clock }) => {
      const key = {
        id: 'STS.1',
        accountId,
        secret: 'temporary-secret',
        securityToken: 'token',
        queueName: 'orders',
        createdAt: clock.now(),
        expiresAt: clock.now() + minute,
      };
      const before = await store.listChanges(accountId, { limit: 100 });
      await store.createTemporaryKey(key);
      assert.deepEqual(await store.listChanges(accountId, { limit: 100 }), before);
      await store.createTemporaryKey({ ...key, id: 'STS.2' }, { kind: 'key', id: 'first-key' });
      const after = await store.listChanges(accountId, { limit: 100 });
      assert.equal(after.items.length, before.items.length + 1);
      assert.equal(after.items[0]?.actor, 'key/first-key');
      assert.doesNotMatch(JSON.stringify(after), /temporary-secret/);
    }),
  );
}
