// What waits is tried now because somebody asks, over a real store; what cannot be says why.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import { tryDestinationNow, tryNow, tryOneNow } from '../../../src/core/deliveries/try-now.ts';
import { replayOne } from '../../../src/core/deliveries/replay.ts';
import { reasoned } from '../../../src/domain/findings.ts';
import { connect, number, open, subscribe, toIntake } from '../../support/connected.ts';

const hour = 3_600_000;

/** A callback URL with deliveries that wait for an hour, by a number each. */
async function openWaiting(t: TestContext, count: number) {
  const api = await open(t);
  await connect(api);
  const destinationId = await subscribe(api);
  const { store, clock, accountId } = api;
  const claim = () =>
    store.claimDeliveries({
      ...{ accountId, destinationId, limit: 100, batchSize: 1 },
      ...{ now: clock.now(), leaseMs: 1000 },
    });
  for (let n = 1; n <= count; n += 1)
    await store.recordIntake([toIntake(api, destinationId, `${n}`.repeat(32))]);
  const attempt = { at: clock.now(), durationMs: 1, status: 500, outcome: 'rejected', answer: '' } as const;
  const settle = async (next: 'retry' | 'dead'): Promise<void> => {
    const dueAt = clock.now() + hour;
    await store.settleDeliveries(
      (await claim()).map(({ members }) => ({
        ...{ accountId, destinationId, attempt },
        deliveryId: members[0]?.deliveryId ?? 0,
        next: next === 'dead' ? { kind: 'dead' } : { kind: 'retry', dueAt, cause: 'retry' },
      })),
    );
  };
  await settle('retry');
  const ids = (await store.listDeliveries(accountId, {}, { limit: 500 })).items.map(({ id }) => id);
  return {
    ...{ api, store, clock, accountId, destinationId, claim, settle, ids },
    deps: { store, now: clock.now },
    principal: { accountId, actor: { kind: 'key', id: 'testkey' } } as const,
    find: () => store.findDestination(accountId, destinationId),
  };
}

it('what waits is due at once, each as the first of its schedule', async (t) => {
  const { deps, principal, claim, ids, find } = await openWaiting(t, 3);
  assert.deepEqual(await claim(), []);
  const before = await find();
  assert.deepEqual(await tryNow(deps, principal, ids.slice(0, 2)), { tried: 2, refused: [] });
  assert.deepEqual(
    (await claim()).map(({ attempt }) => attempt),
    [1, 1],
  );
  assert.deepEqual(await find(), before, 'nothing is changed of a callback URL that takes deliveries');
  assert.deepEqual(await tryOneNow(deps, principal, ids[2] ?? 0), { tried: 1, refused: [] });
});

it('a callback URL that is only probed, or paused, is asked with what is tried', async (t) => {
  const { deps, principal, store, clock, accountId, destinationId, ids, find } = await openWaiting(t, 2);
  const failed = reasoned('opened', { host: 'shop.example', failures: 10, outcome: 'timeout' });
  await store.setDestinationState(accountId, destinationId, 'opened', failed, principal.actor);
  await tryNow(deps, principal, ids.slice(0, 1));
  assert.partialDeepStrictEqual(await find(), { state: 'active', stateReason: { code: 'tried_now' } });
  const pause = { until: clock.now() + hour, status: 429, askedMs: hour };
  await store.setDestinationPause(accountId, destinationId, pause);
  assert.deepEqual(await tryDestinationNow(deps, principal, destinationId), { tried: 1, isMore: false });
  assert.equal((await find())?.pause, null);
});

it('each that cannot be tried says why and what to do', async (t) => {
  const { api, deps, principal, store, accountId, destinationId, ids, settle } = await openWaiting(t, 1);
  const codes = async (deliveryIds: readonly number[]) =>
    (await tryNow(deps, principal, deliveryIds)).refused.map(({ code }) => code);
  const [id = 0] = ids;
  assert.deepEqual(await codes([999, 999]), ['delivery_absent']);
  await assert.rejects(tryOneNow(deps, principal, 999), { code: 'not_found' });
  await assert.rejects(replayOne(deps, principal, id), { code: 'wrong_state', reason: 'delivery_open' });

  await store.setDestinationState(
    accountId,
    destinationId,
    'off',
    reasoned('switched_off', {}),
    principal.actor,
  );
  assert.deepEqual(await codes([id]), ['destination_off']);
  await assert.rejects(tryDestinationNow(deps, principal, destinationId), {
    code: 'wrong_state',
    reason: 'destination_off',
  });
  await api.call('PATCH', `/destinations/${destinationId}`, { state: 'active' });

  const { items } = await store.listBacklog(accountId, {}, { limit: 10 });
  await store.setAside(accountId, items);
  assert.deepEqual(await codes([id]), ['delivery_unwanted']);
  await assert.rejects(replayOne(deps, principal, id), { reason: 'delivery_unwanted' });
  await store.takeUp(accountId, [id]);

  await settle('dead');
  assert.deepEqual(await codes([id]), ['delivery_over']);
  await assert.rejects(tryOneNow(deps, principal, id), { code: 'wrong_state', reason: 'delivery_over' });
  await api.call('PUT', `/channels/wa/senders/${number}/webhook`, { http: false, statusUrl: null });
  await api.call('DELETE', `/destinations/${destinationId}`);
  await assert.rejects(replayOne(deps, principal, id), { reason: 'destination_removed' });
});

it('of one message only the receipt that is first in line is tried; those behind it say so', async (t) => {
  const { api, deps, principal, store, accountId, destinationId } = await openWaiting(t, 0);
  // Ids that begin alike share a lane here.
  for (const last of ['a', 'b'])
    await store.recordIntake([toIntake(api, destinationId, `${'a'.repeat(31)}${last}`)]);
  const { items } = await store.listDeliveries(accountId, {}, { limit: 10 });
  assert.deepEqual(
    items.map(({ state }) => state),
    ['blocked', 'waiting'],
  );
  const answer = await tryNow(
    deps,
    principal,
    items.map(({ id }) => id),
  );
  assert.deepEqual([answer.tried, answer.refused.map(({ code }) => code)], [1, ['delivery_behind']]);
});
