// What a replay does and how much it is before, and giving up what is not over, over a real store.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import { previewReplay, replay, replayOne } from '../../../src/core/deliveries/replay.ts';
import type { GivenReplay } from '../../../src/core/deliveries/replay.ts';
import { previewSurrender, surrender } from '../../../src/core/deliveries/surrender.ts';
import { removeDestination } from '../../../src/core/deliveries/destinations.ts';
import { connect, killDeliveries, number, open, subscribe, toIntake } from '../../support/connected.ts';

const page = { limit: 500 };

/** A callback URL with `count` deliveries that wait. */
async function openDeliveries(t: TestContext, count: number) {
  const api = await open(t);
  await connect(api);
  const destinationId = await subscribe(api);
  const { store, clock, accountId } = api;
  let recorded = 0;
  const recordOne = async (): Promise<void> => {
    recorded += 1;
    await store.recordIntake([toIntake(api, destinationId, `${recorded}`.repeat(32))]);
  };
  while (recorded < count) await recordOne();
  return {
    deps: { store, now: clock.now },
    principal: { accountId, actor: { kind: 'key', id: 'testkey' } } as const,
    accountId,
    clock,
    destinationId,
    recordOne,
    kill: () => killDeliveries(api, destinationId),
    list: async () => (await store.listDeliveries(accountId, {}, page)).items,
    /** Takes the callback URL away from the settings. */
    unsubscribe: () =>
      api.call('PUT', `/channels/wa/senders/${number}/webhook`, { http: false, statusUrl: null }),
  };
}

it('a replay says which deliveries it means', async (t) => {
  const { deps, principal, accountId, kill, list } = await openDeliveries(t, 1);
  await kill();
  for (const given of [{}, { state: 'done' }, { until: 1 }] as const) {
    await assert.rejects(previewReplay(deps, accountId, given), {
      code: 'bad_request',
      field: 'destinationId',
    });
    await assert.rejects(replay(deps, principal, given, page), {
      code: 'bad_request',
      field: 'destinationId',
    });
  }
  const count = async (given: GivenReplay) => (await previewReplay(deps, accountId, given)).count;
  assert.deepEqual(
    [await count({ since: 1 }), await count({ since: 1, state: 'done' })],
    [1, 0],
    'dead ones',
  );
  const deliveryIds = (await list()).map(({ id }) => id);
  assert.equal(await count({ deliveryIds, state: 'done' }), 1, 'what is named is meant');
});

it('what comes after the count is not part of the replay', async (t) => {
  const { deps, principal, accountId, clock, destinationId, recordOne, kill } = await openDeliveries(t, 2);
  await kill();
  clock.advance(1000);
  const preview = await previewReplay(deps, accountId, { destinationId });
  assert.deepEqual(preview, { count: 2, isMore: false, until: clock.now() + 1 });
  clock.advance(1);
  await recordOne();
  await kill();
  const given = { destinationId, until: preview.until ?? 0 };
  assert.deepEqual(await replay(deps, principal, given, page), { replayed: 2, next: null });
  clock.advance(1000);
  const rest = await previewReplay(deps, accountId, { destinationId });
  assert.equal(rest.count, 1);
  const earlier = clock.now() - 500;
  assert.equal((await previewReplay(deps, accountId, { destinationId, until: earlier })).until, earlier);
});

it('of deliveries that are named, those count that are over', async (t) => {
  const { deps, principal, accountId, kill, list, recordOne } = await openDeliveries(t, 1);
  await kill();
  await recordOne();
  const deliveryIds = (await list()).map(({ id }) => id);
  assert.equal(deliveryIds.length, 2);
  const preview = await previewReplay(deps, accountId, { deliveryIds });
  assert.deepEqual(preview, { count: 1, isMore: false, until: null });
  assert.equal((await replay(deps, principal, { deliveryIds }, page)).replayed, 1);
});

it('one delivery is replayed where it is over and has somewhere to go, and else it is said why not', async (t) => {
  const { deps, principal, kill, list, destinationId, unsubscribe } = await openDeliveries(t, 1);
  const [delivery] = await list();
  assert.ok(delivery);
  const refused = (message: RegExp) => ({ code: 'wrong_state', message });
  await assert.rejects(replayOne(deps, principal, 1), { code: 'not_found' });
  await assert.rejects(replayOne(deps, principal, delivery.id), refused(/not ended yet/));
  await kill();
  assert.deepEqual(await replayOne(deps, principal, delivery.id), { replayed: 1, next: null });
  await kill();
  await unsubscribe();
  await removeDestination(deps, principal, destinationId);
  await assert.rejects(replayOne(deps, principal, delivery.id), refused(/was removed/));
});

it('a destination that is not there is told, not counted as one without deliveries', async (t) => {
  const { deps, principal, accountId, destinationId, unsubscribe } = await openDeliveries(t, 1);
  const isRefused = async (given: { destinationId: number }): Promise<void> => {
    const calls = [
      () => previewReplay(deps, accountId, given),
      () => replay(deps, principal, given, page),
      () => previewSurrender(deps, accountId, given, page),
      () => surrender(deps, principal, { ...given, state: 'open' }, page),
    ];
    for (const call of calls) await assert.rejects(call, { code: 'not_found', message: /destination/ });
  };
  await isRefused({ destinationId: destinationId + 1 });
  await unsubscribe();
  await removeDestination(deps, principal, destinationId);
  await isRefused({ destinationId });
});

it('what is not over is given up, and is dead then', async (t) => {
  const { deps, principal, accountId, destinationId, list } = await openDeliveries(t, 3);
  const all = { destinationId, state: 'open' } as const;
  await assert.rejects(previewSurrender(deps, accountId, { state: 'open' }, page), {
    field: 'destinationId',
  });
  assert.deepEqual(await previewSurrender(deps, accountId, { destinationId }, page), {
    givenUp: 0,
    next: null,
  });
  assert.deepEqual(await previewSurrender(deps, accountId, all, page), { givenUp: 3, next: null });
  const [one] = await list();
  assert.ok(one);
  const named = { deliveryIds: [one.id] };
  assert.equal((await surrender(deps, principal, named, page)).givenUp, 0, 'settings want it');
  assert.equal((await surrender(deps, principal, { ...named, state: 'open' }, page)).givenUp, 1);
  const step = await surrender(deps, principal, all, { limit: 1 });
  assert.equal(step.givenUp, 1);
  assert.notEqual(step.next, null);
  assert.deepEqual(await surrender(deps, principal, all, page), { givenUp: 1, next: null });
  assert.deepEqual([...new Set((await list()).map(({ state }) => state))], ['dead']);
  assert.equal((await previewReplay(deps, accountId, { destinationId })).count, 3);
});
