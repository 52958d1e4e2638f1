// Sends one message through the sandbox by the vendor's own SDKs, and ends once its queue says that it was delivered.
import cams from '@alicloud/cams20200606';
import Queues from '@alicloud/mns';
import openapi from '@alicloud/openapi-client';
import { request } from 'undici';
import { rootAccount } from '../support/service.ts';

const url = process.argv[2] ?? '';
const { accountId, keyId, keySecret } = rootAccount;
const sender = '15550100001';

const set = await request(`${url}/api/v1/channels/sandbox/senders/${sender}/webhook`, {
  method: 'PUT',
  headers: {
    authorization: `Basic ${Buffer.from(`${keyId}:${keySecret}`).toString('base64')}`,
    'content-type': 'application/json',
  },
  body: JSON.stringify({ http: false, queue: true }),
});
if (set.statusCode !== 200)
  throw new Error(`The queue was not turned on: ${set.statusCode} ${await set.body.text()}`);
await set.body.dump();

const client = new cams.default(
  new openapi.Config({
    accessKeyId: keyId,
    accessKeySecret: keySecret,
    endpoint: new URL(url).host,
    protocol: 'http',
  }),
);
const { body } = await client.sendChatappMessage(
  new cams.SendChatappMessageRequest({
    channelType: 'whatsapp',
    type: 'message',
    messageType: 'text',
    from: sender,
    to: '15550002220',
    content: JSON.stringify({ text: 'Hello' }),
  }),
);
if (body?.messageId === undefined) throw new Error(`It was not sent: ${JSON.stringify(body)}`);

const queues = new Queues(accountId, { endpoint: url, accessKeyId: keyId, accessKeySecret: keySecret });
let isDelivered = false;
while (!isDelivered) {
  const answer = (await queues.batchReceiveMessage(`Alicom-Queue-${accountId}-ChatAppStatus`, 16, 20)) as {
    readonly body: readonly { readonly MessageBody: string }[];
  };
  for (const { MessageBody } of answer.body) {
    const told = JSON.parse(Buffer.from(MessageBody, 'base64').toString()) as {
      readonly MessageId: string;
      readonly Status: string;
    };
    if (told.MessageId === body.messageId && told.Status === 'Delivered') isDelivered = true;
  }
}
process.stdout.write('Delivered\n');
