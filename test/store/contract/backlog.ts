// What waits for destinations as a whole: set aside, taken up again, handed over, given up; destinations moved and removed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import type { DeliveryState } from '../../../src/domain/delivery.ts';
import type { BacklogFilter, BacklogItem } from '../../../src/store/store.ts';
import { claim, done, drain, namesOf, settle } from './delivery-fixture.ts';
import { destinationOf, inbound, minute, need, record, status, toId, withStore } from './fixture.ts';
import type { Fixture, OpenStore } from './fixture.ts';
import { inWords } from '../../../src/domain/delivery.ts';

async function backlog({ store, accountId }: Fixture, filter: BacklogFilter = {}): Promise<BacklogItem[]> {
  const items: BacklogItem[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.listBacklog(accountId, filter, {
      limit: 2,
      ...(cursor === undefined ? {} : { cursor }),
    });
    items.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return items;
}

const idsOf = (items: readonly BacklogItem[]): number[] => items.map(({ deliveryId }) => deliveryId);

async function count({ store, accountId }: Fixture, state: DeliveryState): Promise<number> {
  return (await store.countDeliveries(accountId, { state }, 100)).count;
}

/** Two statuses of one message, one of another, and a message of a user, in this order. */
async function recordSome(fixture: Fixture, destinationId: number): Promise<void> {
  const target = { destinationId };
  await record(fixture, status(fixture, 'a', 'sent', 1, target));
  await record(fixture, status(fixture, 'a', 'read', 4, target));
  await record(fixture, status(fixture, 'b', 'sent', 1, target));
  await record(fixture, inbound(fixture, 'm1', target));
}

export function backlogContract(open: OpenStore): void {
  test(
    'setAside: what is set aside is not handed out, and is listed with the time when it was first',
    withStore(open, async (fixture) => {
      const { store, accountId, clock, channelId, senderId } = fixture;
      const { id } = await destinationOf(fixture);
      await recordSome(fixture, id);
      const owner = { channelId, senderId };
      const statuses = await backlog(fixture, { owner, kind: 'ChatAppStatus' });
      assert.equal(await store.setAside(accountId, statuses), 3);
      const since = clock.now();
      clock.advance(minute);
      assert.equal(await store.setAside(accountId, statuses), 3);
      assert.deepEqual(await drain(fixture, id), ['m1']);
      assert.deepEqual(
        (await store.listDeliveries(accountId, { state: 'unwanted' }, { limit: 10 })).items.map(
          (one) => one.unwantedSince,
        ),
        [since, since, since],
      );
      assert.deepEqual(
        [await count(fixture, 'unwanted'), await count(fixture, 'blocked'), await count(fixture, 'waiting')],
        [3, 0, 0],
      );
      assert.equal(need((await store.countByDestination(accountId, 10))[0]).unwanted, 3);
      assert.deepEqual(await store.findUnwanted(10), [
        { accountId, subscribed: { ...owner, kind: 'ChatAppStatus' } },
      ]);
      const unwanted = await backlog(fixture, { isUnwanted: true, destinationId: id });
      assert.deepEqual(
        unwanted.map((item) => item.isUnwanted),
        [true, true, true],
      );
    }),
  );

  test(
    'takeUp: what was set aside goes on in its order, before what came since',
    withStore(open, async (fixture) => {
      const { store, accountId } = fixture;
      const { id } = await destinationOf(fixture);
      await recordSome(fixture, id);
      await store.setAside(accountId, await backlog(fixture, { kind: 'ChatAppStatus' }));
      assert.deepEqual(await drain(fixture, id), ['m1']);
      await record(fixture, status(fixture, 'b', 'read', 4, { destinationId: id }));
      assert.deepEqual(await claim(fixture, id), []);
      const unwanted = await backlog(fixture, { isUnwanted: true, destinationId: id });
      assert.equal(await store.takeUp(accountId, idsOf(unwanted)), 3);
      assert.deepEqual(await drain(fixture, id), ['a sent', 'b sent', 'a read', 'b read']);
      assert.deepEqual(await store.findUnwanted(10), []);
    }),
  );

  test(
    'takeUp: one that is set aside while it is pushed ends by its answer, and what it holds back goes',
    withStore(open, async (fixture) => {
      const { store, accountId } = fixture;
      const { id } = await destinationOf(fixture);
      await recordSome(fixture, id);
      const batches = await claim(fixture, id, { limit: 1 });
      assert.deepEqual(namesOf(batches), [['a sent']]);
      await store.setAside(accountId, await backlog(fixture));
      await settle(fixture, batches, done);
      assert.equal(await count(fixture, 'done'), 1);
      await store.takeUp(accountId, idsOf(await backlog(fixture)));
      assert.deepEqual((await drain(fixture, id)).toSorted(), ['a read', 'b sent', 'm1']);
    }),
  );

  test(
    'giveUpDeliveries: what is given up is dead, and the next of its lane goes',
    withStore(open, async (fixture) => {
      const { store, accountId, otherId } = fixture;
      const { id } = await destinationOf(fixture);
      await recordSome(fixture, id);
      const [first] = idsOf(await backlog(fixture));
      assert.equal(await store.giveUpDeliveries(otherId, [need(first)], system), 0);
      assert.equal(await store.giveUpDeliveries(accountId, [need(first)], system), 1);
      assert.equal(await store.giveUpDeliveries(accountId, [need(first)], system), 0);
      assert.deepEqual((await drain(fixture, id)).toSorted(), ['a read', 'b sent', 'm1']);
      const changes = (await store.listChanges(accountId, { limit: 10 })).items;
      assert.equal(changes.filter(({ action }) => action === 'delivery.given_up').length, 1);
      const replayed = await store.replayDeliveries(accountId, { state: 'dead' }, { limit: 10 }, system);
      assert.equal(replayed.replayed, 1);
      assert.deepEqual(await drain(fixture, id), ['a sent']);
    }),
  );

  test(
    'giveUpDeliveries: giving up what is not wanted leaves the rest of it standing',
    withStore(open, async (fixture) => {
      const { store, accountId } = fixture;
      const { id } = await destinationOf(fixture);
      await recordSome(fixture, id);
      const items = await backlog(fixture);
      await store.setAside(accountId, items);
      await store.giveUpDeliveries(accountId, idsOf(items).slice(0, 1), system);
      assert.deepEqual(await claim(fixture, id), []);
      assert.equal(await count(fixture, 'unwanted'), 3);
    }),
  );

  test(
    'handOver: what is handed over goes to the other destination at once, whole lanes, in their order',
    withStore(open, async (fixture) => {
      const { store, accountId } = fixture;
      const from = await destinationOf(fixture, 'https://old.example/');
      const to = await destinationOf(fixture, 'https://new.example/');
      await recordSome(fixture, from.id);
      const tried = await claim(fixture, from.id, { limit: 1 });
      await settle(fixture, tried, {
        kind: 'retry',
        dueAt: fixture.clock.now() + 60 * minute,
        cause: 'timeout',
      });
      // Newer ones of a lane are at the new destination already.
      await record(fixture, status(fixture, 'a', 'deleted', 5, { destinationId: to.id }));
      const [first] = await backlog(fixture, { destinationId: from.id });
      assert.equal(await store.handOver(accountId, [need(first).deliveryId], to.id, system), 2);
      assert.equal(
        await store.handOver(
          accountId,
          idsOf(await backlog(fixture, { destinationId: from.id })),
          to.id,
          system,
        ),
        2,
      );
      assert.deepEqual(await claim(fixture, from.id), []);
      const batches = await claim(fixture, to.id, { limit: 100 });
      assert.deepEqual(
        Object.fromEntries(batches.map((batch) => [namesOf([batch]).join(), [batch.attempt, batch.cause]])),
        { 'a sent': [1, 'timeout'], 'b sent': [1, 'replay'], m1: [1, 'replay'] },
      );
      await settle(fixture, batches, done);
      assert.deepEqual(await drain(fixture, to.id), ['a read', 'a deleted']);
      await assert.rejects(store.handOver(accountId, [1], 999, system), { code: 'not_found' });
    }),
  );

  test(
    'handOver: one that is handed over while it is pushed ends by its answer, and the next of its lane goes',
    withStore(open, async (fixture) => {
      const { store, accountId } = fixture;
      const from = await destinationOf(fixture, 'https://old.example/');
      const to = await destinationOf(fixture, 'https://new.example/');
      await recordSome(fixture, from.id);
      const batches = await claim(fixture, from.id, { limit: 1 });
      await store.handOver(accountId, idsOf(await backlog(fixture)), to.id, system);
      await settle(fixture, batches, done);
      assert.equal(await count(fixture, 'done'), 1);
      assert.deepEqual((await drain(fixture, to.id)).toSorted(), ['a read', 'b sent', 'm1']);
    }),
  );

  test(
    'changeDestination: a destination given another URL keeps its backlog, secrets and name, and settings follow',
    withStore(open, async (fixture) => {
      const { store, accountId, channelId, senderId } = fixture;
      const old = await destinationOf(fixture, 'https://old.example/');
      await recordSome(fixture, old.id);
      await store.setDestinationState(accountId, old.id, 'opened', inWords('No answer.'), system);
      const change = (url: string) =>
        store.changeDestination(accountId, old.id, { url, name: 'CRM' }, system);
      assert.equal(await change('https://new.example/'), 'done');
      const moved = need(await store.findDestination(accountId, old.id));
      assert.deepEqual(
        [moved.url, moved.name, moved.state, moved.secrets],
        ['https://new.example/', 'CRM', 'active', old.secrets],
      );
      assert.equal(need(await store.findDestinationByUrl(accountId, 'https://new.example/')).id, old.id);
      assert.equal(await store.findDestinationByUrl(accountId, 'https://old.example/'), undefined);
      const { webhook } = need(await store.findSender(channelId, senderId));
      assert.deepEqual(
        [webhook.statusUrl, webhook.inboundUrl],
        ['https://new.example/', 'https://new.example/'],
      );
      assert.deepEqual((await drain(fixture, old.id)).length, 4);
      const other = await destinationOf(fixture, 'https://other.example/');
      assert.notEqual(other.id, old.id);
      assert.equal(await change('https://other.example/'), 'taken');
      assert.equal(await store.changeDestination(accountId, 999, { name: 'x' }, system), 'missing');
    }),
  );

  test(
    'hasten: what waits is hastened step by step, and its schedule begins anew',
    withStore(open, async (fixture) => {
      const { store, accountId, clock } = fixture;
      const { id } = await destinationOf(fixture);
      for (const name of ['m1', 'm2', 'm3'])
        await record(fixture, inbound(fixture, name, { destinationId: id }));
      const batches = await claim(fixture, id);
      await settle(fixture, batches, { kind: 'retry', dueAt: clock.now() + 60 * minute, cause: 'retry' });
      assert.equal(await store.hasten(accountId, id, 2), 2);
      assert.equal(await store.hasten(accountId, id, 2), 1);
      assert.equal(await store.hasten(accountId, id, 2), 0);
      assert.deepEqual(
        (await claim(fixture, id)).map(({ attempt }) => attempt),
        [1, 1, 1],
      );
    }),
  );

  test(
    'hastenDeliveries: those named that wait are due now, and nothing else is; who asked is written down',
    withStore(open, async (fixture) => {
      const { store, accountId, otherId, clock } = fixture;
      const { id } = await destinationOf(fixture);
      const target = { destinationId: id };
      for (const name of ['m1', 'm2']) await record(fixture, inbound(fixture, name, target));
      const later = { kind: 'retry', dueAt: clock.now() + 60 * minute, cause: 'retry' } as const;
      await settle(fixture, await claim(fixture, id), later);
      await record(fixture, status(fixture, 'a', 'sent', 1, target));
      await record(fixture, status(fixture, 'a', 'read', 4, target));
      await settle(fixture, await claim(fixture, id), later);
      const ids = idsOf(await backlog(fixture));
      const [m1, m2, sent, read] = ids;
      assert.equal(await store.hastenDeliveries(otherId, ids, system), 0);
      assert.deepEqual(await claim(fixture, id), []);
      assert.equal(await store.hastenDeliveries(accountId, [need(m2), need(read), 999], system), 1);
      assert.deepEqual(
        (await claim(fixture, id)).map(({ members, attempt }) => [members[0]?.deliveryId, attempt]),
        [[m2, 1]],
      );
      assert.equal(await store.hastenDeliveries(accountId, [need(m1), need(sent)], system), 2);
      assert.equal(await store.hastenDeliveries(accountId, [need(m1), need(sent)], system), 0);
      const [change] = (await store.listChanges(accountId, { limit: 1 })).items;
      assert.partialDeepStrictEqual(change, { action: 'delivery.hastened', detail: { hastened: 2 } });
    }),
  );

  test(
    'removeDestination: a destination is removed once nothing names it and nothing waits, and what became of receipts stays told',
    withStore(open, async (fixture) => {
      const { store, accountId } = fixture;
      const { id, url } = await destinationOf(fixture, 'https://old.example/');
      await record(
        fixture,
        inbound(fixture, 'm1', { destinationId: id }),
        inbound(fixture, 'm2', { destinationId: id }),
      );
      await settle(fixture, await claim(fixture, id, { limit: 1 }), done);
      const remove = () => store.removeDestination(accountId, id, system);
      assert.equal(await remove(), 'in_use');
      const next = await destinationOf(fixture, 'https://new.example/');
      assert.equal(await remove(), 'busy');
      await store.giveUpDeliveries(accountId, idsOf(await backlog(fixture)), system);
      assert.equal(await remove(), 'done');
      assert.equal(await remove(), 'missing');
      assert.deepEqual(
        (await store.listDestinations(accountId)).map((one) => one.id),
        [next.id],
      );
      const told = need(await store.findTimeline(accountId, toId('m1'))).deliveries;
      assert.deepEqual(
        told.map((one) => [one.state, one.url, one.tries.length]),
        [['done', url, 1]],
      );
      const replayed = await store.replayDeliveries(accountId, { state: 'dead' }, { limit: 10 }, system);
      assert.equal(replayed.replayed, 0);
      const again = await destinationOf(fixture, url);
      assert.notEqual(again.id, id);
    }),
  );
}
