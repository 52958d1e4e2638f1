// What people are told of a destination and of what could not be pushed to it.
import { system } from '../../domain/account.ts';
import type { ClaimedBatch, Destination, StateReason } from '../../domain/delivery.ts';
import { noticed, reasoned } from '../../domain/findings.ts';
import type { RaiseNotice } from '../../domain/notice.ts';
import type { Store } from '../../store/store.ts';
import type { Emit } from '../../telemetry/events.ts';
import type { Judgement } from './judge.ts';
import type { Pushed } from './push.ts';

interface ReportDeps {
  readonly store: Pick<Store, 'setDestinationState'>;
  readonly emit: Emit;
  readonly raiseNotice: RaiseNotice;
}

/** What a push did to a destination. */
export type StateChange =
  | { readonly to: 'off' }
  | { readonly to: 'opened'; readonly failures: number; readonly outcome: Judgement['outcome'] }
  | { readonly to: 'closed' };

/** Writes down the state that a destination is in from now on, and tells people. */
export async function reportState(
  { store, raiseNotice }: Pick<ReportDeps, 'store' | 'raiseNotice'>,
  { accountId, id, url }: Destination,
  change: StateChange,
): Promise<void> {
  const { host } = new URL(url);
  const notice = toNotice(host, change);
  const state = change.to === 'closed' ? 'active' : change.to;
  await store.setDestinationState(accountId, id, state, toReason(host, change), system);
  raiseNotice({ accountId, subject: `destination/${id}`, ...notice });
}

function toNotice(host: string, change: StateChange) {
  if (change.to === 'off') return noticed('destination_off', { host });
  if (change.to === 'closed') return noticed('destination_closed', { host });
  const { failures, outcome } = change;
  return noticed('destination_opened', { host, failures, outcome });
}

function toReason(host: string, change: StateChange): StateReason {
  if (change.to === 'off') return reasoned('gone', { host });
  if (change.to === 'closed') return reasoned('closed', { host });
  const { failures, outcome } = change;
  return reasoned('opened', { host, failures, outcome });
}

/** Tells how one push went. */
export function reportAttempt(
  { emit }: Pick<ReportDeps, 'emit'>,
  { accountId, destinationId, members, attempt, cause }: ClaimedBatch,
  { judgement: { outcome, status }, durationMs }: Pushed,
): void {
  const receipts = members.length;
  const channels = new Set(members.map(({ receipt }) => receipt.channelId));
  const [channelId = null] = channels.size === 1 ? channels : [];
  emit('delivery.attempted', {
    accountId,
    destinationId,
    channelId,
    receipts,
    attempt,
    cause,
    outcome,
    status,
    durationMs,
  });
}

/** Tells of deliveries that are tried no more. */
export function reportDead(
  { emit, raiseNotice }: Pick<ReportDeps, 'emit' | 'raiseNotice'>,
  { url }: Destination,
  { accountId, destinationId, attempt }: ClaimedBatch,
  { settlements, judgement, wasSent }: Pushed,
): void {
  let hasDied = false;
  for (const { next, deliveryId } of settlements) {
    if (next.kind !== 'dead') continue;
    hasDied = true;
    emit('delivery.died', { accountId, destinationId, deliveryId, attempts: attempt });
  }
  // What went wrong here is told as a fault of ours, not as the destination's.
  if (!wasSent || !hasDied) return;
  const params = { host: new URL(url).host, tries: attempt, outcome: judgement.outcome };
  const subject = `destination/${destinationId}`;
  raiseNotice({ accountId, subject, ...noticed('delivery_died', params) });
}
