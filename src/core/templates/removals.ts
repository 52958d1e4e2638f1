// Deletes at their channels the templates that were deleted here.
import { monotonicNow } from '../../runtime/clock.ts';
import type { Connector } from '../../channels/channel.ts';
import type { ChannelType } from '../../domain/channel.ts';
import { noticed } from '../../domain/findings.ts';
import type { RaiseNotice } from '../../domain/notice.ts';
import { schedules, toWait } from '../../domain/retry.ts';
import type { RemovalNext, TemplateRemoval } from '../../domain/template.ts';
import type { Directory } from '../../store/directory.ts';
import type { Store } from '../../store/store.ts';
import type { Emit } from '../../telemetry/events.ts';
import { Worker } from '../../runtime/worker.ts';

export interface RemovalDeps {
  readonly store: Pick<Store, 'claimRemovals' | 'settleRemoval'>;
  readonly directory: Pick<Directory, 'channel'>;
  readonly connectors: Readonly<Partial<Record<ChannelType, Connector>>>;
  readonly emit: Emit;
  readonly now: () => number;
  readonly raiseNotice: RaiseNotice;
}

const stepRemovals = 20;
/** Longer than the calls of one deletion may take. */
const leaseMs = 120_000;
const lookMs = 1000;

/** Looks for templates to delete every second; one whose calls fail holds up no other. */
export function createRemovals(deps: RemovalDeps): Worker {
  return new Worker({
    name: 'removals',
    emit: deps.emit,
    everyMs: lookMs,
    run: async ({ attempt }) => {
      const due = await deps.store.claimRemovals(stepRemovals, deps.now(), leaseMs);
      await Promise.all(due.map((removal) => attempt(() => remove(deps, removal))));
    },
  });
}

async function remove(deps: RemovalDeps, removal: TemplateRemoval): Promise<void> {
  const { accountId, channelId, code, language, attempts } = removal;
  const channel = await deps.directory.channel(channelId);
  const connector = channel === undefined ? undefined : deps.connectors[channel.type];
  // A channel that reviews no templates has none, and one that is gone has nobody to ask.
  if (channel === undefined || connector?.deleteTemplate === undefined)
    return deps.store.settleRemoval(removal, { kind: 'over' });
  const startedAt = monotonicNow();
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
    durationMs: monotonicNow() - startedAt,
  });
  if (fault !== null && next.kind === 'over')
    deps.raiseNotice({
      accountId,
      subject: `template/${code}/${language}`,
      ...noticed('template_kept', { channelId, tries: attempts + 1, said: fault.reason }),
    });
}
