// What can be reached from outside: each protocol with what it needs, and the ports it listens on.
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import { GatewayError } from '../domain/errors.ts';
import { offerFront, serveAsFront } from '../http/front.ts';
import type { FrontRoute } from '../http/front.ts';
import { Lockout } from '../http/lockout.ts';
import { measureDisk } from '../operations/disk.ts';
import { createGauges } from '../operations/gauges.ts';
import type { HealthDeps } from '../operations/health.ts';
import { apiRoutes } from '../protocols/api/server.ts';
import { createCams, isCamsRequest } from '../protocols/cams/server.ts';
import type { CamsDeps } from '../protocols/cams/server.ts';
import { staticRoutes } from '../protocols/files/console.ts';
import { mediaRoutes } from '../protocols/files/media.ts';
import { uploadRoutes } from '../protocols/files/uploads.ts';
import { sandboxRoutes } from '../protocols/hooks/sandbox.ts';
import { webhookRoutes } from '../protocols/hooks/server.ts';
import { isSmqRequest, smqRoutes } from '../protocols/smq/server.ts';
import { consoleFolder } from '../runtime/release.ts';
import type { Gauges } from '../telemetry/metrics.ts';
import { toApiDeps } from './api.ts';
import type { Core } from './core.ts';
import { listen } from './doors.ts';
import type { Doors } from './doors.ts';
import { serveHealth } from './health.ts';
import { megabyte } from './host.ts';

/** Where the service listens, and where the console, the API and health are, as URLs without a trailing slash. */
interface Addresses {
  readonly address: string;
  readonly adminAddress: string;
}

/** Serves everything and listens. Once it resolves, requests come. */
export async function openSurfaces(core: Core, doors: Doors): Promise<Addresses> {
  const { settings, releases, place } = core;
  const { app, adminApp } = doors.open();
  const guesses = new Lockout(core.monotonic);
  const smq = serveSmq(app, core);
  const camsDeps = toCamsDeps(core);
  webhookRoutes(app, { ...core.recording, guesses });
  sandboxRoutes(app, { ...core.recording, store: core.store, guesses });
  serveFiles(app, core);
  rootRoute(app, smq.handle, createCams(camsDeps), !doors.isApart);
  if (doors.isApart) adminApp.get('/', (_request, reply) => reply.redirect('/console/'));
  serveHealth(adminApp, toHealthDeps(core));
  staticRoutes(adminApp, { folder: consoleFolder, portalAncestors: settings.portalAncestors });
  apiRoutes(adminApp, toApiDeps(core, camsDeps, guesses));

  releases.add('taking', () => smq.close());
  for (const listener of new Set([app, adminApp])) releases.add('taking', () => listener.close());
  place.address = await listen(app, settings.host, settings.port);
  place.adminAddress = doors.isApart
    ? await listen(adminApp, settings.host, settings.adminPort)
    : place.address;
  return place;
}

function serveSmq(app: FastifyInstance, core: Core): ReturnType<typeof smqRoutes> {
  const { settings, store, directory, temporaryKeys, rates, emit, now, monotonic, tracing } = core;
  return smqRoutes(app, {
    store,
    directory,
    temporaryKeys,
    rates,
    messageQuota: core.messageQuota,
    emit,
    tracing,
    now,
    monotonic,
    settings: {
      maxWaiting: settings.smqMaxWaiting,
      maxWaitingPerAccount: settings.smqMaxWaitingPerAccount,
      batchSendFaultStatus: settings.smqBatchSendFaultStatus,
      batchDeleteFaultStatus: settings.smqBatchDeleteFaultStatus,
      missingAuthorizationStatus: settings.smqMissingAuthorizationStatus,
    },
  });
}

function serveFiles(app: FastifyInstance, core: Core): void {
  const { settings, store, directory, rates, files, links, uploads, emit, now } = core;
  mediaRoutes(app, { store, files, links, waitMs: settings.mediaWaitSeconds * 1000 });
  uploadRoutes(app, {
    store,
    directory,
    rates,
    fileQuota: core.fileQuota,
    files,
    uploads,
    emit,
    now,
    settings: {
      budgetBytes: settings.mediaBudgetMegabytes * megabyte,
      maxBytes: settings.mediaMaxMegabytes * megabyte,
    },
  });
}

function toCamsDeps(core: Core): CamsDeps {
  const { settings, store, directory, temporaryKeys, rates, emit, now, monotonic, publicUrl, client } = core;
  return {
    store,
    directory,
    temporaryKeys,
    rates,
    messageQuota: core.messageQuota,
    fileQuota: core.fileQuota,
    emit,
    tracing: core.tracing,
    now,
    monotonic,
    publicUrl,
    checkUrl: client.checkUrl,
    findHostWithoutAddress: client.findHostWithoutAddress,
    raiseNotice: core.raiseNotice,
    onRouteAdded: core.onRouteAdded,
    uploads: core.uploads,
    findSenders: async (channel) => core.connectors[channel.type]?.findSenders?.(channel),
    throttles: settings.camsThrottles,
    maxNonces: settings.nonceMax,
    settings: {
      businessErrorStatus: settings.camsBusinessErrorStatus,
      get ttlMs() {
        return settings.sendTtlSeconds * 1000;
      },
      oncePerTask: settings.camsOncePerTask,
      callbackTries: settings.camsCallbackTries,
      hasSmsGateway: settings.smsGatewayUrl !== null,
    },
  };
}

function toHealthDeps(core: Core): HealthDeps {
  const { store, databaseHost, clock, monotonic, damage, telemetry, backupSchedule, exporting } = core;
  return {
    store,
    monotonic,
    doubt: clock.doubt,
    damage: damage.current,
    backup: () => backupSchedule?.figures() ?? null,
    databaseHost,
    metricsText: (isReady) => telemetry.metricsText(toGauges(core, isReady)),
    onReadiness: (isReady) => exporting?.sendMetrics(() => telemetry.figures(toGauges(core, isReady))),
  };
}

/** What is looked up when somebody asks for the metrics. */
function toGauges(core: Core, isReady: () => Promise<boolean>): Gauges {
  const { store, databaseHost, clock, damage, workers, certificate, settings, kind, database } = core;
  const { limitWatch, backupSchedule } = core;
  // Before the figures of the store are asked for, which would be waiting themselves.
  const connections = database?.() ?? null;
  return {
    ...createGauges(store, clock),
    ground: async () => ({
      isReady: await isReady(),
      disk: kind === 'sqlite' ? await measureDisk(settings.dataDir) : null,
      database: connections,
    }),
    workers: () => workers.list(),
    limitUses: () => limitWatch.uses(),
    certificateEndsAt: () => certificate?.endsAt() ?? null,
    databaseHost,
    backup: () => backupSchedule?.figures() ?? null,
    isDegraded: () => damage.current() !== null,
  };
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
