// Events that came before their sender was registered are kept, and read again once it is.
import type { AccountId } from '../../domain/account.ts';
import type { ChannelType } from '../../domain/channel.ts';
import { GatewayError } from '../../domain/errors.ts';
import type { ChannelEvent, ChannelMark, Route } from '../../domain/receipt.ts';
import { Worker } from '../../runtime/worker.ts';
import type { Duty } from '../../runtime/worker.ts';
import type { Intake, NewReceipt, RouteToReread, Unrouted } from '../../store/store.ts';
import { withKeptIds } from './bounds.ts';
import { eraseTakenBack } from './erasure.ts';
import { findMeant } from './marks.ts';
import { findSent } from './match.ts';
import { beginSpans, marksAtMost, toNewReceipt } from './record.ts';
import type { RecordingDeps } from './record.ts';
import { tally } from './tally.ts';
import { findTarget, toKey, toOwned } from './targets.ts';
import type { Target } from './targets.ts';

/** Rows that one look takes. */
const pageRows = 200;
const intervalMs = 60_000;

/**
 * Reads the raw events that wait for a route again and records what is in them, oldest first; for when a sender or a
 * channel has been added. Resolves to the number of raw events read; `isOver` ends it early.
 */
export async function rereadUnrouted(
  deps: RecordingDeps,
  type: ChannelType,
  route: Route,
  isOver: () => boolean = () => false,
): Promise<number> {
  let count = 0;
  let last = 0;
  for (;;) {
    const waiting = await deps.store.findUnrouted(type, route, last, pageRows);
    if (waiting.length === 0) return count;
    for (const entry of waiting) {
      // Several events of one raw event stand in as many rows; all are read at once.
      if (entry.rawEventId === last) continue;
      if (isOver()) return count;
      last = entry.rawEventId;
      try {
        if (await rereadOne(deps, type, route, entry)) count += 1;
      } catch (error) {
        // One that we fail to read keeps nobody else's waiting; a store that cannot commit does.
        if (error instanceof GatewayError) throw error;
        deps.emit('unit.crashed', { unit: 'intake.reread', error });
      }
    }
  }
}

/** Resolves to false when nobody may have what the raw event holds, or it is gone. */
async function rereadOne(
  deps: RecordingDeps,
  type: ChannelType,
  route: Route,
  { accountId, channelId, rawEventId }: Unrouted,
): Promise<boolean> {
  const connector = deps.connectors[type];
  const channel = await deps.directory.channel(channelId);
  if (channel === undefined || connector === undefined) return false;
  const targets = await findTarget(deps, channel, route);
  if (targets.length === 0) return false;
  const raw = await deps.store.findRawEvent(accountId, rawEventId);
  if (raw === undefined) return false;
  const isOfRoute = (read: { readonly route: Route }): boolean => toKey(read.route) === toKey(route);
  const parsed = withKeptIds(connector.parse(Buffer.from(raw.body), channel));
  const events = parsed.events.filter(isOfRoute);
  const marks = (parsed.marks ?? []).filter(isOfRoute);
  const toIntake = async (owner: AccountId, ownChannelId: string, body: Uint8Array): Promise<Intake> => {
    const owned = targets.filter((target) => target.channel.accountId === owner);
    return {
      accountId: owner,
      channelId: ownChannelId,
      receivedAt: raw.receivedAt,
      body,
      receipts: await toReceipts(deps, owner, owned, { events, marks }),
      unrouted: [],
      remarks: [],
    };
  };
  const others = new Map(targets.map(({ channel: { accountId: owner, id } }) => [owner, id]));
  others.delete(accountId);
  const intakes = [
    { ...(await toIntake(accountId, channelId, raw.body)), reread: { rawEventId, route } },
    ...(await Promise.all(
      [...others].map(([owner, id]) => toIntake(owner, id, Buffer.from(JSON.stringify({ events })))),
    )),
  ];
  const spans = beginSpans(deps);
  const recorded = await deps.store.recordIntake(intakes);
  await eraseTakenBack(deps, events, () => targets);
  tally(deps, intakes, recorded, { spans });
  return true;
}

/** A sender may have been here before and have sent messages, which are told of under our own ids. */
async function toReceipts(
  deps: RecordingDeps,
  accountId: AccountId,
  targets: readonly Target[],
  { events, marks }: { readonly events: readonly ChannelEvent[]; readonly marks: readonly ChannelMark[] },
): Promise<NewReceipt[]> {
  const owned = targets.flatMap((target) => events.map((event) => toOwned(event, target)));
  const sent = await findSent(deps.store, accountId, owned);
  const receipts: NewReceipt[] = [];
  for (const target of targets) {
    for (const event of events) receipts.push(await toNewReceipt(deps, target, event, sent));
    const sender = { accountId, channelId: target.channel.id, senderId: target.sender?.id ?? '' };
    for (const mark of marks) {
      const meant = await findMeant(deps.store, sender, mark, marksAtMost);
      for (const event of meant.events) receipts.push(await toNewReceipt(deps, target, event, meant.sent));
    }
  }
  return receipts;
}

/**
 * Looks at once and then every minute for events whose sender is registered by now: a process that ended between the two,
 * or an event that came while its sender was being added, leaves some. Takes up held statuses of other processes as well. One node
 * looks for all, by its `duty`.
 */
export function createRereading(deps: RecordingDeps, duty?: Duty): Worker {
  return new Worker({
    name: 'intake.reread',
    emit: deps.emit,
    now: deps.now,
    monotonic: deps.monotonic,
    everyMs: intervalMs,
    duty,
    run: async ({ isOver }) => {
      let last: RouteToReread | undefined;
      do {
        const found = await deps.store.findRoutesToReread(pageRows, last);
        for (const { type, route } of found) {
          if (isOver()) return;
          if (route.by === 'send') deps.onHeld(type, route.id);
          else await rereadUnrouted(deps, type, route, isOver);
        }
        last = found.length < pageRows ? undefined : found.at(-1);
      } while (last !== undefined);
    },
  });
}
