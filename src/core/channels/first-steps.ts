// How far an account has come with what everybody does first. Told by what is there, so that no click has to be remembered.
import type { AccountId } from '../../domain/account.ts';
import type { Channel, Sender } from '../../domain/channel.ts';
import { toReceiptQueueName } from '../../domain/subscription.ts';
import type { Store } from '../../store/store.ts';

type StepStore = Pick<
  Store,
  | 'countDeliveries'
  | 'countMessages'
  | 'findQueue'
  | 'listChannels'
  | 'listDestinations'
  | 'listReceipts'
  | 'listSenders'
>;

interface FirstSteps {
  /** A channel beside the sandbox has a sender. */
  readonly connect: boolean;
  /** Receipts of some sender go somewhere. */
  readonly receipts: boolean;
  /** A callback URL has acknowledged a receipt, or a queue of receipts was emptied. */
  readonly verify: boolean;
  /** Something has come over a channel beside the sandbox. */
  readonly live: boolean;
  /** Whose receipts to turn on, the connected ones first; where those are on, whose are on. */
  readonly sender: Pick<Sender, 'channelId' | 'id'> | null;
  /** Where to try a test event. */
  readonly destinationId: number | null;
}

/** Channels that are asked for what came over them, and deliveries that are looked at for one that was taken. */
const maxChannels = 20;
const maxDeliveries = 1000;

/** Looks how far an account has come; what it costs does not grow with what the account holds. */
export async function findFirstSteps(store: StepStore, accountId: AccountId): Promise<FirstSteps> {
  const channels = await store.listChannels(accountId);
  const connected = channels.filter(({ type }) => type !== 'sandbox').slice(0, maxChannels);
  const sandboxes = channels.filter(({ type }) => type === 'sandbox');
  const listed = await Promise.all(
    [...connected, ...sandboxes].map(({ id }) => store.listSenders(accountId, id)),
  );
  const senders = listed.flat();
  const own = new Set(connected.map(({ id }) => id));
  const isOn = ({ webhook }: Sender): boolean => webhook.http || webhook.queue;
  const [destination] = await store.listDestinations(accountId);
  return {
    connect: senders.some(({ channelId }) => own.has(channelId)),
    receipts: senders.some(isOn),
    verify: await isVerified(store, accountId, senders),
    live: await isLive(store, accountId, connected),
    sender:
      senders.find((sender) => own.has(sender.channelId) && !isOn(sender)) ??
      senders.find(isOn) ??
      senders[0] ??
      null,
    destinationId: destination?.id ?? null,
  };
}

async function isVerified(
  store: StepStore,
  accountId: AccountId,
  senders: readonly Sender[],
): Promise<boolean> {
  if ((await store.countDeliveries(accountId, { state: 'done' }, maxDeliveries)).count > 0) return true;
  if (!senders.some(({ webhook }) => webhook.queue)) return false;
  for (const type of ['ChatAppInbound', 'ChatAppStatus'] as const) {
    const queue = await store.findQueue(accountId, toReceiptQueueName(accountId, type));
    const [newest] = (await store.listReceipts(accountId, { type }, { limit: 1 })).items;
    if (queue === undefined || newest === undefined || newest.recordedAt < queue.createdAt) continue;
    const { active, inactive, delayed } = await store.countMessages(queue);
    if (active + inactive + delayed === 0) return true;
  }
  return false;
}

async function isLive(
  store: StepStore,
  accountId: AccountId,
  channels: readonly Pick<Channel, 'id'>[],
): Promise<boolean> {
  for (const { id: channelId } of channels)
    if ((await store.listReceipts(accountId, { channelId }, { limit: 1 })).items.length > 0) return true;
  return false;
}
