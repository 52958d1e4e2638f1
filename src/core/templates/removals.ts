// Deletes at their channels the templates that were deleted here.
import type { Connector } from '../../channels/channel.ts';
import type { ChannelType } from '../../domain/channel.ts';
import { noticed } from '../../domain/findings.ts';
import type { RaiseNotice } from '../../domain/notice.ts';
import { schedules, toWait } from '../../domain/retry.ts';
import type { RemovalNext } from '../../domain/template.ts';
import type { Directory } from '../../store/directory.ts';
import type { ClaimedRemoval, Store } from '../../store/store.ts';
import type { Emit } from '../../telemetry/events.ts';
import type { SetTimer } from '../../runtime/loop.ts';
import { TurnPool } from '../../runtime/turns.ts';
import type { Time } from '../../runtime/clock.ts';

interface RemovalDeps extends Time {
  readonly store: Pick<
    Store,
    'listDueTemplateAccounts' | 'listDueTemplateChannels' | 'claimRemovals' | 'renewRemoval' | 'settleRemoval'
  >;
  readonly directory: Pick<Directory, 'channel'>;
  readonly connectors: Readonly<Partial<Record<ChannelType, Connector>>>;
  readonly emit: Emit;
  readonly raiseNotice: RaiseNotice;
  readonly setTimer?: SetTimer;
}

/** Deletions under way at once; of one channel they come one after the other. */
const places = 16;
/** Of a process that dies; who is still at it renews its lease. */
const leaseMs = 60_000;
const renewMs = 20_000;
const lookMs = 1000;

/** Looks for templates to delete every second. */
export function createRemovals(deps: RemovalDeps): TurnPool<ClaimedRemoval> {
  const { store, emit, now, monotonic } = deps;
  return new TurnPool({
    name: 'removals',
    emit,
    now,
    monotonic,
    everyMs: lookMs,
    places,
    placesPerChannel: 1,
    due: {
      listAccounts: (...page) => store.listDueTemplateAccounts('removal', ...page),
      listChannels: (...page) => store.listDueTemplateChannels('removal', ...page),
      claim: async (owner, at) => (await store.claimRemovals(owner, 1, at, leaseMs))[0],
    },
    work: (removal) => remove(deps, removal),
    renew: (removal) => store.renewRemoval(removal, now() + leaseMs),
    renewMs,
    ...(deps.setTimer && { setTimer: deps.setTimer }),
  });
}

async function remove(deps: RemovalDeps, removal: ClaimedRemoval): Promise<void> {
  const { accountId, channelId, code, language, attempts } = removal;
  const channel = await deps.directory.channel(channelId);
  const connector = channel === undefined ? undefined : deps.connectors[channel.type];
  // A channel that reviews no templates has none, and one that is gone has nobody to ask.
  if (channel === undefined || connector?.deleteTemplate === undefined)
    return deps.store.settleRemoval(removal, { kind: 'over' });
  const startedAt = deps.monotonic();
  const fault = await connector.deleteTemplate(channel, removal);
  const waitMs = toWait(schedules.removal, attempts + 1);
  const next: RemovalNext =
    fault === null || fault.fault === 'refused' || waitMs === undefined
      ? { kind: 'over' }
      : { kind: 'retry', dueAt: deps.now() + waitMs };
  await deps.store.settleRemoval(removal, next);
  deps.emit('template.removed', {
    accountId,
    channelId,
    code,
    language,
    attempt: attempts + 1,
    outcome: fault === null ? 'removed' : next.kind === 'retry' ? 'retry' : 'dead',
    durationMs: deps.monotonic() - startedAt,
  });
  if (fault !== null && next.kind === 'over')
    deps.raiseNotice({
      accountId,
      subject: `template/${code}/${language}`,
      ...noticed('template_kept', { channelId, tries: attempts + 1, said: fault.reason }),
    });
}
