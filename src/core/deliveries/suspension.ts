// What settings do not want pushed any more stands still, and goes on once they want it again.
import type { AccountId } from '../../domain/account.ts';
import type { ClaimedBatch } from '../../domain/delivery.ts';
import { isPushed, toSubscribed } from '../../domain/subscription.ts';
import type { ReceiptKind, Subscribed } from '../../domain/subscription.ts';
import type { Directory } from '../../store/directory.ts';
import type { BacklogItem, Store } from '../../store/store.ts';
import type { Emit } from '../../telemetry/events.ts';

/** What the settings of a sender choose by, and those of a channel. */
const senderKinds = ['ChatAppStatus', 'ChatAppInbound'] as const satisfies readonly ReceiptKind[];
const channelKinds = ['ChatAppAudit', 'ChatAppAuditV2'] as const satisfies readonly ReceiptKind[];

/** Deliveries that one step changes, so that nobody else waits for long. */
const stepRows = 200;
/** What other nodes, or a process that ended in the middle, left to be taken up is found after this long. */
const intervalMs = 30_000;
/** Settings whose unwanted deliveries one look takes up. */
const maxSubscribed = 1000;

type Settings = Pick<Directory, 'channel' | 'sender'>;

/**
 * Whether settings want receipts of a kind pushed. Those of a sender or channel that is gone are: it was removed, and nobody said that
 * what came before is not wanted.
 */
export async function isWanted(
  directory: Settings,
  accountId: AccountId,
  { channelId, senderId, kind }: Subscribed,
): Promise<boolean> {
  const owner =
    kind === 'ChatAppAudit' || kind === 'ChatAppAuditV2'
      ? await directory.channel(channelId)
      : senderId === null
        ? undefined
        : await directory.sender(channelId, senderId);
  return owner?.accountId !== accountId || isPushed(kind, owner.webhook);
}

/** The deliveries of a batch that settings do not want. */
export async function findUnwanted(
  directory: Settings,
  { accountId, destinationId, members }: ClaimedBatch,
): Promise<readonly BacklogItem[]> {
  const unwanted: BacklogItem[] = [];
  // Those of one batch mostly have one sender.
  let last: { readonly of: Subscribed; readonly isWanted: boolean } | undefined;
  for (const { deliveryId, receipt } of members) {
    const of = toSubscribed(receipt);
    const isSame = last?.of.channelId === of.channelId && last.of.senderId === of.senderId;
    if (last === undefined || !isSame || last.of.kind !== of.kind)
      last = { of, isWanted: await isWanted(directory, accountId, of) };
    if (!last.isWanted) unwanted.push({ ...of, deliveryId, destinationId, isUnwanted: false });
  }
  return unwanted;
}

export interface UnwantedDeps {
  readonly store: Pick<Store, 'listBacklog' | 'findUnwanted' | 'setAside' | 'takeUp' | 'watch'>;
  readonly directory: Settings;
  readonly emit: Emit;
}

/** Keeps deliveries that wait in line with the settings, one change after the other. */
export interface Following {
  /** Resolves when all that was changed until now has been followed. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Follows each change of settings: what is not wanted any more is set aside, what is wanted again is taken up. What it has not come to
 * yet is set aside when it would be pushed.
 */
export function followSettings({ store, directory, emit }: UnwantedDeps): Following {
  let isStopped = false;
  let last: Promise<void> = Promise.resolve();

  function plan(work: () => Promise<void>): void {
    last = last.then(work).catch((error: unknown) => {
      // A store that is away is told of by everyone else; the next look does it.
      if (!isStopped) emit('unit.crashed', { unit: 'delivery.unwanted', error });
    });
  }

  async function setAsideOf(accountId: AccountId, channelId: string, senderId: string | null): Promise<void> {
    const owner = { channelId, senderId };
    let cursor: string | undefined;
    do {
      const kinds: ReceiptKind[] = [];
      for (const kind of senderId === null ? channelKinds : senderKinds)
        if (!(await isWanted(directory, accountId, { ...owner, kind }))) kinds.push(kind);
      if (kinds.length === 0 || isStopped) return;
      const page = { limit: stepRows, ...(cursor === undefined ? {} : { cursor }) };
      const { items, next } = await store.listBacklog(accountId, { owner }, page);
      const fresh = items.filter((item) => !item.isUnwanted && kinds.includes(item.kind));
      if (fresh.length > 0) await store.setAside(accountId, fresh);
      cursor = next ?? undefined;
    } while (cursor !== undefined);
  }

  async function takeUpWanted(): Promise<void> {
    for (const { accountId, subscribed } of await store.findUnwanted(maxSubscribed)) {
      const { kind, ...owner } = subscribed;
      let cursor: string | undefined;
      do {
        if (isStopped || !(await isWanted(directory, accountId, subscribed))) break;
        const page = { limit: stepRows, ...(cursor === undefined ? {} : { cursor }) };
        const { items, next } = await store.listBacklog(accountId, { isUnwanted: true, owner, kind }, page);
        if (items.length > 0)
          await store.takeUp(
            accountId,
            items.map(({ deliveryId }) => deliveryId),
          );
        cursor = next ?? undefined;
      } while (cursor !== undefined);
    }
  }

  const unwatch = store.watch((signal) => {
    if (signal.kind !== 'webhook') return;
    const { accountId, channelId, senderId } = signal;
    plan(() => setAsideOf(accountId, channelId, senderId));
    plan(takeUpWanted);
  });
  const timer = setInterval(() => plan(takeUpWanted), intervalMs);
  timer.unref();
  plan(takeUpWanted);
  return {
    idle: async () => {
      for (let seen; seen !== last;) await (seen = last);
    },
    stop: async () => {
      isStopped = true;
      unwatch();
      clearInterval(timer);
      await last;
    },
  };
}
