// What one destination's pusher asks of the store, and what it does when it is stopped in the middle.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Places } from '../../../src/core/deliveries/places.ts';
import { Pusher } from '../../../src/core/deliveries/pusher.ts';
import { Settling } from '../../../src/core/deliveries/settlement.ts';
import { inWords, toDestinationSettings } from '../../../src/domain/delivery.ts';
import type { ClaimedBatch, Destination } from '../../../src/domain/delivery.ts';
import { Pool } from '../../../src/runtime/pool.ts';

const destination: Destination = {
  accountId: 1,
  id: 7,
  name: '',
  url: 'https://shop.example/hook',
  settings: { ...toDestinationSettings('standard'), concurrency: 3 },
  state: 'active',
  stateReason: inWords(''),
  stateSince: 0,
  secrets: [],
  createdAt: 0,
  pause: null,
};

const batch = (deliveryId: number): ClaimedBatch => ({
  accountId: 1,
  destinationId: 7,
  members: [
    {
      deliveryId,
      receipt: {
        receiptId: `r${deliveryId}`,
        channelId: 'wa',
        senderId: null,
        facts: { type: 'ChatAppInbound', user: { id: '15550003000' } },
      } as never,
    },
  ],
  attempt: 1,
  cause: null,
});

function open(read: Destination | undefined = destination) {
  const limits: number[] = [];
  const released: number[] = [];
  const posts: ((answer: { status: number; headers: object; body: Buffer }) => void)[] = [];
  const forgotten: number[] = [];
  const ahead = { count: 0 };
  const due: ClaimedBatch[] = [];
  const gate = { claimed: Promise.resolve() };
  const pool: Pool = new Pool({
    name: 'deliveries.push',
    emit: (name, fields) =>
      assert.notEqual(name, 'unit.crashed', String((fields as { error?: Error }).error)),
    now: () => 0,
    monotonic: () => 0,
    search: async () => undefined,
    setTimer: () => () => undefined,
    giveBack: (): Promise<void> => pusher.giveBackAll(),
    stopLimitMs: 1,
  });
  const store = {
    claimDeliveries: async ({ limit }: { limit: number }) => {
      limits.push(limit);
      const claimed = due.splice(0, limit);
      await gate.claimed;
      return claimed;
    },
    releaseDeliveries: async (_account: number, _id: number, ids: readonly number[]) =>
      void released.push(...ids),
    findNextDue: async () => undefined,
    settleDeliveries: async () => undefined,
  };
  const pusher: Pusher = new Pusher(
    {
      store: store as never,
      directory: {
        destination: async () => read,
        channel: async () => undefined,
        sender: async () => undefined,
      } as never,
      client: { post: () => new Promise<never>((resolve) => posts.push(resolve as never)) },
      render: async () => ({}),
      emit: () => undefined,
      raiseNotice: () => undefined,
      now: () => 0,
      monotonic: () => 0,
      random: () => 0.5,
      settings: {
        breakerFailures: 10,
        breakerSpanMs: 30_000,
        probeIntervalMs: 30_000,
        maxInFlight: 8,
        maxBatchBytes: 1000,
      },
      pool,
      places: new Places(8),
      settling: new Settling(store),
      ahead,
      forget: ({ destinationId }) => forgotten.push(destinationId),
    },
    1,
    7,
  );
  pool.start();
  const look = async (): Promise<void> => {
    pusher.wake();
    await settled();
  };
  return { pool, limits, released, posts, forgotten, ahead, due, gate, look };
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await setImmediate();
}

describe('a pusher', () => {
  it('claims for the places that are free and as many ahead, and pushes no more than are free', async () => {
    const { limits, posts, due, ahead, look, pool, released } = open();
    due.push(...[1, 2, 3, 4, 5, 6, 7].map(batch));
    await look();
    assert.deepEqual([limits, posts.length, ahead.count], [[6], 3, 3]);
    posts[0]?.({ status: 200, headers: {}, body: Buffer.from('{"code":0}') });
    await settled();
    // From what was claimed ahead, without another claim.
    assert.deepEqual([limits, posts.length, ahead.count], [[6], 4, 2]);
    await pool.stop();
    assert.deepEqual(released.toSorted(), [2, 3, 4, 5, 6]);
    assert.equal(ahead.count, 0);
  });

  it('probes one that is opened with one alone, and claims nothing ahead', async () => {
    const { limits, posts, due, look, pool } = open({ ...destination, state: 'opened' });
    due.push(batch(1), batch(2));
    await look();
    await look();
    assert.deepEqual([limits, posts.length], [[1], 1]);
    await pool.stop();
  });

  it('claims nothing for one that is off', async () => {
    const { limits, due, look, pool } = open({ ...destination, state: 'off' });
    due.push(batch(1));
    await look();
    assert.deepEqual(limits, []);
    await pool.stop();
  });

  it('is forgotten when its destination has no work', async () => {
    const { forgotten, look, pool } = open();
    await look();
    assert.deepEqual(forgotten, [7]);
    await pool.stop();
  });

  it('that is stopped while the store looks pushes nothing, and gives back what was claimed', async () => {
    const { posts, due, gate, released, look, pool } = open();
    const claimed = Promise.withResolvers<void>();
    gate.claimed = claimed.promise;
    due.push(batch(1), batch(2));
    await look();
    const stopping = pool.stop();
    claimed.resolve();
    await stopping;
    await settled();
    assert.deepEqual([posts.length, released], [0, [1, 2]]);
  });
});
