// How the spans of counted messages are told through the API; what is counted is the store contract's.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { openCamsApp } from '../../support/cams-app.ts';

const halfHour = 30 * 60_000;
const from = '15550100001';

it('tells each span with messages by its ends, of one number or of all', async (t) => {
  const app = await openCamsApp();
  t.after(() => app.close());
  const { store, accountId, clock } = app;
  const start = clock.now();
  const take = async (count: number): Promise<void> => {
    const key = { accountId, channelId: 'sandbox', senderId: from };
    const message = {
      ...key,
      channelType: 'sandbox',
      groupId: null,
      taskId: null,
      envelope: { frame: 'message', messageType: 'text', content: { text: 'x' } },
      expiresAt: clock.now() + halfHour,
      oncePerTask: false,
    } as const;
    const messages = Array.from({ length: count }, (_, n) => ({ ...message, to: String(n) }));
    await store.addOutbound(accountId, messages);
    const claimed = await store.claimOutbound({ ...key, limit: 100, now: clock.now(), leaseMs: 1 });
    await store.settleOutbound(
      claimed.map(({ message: { id } }) => ({
        accountId,
        id,
        attempt: null,
        next: { kind: 'accepted', channelMessageId: `w${id}`, nextStepAt: null },
      })),
    );
  };
  await take(2);
  clock.advance(2 * halfHour);
  await take(3);
  const ask = async (values: Record<string, string>) => {
    const time = { Start: String(start), End: String(start + 2.5 * halfHour) };
    return (await app.call('GetChatappPhoneNumberMetric', { ...time, ...values })).body['Data'];
  };
  const row = { PhoneNumber: from, Granularity: 'HALF_HOUR', DeliveredCount: 0 };
  const halves = [
    { ...row, Start: start, End: start + halfHour, SentCount: 2 },
    { ...row, Start: start + 2 * halfHour, End: start + 2.5 * halfHour, SentCount: 3 },
  ];
  assert.deepEqual(await ask({ Granularity: 'HALF_HOUR', PhoneNumber: `+${from}` }), halves);
  assert.deepEqual(await ask({ Granularity: 'half_hour', CustSpaceId: 'sandbox' }), halves);
  assert.deepEqual(await ask({}), [
    { ...row, Granularity: 'DAILY', Start: start, End: start + 2.5 * halfHour, SentCount: 5 },
  ]);
});
