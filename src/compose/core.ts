// The business: what is taken in, pushed, sent and fetched.
import type { ParsedWebhook } from '../channels/channel.ts';
import type { OnRouteAdded } from '../core/channels/channels.ts';
import type { Render } from '../core/deliveries/batch.ts';
import { Dispatcher } from '../core/deliveries/dispatcher.ts';
import { MediaFetcher } from '../core/media/fetcher.ts';
import { Sending } from '../core/messages/dispatcher.ts';
import { Holding } from '../core/receipts/hold.ts';
import { record } from '../core/receipts/record.ts';
import type { RecordingDeps } from '../core/receipts/record.ts';
import type { RemarkedDeps } from '../core/receipts/remark-reread.ts';
import { rereadUnrouted } from '../core/receipts/route-reread.ts';
import { recordSent } from '../core/receipts/send-answer.ts';
import type { AdoptionDeps } from '../core/templates/import.ts';
import type { Channel } from '../domain/channel.ts';
import type { Startable } from '../runtime/activity.ts';
import { day, megabyte } from './host.ts';
import { withSpareSessions } from '../core/accounts/spare-sessions.ts';
import type { Store } from '../store/store.ts';
import type { Certificate } from '../http/certificate.ts';
import type { BackupSchedule } from '../operations/backup-schedule.ts';
import { createBackupSchedule } from './backup-schedule.ts';
import { CertificateWatch } from '../operations/certificate-watch.ts';
import type { Doors } from './doors.ts';
import type { Channels } from './channels.ts';

export interface Core extends Channels {
  /** Watches the certificate of the listeners; null without TLS. */
  readonly certificate: CertificateWatch<Certificate> | null;
  /** Makes backups by itself; null where none are wanted. */
  readonly backupSchedule: BackupSchedule | null;
  /** The store, with sessions in memory while it cannot commit. */
  readonly sessionStore: Store;
  readonly recording: RecordingDeps;
  readonly remarked: RemarkedDeps;
  /** Records what was found out by asking, as a webhook would be. */
  readonly recordOwn: (channel: Channel, body: Buffer, parsed: ParsedWebhook) => Promise<unknown>;
  /** Records what was waiting for a sender, or for a WABA's channel, that has just been added. */
  readonly onRouteAdded: OnRouteAdded;
  readonly adopting: AdoptionDeps;
  readonly holding: Holding;
  readonly dispatcher: Startable;
  readonly sending: Sending;
  readonly fetcher: MediaFetcher;
}

export function createCore(channels: Channels, doors: Pick<Doors, 'certificate'>): Core {
  const { settings, store, connectors, emit, now, monotonic, raiseNotice } = channels;
  const held: { by?: Holding } = {};
  const own = toRecording(channels, (...sender) => held.by?.hold(...sender));
  const recordOwn: Core['recordOwn'] = (channel, body, parsed) => record(own, channel, body, parsed);
  const sending = createSending(channels, own, recordOwn);
  // What is said in a channel's place was heeded before it was said.
  const recording: RecordingDeps = { ...own, onGivenUp: (...given) => sending.heedGivenUp(...given) };
  const holding = new Holding({ ...recording, store, holdMs: settings.statusHoldSeconds * 1000 });
  held.by = holding;
  return {
    ...channels,
    certificate:
      doors.certificate === null
        ? null
        : new CertificateWatch({
            ...doors.certificate,
            emit,
            now,
            monotonic,
            raiseNotice,
            endNotice: channels.endNotice,
          }),
    backupSchedule: createBackupSchedule(channels),
    sessionStore: withSpareSessions(store, now),
    recording,
    remarked: {
      ...recording,
      store,
      get receiptMs() {
        return settings.receiptRetentionDays * day;
      },
    },
    recordOwn,
    onRouteAdded: (type, route) => {
      rereadUnrouted(recording, type, route).catch((error: unknown) =>
        emit('unit.crashed', { unit: 'intake.reread', error }),
      );
    },
    adopting: { store, connectors, emit, now, monotonic, record: recordOwn },
    holding,
    dispatcher: createPush(channels),
    sending,
    fetcher: createFetcher(channels),
  };
}

function toRecording(channels: Channels, onHeld: RecordingDeps['onHeld']): RecordingDeps {
  const { store, directory, connectors, renderReceipt, emit, now, monotonic, raiseNotice, files } = channels;
  const { tracing } = channels;
  return {
    store,
    directory,
    connectors,
    renderReceipt,
    emit,
    now,
    monotonic,
    raiseNotice,
    onHeld,
    removeMedia: (media) => files.remove(media),
    tracing,
  };
}

/** Renders a receipt by the settings of its channel, as they are now. */
export function toRender({
  renderReceipt,
  directory,
}: Pick<Channels, 'renderReceipt' | 'directory'>): Render {
  return async (receipt) => renderReceipt(receipt, await directory.channel(receipt.channelId));
}

function createPush(channels: Channels): Startable {
  const { settings, store, directory, client, emit, now, monotonic, random, raiseNotice, tracing } = channels;
  return new Dispatcher({
    store,
    directory,
    client,
    emit,
    now,
    random,
    monotonic,
    raiseNotice,
    tracing,
    render: toRender(channels),
    settings: {
      breakerFailures: settings.breakerFailures,
      breakerSpanMs: settings.breakerSeconds * 1000,
      probeIntervalMs: settings.probeSeconds * 1000,
      maxInFlight: settings.pushConcurrency,
      maxBatchBytes: settings.batchKilobytes * 1024,
    },
  });
}

function createSending(channels: Channels, recording: RecordingDeps, recordOwn: Core['recordOwn']): Sending {
  const { settings, store, directory, connectors, emit, now, monotonic, random } = channels;
  return new Sending({
    store,
    directory,
    connectors,
    emit,
    now,
    monotonic,
    random,
    record: recordOwn,
    // What a channel has answered is written down even when nothing new may be taken on.
    recordSent: (target, message, answer) =>
      recordSent({ ...recording, store: channels.ungatedStore }, target, message, answer),
    findTemplate: async ({ accountId, channelId, envelope: { templateCode, language } }) =>
      (await directory.template(accountId, channelId, templateCode ?? '', language ?? '')) ?? null,
    raiseNotice: channels.raiseNotice,
    endNotice: channels.endNotice,
    tracing: channels.tracing,
    signLinks: (accountId, value) => channels.uploads.signIn(accountId, value),
    settings: {
      perSecond: settings.sendRate,
      pairMs: settings.sendPairMilliseconds,
      concurrency: settings.sendConcurrency,
      unknownWaitMs: settings.sendUnknownSeconds * 1000,
      unknownThen: settings.sendUnknownThen,
    },
  });
}

function createFetcher(channels: Channels): MediaFetcher {
  const { settings, store, directory, connectors, files, emit, now, monotonic } = channels;
  const { clock, sweepGuard, retention, raiseNotice, endNotice } = channels;
  return new MediaFetcher({
    store,
    directory,
    connectors,
    files,
    emit,
    now,
    monotonic,
    raiseNotice,
    endNotice,
    maySweep: () => clock.doubt() === null && sweepGuard.held().length === 0,
    settings: {
      budgetBytes: settings.mediaBudgetMegabytes * megabyte,
      maxBytes: settings.mediaMaxMegabytes * megabyte,
      keepMs: retention.mediaMs,
      concurrency: settings.mediaConcurrency,
    },
  });
}
