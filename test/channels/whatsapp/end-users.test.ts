import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openHookApp, toWebhook } from '../../support/hooks.ts';

const toUpdate = (ids: object, timestamp: number): string =>
  JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [
      {
        id: '100000000000001',
        changes: [
          {
            field: 'user_id_update',
            value: {
              metadata: { display_phone_number: '15550001111', phone_number_id: '200000000000001' },
              user_id_update: [{ wa_id: '15550002222', detail: 'changed', user_id: ids, timestamp }],
            },
          },
        ],
      },
    ],
  });

const toSystemMessage = (userId: string): string =>
  toWebhook({
    messages: [
      {
        from: '15550002222',
        from_user_id: 'US.1',
        id: `wamid.${userId}`,
        timestamp: '1780000000',
        type: 'system',
        system: { type: 'user_changed_user_id', body: 'User changed', user_id: userId },
      },
    ],
  });

test('a new id of a user is told once, whichever of its two webhooks comes first', async (t) => {
  const hooks = await openHookApp();
  t.after(() => hooks.close());
  await hooks.addNumber('15550001111', '200000000000001');
  await hooks.post(toUpdate({ previous: 'US.1', current: 'US.2' }, 1_780_000_003));
  await hooks.post(toSystemMessage('US.2'));
  await hooks.post(toSystemMessage('US.3'));
  await hooks.post(toUpdate({ previous: 'US.1', current: 'US.3' }, 1_780_000_009));
  const receipts = await hooks.drain('ChatAppInbound');
  assert.deepEqual(
    receipts.map(({ Type, From, FromUserId, Message }) => [
      Type,
      From,
      FromUserId,
      (JSON.parse(String(Message)) as { user_id: object }).user_id,
    ]),
    [
      ['SYSTEM', '15550002222', 'US.2', { previous: 'US.1', current: 'US.2' }],
      ['SYSTEM', '15550002222', 'US.3', { previous: 'US.1', current: 'US.3' }],
    ],
  );
  assert.ok(receipts.every(({ Message }) => String(Message).includes('"type":"user_id_update"')));
});
