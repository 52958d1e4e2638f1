// What runs by itself, in the order in which it starts; it stops in reverse, before the surfaces do.
import { renewToken } from '../core/channels/renewal.ts';
import { watchChannels } from '../core/channels/watch.ts';
import { toHeaders } from '../core/deliveries/signature.ts';
import { followSettings } from '../core/deliveries/suspension.ts';
import { sweepUploads } from '../core/media/upload-links.ts';
import { startClosing } from '../core/messages/closure.ts';
import { startFallbacks } from '../core/messages/fallbacks.ts';
import { recordOf } from '../core/receipts/record.ts';
import { startRereadingRemarked } from '../core/receipts/remark-reread.ts';
import { startRereading } from '../core/receipts/route-reread.ts';
import { adoptTemplates } from '../core/templates/import.ts';
import { startRemovals } from '../core/templates/removals.ts';
import { startReviews } from '../core/templates/reviews.ts';
import { watchTemplates } from '../core/templates/watch.ts';
import { openControl } from '../operations/control-socket.ts';
import { startSweeps } from '../operations/sweeps.ts';
import type { Core } from './core.ts';
import { day, hour } from './host.ts';

/** Pushes and fetches may go on this long once the service stops; the rest of ten seconds is for the store and the sockets. */
const stopLimitMs = 5000;

export async function startWorkers(core: Core): Promise<void> {
  const { settings, store, directory, emit, releases, recording, backUp } = core;
  const { fetcher, dispatcher, sending } = core;
  startSweeping(core);
  releases.add(startRereading(recording), startRereadingRemarked(core.remarked));
  startWatches(core);
  if (backUp !== undefined) releases.add(await openControl(settings.dataDir, backUp, emit));
  releases.add(() => fetcher.stop(stopLimitMs));
  const following = followSettings({ store, directory, emit });
  releases.add(() => following.stop());
  releases.add(() => dispatcher.stop(stopLimitMs));
  startTemplates(core);
  startAfterSending(core);
  releases.add(() => sending.stop(stopLimitMs));
  await dispatcher.start();
  await sending.start();
  fetcher.start();
}

function startSweeping(core: Core): void {
  const { store, files, emit, now, clock, releases, retention, sweepGuard: guard } = core;
  const sweepFiles = async (limit: number): Promise<number> =>
    (await core.fetcher.sweep(limit)) +
    (await sweepUploads({ store, files, now, keepMs: retention.uploadMs }, limit));
  const sweeps = startSweeps({
    store,
    sweepFiles,
    emit,
    retention,
    now,
    isInDoubt: () => clock.doubt() !== null,
    guard,
  });
  releases.add(() => sweeps.stop());
  core.sweeping.wake = sweeps.wake;
}

/** What looks at channels every few hours. */
function startWatches(core: Core): void {
  const { settings, store, connectors, connections, emit, now, random, releases } = core;
  const channelWatch = watchChannels({
    store,
    connections,
    renewToken: (channel) => renewToken({ store, connectors, now }, channel),
    emit,
    now,
    random,
    raiseNotice: core.raiseNotice,
    intervalMs: settings.channelCheckHours * hour,
    aheadMs: settings.tokenNoticeDays * day,
  });
  releases.add(() => channelWatch.stop());
  const templateWatch = watchTemplates({
    store,
    hasTemplates: ({ type }) => connectors[type]?.listTemplates !== undefined,
    adopt: (channel) => adoptTemplates(core.adopting, channel),
    emit,
    random,
    intervalMs: settings.templateListHours * hour,
  });
  releases.add(() => templateWatch.stop());
}

function startTemplates(core: Core): void {
  const { settings, store, directory, connectors, emit, now, monotonic, raiseNotice, releases } = core;
  releases.add(
    startReviews({
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
  const { settings, store, directory, connectors, client, emit, now, raiseNotice, releases } = core;
  releases.add(
    startClosing({
      store,
      emit,
      now,
      record: (owner, body, events) => recordOf(core.recording, owner, body, events),
      unknownWaitMs: settings.sendUnknownSeconds * 1000,
    }),
    startRemovals({ store, directory, connectors, emit, now, raiseNotice }),
  );
  const { smsGatewayUrl: gatewayUrl, smsGatewaySecret: secret } = settings;
  if (gatewayUrl === null) return;
  releases.add(
    startFallbacks({
      store,
      client,
      emit,
      now,
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
