import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseOutboundId } from '../../../src/domain/ids.ts';
import { claim, namesOf, settle } from './delivery-fixture.ts';
import {
  day,
  destinationOf,
  inbound,
  minute,
  need,
  queueOf,
  receive,
  record,
  second,
  send,
  withStore,
} from './fixture.ts';
import type { OpenStore } from './fixture.ts';
import { outbound } from './outbound-fixture.ts';

/** Around the turns at which ids are made in another form, or would pass 2^53 in the first one. */
const times = [
  Date.UTC(2029, 11, 31, 23, 59, 59, 990),
  Date.UTC(2030, 0, 1, 0, 0, 0, 5),
  Date.UTC(2039, 8, 7, 15, 47, 35, 0),
  Date.UTC(2039, 9, 20),
  Date.UTC(2099, 11, 31),
];

export function idContract(open: OpenStore): void {
  test(
    'recordIntake: what is kept until 2100 has its time, its order and its retention',
    withStore(open, async (fixture) => {
      const { store, clock, accountId, channelId, senderId } = fixture;
      const queue = await queueOf(fixture);
      const { id: destinationId } = await destinationOf(fixture);
      const messages: number[] = [];
      for (const [step, time] of times.entries()) {
        clock.advance(time - clock.now());
        const [added] = await store.addOutbound(accountId, [outbound(fixture, `to ${step}`)]);
        const [found] = await store.findOutbound(accountId, { ids: [need(added).id] });
        assert.equal(need(found).acceptedAt, time);
        assert.equal(parseOutboundId(need(found).messageId), need(added).id);
        messages.push(need(added).id);
        await record(fixture, inbound(fixture, `r${step}`, { destinationId }));
        await send(fixture, queue, `m${step}`);
        const claimed = await claim(fixture, destinationId);
        assert.deepEqual(namesOf(claimed), [[`r${step}`]]);
        await settle(fixture, claimed, { kind: 'done' });
        assert.deepEqual(
          (await receive(fixture, queue)).map(({ body }) => body),
          [`m${step}`],
        );
        const period = { since: time, until: time + second };
        const one = await store.listOutbound(accountId, period, { limit: 10 });
        assert.deepEqual(
          one.items.map(({ id }) => id),
          [need(added).id],
        );
        assert.equal(
          (await store.listDeliveries(accountId, period, { limit: 10 })).items[0]?.createdAt,
          time,
        );
        assert.equal((await store.listReceipts(accountId, period, { limit: 10 })).items.length, 1);
        const span = { channelId, senderId, since: time - minute, until: time + minute, spanMs: minute };
        const counted = await store.countOutbound(accountId, span, 10, 0);
        assert.deepEqual([counted.seen, counted.counts.at(-1)?.span], [step === 1 ? 2 : 1, 1]);
        // What is a year old goes, nothing newer does.
        while ((await store.sweep(yearly, clock.now())).rows > 0);
        const recent = times.filter((other) => other <= time && other > time - 365 * day);
        assert.equal((await store.listReceipts(accountId, {}, { limit: 10 })).items.length, recent.length);
      }
      const listed = await store.listOutbound(accountId, {}, { limit: 10 });
      assert.deepEqual(
        listed.items.map(({ id }) => id),
        messages.toReversed(),
      );
    }),
  );
}

const yearly = { rawEventMs: 365 * day, receiptMs: 365 * day, attemptMs: 365 * day, unreadableMs: 365 * day };
