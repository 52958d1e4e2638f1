// What settings do not want pushed any more stands still, and goes on once they want it again.
import type { AccountId } from '../../domain/account.ts';
import type { ClaimedBatch } from '../../domain/delivery.ts';
import { isPushed, toSubscribed } from '../../domain/subscription.ts';
import type { ReceiptKind, Subscribed } from '../../domain/subscription.ts';
import { Worker } from '../../runtime/worker.ts';
import type { Duty } from '../../runtime/worker.ts';
import type { Time } from '../../runtime/clock.ts';
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
async function isWanted(
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
async function findUnwanted(
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

interface AsideDeps {
  readonly store: Pick<Store, 'setAside' | 'releaseDeliveries'>;
  readonly directory: Settings;
}

/**
 * Sets aside what settings do not want any more of a batch that is claimed, for it may have waited for its turn. Resolves to what is
 * left to push; undefined when nothing is.
 */
export async function setAsideUnwanted(
  { store, directory }: AsideDeps,
  batch: ClaimedBatch,
): Promise<ClaimedBatch | undefined> {
  const { accountId, destinationId } = batch;
  try {
    const unwanted = await findUnwanted(directory, batch);
    if (unwanted.length === 0) return batch;
    await store.setAside(accountId, unwanted);
    const ids = new Set(unwanted.map(({ deliveryId }) => deliveryId));
    await store.releaseDeliveries(accountId, destinationId, [...ids]);
    const members = batch.members.filter(({ deliveryId }) => !ids.has(deliveryId));
    return members.length === 0 && batch.unreadable === undefined ? undefined : { ...batch, members };
  } catch (error) {
    // It is not known whether they are wanted, so they are looked at again.
    const ids = batch.members.map(({ deliveryId }) => deliveryId);
    await store.releaseDeliveries(accountId, destinationId, ids);
    throw error;
  }
}

interface UnwantedDeps extends Time {
  readonly store: Pick<Store, 'listBacklog' | 'findUnwanted' | 'setAside' | 'takeUp' | 'watch'>;
  readonly directory: Settings;
  readonly emit: Emit;
  /** Who follows what others left; each node when left out. What changes here is followed here. */
  readonly duty?: Pick<Duty, 'isOurs'>;
  readonly setTimer?: (callback: () => void, ms: number) => () => void;
}

/** Keeps deliveries that wait in line with the settings, one change after the other. */
export interface Following {
  /** Follows what has changed, and every so often what others left. */
  readonly worker: Worker;
  /** Resolves when all that was changed until now has been followed. */
  idle(): Promise<void>;
}

/** Whose settings have changed. */
interface Changed {
  readonly accountId: AccountId;
  readonly channelId: string;
  readonly senderId: string | null;
}

/**
 * Follows each change of settings: what is not wanted any more is set aside, what is wanted again is taken up. What it has not come to
 * yet is set aside when it would be pushed.
 */
export function followSettings(deps: UnwantedDeps): Following {
  const changes: Changed[] = [];
  const worker = new Worker({
    name: 'delivery.unwanted',
    emit: deps.emit,
    now: deps.now,
    monotonic: deps.monotonic,
    everyMs: intervalMs,
    waiting: () => changes.length,
    ...(deps.setTimer && { setTimer: deps.setTimer }),
    connect: (wake) =>
      deps.store.watch((signal) => {
        if (signal.kind !== 'webhook') return;
        changes.push(signal);
        wake();
      }),
    run: async ({ isOver, attempt }) => {
      const isOurs = changes.length > 0 || (deps.duty?.isOurs() ?? true);
      for (let change = changes.shift(); change !== undefined; change = changes.shift()) {
        const changed = change;
        await attempt(() => setAsideOf(deps, changed, isOver));
      }
      if (isOurs) await takeUpWanted(deps, isOver);
    },
  });
  return {
    worker,
    idle: async () => {
      do await worker.look();
      while (changes.length > 0);
    },
  };
}

async function setAsideOf(
  { store, directory }: UnwantedDeps,
  { accountId, channelId, senderId }: Changed,
  isOver: () => boolean,
): Promise<void> {
  const owner = { channelId, senderId };
  let cursor: string | undefined;
  do {
    const kinds: ReceiptKind[] = [];
    for (const kind of senderId === null ? channelKinds : senderKinds)
      if (!(await isWanted(directory, accountId, { ...owner, kind }))) kinds.push(kind);
    if (kinds.length === 0 || isOver()) return;
    const page = { limit: stepRows, ...(cursor === undefined ? {} : { cursor }) };
    const { items, next } = await store.listBacklog(accountId, { owner }, page);
    const fresh = items.filter((item) => !item.isUnwanted && kinds.includes(item.kind));
    if (fresh.length > 0) await store.setAside(accountId, fresh);
    cursor = next ?? undefined;
  } while (cursor !== undefined);
}

async function takeUpWanted({ store, directory }: UnwantedDeps, isOver: () => boolean): Promise<void> {
  for (const { accountId, subscribed } of await store.findUnwanted(maxSubscribed)) {
    const { kind, ...owner } = subscribed;
    let cursor: string | undefined;
    do {
      if (isOver() || !(await isWanted(directory, accountId, subscribed))) break;
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
