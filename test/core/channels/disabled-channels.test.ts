// Meta unsubscribes an app whose webhook has failed for an hour (docs/protocols/meta.md): the watch sees it and subscribes again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createInstagramConnector } from '../../../src/channels/instagram/connector.ts';
import { createMessengerConnector } from '../../../src/channels/messenger/connector.ts';
import { createConnections } from '../../../src/core/channels/enquiries.ts';
import { watchChannels } from '../../../src/core/channels/watch.ts';
import { system } from '../../../src/domain/account.ts';
import { openSimulator } from '../../../src/simulators/simulator.ts';
import { instagram, messenger } from '../../../src/simulators/messaging/vendor.ts';
import { openReceiver } from '../../support/receiver.ts';
import { waitUntil } from '../../support/service.ts';
import { openTestStore } from '../../support/store.ts';
import { openLocalClient } from '../../support/client.ts';

for (const [type, vendor, senderId, create] of [
  ['messenger', messenger, '300000000000001', createMessengerConnector],
  ['instagram', instagram, '17840000000000001', createInstagramConnector],
] as const)
  test(`a webhook of ${type} that failed for an hour is disabled, noticed and subscribed again`, async (t) => {
    const client = openLocalClient();
    let status = 500;
    const hook = await openReceiver((call, answer) => {
      const challenge = /hub\.challenge=(\d+)/.exec(call.path)?.[1];
      if (challenge !== undefined) answer.end(challenge);
      else answer.writeHead(status).end();
    });
    const faults = Object.fromEntries(Object.keys(vendor.faults).map((name) => [name, 0]));
    // An hour takes a fifth of a second.
    const simulator = await openSimulator(vendor, { client, speed: 20_000, faults });
    const bed = await openTestStore();
    const { store, accountId, clock } = bed;
    const meta = {
      client,
      now: clock.now,
      monotonic: clock.monotonic,
      graphUrl: simulator.address,
      graphVersion: 'v25.0',
      instagramUrl: simulator.address,
    };
    const connections = createConnections({
      store,
      connectors: { [type]: create(meta) },
      now: clock.now,
      publicUrl: () => hook.url,
      findVendorUrl: () => simulator.address,
    });
    const watch = watchChannels({
      store,
      connections,
      renewToken: async (channel) => channel,
      emit: () => undefined,
      now: clock.now,
      monotonic: clock.monotonic,
      random: () => 0.5,
      raiseNotice: () => undefined,
      endNotice: () => undefined,
      intervalMs: 0,
      aheadMs: 0,
    });
    t.after(async () => {
      await watch.stop();
      await simulator.close();
      await bed.close();
      await hook.close();
      await client.close();
    });

    const credentials = {
      appSecret: 'simulated-app-secret',
      verifyToken: 'v',
      accessToken: 'EAAsimulatedAccessToken',
    };
    await store.putChannel(accountId, { id: 'shop', type, name: 'Shop', wabaId: null, credentials }, system);
    await store.putSender(accountId, 'shop', { id: senderId, type, name: 'Shop', routeId: senderId }, system);
    const channel = await store.findChannel('shop');
    assert.ok(channel);
    const isSubscribed = async (): Promise<boolean> =>
      (await connections.check(channel)).some(({ name, ok }) => name === 'webhook' && ok);

    // The person who owns the app enters the address, and the vendor shakes hands with it.
    const entered = await client.request(`${simulator.address}/v25.0/app/subscriptions`, {
      method: 'POST',
      headers: { authorization: 'Bearer EAAsimulatedAccessToken' },
      body: JSON.stringify({ callback_url: `${hook.url}/hook`, verify_token: 'v' }),
      timeoutMs: 5000,
      maxBytes: 1000,
    });
    assert.ok('status' in entered && entered.status === 200);
    await connections.subscribe(channel);
    await watch.look();
    assert.equal(await isSubscribed(), true);

    await simulator.act('say', { from: '24000000000000001', text: 'is anybody there?' });
    await waitUntil('the app is unsubscribed', 60_000, async () => !(await isSubscribed()));
    assert.ok(simulator.ledger.list().some(({ kind }) => kind === 'given_up'));
    status = 200;
    // A handshake, as the check makes one, has no body.
    const countPosts = (): number => hook.calls.filter(({ body }) => body !== '').length;
    const before = countPosts();
    await simulator.act('say', { from: '24000000000000001', text: 'this gets lost' });
    await watch.look();
    assert.equal(await isSubscribed(), true);
    assert.equal(countPosts(), before, 'what a user wrote meanwhile is not posted');
    await simulator.act('say', { from: '24000000000000001', text: 'and now?' });
    await waitUntil('the webhook is posted again', 60_000, () => countPosts() > before);
    assert.match(hook.calls.at(-1)?.body ?? '', /and now/);
  });

test('an address that does not echo the challenge is refused', async (t) => {
  const client = openLocalClient();
  const hook = await openReceiver((_call, answer) => void answer.end('hello'));
  const simulator = await openSimulator(messenger, { client });
  t.after(async () => {
    await simulator.close();
    await hook.close();
    await client.close();
  });
  const answer = await client.request(`${simulator.address}/v25.0/app/subscriptions`, {
    method: 'POST',
    headers: { authorization: 'Bearer EAAsimulatedAccessToken' },
    body: JSON.stringify({ callback_url: hook.url, verify_token: 'v' }),
    timeoutMs: 5000,
    maxBytes: 1000,
  });
  assert.ok('status' in answer && answer.status === 400);
});
