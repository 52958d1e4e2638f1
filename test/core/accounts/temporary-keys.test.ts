import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import { createTemporaryKeys, makeQueueKey } from '../../../src/core/accounts/temporary-keys.ts';
import { openTestStore } from '../../support/store.ts';

const hour = 3_600_000;

async function open(t: TestContext) {
  const test = await openTestStore();
  t.after(() => test.close());
  const { temporaryKeys, accountId, clock, store } = test;
  await store.createKey({ id: 'issuer', accountId, secret: 's', role: 'receive' }, system);
  const wish = { accountId, issuerId: 'issuer', queueName: 'q', expiresAt: clock.now() + hour };
  return { ...test, key: temporaryKeys.issue(wish), wish };
}

it('a temporary key is known by its token alone, to every node with the master key, and several are valid at once', async (t) => {
  const { temporaryKeys, key, wish, store, directory, clock, accountId } = await open(t);
  const find = () => temporaryKeys.find(key.id, key.securityToken);
  const issuer = await store.findKey('issuer');
  assert.deepEqual(await find(), { ...key, issuer });
  assert.deepEqual(
    [key.accountId, key.queueName, key.createdAt, key.expiresAt],
    [accountId, 'q', clock.now(), clock.now() + hour],
  );
  assert.equal(await store.findTemporaryKey(key.id), undefined, 'it is written nowhere');
  const next = temporaryKeys.issue(wish);
  assert.equal(
    new Set([key.id, key.secret, key.securityToken, next.id, next.secret, next.securityToken]).size,
    6,
  );
  assert.deepEqual(
    [await find(), await temporaryKeys.find(next.id, next.securityToken)],
    [
      { ...key, issuer },
      { ...next, issuer },
    ],
  );
  const node = (fill: number) =>
    createTemporaryKeys({ masterKey: Buffer.alloc(32, fill), store, directory, now: clock.now });
  assert.deepEqual(await node(7).find(key.id, key.securityToken), { ...key, issuer });
  assert.equal(await node(8).find(key.id, key.securityToken), undefined);
});

it('a token that is changed anywhere, or shown with another key, belongs to none', async (t) => {
  const { temporaryKeys, key, wish } = await open(t);
  for (let at = 0; at < key.securityToken.length; at += 1) {
    const other = key.securityToken[at] === 'A' ? 'g' : 'A';
    const changed = `${key.securityToken.slice(0, at)}${other}${key.securityToken.slice(at + 1)}`;
    // The last digit of Base64 may hold bits of nothing.
    const isSame = Buffer.from(changed.slice(2), 'base64url').equals(
      Buffer.from(key.securityToken.slice(2), 'base64url'),
    );
    if (at >= 2 && isSame) continue;
    assert.equal(await temporaryKeys.find(key.id, changed), undefined, `changed at ${at}`);
  }
  assert.equal(await temporaryKeys.find(temporaryKeys.issue(wish).id, key.securityToken), undefined);
  for (const text of ['', '1.', '1.x', key.securityToken.slice(0, -4), `${key.securityToken}AAAA`])
    assert.equal(await temporaryKeys.find(key.id, text), undefined);
});

it('a temporary key ends with the key that asked for it, and with its right to receive', async (t) => {
  const { temporaryKeys, key, store, accountId } = await open(t);
  const isGood = async () => (await temporaryKeys.find(key.id, key.securityToken)) !== undefined;
  assert.equal(await isGood(), true);
  await store.setKeyState(accountId, 'issuer', 'disabled', system);
  assert.equal(await isGood(), false);
  await store.setKeyState(accountId, 'issuer', 'active', system);
  assert.equal(await isGood(), true);
  for (const [role, good] of [
    ['send', false],
    ['read', false],
    ['full', true],
  ] as const) {
    await store.setKeySettings(accountId, 'issuer', { role }, system);
    assert.equal(await isGood(), good, role);
  }
});

it('a temporary key that the store keeps is good as before', async (t) => {
  const { temporaryKeys, store, accountId, clock } = await open(t);
  const stored = {
    id: 'STS.stored',
    accountId,
    secret: 'secret',
    securityToken: 'b'.repeat(64),
    queueName: 'q',
    createdAt: clock.now(),
    expiresAt: clock.now() + hour,
  };
  await store.createTemporaryKey(stored);
  assert.deepEqual(await temporaryKeys.find(stored.id, stored.securityToken), { ...stored, issuer: null });
  assert.equal(await temporaryKeys.find(stored.id, 'c'.repeat(64)), undefined);
  assert.equal(await temporaryKeys.find('STS.none', stored.securityToken), undefined);
});

it('a key that a person asked for is kept by the store, for as long as he said or an hour', async (t) => {
  const { store, temporaryKeys, accountId, clock } = await open(t);
  const make = (seconds?: number) =>
    makeQueueKey({ store, now: clock.now }, { accountId, actor: system }, 'q', seconds);
  const [short, usual] = [await make(60), await make()];
  assert.deepEqual(await temporaryKeys.find(short.id, short.securityToken), { ...short, issuer: null });
  assert.deepEqual([short.queueName, short.accountId], ['q', accountId]);
  assert.deepEqual([short.expiresAt - short.createdAt, usual.expiresAt - usual.createdAt], [60_000, hour]);
  assert.equal(await temporaryKeys.find(short.id, usual.securityToken), undefined);
});
