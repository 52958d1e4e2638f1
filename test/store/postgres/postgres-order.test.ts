// Two nodes whose times differ by more than any measurement may be off: what one adds after the other stands behind it.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import { openPostgresStore } from '../../../src/store/postgres/adapter.ts';
import type { Store } from '../../../src/store/store.ts';
import { openPostgres } from '../../support/postgres.ts';
import type { Postgres } from '../../support/postgres.ts';
import { claim, namesOf, settle } from '../contract/delivery-fixture.ts';
import {
  destinationOf,
  inbound,
  queueOf,
  receive,
  record,
  second,
  send,
  status,
  withStore,
} from '../contract/fixture.ts';
import type { Fixture } from '../contract/fixture.ts';
import { claimOutbound, outbound, settleOutbound } from '../contract/outbound-fixture.ts';
import { machineTime } from '../../../src/runtime/clock.ts';
import type { Time } from '../../../src/runtime/clock.ts';

let postgres: Postgres;
let url = '';

before(async () => {
  postgres = await openPostgres({ durable: false });
});
after(() => postgres.close());

async function open(time: Time): Promise<Store> {
  const options = { masterKey: Buffer.alloc(32, 7), emit: () => undefined, maxConnections: 3 };
  return (await openPostgresStore({ url, time, machine: machineTime, ...options })).store;
}

/** A node, and one whose time is ten seconds behind. */
function withTwo(body: (ahead: Fixture, behind: Fixture) => Promise<void>): () => Promise<void> {
  return async () => {
    url = await postgres.createDatabase();
    await withStore(open, async (ahead) => {
      const now = (): number => ahead.clock.now() - 10 * second;
      const behind = { ...ahead, clock: { ...ahead.clock, now }, store: await open({ ...ahead.clock, now }) };
      try {
        await body(ahead, behind);
      } finally {
        await behind.store.close();
      }
    })();
  };
}

it(
  'statuses stand in a queue as they were taken',
  withTwo(async (ahead, behind) => {
    const queue = { name: 'statuses', body: '' };
    const values = ['sent', 'delivered', 'read'] as const;
    for (const [turn, value] of values.entries())
      await record(
        turn === 1 ? behind : ahead,
        status(ahead, 'm1', value, turn + 1, { queue: { ...queue, body: value } }),
      );
    await record(behind, status(ahead, 'm2', 'sent', 1, { queue: { ...queue, body: 'other' } }));
    const found = await ahead.store.findQueue(ahead.accountId, queue.name);
    assert.ok(found !== undefined);
    const bodies = (await receive(ahead, found)).map(({ body }) => body);
    assert.deepEqual(bodies, [...values, 'other']);
  }),
);

it(
  'messages stand in a queue as they were sent',
  withTwo(async (ahead, behind) => {
    const queue = await queueOf(ahead);
    await send(ahead, queue, 'm1', 'm2');
    await send(behind, queue, 'm3');
    await send(ahead, queue, 'm4');
    assert.deepEqual(
      (await receive(ahead, queue)).map(({ body }) => body),
      ['m1', 'm2', 'm3', 'm4'],
    );
  }),
);

it(
  'deliveries of a lane go as their receipts were taken, and a replay goes last',
  withTwo(async (ahead, behind) => {
    const { id: destinationId } = await destinationOf(ahead);
    const lane = { lane: 7, destinationId };
    const next = async (): Promise<string[]> => {
      const batches = await claim(ahead, destinationId, { limit: 1 });
      await settle(ahead, batches, { kind: 'done' });
      return namesOf(batches).flat();
    };
    await record(ahead, inbound(ahead, 'm1', lane));
    await record(behind, inbound(ahead, 'm2', lane));
    await record(ahead, inbound(ahead, 'm3', lane));
    await record(behind, inbound(ahead, 'm4', lane));
    assert.deepEqual([await next(), await next()], [['m1'], ['m2']]);
    // The newest id is that of the first, taken by the node whose time is ahead.
    const { items } = await ahead.store.listDeliveries(ahead.accountId, { state: 'done' }, { limit: 1 });
    const deliveryIds = items.map(({ id }) => id);
    await behind.store.replayDeliveries(ahead.accountId, { deliveryIds }, { limit: 10 }, system);
    assert.deepEqual([await next(), await next(), await next()], [['m3'], ['m4'], ['m1']]);
  }),
);

it(
  'messages to one recipient go as they were handed in',
  withTwo(async (ahead, behind) => {
    for (const [turn, text] of ['m1', 'm2', 'm3', 'm4'].entries()) {
      const node = turn % 2 === 0 ? ahead : behind;
      await node.store.addOutbound(node.accountId, [outbound(ahead, '15550002222', { taskId: text })]);
    }
    const sent: (string | null)[] = [];
    for (let turn = 0; turn < 4; turn += 1) {
      for (const { message } of await claimOutbound(ahead)) {
        sent.push(message.taskId);
        const next = { kind: 'accepted', channelMessageId: `c${turn}`, nextStepAt: null } as const;
        await settleOutbound(ahead, message.id, next);
      }
    }
    assert.deepEqual(sent, ['m1', 'm2', 'm3', 'm4']);
  }),
);
