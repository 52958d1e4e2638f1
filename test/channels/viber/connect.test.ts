// What is asked of Viber beside messages: whose a token is, and where it posts to.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createViberConnector } from '../../../src/channels/viber/connector.ts';
import { noChannelWebhook } from '../../../src/domain/channel.ts';
import type { Channel } from '../../../src/domain/channel.ts';
import { openLocalClient } from '../../support/client.ts';
import { openReceiver } from '../../support/receiver.ts';
import type { Receiver } from '../../support/receiver.ts';

const client = openLocalClient({ egressAllow: ['127.0.0.1'] });
const hookUrl = 'https://chasqui.example/hooks/viber/vi';

/** A server in the place of Viber's; `answer` is what it says to the next call. */
let viber: Receiver;
let answer: object;
let connector: ReturnType<typeof createViberConnector>;

before(async () => {
  viber = await openReceiver((_call, response) => response.end(JSON.stringify(answer)));
  connector = createViberConnector({ client, now: () => 0, botUrl: viber.url, businessUrl: viber.url });
});
after(async () => {
  await viber.close();
  await client.close();
});

const toChannel = (credentials: Readonly<Record<string, string>>): Channel => ({
  ...{ accountId: 1, id: 'vi', type: 'viber', name: 'Shop', createdAt: 0, updatedAt: 0, wabaId: null },
  ...{ webhook: noChannelWebhook, credentials, options: {} },
});
const bot = toChannel({ authToken: 'bot-token' });
const service = toChannel({ pathSecret: 'a-secret-of-the-path' });

describe('the bot of a token', () => {
  it('is found by its id without the prefix, under its name', async () => {
    answer = { status: 0, id: 'pa:5001', name: 'Example Shop' };
    assert.deepEqual(await connector.findSenders?.(bot), [
      { id: '5001', type: 'viber', name: 'Example Shop', routeId: 'vi' },
    ]);
    assert.equal(viber.calls.at(-1)?.path, '/pa/get_account_info');
    answer = { status: 0, id: 'pa:5001' };
    assert.partialDeepStrictEqual(await connector.findSenders?.(bot), [{ name: '5001' }]);
  });

  it('is not found by an answer without an id, nor by a token that Viber refuses', async () => {
    answer = { status: 0, name: 'Example Shop' };
    assert.partialDeepStrictEqual(await connector.findSenders?.(bot), { fault: 'later' });
    answer = { status: 2, status_message: 'invalidAuthToken' };
    assert.partialDeepStrictEqual(await connector.findSenders?.(bot), { fault: 'auth' });
  });

  it('is of no service, which Viber does not tell', async () => {
    const asked = viber.calls.length;
    assert.partialDeepStrictEqual(await connector.findSenders?.(service), { fault: 'refused' });
    assert.equal(viber.calls.length, asked);
  });
});

describe('the webhook of a bot', () => {
  it('is set to its address', async () => {
    answer = { status: 0 };
    assert.equal(await connector.subscribe?.(bot, [], hookUrl), null);
    const { path, body } = viber.calls.at(-1) ?? { path: '', body: '{}' };
    assert.equal(path, '/pa/set_webhook');
    assert.partialDeepStrictEqual(JSON.parse(body), { url: hookUrl, send_name: true, send_photo: false });
  });

  it('is refused where Viber was not answered at that address, which is said', async () => {
    answer = { status: 1, status_message: 'invalidUrl' };
    const fault = await connector.subscribe?.(bot, [], hookUrl);
    assert.ok(fault?.fault === 'refused' && fault.reason.includes(hookUrl), JSON.stringify(fault));
  });

  it('is set by hand for a service', async () => {
    const asked = viber.calls.length;
    assert.partialDeepStrictEqual(await connector.subscribe?.(service, [], hookUrl), { fault: 'refused' });
    assert.equal(viber.calls.length, asked);
  });
});
