// A service that is traced, as its vendor, its caller and its operator see it: channels, webhooks and messages.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { request } from 'undici';
import { signAcs3 } from './cams-client.ts';
import type { Receiver } from './receiver.ts';
import { rootAccount } from './service.ts';
import type { Service } from './service.ts';

const { keyId: id, keySecret: secret } = rootAccount;
const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
export const sender = '15550100001';
const phoneNumberId = '106540352242922';
export const appSecret = '0123456789abcdef0123456789abcdef';
export const user = '4915112345678';
export const words = 'the answer is forty-two';
export const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
export const callerSpan = '00f067aa0ba902b7';

/** Connects a sender of WhatsApp, and has its receipts and those of the sandbox's pushed to the receiver. */
export async function connect(service: Service, receiver: Receiver): Promise<void> {
  await put(service, '/channels/wa', {
    type: 'whatsapp',
    wabaId: '102290129340398',
    credentials: { appSecret, verifyToken: 'verify-token', accessToken: 'access-token' },
  });
  await put(service, `/channels/wa/senders/15550107777`, { phoneNumberId });
  const pushed = {
    http: true,
    queue: false,
    inboundUrl: `${receiver.url}/in`,
    statusUrl: `${receiver.url}/status`,
  };
  await put(service, '/channels/wa/senders/15550107777/webhook', pushed);
  await put(service, `/channels/sandbox/senders/${sender}/webhook`, pushed);
}

async function put(service: Service, path: string, body: object): Promise<void> {
  const answer = await request(`${service.url}/api/v1${path}`, {
    method: 'PUT',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  assert.ok(answer.statusCode < 300, await answer.body.text());
}

export async function post(
  service: Service,
  path: string,
  body: object,
  headers: Record<string, string> = {},
) {
  const answer = await request(`${service.url}${path}`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  assert.ok(answer.statusCode < 300, `${answer.statusCode}`);
  return (await answer.body.json()) as Record<string, string>;
}

/** Posts messages of one user to the webhook of WhatsApp, by their ids, as Meta would. */
export async function postHook(
  service: Service,
  ids: readonly string[],
  headers: Record<string, string> = {},
  key = appSecret,
) {
  const messages = ids.map((one) => ({
    from: user,
    id: one,
    timestamp: '1795470996',
    type: 'text',
    text: { body: words },
  }));
  const metadata = { display_phone_number: '15550107777', phone_number_id: phoneNumberId };
  const contacts = [{ profile: { name: 'Zaphod Beeblebrox' }, wa_id: user }];
  const value = { messaging_product: 'whatsapp', metadata, contacts, messages };
  const body = JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [{ id: '102290129340398', changes: [{ field: 'messages', value }] }],
  });
  const signature = createHmac('sha256', key).update(body).digest('hex');
  const answer = await request(`${service.url}/hooks/whatsapp/wa`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}`, ...headers },
    body,
  });
  await answer.body.dump();
  return answer.statusCode;
}

/** Has the sandbox send a text by CAMS; resolves to its MessageId. The sandbox then plays its statuses by itself. */
export async function send(service: Service, headers: Record<string, string> = {}): Promise<string> {
  const values = {
    ChannelType: 'whatsapp',
    Type: 'message',
    MessageType: 'text',
    From: sender,
    To: user,
    CustSpaceId: 'sandbox',
    Content: JSON.stringify({ text: words }),
  };
  const call = signAcs3({ id, secret }, 'SendChatappMessage', values, { host: new URL(service.url).host });
  const answer = await request(`${service.url}${call.target}`, {
    method: call.method,
    headers: { ...call.headers, ...headers },
  });
  const body = (await answer.body.json()) as { Code: string; MessageId: string };
  assert.equal(body.Code, 'OK', JSON.stringify(body));
  return body.MessageId;
}

export function toReceiptIds(receiver: Receiver): string[] {
  return receiver.calls.flatMap(({ body }) =>
    (JSON.parse(body) as { ReceiptId: string }[]).map((one) => one.ReceiptId),
  );
}
