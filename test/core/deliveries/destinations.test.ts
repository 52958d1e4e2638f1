// Callback URLs changed, handed over, removed and given new secrets, over a real store.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import {
  changeDestination,
  findDestination,
  findValidSecrets,
  handBacklogOver,
  previewRemoval,
  removeDestination,
  rotateSecret,
} from '../../../src/core/deliveries/destinations.ts';
import { versionOfDestination } from '../../../src/domain/version.ts';
import { connect, number, open, subscribe, toIntake } from '../../support/connected.ts';

const page = { limit: 500 };

/** A callback URL with two deliveries that wait. */
async function openDestination(t: TestContext) {
  const api = await open(t);
  await connect(api);
  const id = await subscribe(api);
  const { store, clock, accountId } = api;
  for (const digit of ['1', '2']) await store.recordIntake([toIntake(api, id, digit.repeat(32))]);
  let secrets = 0;
  return {
    deps: {
      store,
      now: clock.now,
      checkUrl: (url: string) => Promise.resolve(url.includes('inside') ? 'is inside.' : null),
      generateSecret: () => `whsec_${(secrets += 1)}`,
    },
    principal: { accountId, actor: { kind: 'key', id: 'testkey' } } as const,
    store,
    accountId,
    clock,
    id,
    find: () => findDestination(store, accountId, id),
    subscribeTo: async (statusUrl: string | null) => {
      const body = { http: statusUrl !== null, statusUrl };
      const { json } = await api.call('PUT', `/channels/wa/senders/${number}/webhook`, body);
      return (json['destinations'] as Record<string, number>)[statusUrl ?? ''] ?? 0;
    },
  };
}

it('a preset brings its schedule and time limit, and leaves batch size and concurrency', async (t) => {
  const { deps, principal, id, find } = await openDestination(t);
  await changeDestination(deps, principal, id, { batchSize: 7, concurrency: 3 });
  const before = (await find()).settings;
  await changeDestination(deps, principal, id, { preset: 'cams' });
  const { settings } = await find();
  assert.deepEqual([settings.batchSize, settings.concurrency, settings.preset], [7, 3, 'cams']);
  assert.notEqual(settings.timeoutMs, before.timeoutMs);
  await changeDestination(deps, principal, id, { preset: 'cams', batchSize: 9 });
  assert.equal((await find()).settings.batchSize, 9);
});

it('one version that was seen holds for all that one call changes', async (t) => {
  const { deps, principal, id, find } = await openDestination(t);
  const expected = { kind: 'versions', versions: [versionOfDestination(await find())] } as const;
  await changeDestination(deps, principal, id, { name: ' CRM ', batchSize: 7, state: 'off' }, expected);
  const { name, settings, state, stateReason } = await find();
  assert.deepEqual(
    [name, settings.batchSize, state, stateReason.text],
    ['CRM', 7, 'off', 'Switched off by an operator.'],
  );
  for (const given of [{ name: 'x' }, { batchSize: 8 }, { state: 'active' }] as const)
    await assert.rejects(changeDestination(deps, principal, id, given, expected), {
      code: 'changed_meanwhile',
    });
});

it('a URL that cannot be used, or that another destination has, changes nothing', async (t) => {
  const { deps, principal, id, find, subscribeTo } = await openDestination(t);
  const other = 'https://other.example/';
  await subscribeTo(other);
  const before = await find();
  const tried = (url: string) => changeDestination(deps, principal, id, { url, batchSize: 50 });
  for (const url of ['ftp://x', 'https://inside.example/'])
    await assert.rejects(tried(url), { code: 'bad_callback_url', field: 'url' });
  await assert.rejects(tried(other), { code: 'conflict', field: 'url' });
  assert.deepEqual(await find(), before);
  await assert.rejects(changeDestination(deps, principal, 999, { name: 'x' }), { code: 'not_found' });
});

it('what waits is handed over to another destination, and counted before', async (t) => {
  const { deps, principal, id, subscribeTo } = await openDestination(t);
  const to = await subscribeTo('https://other.example/');
  const meant = { from: id, to, isDry: true };
  await assert.rejects(handBacklogOver(deps, principal, { ...meant, to: id }, page), { field: 'to' });
  await assert.rejects(handBacklogOver(deps, principal, { ...meant, to: 999 }, page), { code: 'not_found' });
  assert.equal((await handBacklogOver(deps, principal, meant, page)).handedOver, 2);
  assert.equal((await handBacklogOver(deps, principal, { ...meant, isDry: false }, page)).handedOver, 2);
  assert.deepEqual(await handBacklogOver(deps, principal, meant, page), { handedOver: 0, next: null });
});

it('a destination is removed once no settings name it, with what waits given up', async (t) => {
  const { deps, principal, accountId, id, store, subscribeTo } = await openDestination(t);
  const named = { code: 'wrong_state', message: new RegExp(`sender ${number} of channel wa`) };
  await assert.rejects(previewRemoval(deps, accountId, id), named);
  await assert.rejects(removeDestination(deps, principal, id), named);
  await subscribeTo(null);
  assert.equal(await previewRemoval(deps, accountId, id), 2);
  assert.equal(await removeDestination(deps, principal, id), 2);
  await assert.rejects(removeDestination(deps, principal, id), { code: 'not_found' });
  const { items } = await store.listDeliveries(accountId, { state: 'dead' }, page);
  assert.equal(items.length, 2);
});

it('who means a destination as it was before gives up nothing of what waits', async (t) => {
  const { deps, principal, accountId, id, store, find, subscribeTo } = await openDestination(t);
  await subscribeTo(null);
  const older = { kind: 'versions', versions: [versionOfDestination(await find())] } as const;
  await changeDestination(deps, principal, id, { name: 'CRM' });
  await assert.rejects(previewRemoval(deps, accountId, id, older), { code: 'changed_meanwhile' });
  await assert.rejects(removeDestination(deps, principal, id, older), { code: 'changed_meanwhile' });
  assert.deepEqual((await store.listDeliveries(accountId, { state: 'dead' }, page)).items, []);
  const newest = { kind: 'versions', versions: [versionOfDestination(await find())] } as const;
  assert.equal(await removeDestination(deps, principal, id, newest), 2);
});

it('a new secret signs, the newest before it for a while, and none that is older', async (t) => {
  const { deps, principal, id, clock, find } = await openDestination(t);
  const secretsAt = async (at: number) => findValidSecrets(await find(), at).map(({ secret }) => secret);
  const [first] = await secretsAt(clock.now());
  await rotateSecret(deps, principal, id, 1000);
  assert.deepEqual(await secretsAt(clock.now()), ['whsec_1', first]);
  assert.deepEqual(await secretsAt(clock.now() + 1000), ['whsec_1']);
  await rotateSecret(deps, principal, id, 1000);
  assert.deepEqual(await secretsAt(clock.now()), ['whsec_2', 'whsec_1']);
  await rotateSecret(deps, principal, id, 0);
  assert.deepEqual(await secretsAt(clock.now()), ['whsec_3']);
});
