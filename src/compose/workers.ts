// What runs by itself, in the order in which it starts; it stops all at once, when nothing is let in any more.
import { renewToken } from '../core/channels/renewal.ts';
import { watchChannels } from '../core/channels/watch.ts';
import { toHeaders } from '../core/deliveries/signature.ts';
import { followSettings } from '../core/deliveries/suspension.ts';
import { sweepUploads } from '../core/media/upload-links.ts';
import { createClosing } from '../core/messages/closure.ts';
import { createExpiry } from '../core/messages/expiry.ts';
import type { RecordOf } from '../core/messages/failure.ts';
import { createFallbacks } from '../core/messages/fallbacks.ts';
import { recordOf } from '../core/receipts/record.ts';
import { createRemarkedRereading } from '../core/receipts/remark-reread.ts';
import { createRereading } from '../core/receipts/route-reread.ts';
import { adoptTemplates } from '../core/templates/import.ts';
import { createRemovals } from '../core/templates/removals.ts';
import { createReviews } from '../core/templates/reviews.ts';
import { watchTemplates } from '../core/templates/watch.ts';
import { Passwords } from '../core/accounts/passwords.ts';
import { createWayBack } from '../core/accounts/way-back.ts';
import type { BackUp, ControlVerbs } from '../operations/control-socket.ts';
import { openControl } from '../operations/control-socket.ts';
import { createSweeps } from '../operations/sweeps.ts';
import { createTallyCompaction } from '../operations/tally-compaction.ts';
import { createWorkerWatch } from '../operations/worker-watch.ts';
import type { Core } from './core.ts';
import { day, hour, startWorker } from './host.ts';

export async function startWorkers(core: Core): Promise<void> {
  const { settings, store, directory, emit, now, monotonic, releases, recording, backups } = core;
  const { fetcher, dispatcher, sending, compactTallies } = core;
  startWorker(core, core.holding);
  startSweeping(core);
  if (compactTallies !== undefined)
    startWorker(core, createTallyCompaction({ compactTallies, emit, now, monotonic }));
  startWorker(
    core,
    createWorkerWatch({
      list: () => core.workers.list(),
      raiseNotice: core.raiseNotice,
      endNotice: core.endNotice,
      emit,
      now,
      monotonic,
    }),
  );
  startWorker(core, createRereading(recording, core.duty));
  startWorker(core, createRemarkedRereading(core.remarked, core.duty));
  startWatches(core);
  startWorker(core, core.limitWatch.worker);
  if (core.certificate !== null) startWorker(core, core.certificate.worker);
  if (core.backupSchedule !== null) startWorker(core, core.backupSchedule.worker);
  if (backups !== undefined)
    releases.add('taking', await openControl(settings.dataDir, toVerbs(core, backups.toFolder), emit));
  startWorker(core, followSettings({ store, directory, emit, now, monotonic, duty: core.duty }).worker);
  startWorker(core, dispatcher);
  startTemplates(core);
  startAfterSending(core);
  startWorker(core, sending);
  startWorker(core, fetcher);
}

/** What can be asked for through the data folder. */
function toVerbs({ sessionStore, now }: Core, backUp: BackUp): ControlVerbs {
  const wayBack = createWayBack({ store: sessionStore, passwords: new Passwords(), now });
  return {
    backup: ({ folder, media }) => backUp(folder, media),
    findPerson: (sought) => wayBack.find(sought),
    makeKey: (wanted) => wayBack.makeKey(wanted),
    resetUser: (wanted) => wayBack.resetUser(wanted),
  };
}

function startSweeping(core: Core): void {
  const { store, files, emit, now, monotonic, clock, retention, sweepGuard: guard } = core;
  const sweepFiles = async (limit: number): Promise<number> =>
    (await core.fetcher.sweep(limit)) +
    (await sweepUploads({ store, files, now, keepMs: retention.uploadMs }, limit));
  const sweeps = createSweeps({
    store,
    sweepFiles,
    emit,
    retention,
    now,
    monotonic,
    isInDoubt: () => clock.doubt() !== null,
    guard,
    duty: core.duty,
  });
  startWorker(core, sweeps.worker);
  core.sweeping.wake = sweeps.sweepNow;
}

/** What looks at channels every few hours. */
function startWatches(core: Core): void {
  const { settings, store, connectors, connections, emit, now, monotonic, random } = core;
  const channelWatch = watchChannels({
    store,
    connections,
    renewToken: (channel) => renewToken({ store, connectors, now }, channel),
    emit,
    now,
    monotonic,
    random,
    raiseNotice: core.raiseNotice,
    endNotice: core.endNotice,
    intervalMs: settings.channelCheckHours * hour,
    aheadMs: settings.tokenNoticeDays * day,
    duty: core.duty,
  });
  startWorker(core, channelWatch);
  const templateWatch = watchTemplates({
    store,
    hasTemplates: ({ type }) => connectors[type]?.listTemplates !== undefined,
    adopt: (channel) => adoptTemplates(core.adopting, channel),
    emit,
    now,
    monotonic,
    random,
    intervalMs: settings.templateListHours * hour,
    duty: core.duty,
  });
  startWorker(core, templateWatch);
}

function startTemplates(core: Core): void {
  const { settings, store, directory, connectors, emit, now, monotonic, raiseNotice } = core;
  startWorker(
    core,
    createReviews({
      store,
      directory,
      connectors,
      emit,
      raiseNotice,
      now,
      monotonic,
      record: core.recordOwn,
      signLinks: (accountId, value) => core.uploads.signIn(accountId, value),
      localReviewMs: settings.templateReviewSeconds * 1000,
    }),
  );
}

/** What ends messages that a channel does not end. */
function startAfterSending(core: Core): void {
  const { settings, store, directory, connectors, client, emit, now, monotonic, raiseNotice } = core;
  const record: RecordOf = (owner, body, events) => recordOf(core.recording, owner, body, events);
  startWorker(
    core,
    createClosing({
      store,
      emit,
      now,
      monotonic,
      record,
      unknownWaitMs: settings.sendUnknownSeconds * 1000,
    }),
  );
  startWorker(
    core,
    createExpiry({
      store,
      directory,
      emit,
      now,
      monotonic,
      record,
      duty: core.duty,
    }),
  );
  startWorker(core, createRemovals({ store, directory, connectors, emit, now, monotonic, raiseNotice }));
  const { smsGatewayUrl: gatewayUrl, smsGatewaySecret: secret } = settings;
  if (gatewayUrl === null) return;
  startWorker(
    core,
    createFallbacks({
      store,
      client,
      emit,
      now,
      monotonic,
      raiseNotice,
      gatewayUrl,
      toHeaders: (post) =>
        toHeaders({
          ...post,
          secrets: secret === null ? [] : [{ secret, expiresAt: null }],
          cause: post.attempt === 1 ? null : 'retry',
        }),
    }),
  );
}
