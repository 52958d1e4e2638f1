// Users whom WhatsApp calls otherwise than the business does, against the service as it is started, with the clock of the machine.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import Cams from '@alicloud/cams20200606';
import { request } from 'undici';
import { rootAccount, waitUntil } from '../support/service.ts';
import { number, openWhatsappService } from '../support/whatsapp-service.ts';

it('a message that is answered with another spelling of its number is on record at once, and found by either', async (t) => {
  const { service, sdk } = await openWhatsappService(t);
  const { keyId, keySecret } = rootAccount;
  const authorization = `Basic ${Buffer.from(`${keyId}:${keySecret}`).toString('base64')}`;
  const find = async (recipient: string, direction = 'mt') => {
    const path = `/api/v1/messages?number=${recipient}&direction=${direction}`;
    const { body } = await request(`${service.url}${path}`, { headers: { authorization } });
    return ((await body.json()) as { items: { messageId: string; state: string }[] }).items;
  };
  for (const [written, told] of [
    ['5511987650001', '551187650001'],
    ['525550000001', '5215550000001'],
    ['541155500001', '5491155500001'],
  ] as const) {
    const sent = await sdk.sendChatappMessage(
      new Cams.SendChatappMessageRequest({
        ...{ channelType: 'whatsapp', custSpaceId: 'wa', from: number, to: written },
        ...{ type: 'message', messageType: 'text', content: '{"text":"hello"}' },
      }),
    );
    assert.equal(sent.body?.code, 'OK');
    await waitUntil(`${written} is sent`, 60_000, async () => (await find(written))[0]?.state === 'accepted');
    assert.deepEqual(
      (await find(told)).map(({ messageId }) => messageId),
      [sent.body.messageId],
    );
  }
  assert.ok(!service.output().includes('unit.crashed'), service.output());
});
