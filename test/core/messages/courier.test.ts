// What one sender's courier asks of the store, and what it does when it is stopped in the middle.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Courier } from '../../../src/core/messages/courier.ts';
import type { SendOutcome } from '../../../src/channels/channel.ts';
import type { Channel, Sender } from '../../../src/domain/channel.ts';
import type { OutboundMessage, OutboundSettlement } from '../../../src/domain/message.ts';
import { GroupWriter } from '../../../src/runtime/group-writer.ts';
import { Pool } from '../../../src/runtime/pool.ts';

const key = { accountId: 1, channelId: 'wa', senderId: '15550001111' };
const channel = { id: 'wa', type: 'whatsapp', accountId: 1 } as Channel;
const sender = { id: '15550001111', channelId: 'wa', routeId: '7001' } as Sender;

const message = (id: number): OutboundMessage =>
  ({
    ...key,
    id,
    messageId: `m${id}`,
    to: `1555000300${id}`,
    lane: id,
    state: 'queued',
    step: 0,
    attempts: 0,
    expiresAt: 1000,
    envelope: { frame: 'message', messageType: 'text', content: { text: 'Hello' } },
  }) as OutboundMessage;

function open() {
  const limits: number[] = [];
  const settled: OutboundSettlement[] = [];
  const calls: ((outcome: SendOutcome) => void)[] = [];
  const forgotten: string[] = [];
  const [notices, ended]: [string[], string[]] = [[], []];
  const due: OutboundMessage[] = [];
  const timers: { ms: number; ring: () => void }[] = [];
  const gate = { claimed: Promise.resolve() };
  const clock = { at: 0 };
  const there: { channel: Channel | undefined } = { channel };
  const pool = new Pool({
    name: 'messages.send',
    emit: (name, fields) =>
      assert.notEqual(name, 'unit.crashed', String((fields as { error?: Error }).error)),
    now: () => clock.at,
    monotonic: () => clock.at + 1_000_000.25,
    search: async () => undefined,
    setTimer: (ring, ms) => {
      const timer = { ms, ring };
      timers.push(timer);
      return () => timers.splice(timers.indexOf(timer), 1);
    },
  });
  const store = {
    claimOutbound: async ({ limit, unanswered }: { limit: number; unanswered?: boolean }) => {
      if (unanswered === true) return [];
      limits.push(limit);
      const claimed = due.splice(0, limit).map((one) => ({ message: one, lapsed: false }));
      await gate.claimed;
      return claimed;
    },
    settleOutbound: async (settlements: readonly OutboundSettlement[]) => void settled.push(...settlements),
    findNextOutboundDue: async () => (due.length > 0 ? 0 : undefined),
    findOutbound: async () => [],
    listOutbound: async () => ({ items: [] }),
  };
  const courier = new Courier(
    {
      store: store as never,
      directory: { channel: async () => there.channel, sender: async () => sender },
      connectors: {
        whatsapp: { send: () => new Promise<SendOutcome>((resolve) => calls.push(resolve)) } as never,
      },
      emit: () => undefined,
      now: () => clock.at,
      monotonic: () => clock.at + 1_000_000.25,
      random: () => 0.5,
      record: async () => undefined,
      recordSent: async () => undefined,
      findTemplate: async () => null,
      signLinks: (_accountId, value) => value,
      raiseNotice: ({ code }) => void notices.push(code),
      endNotice: (_accountId, code, subject) => void ended.push(`${code} ${subject}`),
      crash: (error) => assert.fail(String(error)),
      settings: {
        perSecond: 10,
        pairMs: 0,
        concurrency: 2,
        unknownWaitMs: 60_000,
        unknownThen: 'fail',
      },
      pool,
      settling: new GroupWriter({ write: (settlements) => store.settleOutbound(settlements) }),
      forget: ({ key: { senderId } }) => forgotten.push(senderId),
    },
    key,
  );
  pool.start();
  const look = async (): Promise<void> => {
    courier.wake();
    await quiet();
  };
  const answer = async (outcome: SendOutcome): Promise<void> => {
    calls.shift()?.(outcome);
    await quiet();
  };
  return {
    pool,
    limits,
    settled,
    calls,
    forgotten,
    notices,
    ended,
    due,
    timers,
    gate,
    clock,
    there,
    courier,
    look,
    answer,
  };
}

async function quiet(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await setImmediate();
}

const accepted: SendOutcome = { kind: 'accepted', channelMessageId: 'wamid.1' };
const stranded: SendOutcome = { kind: 'refused', failure: 'auth', code: '190', text: 'Token ended' };

describe('a courier', () => {
  it('has as many send calls under way as are allowed, and claims for each that ends', async () => {
    const { pool, limits, settled, calls, due, look, answer } = open();
    due.push(message(1), message(2), message(3));
    await look();
    assert.deepEqual([limits, calls.length], [[2], 2]);
    await answer(accepted);
    assert.deepEqual([limits, calls.length], [[2, 1], 2]);
    await answer(accepted);
    await answer(accepted);
    assert.deepEqual(
      settled.map(({ id, next }) => [id, next.kind]),
      [
        [1, 'accepted'],
        [2, 'accepted'],
        [3, 'accepted'],
      ],
    );
    await pool.stop();
  });

  it('that was stopped by its channel tells once, tries with one message, and goes on when the channels change', async () => {
    const { pool, notices, ended, limits, calls, due, timers, courier, look, answer } = open();
    due.push(message(1), message(2), message(3), message(4));
    await look();
    await answer(stranded);
    await answer(stranded);
    assert.deepEqual([notices, limits], [['sender_stopped'], [2]]);
    assert.ok(timers.length === 1);
    courier.resume();
    await quiet();
    assert.deepEqual([limits, calls.length], [[2, 1], 1]);
    assert.deepEqual(ended, []);
    await answer(accepted);
    assert.deepEqual(
      [limits, ended],
      [[2, 1, 2], [`sender_stopped sender/${key.channelId}/${key.senderId}`]],
    );
    await answer(accepted);
    await pool.stop();
  });

  it('that hears by a status what its sender is refused for tries one message, and goes on once no status tells it again', async () => {
    const { pool, notices, ended, limits, calls, due, clock, courier, look, answer } = open();
    const unpaid = { code: '131042', text: 'Payment issue' };
    const stop = { kind: 'pause', waitMs: 300_000, alarm: true } as const;
    const tryAt = async (at: number): Promise<void> => {
      clock.at = at;
      await look();
    };
    due.push(...Array.from({ length: 9 }, (_, n) => ({ ...message(n), expiresAt: 1_000_000 })));
    await look();
    courier.heedGivenUp(stop, unpaid);
    await answer(accepted);
    await answer(accepted);
    assert.deepEqual([notices, limits], [['sender_stopped'], [2]], 'what was under way says nothing');
    await tryAt(300_000);
    await answer(accepted);
    assert.deepEqual(limits, [2, 1], 'a status may yet tell of it');
    await tryAt(310_000);
    courier.heedGivenUp(stop, unpaid);
    await tryAt(340_000);
    assert.deepEqual(limits, [2, 1]);
    await tryAt(610_000);
    await answer(accepted);
    await tryAt(640_000);
    assert.equal(ended.length, 0);
    await answer(accepted);
    assert.equal(ended.length, 1);
    assert.deepEqual([notices, limits], [['sender_stopped'], [2, 1, 1, 1, 2]]);
    while (calls.length > 0) await answer(accepted);
    await pool.stop();
  });

  it('keeps what it knows of a sender for ten minutes, and nothing of one that is gone', async () => {
    const { pool, forgotten, timers, clock, look } = open();
    await look();
    assert.deepEqual([forgotten, timers.length], [[], 1]);
    clock.at = 10 * 60_000;
    timers[0]?.ring();
    await quiet();
    assert.deepEqual(forgotten, ['15550001111']);
    await pool.stop();

    const gone = open();
    gone.there.channel = undefined;
    await gone.look();
    assert.deepEqual([gone.forgotten, gone.limits], [['15550001111'], []]);
    await gone.pool.stop();
  });

  it('that is stopped while the store looks sends nothing, and another may at once', async () => {
    const { pool, calls, settled, due, gate, clock, look } = open();
    const claimed = Promise.withResolvers<void>();
    gate.claimed = claimed.promise;
    due.push(message(1), message(2));
    await look();
    clock.at = 7;
    const stopping = pool.stop();
    claimed.resolve();
    await stopping;
    assert.equal(calls.length, 0);
    assert.deepEqual(
      settled.map(({ id, attempt, next }) => [id, attempt, next]),
      [1, 2].map((id) => [id, null, { kind: 'released', dueAt: 7 }]),
    );
  });
});
