import { createHash } from 'node:crypto';
import { system } from '../../../src/domain/account.ts';
import { noSenderWebhook } from '../../../src/domain/channel.ts';
import type { Destination } from '../../../src/domain/delivery.ts';
import { defaultQueueAttributes } from '../../../src/domain/queue.ts';
import type { Queue, QueueAttributes, ReceivedMessage } from '../../../src/domain/queue.ts';
import { toOwnSubject, toProgressKey, toSubjectDigits, toSubjectLane } from '../../../src/domain/receipt.ts';
import type { MessageStatus } from '../../../src/domain/receipt.ts';
import type { Intake, NewReceipt, Recorded, Store } from '../../../src/store/store.ts';
import { createClock } from '../../support/store.ts';
import type { Clock } from '../../support/store.ts';
import type { Time } from '../../../src/runtime/clock.ts';

/** Opens an empty store of the adapter under test. It must read the time from `now` only. */
export type OpenStore = (time: Time) => Promise<Store>;

/** An open store with two accounts and a WhatsApp channel with one sender of the first. */
export interface Fixture {
  readonly store: Store;
  readonly clock: Clock;
  readonly accountId: number;
  readonly otherId: number;
  readonly channelId: string;
  readonly senderId: string;
}

export const second = 1000;
export const minute = 60 * second;
export const day = 24 * 60 * minute;

/** The queue that the first account's messages of users go to. */
export const queueName = 'Alicom-Queue-1000000000000001-ChatAppInbound';

/** A channel that is made beside the one of the fixture. */
export const page = {
  id: 'fb',
  type: 'messenger',
  name: 'Page',
  wabaId: null,
  credentials: { token: 't1' },
} as const;

/** Makes a test body that gets a store of its own, closed when it ends. */
export function withStore(open: OpenStore, body: (fixture: Fixture) => Promise<void>): () => Promise<void> {
  return async () => {
    const clock = createClock();
    const store = await open(clock);
    try {
      const fixture = {
        store,
        clock,
        accountId: 1_000_000_000_000_001,
        otherId: 1_000_000_000_000_002,
        channelId: 'wa-main',
        senderId: '4915550100',
      };
      await store.createFirstAccount({
        account: { id: fixture.accountId, name: 'First' },
        key: { id: 'first-key', secret: 'first-secret' },
      });
      await store.createAccount({ id: fixture.otherId, name: 'Other' }, system);
      await store.putChannel(
        fixture.accountId,
        {
          id: fixture.channelId,
          type: 'whatsapp',
          name: 'Main',
          wabaId: '501',
          credentials: { appSecret: 's' },
        },
        system,
      );
      await store.putSender(
        fixture.accountId,
        fixture.channelId,
        { id: fixture.senderId, type: 'whatsapp', name: 'Shop', routeId: '7001' },
        system,
      );
      await body(fixture);
    } finally {
      await store.close();
    }
  };
}

/** Any text as the 32 hex digits of an id. */
export function toId(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** The ReceiptId of a status of a message, which begins with what those of one message share. */
export function toStatusId(messageId: string, value: MessageStatus): string {
  const subject = toSubjectDigits(messageId);
  return `${subject}00000000${toId(value).slice(0, 12)}`;
}

/** What no receipt is about. */
const nothing = { type: 'ChatAppAudit', event: 'template', wabaId: '' } as const;

/** A receipt with what it is searched by, if its id, which a test may choose, does not begin with that. */
function withSubject(receipt: Omit<NewReceipt, 'ownSubject'>): NewReceipt {
  return { ...receipt, ownSubject: toOwnSubject(receipt.receiptId, nothing, receipt.facts) };
}

/** A user's text message. `name` makes it itself: two with one name are one receipt. */
export function inbound(
  { channelId, senderId }: Fixture,
  name: string,
  changes: Partial<NewReceipt> = {},
): NewReceipt {
  return withSubject({
    receiptId: toId(name),
    index: 0,
    channelId,
    channelType: 'whatsapp',
    senderId,
    senderType: 'whatsapp',
    occurredAt: 1_700_000_000_000,
    lane: toLane(name),
    facts: { type: 'ChatAppInbound', messageId: name, kind: 'text', user: { id: '4915112345678' } },
    content: { text: `text of ${name}` },
    media: null,
    progress: null,
    destinationId: null,
    outboundId: null,
    template: null,
    queue: null,
    ...changes,
  });
}

/** A status of a message of the business; those of one message share lane and progress. */
export function status(
  { channelId, senderId }: Fixture,
  messageId: string,
  value: MessageStatus,
  rank: number,
  changes: Partial<NewReceipt> & { readonly dropLate?: boolean } = {},
): NewReceipt {
  const { dropLate = false, ...rest } = changes;
  return withSubject({
    receiptId: toStatusId(messageId, value),
    index: 0,
    channelId,
    channelType: 'whatsapp',
    senderId,
    senderType: 'whatsapp',
    occurredAt: 1_700_000_000_000,
    lane: toSubjectLane(toStatusId(messageId, value)),
    facts: { type: 'ChatAppStatus', messageId, status: value, user: { id: '4915112345678' } },
    content: null,
    media: null,
    progress: { key: toProgressKey(toStatusId(messageId, value)), rank, dropLate },
    destinationId: null,
    outboundId: null,
    template: null,
    queue: null,
    ...rest,
  });
}

function toLane(text: string): number {
  return Number.parseInt(toId(`lane of ${text}`).slice(0, 12), 16);
}

export function intake(
  { accountId, channelId, clock }: Fixture,
  receipts: readonly NewReceipt[],
  changes: Partial<Intake> = {},
): Intake {
  return {
    accountId,
    channelId,
    receivedAt: clock.now(),
    body: Buffer.from('{"object":"whatsapp_business_account"}'),
    receipts,
    unrouted: [],
    remarks: [],
    ...changes,
  };
}

/** Records receipts as one raw event; resolves to what became of each. */
export async function record(
  fixture: Fixture,
  ...receipts: readonly NewReceipt[]
): Promise<Recorded['receipts']> {
  const [recorded] = await fixture.store.recordIntake([intake(fixture, receipts)]);
  return need(recorded).receipts;
}

/** The sender's destination of a callback URL, made as the settings make it. */
export async function destinationOf(
  { store, accountId, channelId, senderId }: Fixture,
  url = 'https://shop.example/receipts',
): Promise<Destination> {
  const webhook = { ...noSenderWebhook, http: true, statusUrl: url, inboundUrl: url };
  await store.setSenderWebhook(accountId, channelId, senderId, webhook, 'standard', system);
  return need(await store.findDestinationByUrl(accountId, url));
}

export async function queueOf(
  { store, accountId }: Fixture,
  attributes: Partial<QueueAttributes> = {},
  name = 'orders',
): Promise<Queue> {
  await store.createQueue(accountId, name, { ...defaultQueueAttributes, ...attributes });
  return need(await store.findQueue(accountId, name));
}

/** Sends bodies one after the other, all of the usual priority. */
export async function send({ store, clock }: Fixture, queue: Queue, ...bodies: string[]): Promise<void> {
  await store.sendMessages(
    queue,
    bodies.map((body) => ({ body, priority: 8 })),
    clock.now(),
  );
}

export function receive(
  { store, clock }: Fixture,
  queue: Queue,
  limit = 16,
): Promise<readonly ReceivedMessage[]> {
  return store.receiveMessages(queue, limit, clock.now());
}

export async function receiveOne(fixture: Fixture, queue: Queue): Promise<ReceivedMessage> {
  const [message] = await receive(fixture, queue, 1);
  return need(message, 'There is no message to receive.');
}

export function need<T>(value: T | undefined | null, message = 'It is not there.'): T {
  if (value === undefined || value === null) throw new Error(message);
  return value;
}

/** The bodies of messages, in their order. */
export const bodiesOf = (messages: readonly { readonly body: string }[]): string[] =>
  messages.map(({ body }) => body);

/** Gives every receipt of a call its targets. */
export function aim(
  { store }: Parameters<typeof record>[0],
  target: Partial<Parameters<typeof inbound>[2] & object>,
): typeof store.recordIntake {
  return (intakes) =>
    store.recordIntake(
      intakes.map((one) => ({
        ...one,
        receipts: one.receipts.map((receipt) => ({ ...receipt, ...target })),
      })),
    );
}
