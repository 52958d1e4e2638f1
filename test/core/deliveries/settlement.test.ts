import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Settling } from '../../../src/core/deliveries/settlement.ts';
import type { Settlement } from '../../../src/domain/delivery.ts';
import { GatewayError } from '../../../src/domain/errors.ts';
import { toReadable } from '../../../src/store/deliveries/rows.ts';
import { toReceipt } from '../../../src/store/receipts/rows.ts';

const settlement = (deliveryId: number, answer = 'OK'): Settlement => ({
  accountId: 1,
  destinationId: 1,
  deliveryId,
  attempt: { at: 0, durationMs: 1, status: 200, outcome: 'accepted', answer },
  next: { kind: 'done' },
});

/** Takes settlements as a store would that cannot write down one text. */
function openPicky() {
  const written: Settlement[] = [];
  let calls = 0;
  return {
    written,
    countCalls: () => calls,
    settleDeliveries: async (settlements: readonly Settlement[]) => {
      calls += 1;
      if (settlements.some(({ attempt }) => attempt.answer === 'poison'))
        throw new RangeError('no such text');
      written.push(...settlements);
    },
  };
}

describe('settling', () => {
  it('writes what ended in one turn in one call', async () => {
    const store = openPicky();
    const settling = new Settling(store);
    await Promise.all([1, 2, 3].map((id) => settling.settle([settlement(id)])));
    assert.equal(store.countCalls(), 1);
    assert.equal(store.written.length, 3);
  });

  it('lets what cannot be written hold back nobody, and writes it without its text', async () => {
    const store = openPicky();
    const settling = new Settling(store);
    await Promise.all([
      settling.settle([settlement(1)]),
      settling.settle([settlement(2, 'poison')]),
      settling.settle([settlement(3)]),
    ]);
    assert.deepEqual(store.written.map(({ deliveryId }) => deliveryId).toSorted(), [1, 2, 3]);
  });

  it('says when the store itself cannot be used for long, and tries no other way', async () => {
    const calls: number[] = [];
    const settling = new Settling(
      {
        settleDeliveries: async (settlements) => {
          calls.push(settlements.length);
          throw new GatewayError('store_unavailable', 'The disk is full.');
        },
      },
      { schedule: { waitsMs: [0, 1, 1] } },
    );
    await assert.rejects(
      Promise.all([settling.settle([settlement(1)]), settling.settle([settlement(2)])]),
      /disk is full/,
    );
    assert.deepEqual(calls, [2, 2, 2]);
  });

  it('writes what ended while the store was away once it is back, so that nothing is pushed again', async () => {
    const store = openPicky();
    let failures = 2;
    const settling = new Settling(
      {
        settleDeliveries: (settlements) => {
          failures -= 1;
          if (failures >= 0)
            return Promise.reject(new GatewayError('store_unavailable', 'The connection broke.'));
          return store.settleDeliveries(settlements);
        },
      },
      { schedule: { waitsMs: [0, 1, 1, 1] } },
    );
    await settling.settle([settlement(1)]);
    assert.deepEqual(
      store.written.map(({ deliveryId }) => deliveryId),
      [1],
    );
  });
});

describe('a claimed batch', () => {
  it('names apart those whose receipts are there and cannot be read', () => {
    const row = (id: number, facts: string) => ({
      id,
      account_id: 1,
      key: new Uint8Array(16),
      channel_id: 'wa',
      channel_type: 'whatsapp' as const,
      sender_id: '15550001111',
      sender_type: null,
      facts,
      content: null,
      occurred_at: 0,
      recorded_at: 0,
      superseded: 0,
      unmatched: 0,
      receipt_id: id,
      due_at: 0,
      attempts: 0,
      round_start: 0,
      cause: null,
      batch: null,
      type: 'ChatAppInbound' as const,
    });
    const { members, unreadable } = toReadable([row(1, '{}'), row(2, '{"type'), row(3, '{}')], toReceipt);
    assert.deepEqual(
      members.map(({ deliveryId }) => deliveryId),
      [1, 3],
    );
    assert.deepEqual(unreadable, [2]);
  });
});
