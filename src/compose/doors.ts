// Where the service can be reached: one listener, or two where the console and the API have a port of their own.
import type { FastifyInstance } from 'fastify';
import { GatewayError } from '../domain/errors.ts';
import { toTrusted, Visitors } from '../http/addresses.ts';
import { Bodies } from '../http/bodies.ts';
import type { Server } from 'node:http';
import { Server as TlsServer } from 'node:https';
import type { Settings } from '../config/table.ts';
import { readCertificate } from '../http/certificate.ts';
import type { Certificate } from '../http/certificate.ts';
import { openHttpServer, showCertificate } from '../http/server.ts';
import { megabyte } from './host.ts';
import type { Host } from './host.ts';
import type { MeanwhileDeps } from './stand-in.ts';

/** The part of the files for connections that ADMIN_PORT has, where it is a listener of its own. */
const adminFileShare = 0.25;

export interface Doors {
  /** Whether the console, the API and health have a port of their own. */
  readonly isApart: boolean;
  /** Makes the listeners, which are one and the same where nothing is apart. */
  readonly open: () => { readonly app: FastifyInstance; readonly adminApp: FastifyInstance };
  /** What the listeners show who they are by; null without TLS. */
  readonly certificate: {
    readonly read: () => Certificate;
    readonly use: (certificate: Certificate) => void;
  } | null;
  /** What answers there until the store is open. */
  readonly toStandIn: () => MeanwhileDeps;
}

export function createDoors({ settings, emit, monotonic }: Host): Doors {
  const visitors = new Visitors(toTrusted(settings.trustProxy));
  const bodies = new Bodies({
    monotonic,
    budgetBytes: settings.bodyBudgetMegabytes * megabyte,
    perVisitorBytes: settings.bodyMegabytesPerAddress * megabyte,
    findVisitor: (raw) => visitors.find(raw),
  });
  const servers = new Set<Server>();
  const openListener = (fileShare: number): FastifyInstance =>
    openHttpServer({
      emit,
      monotonic,
      bodies,
      trustProxy: settings.trustProxy,
      tlsCertFile: settings.tlsCertFile,
      tlsKeyFile: settings.tlsKeyFile,
      onServer: (server) => {
        servers.add(server);
        server.once('close', () => servers.delete(server));
      },
      maxConnections: settings.maxConnections,
      maxPerAddress: settings.maxConnectionsPerAddress,
      maxUnsentBytes: settings.maxUnsentMegabytes * megabyte,
      fileShare,
      requestTimeoutMs: settings.requestTimeoutSeconds * 1000,
      idleTimeoutMs: settings.idleTimeoutSeconds * 1000,
    });
  const isApart = settings.adminPort !== 0;
  return {
    isApart,
    open: () => {
      const app = openListener(isApart ? 1 - adminFileShare : 1);
      return { app, adminApp: isApart ? openListener(adminFileShare) : app };
    },
    certificate: toCertificate(settings, servers),
    toStandIn: () => ({
      monotonic,
      openListener: () => openListener(isApart ? 0.5 : 1),
      host: settings.host,
      healthPort: isApart ? settings.adminPort : settings.port,
      otherPort: isApart ? settings.port : null,
    }),
  };
}

function toCertificate(
  { tlsCertFile, tlsKeyFile }: Settings,
  servers: ReadonlySet<Server>,
): Doors['certificate'] {
  if (tlsCertFile === null || tlsKeyFile === null) return null;
  const read = () => readCertificate({ tlsCertFile, tlsKeyFile });
  // What will not do is told before a store is opened and something answers meanwhile.
  read();
  return {
    read,
    use: (certificate) => {
      for (const server of servers) showCertificate(server, certificate);
    },
  };
}

/** Listens; resolves to an address at which it can be called. Throws `bad_settings` when that port cannot be had. */
export async function listen(app: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    const address = await app.listen({ host, port });
    // Fastify tells one of IPv4 for all addresses of that family, and for those of both what nobody can call.
    const called = address.replace('//[::]:', '//[::1]:');
    // Nor does it know of the TLS of a server that it did not make.
    return app.server instanceof TlsServer ? called.replace(/^http:/, 'https:') : called;
  } catch (cause) {
    const inUse = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE';
    const reason = inUse ? 'another program is using it' : 'it cannot be listened on';
    throw new GatewayError('bad_settings', `HOST ${host}, PORT ${port}: ${reason}.`, { cause });
  }
}
