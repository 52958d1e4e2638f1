import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Nonces } from '../../../src/protocols/cams/nonces.ts';
import { openCamsApp } from '../../support/cams-app.ts';
import { openTestStore } from '../../support/store.ts';

const minute = 60_000;
const user = { accountId: 1, keyId: 'k' };

it('refuses requests while as many nonces are remembered as may be, and says when to come back', async (t) => {
  const app = await openCamsApp({ maxNonces: 3 });
  t.after(() => app.close());
  const call = () => app.call('GetChatappOpenStatus', {});
  app.clock.advance(15_000);
  for (let count = 0; count < 3; count += 1) assert.equal((await call()).body['Code'], 'OK');
  const refused = await call();
  assert.deepEqual([refused.status, refused.body['Code']], [429, 'Throttling'], refused.text);
  assert.match(String(refused.body['Message']), /CHASQUI_NONCE_MAX/);
  assert.equal(refused.headers['x-acs-retry-after'], '45000');
  await app.store.probe();
  assert.equal(await app.store.countNonces(), 3);
  app.clock.advance(31 * minute);
  assert.equal((await call()).body['Code'], 'Throttling', 'the sweep may be late');
  app.clock.advance(minute);
  assert.equal((await call()).body['Code'], 'OK');
});

it('counts what the store remembers from before the start, and no request twice', async (t) => {
  const { store, clock, close } = await openTestStore();
  t.after(close);
  await store.useNonce('k', 'old', clock.now());
  await store.probe();
  const nonces = new Nonces({ store, ...clock, maxNonces: 3 });
  const results = await Promise.allSettled(['a', 'a', 'b', 'c', 'd'].map((nonce) => nonces.use(user, nonce)));
  const codes = results.map((result) =>
    result.status === 'fulfilled' ? 'OK' : (result.reason as { code: string }).code,
  );
  // Of the two of `a` one is the repeat; it holds a place until the store has told it from the other.
  assert.deepEqual(codes.slice(0, 2).toSorted(), ['OK', 'SignatureNonceUsed']);
  assert.deepEqual(codes.slice(2), ['Throttling', 'Throttling', 'Throttling']);
  await nonces.use(user, 'b');
  await store.probe();
  assert.equal(await store.countNonces(), 3);
  await assert.rejects(nonces.use(user, 'c'), { code: 'Throttling' });
});

it('keeps the last quarter for accounts that use few, for as long as others use much', async (t) => {
  const { store, clock, close } = await openTestStore();
  t.after(close);
  const nonces = new Nonces({ store, ...clock, maxNonces: 64 });
  let sent = 0;
  const use = (accountId: number) => nonces.use({ accountId, keyId: `k${accountId}` }, String((sent += 1)));
  for (let count = 0; count < 48; count += 1) await use(1);
  await assert.rejects(use(1), { code: 'Throttling', message: /48 signature nonces of this account/ });
  for (const accountId of [2, 3, 4]) {
    await use(accountId);
    await use(accountId);
    await assert.rejects(use(accountId), { code: 'Throttling' }, 'two are a 32nd');
  }
  clock.advance(32 * minute);
  await use(1);
});
