import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { createReceiptRenderer } from '../../../src/core/receipts/rendering.ts';
import { Dispatcher } from '../../../src/core/deliveries/dispatcher.ts';
import { system } from '../../../src/domain/account.ts';
import { noSenderWebhook } from '../../../src/domain/channel.ts';
import { appSecret, openHookApp, toText, toWebhook } from '../../support/hooks.ts';
import type { HookApp } from '../../support/hooks.ts';
import { openReceiver } from '../../support/receiver.ts';
import { openLocalClient } from '../../support/client.ts';

/** Lets a number's messages go to a URL. */
async function addNumber(
  { store }: HookApp,
  accountId: number,
  channelId: string,
  index: number,
  inboundUrl: string,
): Promise<void> {
  const [id, routeId] = [`1555000${String(index).padStart(4, '0')}`, `2000000000${1000 + index}`];
  await store.putSender(accountId, channelId, { id, type: 'whatsapp', name: id, routeId }, system);
  const settings = { ...noSenderWebhook, http: true, inboundUrl };
  await store.setSenderWebhook(accountId, channelId, id, settings, 'standard', system);
}

test('an account whose receivers all hang holds up no other’s pushes, and all of its own go out in the end', async (t) => {
  const hooks = await openHookApp();
  const hanging: ServerResponse[] = [];
  let isHanging = true;
  const hangs = await openReceiver((_call, response) => {
    if (isHanging) hanging.push(response);
    else response.end('{"code":0}');
  });
  const honest = await openReceiver();
  await hooks.store.createAccount({ id: 77, name: 'Other' }, system);
  const credentials = { appSecret, verifyToken: 'verify-me', accessToken: 'token' };
  const channel = { id: 'other', type: 'whatsapp', name: 'Other', wabaId: '2', credentials } as const;
  await hooks.store.putChannel(77, channel, system);
  await addNumber(hooks, 77, 'other', 99, honest.url);
  const numbers = Array.from({ length: 8 }, (_, index) => index);
  for (const index of numbers) await addNumber(hooks, hooks.accountId, 'wa', index, `${hangs.url}/${index}`);

  const client = openLocalClient();
  const render = createReceiptRenderer({ mediaUrl: () => '', groupIds: false });
  const dispatcher = new Dispatcher({
    store: hooks.store,
    directory: hooks.directory,
    client,
    emit: () => undefined,
    now: hooks.clock.now,
    monotonic: hooks.clock.monotonic,
    random: () => 0.5,
    render: async (receipt) => render(receipt, await hooks.directory.channel(receipt.channelId)),
    raiseNotice: () => undefined,
    settings: {
      breakerFailures: 10,
      breakerSpanMs: 30_000,
      probeIntervalMs: 30_000,
      maxInFlight: 16,
      maxBatchBytes: 1_000_000,
    },
  });
  t.after(async () => {
    await Promise.all([hangs.close(), honest.close()]);
    await dispatcher.stop();
    await client.close();
    await hooks.close();
  });
  dispatcher.start();

  for (const index of numbers) {
    const messages = Array.from({ length: 5 }, (_, n) => ({
      ...toText(`m${index}-${n}`),
      from: `155500030${index}${n}`,
    }));
    await hooks.post(toWebhook({ phoneNumberId: `2000000000${1000 + index}`, messages }));
  }
  // Of 16 places the last four are kept for those who have fewer than two.
  await hangs.waitFor(12);
  await hooks.post(toWebhook({ phoneNumberId: '20000000001099', messages: [toText('theirs')] }), 'other');
  await honest.waitFor(1);
  assert.equal(hangs.calls.length, 12);

  isHanging = false;
  for (const response of hanging) response.end('{"code":0}');
  await hangs.waitFor(40);
  assert.equal(new Set(hangs.calls.map(({ headers }) => headers['webhook-id'])).size, 40);
});
