import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect, open, receiptId, subscribe, toIntake, whatsapp } from '../../support/connected.ts';

test('what is refused is told under the code and the title of its own kind', async (t) => {
  const api = await open(t);
  await connect(api);
  await api.store.recordIntake([toIntake(api, await subscribe(api))]);
  const receipt = await api.call('GET', `/receipts/${receiptId}`);
  const [delivery] = receipt.json['deliveries'] as { id: string }[];
  const stranger = await api.addAccount(2_000_000_000_000_002);
  const cookie = await api.app.inject({
    url: '/api/v1/channels',
    headers: { cookie: `chasqui=${api.accountId}.${'a'.repeat(43)}` },
  });
  const told = [
    await api.call('POST', `/deliveries/${delivery?.id ?? ''}/replay`),
    await api.call('PUT', '/channels/wa', whatsapp, stranger),
    await api.call('PUT', '/channels/wa', { type: 'messenger' }),
    await api.call('POST', '/keys/testkey/disable'),
    await api.call('GET', '/channels', undefined, null),
    await api.call('GET', '/channels', undefined, { id: 'testkey', secret: 'wrong' }),
    await api.call('GET', '/settings', undefined, stranger),
  ].map(({ json }) => [json['status'], json['code'], json['title']]);
  const over = cookie.json<Record<string, unknown>>();
  assert.deepEqual(
    [...told, [over['status'], over['code'], over['title']]],
    [
      [409, 'wrong_state', 'As things stand, that cannot be done.'],
      [409, 'conflict', 'That name is taken.'],
      [409, 'wrong_state', 'As things stand, that cannot be done.'],
      [409, 'last_one', 'It is the last one, and one is needed.'],
      [401, 'unauthorized', 'An access key id and its secret are needed.'],
      [401, 'wrong_credentials', 'What was given to sign in with is wrong.'],
      [403, 'forbidden', 'Who asks may not do that.'],
      [401, 'session_over', 'The session is over. Sign in again.'],
    ],
  );
});
