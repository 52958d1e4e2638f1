// What a recording came to.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tally } from '../../../src/core/receipts/tally.ts';
import { toNewReceipt } from '../../../src/core/receipts/record.ts';
import type { Events } from '../../../src/telemetry/events.ts';
import { openHookApp } from '../../support/hooks.ts';

test('what is new is told and counted, and a repeat is counted alone', async (t) => {
  const hooks = await openHookApp();
  t.after(() => hooks.close());
  const { recording, directory, accountId } = hooks;
  const channel = await directory.channel('wa');
  assert.ok(channel !== undefined);
  const receipts = await Promise.all(
    ['one', 'two', 'three'].map((messageId) =>
      toNewReceipt(
        recording,
        { channel, sender: null },
        {
          index: 0,
          route: { by: 'sender', id: '200000001' },
          identity: ['status', messageId],
          occurredAt: 1,
          facts: { type: 'ChatAppStatus', messageId, status: 'sent', user: { id: '15550002222' } },
        },
      ),
    ),
  );
  const told: unknown[] = [];
  const emit = <Name extends keyof Events>(name: Name, event: Events[Name]): void => {
    told.push([name, event]);
  };
  const intake = {
    accountId,
    channelId: 'wa',
    receivedAt: 1,
    body: Buffer.from('{}'),
    receipts,
    unrouted: [],
    remarks: [],
  };
  const outcomes = ['fresh', 'repeat', 'dropped'] as const;
  const found = tally({ emit }, [intake], [{ rawEventId: 1, receipts: outcomes }], {
    unrouted: 4,
    remarks: 5,
    spans: undefined,
  });
  assert.deepEqual(found, {
    fresh: 2,
    repeats: 1,
    unrouted: 4,
    remarks: 5,
    receipts: receipts.map(({ receiptId }, index) => ({ receiptId, outcome: outcomes[index] })),
  });
  const event = { accountId, channelType: 'whatsapp', type: 'ChatAppStatus', unmatched: true, queue: null };
  assert.deepEqual(told, [
    ['receipt.recorded', event],
    ['receipt.recorded', event],
  ]);
});
