// A connected WhatsApp channel behind the admin API, for the tests of its routes.
import type { TestContext } from 'node:test';
import { toSubjectDigits } from '../../src/domain/receipt.ts';
import type { Intake } from '../../src/store/store.ts';
import { openApiTest } from './api.ts';
import type { ApiTest } from './api.ts';

/** Opens the API on a store of its own, and closes it with the test. */
export async function open(t: TestContext, deps = {}): Promise<ApiTest> {
  const api = await openApiTest(deps);
  t.after(() => api.close());
  return api;
}

/** What a WhatsApp channel is made of; the app secret has not the shape of one. */
export const whatsapp = {
  type: 'whatsapp',
  wabaId: '102290129340398',
  credentials: { appSecret: 'a-secret', verifyToken: 'a-verify', accessToken: 'an-access' },
};
/** A sender of that channel, and its address in the API. */
export const number = '15550107777';
export const senderPath = `/channels/wa/senders/${number}`;

/** Makes the channel `wa` with its number. */
export async function connect(api: ApiTest): Promise<void> {
  await api.call('PUT', '/channels/wa', whatsapp);
  await api.call('PUT', senderPath, { phoneNumberId: '9001' });
}

/** Sets a callback for the status receipts of the number; gives its destination's id. */
export async function subscribe(api: ApiTest): Promise<number> {
  const url = 'https://callback.example/status';
  const { json } = await api.call('PUT', `${senderPath}/webhook`, { http: true, statusUrl: url });
  return (json['destinations'] as Record<string, number>)[url] ?? 0;
}

/** The id that {@link toIntake} gives its receipt when it is told no other. */
export const receiptId = 'ab'.repeat(16);

/** A posted event of one status receipt, with a delivery to the destination. */
export function toIntake(api: ApiTest, destinationId: number, id = receiptId): Intake {
  return {
    accountId: api.accountId,
    channelId: 'wa',
    receivedAt: api.clock.now(),
    body: Buffer.from('{"raw":true}'),
    receipts: [
      {
        receiptId: id,
        index: 0,
        channelId: 'wa',
        channelType: 'whatsapp',
        senderId: number,
        senderType: 'whatsapp',
        occurredAt: api.clock.now(),
        lane: Number.parseInt(id.slice(0, 8), 16),
        facts: {
          type: 'ChatAppStatus',
          messageId: `wamid.${id}`,
          status: 'sent',
          user: { id: '4915112345678' },
        },
        ownSubject: Number.parseInt(toSubjectDigits(`wamid.${id}`), 16),
        content: null,
        media: null,
        progress: null,
        destinationId,
        outboundId: null,
        template: null,
        queue: null,
      },
    ],
    unrouted: [],
    remarks: [],
  };
}

/** Lets every waiting delivery die. */
export async function killDeliveries(api: ApiTest, destinationId: number): Promise<void> {
  const { store, accountId, clock } = api;
  const claim = { accountId, destinationId, limit: 100, batchSize: 1, now: clock.now(), leaseMs: 1000 };
  const attempt = { at: clock.now(), durationMs: 3, status: 500, outcome: 'rejected', answer: 'no' } as const;
  for (const { members } of await store.claimDeliveries(claim)) {
    await store.settleDeliveries(
      members.map(({ deliveryId }) => ({
        accountId,
        destinationId,
        deliveryId,
        attempt,
        next: { kind: 'dead' },
      })),
    );
  }
}
