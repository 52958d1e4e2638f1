import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createViberConnector } from '../../../src/channels/viber/connector.ts';
import type { Channel } from '../../../src/domain/channel.ts';
import { openSimulator } from '../../../src/simulators/simulator.ts';
import type { Simulator } from '../../../src/simulators/simulator.ts';
import { viberBot } from '../../../src/simulators/viber/bot.ts';
import { channel as whatsapp } from '../../support/graph.ts';
import { openReceiver } from '../../support/receiver.ts';
import type { Receiver } from '../../support/receiver.ts';
import { openLocalClient } from '../../support/client.ts';

const client = openLocalClient();
const channel: Channel = {
  ...whatsapp,
  type: 'viber',
  wabaId: null,
  credentials: { authToken: 'bot-token' },
};

describe('the check of a Viber bot', () => {
  let simulator: Simulator;
  let hook: Receiver;
  let status = 200;

  before(async () => {
    simulator = await openSimulator(viberBot, { client, seed: '1', options: { 'auth-token': 'bot-token' } });
    const connector = toConnector();
    hook = await openReceiver((call, response) => {
      const request = {
        headers: call.headers,
        query: {},
        body: Buffer.from(call.body),
        remoteAddress: '127.0.0.1',
        pathSecret: null,
      };
      response.writeHead(connector.verify(channel, request) ? status : 403).end();
    });
    assert.equal(await connector.subscribe?.(channel, [], hook.url), null);
  });
  after(async () => {
    await simulator.close();
    await hook.close();
    await client.close();
  });

  function toConnector() {
    return createViberConnector({
      client,
      now: Date.now,
      botUrl: simulator.address,
      businessUrl: simulator.address,
    });
  }

  async function wrong(of: Channel = channel, url = hook.url): Promise<string[]> {
    const checks = (await toConnector().check?.(of, [], url)) ?? [];
    assert.ok(checks.length > 0);
    return checks.filter(({ ok }) => !ok).map(({ name, text }) => `${name}: ${text}`);
  }

  it('finds nothing wrong with what works', async () => {
    assert.deepEqual(await wrong(), []);
  });

  it('misses an event that the options ask for until it is subscribed', async () => {
    const asking = { ...channel, options: { clientStatus: true } };
    assert.match((await wrong(asking)).join(), /^webhook: .*client_status/);
    assert.equal(await toConnector().subscribe?.(asking, [], hook.url), null);
    assert.deepEqual(await wrong(asking), []);
    assert.equal(await toConnector().subscribe?.(channel, [], hook.url), null);
    assert.match((await wrong(asking)).join(), /client_status/);
  });

  it('takes no word for a webhook with its events that it cannot read', async () => {
    for (const [types, isFound] of [
      [undefined, true],
      [['delivered', 'seen', 'failed', 'subscribed', 'unsubscribed', 'conversation_started'], true],
      ['delivered', false],
      [{ delivered: true }, false],
      [null, false],
    ] as const) {
      const account = { status: 0, id: 'pa:1', name: 'Shop', webhook: hook.url, event_types: types };
      const viber = await openReceiver((_call, response) => response.end(JSON.stringify(account)));
      const connector = createViberConnector({
        ...{ client, now: Date.now },
        ...{ botUrl: viber.url, businessUrl: viber.url },
      });
      const checks = (await connector.check?.(channel, [], hook.url)) ?? [];
      await viber.close();
      const found = checks.find(({ name }) => name === 'webhook');
      assert.equal(found?.ok, isFound, JSON.stringify(types));
    }
  });

  it('tells a callback that takes no events, by what it answers', async () => {
    status = 503;
    assert.deepEqual(await wrong(), [
      `callback: ${hook.url} answered 503 to an event that was signed as Viber signs.`,
    ]);
    status = 200;
  });

  it('tells a callback that cannot be reached', async () => {
    const url = 'http://127.0.0.1:9/hooks/viber/shop';
    const [webhook, callback] = await wrong(channel, url);
    assert.match(String(webhook), /^webhook: /);
    assert.match(
      String(callback),
      /^callback: http:\/\/127\.0\.0\.1:9\/hooks\/viber\/shop cannot be reached/,
    );
  });

  it('tells a token that is refused', async () => {
    const [token] = await wrong({ ...channel, credentials: { authToken: 'another' } });
    assert.match(String(token), /^authToken: /);
  });
});
