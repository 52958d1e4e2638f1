// Messages that wait past their time, over a real store, for a sender that nobody sends for.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import { endExpired } from '../../../src/core/messages/expiry.ts';
import type { NewOutboundMessage } from '../../../src/domain/message.ts';
import { openEnding } from './ending.ts';

const second = 1000;
const senders = ['15550001111', '15550001112'] as const;

async function open(t: TestContext) {
  const bed = await openEnding(t, senders);
  const { store, directory, clock, accountId } = bed;
  const ended: unknown[] = [];
  return {
    ...bed,
    ended,
    /** Puts a text in for so long; resolves to its MessageId. */
    put: async (to: string, ttlMs: number, changes: Partial<NewOutboundMessage> = {}): Promise<string> => {
      const id = await bed.add(to, { expiresAt: clock.now() + ttlMs, ...changes });
      return (await store.findOutbound(accountId, { ids: [id] }))[0]?.messageId ?? '';
    },
    /** `fails` says for whose messages nothing can be recorded. */
    look: (fails: (senderId: string) => boolean = () => false) =>
      endExpired(
        {
          store,
          directory,
          emit: (name, fields) => {
            if (name === 'messages.expired' && 'messages' in fields) ended.push(fields.messages);
          },
          now: clock.now,
          monotonic: clock.monotonic,
          record: async (owner, body, events) => {
            if (fails(owner.sender.id)) throw new Error('Not this one.');
            return bed.record(owner, body, events);
          },
        },
        undefined,
        async (work) => void (await work().catch(() => undefined)),
      ),
    /** MessageId, status and code of each receipt, in the order in which they came. */
    told: async () =>
      (await bed.told()).map(({ MessageId, Status, ErrorCode }) => [MessageId, Status, ErrorCode]),
  };
}

it('ends what waits when its time is over, also behind another whose time is not, and once', async (t) => {
  const { store, accountId, clock, ended, put, look, told } = await open(t);
  const first = await put('1001', 3600 * second);
  const behind = await put('1001', 30 * second);
  const next = await put('1001', 3600 * second);
  const alone = await put('1002', 30 * second);
  clock.advance(30 * second);
  await look();
  assert.deepEqual(await told(), [], 'who claimed it at its last moment may be at it');
  clock.advance(second + 1);
  await look();
  await look();
  assert.deepEqual(await told(), [
    [behind, 'Failed', 'expired'],
    [alone, 'Failed', 'expired'],
  ]);
  assert.deepEqual(ended, [2]);
  const key = { accountId, channelId: 'wa', senderId: senders[0] };
  const claim = async () =>
    (await store.claimOutbound({ ...key, limit: 9, now: clock.now(), leaseMs: 60 * second })).map(
      ({ message }) => message,
    );
  const [one, ...rest] = await claim();
  assert.deepEqual([one?.messageId, rest.length], [first, 0]);
  const taken = { kind: 'accepted', channelMessageId: 'w1', nextStepAt: null } as const;
  await store.settleOutbound([{ accountId, id: one?.id ?? 0, attempt: null, next: taken }]);
  assert.deepEqual(
    (await claim()).map(({ messageId }) => messageId),
    [next],
    'the one between them is out of the way',
  );
});

it('leaves a message alone for which a try may be under way', async (t) => {
  const { store, accountId, clock, put, look, told } = await open(t);
  await put('1001', 30 * second);
  const key = { accountId, channelId: 'wa', senderId: senders[0] };
  await store.claimOutbound({ ...key, limit: 9, now: clock.now(), leaseMs: 60 * second });
  clock.advance(3600 * second);
  await look();
  assert.deepEqual(await told(), []);
});

it('goes on past messages that it cannot end, however many they are', async (t) => {
  const { clock, put, look, told } = await open(t);
  for (let n = 0; n < 100; n += 1) await put(`2${n}`, 10 * second);
  const other = await put('1001', 20 * second, { senderId: senders[1] });
  clock.advance(22 * second);
  await look((senderId) => senderId === senders[0]);
  assert.deepEqual(await told(), [[other, 'Failed', 'expired']]);
});

it('tells of a message that was refused when it was accepted why that was', async (t) => {
  const { clock, put, look, told } = await open(t);
  const refusal = { code: 'Refused.Here', text: 'No.' };
  const refused = await put('1001', 10 * second, {
    envelope: { frame: 'template', messageType: 'template', refusal },
  });
  clock.advance(12 * second);
  await look();
  assert.deepEqual(await told(), [[refused, 'Failed', 'Refused.Here']]);
});
