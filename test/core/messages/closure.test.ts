// What becomes of the messages of a deleted sender, each in the state that it was left in, over a real store.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import { closeRemoved } from '../../../src/core/messages/closure.ts';
import { system } from '../../../src/domain/account.ts';
import type { OutboundNext } from '../../../src/domain/message.ts';
import { openEnding } from './ending.ts';

const minute = 60_000;
const senderId = '15550001111';
const sender = { id: senderId, type: 'whatsapp', name: 'Shop', routeId: '7000' } as const;

async function open(t: TestContext) {
  const bed = await openEnding(t, [senderId]);
  const { store, accountId, clock } = bed;
  const closed: number[] = [];
  const key = { accountId, channelId: 'wa', senderId };
  return {
    ...bed,
    closed,
    claim: () => store.claimOutbound({ ...key, limit: 10, now: clock.now(), leaseMs: minute }),
    settle: (id: number, next: OutboundNext) =>
      store.settleOutbound([{ accountId, id, attempt: null, next }]),
    look: () =>
      closeRemoved({
        store,
        emit: (name, fields) => {
          if (name === 'sender.closed' && 'messages' in fields) closed.push(Number(fields.messages));
        },
        now: clock.now,
        monotonic: clock.monotonic,
        record: bed.record,
        unknownWaitMs: 5 * minute,
      }),
    stateOf: async (id: number) => (await store.findOutbound(accountId, { ids: [id] }))[0]?.state,
    /** The code of each receipt in the account's queue, all of them of what failed, in the order in which they came. */
    codes: async () =>
      (await bed.told()).map(({ Status, WabaId, ErrorCode }) => {
        assert.deepEqual([Status, WabaId], ['Failed', '501']);
        return ErrorCode;
      }),
  };
}

it('fails what waits, also behind another and for a next try, each with the code of what was the matter', async (t) => {
  const bed = await open(t);
  const { store, accountId, clock } = bed;
  const later = await bed.add('1001');
  await bed.claim();
  await bed.settle(later, { kind: 'retry', dueAt: clock.now() + 30 * minute });
  await bed.add('1001');
  await bed.add('1002', { expiresAt: clock.now() });
  const refusal = { code: 'Refused.Here', text: 'No.' };
  await bed.add('1003', { envelope: { frame: 'template', messageType: 'template', refusal } });
  await store.deleteSender(accountId, 'wa', senderId, system);
  await bed.look();
  assert.deepEqual((await bed.codes()).toSorted(), [
    'Refused.Here',
    'expired',
    'sender_deleted',
    'sender_deleted',
  ]);
  assert.deepEqual(bed.closed, [4]);
});

it('lets what may have reached the channel wait for a status before it fails', async (t) => {
  const bed = await open(t);
  const { store, accountId, clock } = bed;
  const lapsed = await bed.add('1001');
  const unknown = await bed.add('1002');
  await bed.claim();
  await bed.settle(unknown, { kind: 'unknown', until: clock.now() + 4 * minute });
  await store.deleteChannel(accountId, 'wa', system);
  await bed.look();
  assert.equal(await bed.stateOf(lapsed), 'queued', 'its send call may still be under way');
  clock.advance(minute);
  await bed.look();
  assert.equal(await bed.stateOf(lapsed), 'unknown');
  clock.advance(3 * minute);
  await bed.look();
  assert.deepEqual([await bed.codes(), await bed.stateOf(unknown)], [['unknown_outcome'], 'failed']);
  clock.advance(2 * minute);
  await bed.look();
  assert.deepEqual(
    [await bed.codes(), await bed.stateOf(lapsed)],
    [['unknown_outcome', 'unknown_outcome'], 'failed'],
  );
});

it('leaves alone what a sender that was put back has to send', async (t) => {
  const bed = await open(t);
  const { store, accountId } = bed;
  const id = await bed.add('1001');
  await store.deleteSender(accountId, 'wa', senderId, system);
  await store.putSender(accountId, 'wa', sender, system);
  await bed.look();
  assert.deepEqual([await bed.stateOf(id), bed.closed], ['queued', []]);
});

it('ends thousands in steps, takes planned steps of a simulated channel away, and forgets the sender at last', async (t) => {
  const bed = await open(t);
  const { store, accountId, clock } = bed;
  const played = await bed.add('0999');
  await bed.claim();
  await bed.settle(played, { kind: 'accepted', channelMessageId: 'w', nextStepAt: clock.now() + minute });
  const ids = await Promise.all(Array.from({ length: 2500 }, (_, n) => bed.add(String(1000 + n))));
  await store.deleteSender(accountId, 'wa', senderId, system);
  await bed.look();
  assert.deepEqual(
    [bed.closed, await bed.stateOf(ids.at(-1) ?? 0)],
    [[2000], 'queued'],
    'others have their turn',
  );
  await bed.look();
  assert.deepEqual([bed.closed, await bed.stateOf(ids.at(-1) ?? 0)], [[2000, 500], 'failed']);
  assert.equal((await store.findOutbound(accountId, { ids: [played] }))[0]?.dueAt, null);
  // One that a request had been let in for before the deletion.
  const late = await bed.add('5000');
  clock.advance(10 * minute);
  await bed.look();
  assert.equal(await bed.stateOf(late), 'failed');
  clock.advance(60 * minute);
  assert.deepEqual(await store.claimRemovedSenders(10, clock.now(), minute), []);
});
