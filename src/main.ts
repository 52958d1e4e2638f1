// The composition root: settings → store → connectors → surfaces → loops. The only file that knows everyone.
import { join } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import { monotonicNow } from './runtime/clock.ts';
import packageFile from '../package.json' with { type: 'json' };
import { callOperation } from './protocols/cams/call.ts';
import { createReceiptRenderer } from './core/receipts/rendering.ts';
import { createCams, isCamsRequest } from './protocols/cams/server.ts';
import type { CamsDeps } from './protocols/cams/server.ts';
import type { Connector, ParsedWebhook } from './channels/channel.ts';
import { createInstagramConnector } from './channels/instagram/connector.ts';
import { createMessengerConnector } from './channels/messenger/connector.ts';
import { createSandboxConnector } from './channels/sandbox/connector.ts';
import { createViberConnector } from './channels/viber/connector.ts';
import { createWhatsappConnector } from './channels/whatsapp/connector.ts';
import { describeSettings } from './config/sources.ts';
import type { Settings } from './config/table.ts';
import { createConnections } from './core/channels/enquiries.ts';
import { renewToken } from './core/channels/renewal.ts';
import { watchChannels } from './core/channels/watch.ts';
import { apiRoutes } from './protocols/api/server.ts';
import { createGauges } from './operations/gauges.ts';
import { healthRoutes } from './operations/health.ts';
import { openNotices } from './operations/notices.ts';
import { QueueRateCounter } from './operations/queue-rates.ts';
import { RateCounter } from './operations/rates.ts';
import { withSpareSessions } from './core/accounts/spare-sessions.ts';
import { staticRoutes } from './protocols/files/console.ts';
import { watchClock } from './operations/clock-watch.ts';
import { watchDamage } from './operations/damage-watch.ts';
import { openControl } from './operations/control-socket.ts';
import { createSweepGuard, toMark } from './operations/sweep-guard.ts';
import { startSweeps } from './operations/sweeps.ts';
import { openDispatcher } from './core/deliveries/dispatcher.ts';
import { generateSecret, toHeaders } from './core/deliveries/signature.ts';
import { preflight } from './core/deliveries/preflight.ts';
import { sendTestEvent } from './core/deliveries/test-event.ts';
import { followSettings } from './core/deliveries/suspension.ts';
import type { AccountId } from './domain/account.ts';
import type { Channel, ChannelType } from './domain/channel.ts';
import { GatewayError } from './domain/errors.ts';
import type { Receipt } from './domain/receipt.ts';
import { inPlaces, Shares, toAskedRule } from './domain/shares.ts';
import { openClient } from './http/client.ts';
import { findVisitor, toTrusted } from './http/addresses.ts';
import { Bodies } from './http/bodies.ts';
import { offerFront, serveAsFront } from './http/front.ts';
import type { FrontRoute } from './http/front.ts';
import { Lockout } from './http/lockout.ts';
import { openHttpServer } from './http/server.ts';
import { openHolding } from './core/receipts/hold.ts';
import { rereadRemarked, startRereadingRemarked } from './core/receipts/remark-reread.ts';
import type { RemarkedDeps } from './core/receipts/remark-reread.ts';
import { rereadUnrouted, startRereading } from './core/receipts/route-reread.ts';
import { recordSent } from './core/receipts/send-answer.ts';
import { record, recordOf } from './core/receipts/record.ts';
import type { RecordingDeps } from './core/receipts/record.ts';
import { playInbound, playStatus, sandboxRoutes } from './protocols/hooks/sandbox.ts';
import { webhookRoutes } from './protocols/hooks/server.ts';
import { openMediaFetcher } from './core/media/fetcher.ts';
import { createMediaLinks } from './core/media/links.ts';
import { mediaRoutes } from './protocols/files/media.ts';
import { uploadRoutes } from './protocols/files/uploads.ts';
import { createUploadLinks, sweepUploads } from './core/media/upload-links.ts';
import { answerMeanwhile } from './compose/stand-in.ts';
import { createFirstAccount, openStore, readMasterKey } from './compose/stores.ts';
import type { FirstAccount } from './compose/stores.ts';
import { adoptTemplates } from './core/templates/import.ts';
import type { AdoptionOptions } from './core/templates/import.ts';
import { startClosing } from './core/messages/closure.ts';
import { openSending } from './core/messages/dispatcher.ts';
import { startFallbacks } from './core/messages/fallbacks.ts';
import { startRemovals } from './core/templates/removals.ts';
import { decideReview, startReviews } from './core/templates/reviews.ts';
import { watchTemplates } from './core/templates/watch.ts';
import { isSmqRequest, smqRoutes } from './protocols/smq/server.ts';
import { Directory } from './store/directory.ts';
import { refuseInDoubt } from './store/clock-gate.ts';
import type { FileRetention, Retention } from './store/store.ts';
import { createTemporaryKeys } from './core/accounts/temporary-keys.ts';
import type { Emit } from './telemetry/events.ts';
import { openTelemetry } from './telemetry/telemetry.ts';

/** A service that is listening. */
export interface Running {
  /** Where it listens, as a URL without a trailing slash. */
  readonly address: string;
  /** Where the console, the API and health are, in the same form: apart with ADMIN_PORT. */
  readonly adminAddress: string;
  /** The first account, when this start made it: its secret is told this once. */
  readonly firstAccount: FirstAccount | null;
  /** Takes no more work, finishes or gives back what it holds, and closes the store; within ten seconds. */
  readonly stop: (reason: string) => Promise<void>;
}

/** What the API asks of vendors and receivers at once while its callers wait; of preflights each is some twenty posts. */
const maxAsked = 32;
const maxPreflights = 8;
const hour = 60 * 60 * 1000;
const day = 24 * hour;
const megabyte = 1024 * 1024;
/** Pushes and fetches may go on this long once the service stops; the rest of ten seconds is for the store and the sockets. */
const stopLimitMs = 5000;
/** The part of the files for connections that ADMIN_PORT has, where it is a listener of its own. */
const adminFileShare = 0.25;
/** How often the last use of keys is written down. */
const keyUsesMs = 60_000;
/** How often what was counted for the overview is written down. */
const ratesMs = 10_000;
/** Brings the store's schema up to date, or makes it. Throws what opening the store throws. */
export async function migrate(settings: Settings): Promise<void> {
  const { store } = await openStore(settings, readMasterKey(settings), () => undefined);
  await store.close();
}

/** Starts the whole service. Throws, with nothing left running, when any part of it cannot start. */
export async function start(settings: Settings): Promise<Running> {
  const startedAt = monotonicNow();
  const telemetry = openTelemetry({ level: settings.logLevel });
  let rates: RateCounter | undefined;
  let queueRates: QueueRateCounter | undefined;
  const damage = watchDamage(settings.databaseUrl === null ? settings.dataDir : null, monotonicNow);
  const emit: Emit = (name, fields) => {
    telemetry.emit(name, fields);
    damage.take(name, fields);
    rates?.take(name, fields);
    queueRates?.take(name, fields);
  };
  // What was started, to be ended in reverse.
  const releases: (() => Promise<void> | void)[] = [];
  const release = async (): Promise<void> => {
    for (const end of releases.toReversed()) {
      try {
        await end();
      } catch (error) {
        emit('unit.crashed', { unit: 'service.stop', error });
      }
    }
  };

  try {
    const masterKey = readMasterKey(settings);
    const random = Math.random;
    const isTrusted = toTrusted(settings.trustProxy);
    const bodies = new Bodies({
      budgetBytes: settings.bodyBudgetMegabytes * megabyte,
      perVisitorBytes: settings.bodyMegabytesPerAddress * megabyte,
      findVisitor: (raw) => findVisitor(raw, isTrusted),
    });
    const openListener = (fileShare: number): FastifyInstance =>
      openHttpServer({
        emit,
        bodies,
        trustProxy: settings.trustProxy,
        tlsCertFile: settings.tlsCertFile,
        tlsKeyFile: settings.tlsKeyFile,
        maxConnections: settings.maxConnections,
        maxPerAddress: settings.maxConnectionsPerAddress,
        maxUnsentBytes: settings.maxUnsentMegabytes * megabyte,
        fileShare,
        requestTimeoutMs: settings.requestTimeoutSeconds * 1000,
        idleTimeoutMs: settings.idleTimeoutSeconds * 1000,
      });
    const isApart = settings.adminPort !== 0;
    const endMeanwhile = answerMeanwhile({
      openListener: () => openListener(isApart ? 0.5 : 1),
      host: settings.host,
      healthPort: isApart ? settings.adminPort : settings.port,
      otherPort: isApart ? settings.port : null,
    });
    const opened = await openStore(settings, masterKey, emit).finally(endMeanwhile);
    const { media: files, kind, backUp, clock } = opened;
    const { now, monotonic } = clock;
    const store = refuseInDoubt(opened.store, clock);
    releases.push(() => store.close());
    const firstAccount = await createFirstAccount(store, settings);
    const directory = new Directory(store, now, monotonic);
    releases.push(() => directory.close());
    const temporaryKeys = createTemporaryKeys({ masterKey, store, directory, now });
    rates = new RateCounter(store, now);
    queueRates = new QueueRateCounter(store, now);
    releases.push(startWriting('keys.write_uses', keyUsesMs, () => directory.writeUses(), emit));
    releases.push(startWriting('rates.write', ratesMs, () => rates?.write() ?? Promise.resolve(), emit));
    releases.push(
      startWriting('queue_rates.write', ratesMs, () => queueRates?.write() ?? Promise.resolve(), emit),
    );
    const client = openClient({
      egressAllow: settings.egressAllow,
      ...(settings.egressProxy === null
        ? {}
        : { proxy: { url: settings.egressProxy, names: settings.egressProxyNames } }),
    });
    releases.push(() => client.close());
    const notices = openNotices({
      store,
      emit,
      now,
      monotonic,
      client,
      operatorUrl: settings.operatorUrl,
      undeliveredAlarmMs: settings.undeliveredAlarmMinutes * 60_000,
    });
    releases.push(() => notices.close());
    damage.tellBy(notices.raise);
    const retention = toRetention(settings);
    const sweepGuard = createSweepGuard({ store, raiseNotice: notices.raise, monotonic });
    let wakeSweeps = (): void => undefined;
    // Before anything expires by what a wrong clock says.
    if (clock.doubt() === null) await sweepGuard.admit(toMark(retention, now()));
    else sweepGuard.suspect();
    releases.push(
      watchClock({
        clock,
        store,
        raiseNotice: notices.raise,
        emit,
        onDoubt: sweepGuard.suspect,
        onSound: () => wakeSweeps(),
      }),
    );

    let address = `http://${settings.host}:${settings.port}`;
    const publicUrl = (): string => settings.publicUrl ?? address;
    const links = createMediaLinks({ masterKey, publicUrl, lifeMs: settings.mediaLinkDays * day, now });
    const uploads = createUploadLinks({ masterKey, publicUrl, links, store, now });
    const renderReceipt = createReceiptRenderer({
      mediaUrl: (...media) => links.url(...media),
      groupIds: settings.camsMassMessageId === 'group',
      strictTypes: settings.strictTypes,
    });
    const { graphUrl, graphVersion, instagramUrl } = settings;
    const connectors: Partial<Record<ChannelType, Connector>> = {
      whatsapp: createWhatsappConnector({
        client,
        now,
        monotonic,
        random,
        graphUrl: settings.graphUrl,
        graphVersion: settings.graphVersion,
      }),
      messenger: createMessengerConnector({ client, now, monotonic, graphUrl, graphVersion, instagramUrl }),
      instagram: createInstagramConnector({ client, now, monotonic, graphUrl, graphVersion, instagramUrl }),
      viber: createViberConnector({
        client,
        now,
        botUrl: settings.viberBotUrl,
        businessUrl: settings.viberBusinessUrl,
      }),
      sandbox: createSandboxConnector({ client, now }),
    };
    const asked = new Shares<AccountId>(toAskedRule(maxAsked));
    const preflights = new Shares<AccountId>(toAskedRule(maxPreflights));
    const connections = createConnections({ store, connectors, now, publicUrl });
    const recording: RecordingDeps = {
      store,
      directory,
      connectors,
      renderReceipt,
      emit,
      now,
      raiseNotice: notices.raise,
      onHeld: (channelType, senderPath) => holding.hold(channelType, senderPath),
      removeMedia: (media) => files.remove(media),
    };
    const remarked: RemarkedDeps = {
      ...recording,
      store,
      receiptMs: settings.receiptRetentionDays * day,
    };
    const holding = openHolding({ ...recording, store, holdMs: settings.statusHoldSeconds * 1000 });
    releases.push(() => holding.stop());
    const dispatcher = openDispatcher({
      store,
      directory,
      client,
      emit,
      now,
      random,
      tick: monotonic,
      raiseNotice: notices.raise,
      render: async (receipt: Receipt) => renderReceipt(receipt, await directory.channel(receipt.channelId)),
      settings: {
        breakerFailures: settings.breakerFailures,
        breakerSpanMs: settings.breakerSeconds * 1000,
        probeIntervalMs: settings.probeSeconds * 1000,
        maxInFlight: settings.pushConcurrency,
        maxBatchBytes: settings.batchKilobytes * 1024,
      },
    });
    const recordOwn = (channel: Channel, body: Buffer, parsed: ParsedWebhook) =>
      record(recording, channel, body, parsed);
    const adopting = { store, connectors, emit, now, record: recordOwn };
    const sending = openSending({
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
        recordSent({ ...recording, store: opened.store }, target, message, answer),
      findTemplate: async ({ accountId, channelId, envelope }) =>
        (await directory.template(
          accountId,
          channelId,
          envelope.templateCode ?? '',
          envelope.language ?? '',
        )) ?? null,
      raiseNotice: notices.raise,
      signLinks: (accountId, value) => uploads.signIn(accountId, value),
      settings: {
        perSecond: settings.sendRate,
        pairMs: settings.sendPairMilliseconds,
        concurrency: settings.sendConcurrency,
        unknownWaitMs: settings.sendUnknownSeconds * 1000,
        unknownThen: settings.sendUnknownThen,
      },
    });
    const fetcher = openMediaFetcher({
      store,
      directory,
      connectors,
      files,
      emit,
      now,
      raiseNotice: notices.raise,
      maySweep: () => clock.doubt() === null && sweepGuard.held().length === 0,
      settings: {
        budgetBytes: settings.mediaBudgetMegabytes * megabyte,
        maxBytes: settings.mediaMaxMegabytes * megabyte,
        keepMs: retention.mediaMs,
        concurrency: settings.mediaConcurrency,
      },
    });

    const app = openListener(isApart ? 1 - adminFileShare : 1);
    const adminApp = isApart ? openListener(adminFileShare) : app;
    const smq = smqRoutes(app, {
      store,
      directory,
      temporaryKeys,
      emit,
      now,
      settings: {
        maxWaiting: settings.smqMaxWaiting,
        maxWaitingPerAccount: settings.smqMaxWaitingPerAccount,
        batchSendFaultStatus: settings.smqBatchSendFaultStatus,
        batchDeleteFaultStatus: settings.smqBatchDeleteFaultStatus,
        missingAuthorizationStatus: settings.smqMissingAuthorizationStatus,
      },
    });
    const guesses = new Lockout(monotonic);
    webhookRoutes(app, { ...recording, guesses });
    sandboxRoutes(app, { ...recording, store, guesses });
    mediaRoutes(app, { store, files, links, waitMs: settings.mediaWaitSeconds * 1000 });
    uploadRoutes(app, {
      store,
      directory,
      files,
      uploads,
      emit,
      now,
      settings: {
        budgetBytes: settings.mediaBudgetMegabytes * megabyte,
        maxBytes: settings.mediaMaxMegabytes * megabyte,
      },
    });
    const camsDeps: CamsDeps = {
      store,
      directory,
      temporaryKeys,
      emit,
      now,
      monotonic,
      publicUrl,
      checkUrl: client.checkUrl,
      findHostWithoutAddress: client.findHostWithoutAddress,
      raiseNotice: notices.raise,
      uploads,
      findSenders: async (channel) => connectors[channel.type]?.findSenders?.(channel),
      throttles: settings.camsThrottles,
      maxNonces: settings.nonceMax,
      settings: {
        businessErrorStatus: settings.camsBusinessErrorStatus,
        ttlMs: settings.sendTtlSeconds * 1000,
        oncePerTask: settings.camsOncePerTask,
        callbackTries: settings.camsCallbackTries,
        hasSmsGateway: settings.smsGatewayUrl !== null,
      },
    };
    rootRoute(app, smq.handle, createCams(camsDeps), !isApart);
    if (isApart) adminApp.get('/', (_request, reply) => reply.redirect('/console/'));
    healthRoutes(adminApp, {
      store,
      monotonic: clock.monotonic,
      doubt: clock.doubt,
      damage: damage.current,
      metricsText: () =>
        telemetry.metricsText({ ...createGauges(store, clock), isDegraded: () => damage.current() !== null }),
    });
    staticRoutes(adminApp, { folder: join(import.meta.dirname, '..', 'web', 'dist') });
    apiRoutes(adminApp, {
      store: withSpareSessions(store, now),
      directory,
      guesses,
      emit,
      now,
      monotonic,
      version: packageFile.version,
      time: {
        doubt: () => clock.doubt()?.text ?? null,
        held: sweepGuard.held,
        confirm: async () => {
          clock.confirm();
          // Other nodes, and the next start, compare with it.
          await store.probe();
          sweepGuard.letGo();
          wakeSweeps();
        },
      },
      settings: describeSettings(settings),
      tail: { readers: settings.tailReaders, readersPerAccount: settings.tailReadersPerAccount },
      sessions: {
        idleMs: settings.sessionIdleMinutes * 60_000,
        lifeMs: settings.sessionHours * 60 * 60_000,
      },
      publicUrl,
      checkUrl: client.checkUrl,
      findHostWithoutAddress: client.findHostWithoutAddress,
      decideReview: (template, status, reason) =>
        decideReview({ directory, connectors, now, record: recordOwn }, template, status, reason),
      simulate: {
        inbound: (channel, sender, event) => playInbound(recording, channel, sender, event),
        status: (channel, sender, event) => playStatus(recording, channel, sender, event),
      },
      callCams: (owner, operation, values) => callOperation(camsDeps, owner, operation, values),
      sendTestEvent: inPlaces(asked, (destination) => sendTestEvent({ client, now }, destination)),
      preflight: inPlaces(preflights, (destination) => preflight({ client, now }, destination)),
      generateSecret,
      removeMedia: (media) => files.remove(media),
      damage: damage.current,
      reread: (entry) => rereadRemarked(remarked, entry),
      connections: {
        check: inPlaces(asked, connections.check),
        findSenders: inPlaces(asked, connections.findSenders),
        subscribe: inPlaces(asked, (channel) => connections.subscribe(channel)),
        show: inPlaces(asked, connections.show),
      },
      adoptTemplates: inPlaces(asked, (channel: Channel, options: AdoptionOptions) =>
        adoptTemplates(adopting, channel, options),
      ),
      onRouteAdded: (type, route) => {
        rereadUnrouted(recording, type, route).catch((error: unknown) =>
          emit('unit.crashed', { unit: 'intake.reread', error }),
        );
      },
    });

    for (const listener of new Set([app, adminApp])) releases.push(() => listener.close());
    releases.push(() => smq.close());
    address = await listen(app, settings.host, settings.port);
    const adminAddress = isApart ? await listen(adminApp, settings.host, settings.adminPort) : address;
    const sweepFiles = async (limit: number): Promise<number> =>
      (await fetcher.sweep(limit)) +
      (await sweepUploads({ store, files, now, keepMs: retention.uploadMs }, limit));
    const sweeps = startSweeps({
      store,
      sweepFiles,
      emit,
      retention,
      now,
      isInDoubt: () => clock.doubt() !== null,
      guard: sweepGuard,
    });
    releases.push(() => sweeps.stop());
    wakeSweeps = sweeps.wake;
    releases.push(startRereading(recording), startRereadingRemarked(remarked));
    const channelWatch = watchChannels({
      store,
      connections,
      renewToken: (channel) => renewToken({ store, connectors, now }, channel),
      emit,
      now,
      random,
      raiseNotice: notices.raise,
      intervalMs: settings.channelCheckHours * hour,
      aheadMs: settings.tokenNoticeDays * day,
    });
    releases.push(() => channelWatch.stop());
    const templateWatch = watchTemplates({
      store,
      hasTemplates: ({ type }) => connectors[type]?.listTemplates !== undefined,
      adopt: (channel) => adoptTemplates(adopting, channel),
      emit,
      random,
      intervalMs: settings.templateListHours * hour,
    });
    releases.push(() => templateWatch.stop());
    if (backUp !== undefined) releases.push(await openControl(settings.dataDir, backUp, emit));
    releases.push(() => fetcher.stop(stopLimitMs));
    const following = followSettings({ store, directory, emit });
    releases.push(() => following.stop());
    releases.push(() => dispatcher.stop(stopLimitMs));
    releases.push(
      startReviews({
        store,
        directory,
        connectors,
        emit,
        raiseNotice: notices.raise,
        now,
        monotonic,
        record: recordOwn,
        signLinks: (accountId, value) => uploads.signIn(accountId, value),
        localReviewMs: settings.templateReviewSeconds * 1000,
      }),
    );
    releases.push(
      startClosing({
        store,
        emit,
        now,
        record: (owner, body, events) => recordOf(recording, owner, body, events),
        unknownWaitMs: settings.sendUnknownSeconds * 1000,
      }),
    );
    releases.push(startRemovals({ store, directory, connectors, emit, now, raiseNotice: notices.raise }));
    const { smsGatewayUrl, smsGatewaySecret } = settings;
    if (smsGatewayUrl !== null)
      releases.push(
        startFallbacks({
          store,
          client,
          emit,
          now,
          raiseNotice: notices.raise,
          gatewayUrl: smsGatewayUrl,
          toHeaders: (post) =>
            toHeaders({
              ...post,
              secrets: smsGatewaySecret === null ? [] : [{ secret: smsGatewaySecret, expiresAt: null }],
              cause: post.attempt === 1 ? null : 'retry',
            }),
        }),
      );
    releases.push(() => sending.stop(stopLimitMs));
    await dispatcher.start();
    await sending.start();
    fetcher.start();
    emit('service.started', { address, version: packageFile.version, store: kind });

    return {
      address,
      adminAddress,
      firstAccount,
      stop: async (reason) => {
        const stoppedAt = monotonicNow();
        await release();
        emit('service.stopped', { reason, durationMs: monotonicNow() - stoppedAt });
        telemetry.flush();
      },
    };
  } catch (error) {
    await release();
    emit('service.stopped', { reason: 'start failed', durationMs: monotonicNow() - startedAt });
    throw error;
  }
}

type Handler = (request: FastifyRequest, reply: FastifyReply) => void;

/** `/` belongs to whoever the request speaks to: SMQ and CAMS by what they carry, a browser by its lack of it, where the console is here. */
function rootRoute(app: FastifyInstance, handleSmq: Handler, cams: FrontRoute, hasConsole: boolean): void {
  offerFront(app, { ...cams, takes: (raw) => !isSmqRequest(raw.headers) && isCamsRequest(raw) });
  app.route({
    method: [...app.supportedMethods] as HTTPMethods[],
    url: '/',
    exposeHeadRoute: false,
    onRequest: async (request, reply) => {
      if (isSmqRequest(request.headers)) handleSmq(request, reply);
      else if (isCamsRequest(request)) serveAsFront(app, cams, request, reply);
      else if (!hasConsole || request.method !== 'GET' || request.headers.authorization !== undefined)
        throw new GatewayError('not_found', 'There is nothing at this address for such a request.');
    },
    handler: (_request, reply) => reply.redirect('/console/'),
  });
}

async function listen(app: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (cause) {
    const inUse = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE';
    const reason = inUse ? 'another program is using it' : 'it cannot be listened on';
    throw new GatewayError('bad_settings', `HOST ${host}, PORT ${port}: ${reason}.`, { cause });
  }
}

function toRetention(settings: Settings): Retention & FileRetention {
  return {
    rawEventMs: settings.rawRetentionDays * day,
    receiptMs: settings.receiptRetentionDays * day,
    attemptMs: settings.attemptRetentionDays * day,
    unreadableMs: settings.unreadableRetentionDays * day,
    mediaMs: settings.mediaLinkDays * day,
    uploadMs: settings.uploadDays * day,
  };
}

/** Writes down every so often, and at the end, what was gathered in memory so that no request costs a write. */
function startWriting(
  unit: string,
  everyMs: number,
  work: () => Promise<void>,
  emit: Emit,
): () => Promise<void> {
  const write = async (): Promise<void> => {
    try {
      await work();
    } catch (error) {
      // A store that is away is told of by everyone else; nothing is lost yet.
      if (!(error instanceof GatewayError)) emit('unit.crashed', { unit, error });
    }
  };
  const timer = setInterval(() => void write(), everyMs);
  return () => {
    clearInterval(timer);
    return write();
  };
}
