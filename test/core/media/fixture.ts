import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createWhatsappConnector } from '../../../src/channels/whatsapp/connector.ts';
import { system } from '../../../src/domain/account.ts';
import type { Media } from '../../../src/domain/media.ts';
import { MediaFetcher } from '../../../src/core/media/fetcher.ts';
import type { FetcherDeps } from '../../../src/core/media/fetcher.ts';
import { openMediaFolder } from '../../../src/store/media/folder.ts';
import type { MediaStore } from '../../../src/store/store.ts';
import type { Emit, Events } from '../../../src/telemetry/events.ts';
import { inbound, need, record, toId } from '../../store/contract/fixture.ts';
import { openTestStore } from '../../support/store.ts';
import type { TestStore } from '../../support/store.ts';
import { openLocalClient } from '../../support/client.ts';

/** How the local Graph API answers for one media id. */
interface GraphFile {
  readonly bytes?: Buffer;
  /** Of the answer with the bytes. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Answers the question for the address with this status and Graph error code instead. */
  readonly fault?: { readonly status: number; readonly code: number };
  /** Ends the connection after half of the bytes. */
  readonly breaksOff?: boolean;
  /** Answers the first so many requests for the bytes with 404, as for an address that has died. */
  deadAddresses?: number;
  /** Holds the bytes back until it resolves. */
  readonly until?: Promise<void>;
}

export interface Bench extends TestStore {
  readonly files: MediaStore;
  readonly fetcher: MediaFetcher;
  readonly graph: Map<string, GraphFile>;
  /** Authorization headers that the Graph API was asked with, in order. */
  readonly tokens: string[];
  /** Whether the token may not see the account any more: Graph answers as if there were none. */
  readonly lock: (isLocked: boolean) => void;
  /** Most requests for bytes that were under way at once. */
  readonly busiest: () => number;
  readonly notices: Parameters<FetcherDeps['raiseNotice']>[0][];
  /** Kinds and subjects of notices that were told to be over. */
  readonly ended: string[];
  readonly crashes: Events['unit.crashed'][];
  /** Records a message with a picture of that name; resolves to its media id. */
  readonly addMedia: (
    name: string,
    sha256?: string,
    to?: { readonly accountId: number; readonly channelId: string },
  ) => Promise<string>;
  /** Makes another account; resolves to its id. */
  readonly addAccount: (id: number) => Promise<number>;
  readonly addChannel: (id: string, accountId: number) => Promise<void>;
  /** What the Graph API was asked for, in order: `v25.0/…` for an address, `bytes/…` for a file. */
  readonly asked: () => readonly string[];
  readonly find: (id: string) => Promise<Media>;
  /** Resolves when one more fetch has ended, to how. */
  readonly fetched: () => Promise<Events['media.fetched']['outcome']>;
  /** Lets the time pass until the fetcher has asked to be woken after `ms`, and wakes it. */
  readonly elapse: (ms: number) => Promise<void>;
  /** Names of all files in the media folder. */
  readonly listFiles: () => Promise<string[]>;
}

export const channelId = 'wa-media';

export function sha256Of(bytes: Buffer, encoding: 'hex' | 'base64' = 'base64'): string {
  return createHash('sha256').update(bytes).digest(encoding);
}

/** A fetcher over the test store, a folder of its own, the WhatsApp connector and a Graph API on loopback. */
export async function openBench(
  t: TestContext,
  settings: Partial<FetcherDeps['settings']> = {},
  deps: Partial<Pick<FetcherDeps, 'maySweep'>> = {},
): Promise<Bench> {
  const outcomes: Events['media.fetched']['outcome'][] = [];
  const crashes: Events['unit.crashed'][] = [];
  let onOutcome = (): void => undefined;
  const emit: Emit = (name, fields) => {
    if (name === 'unit.crashed') crashes.push(fields as Events['unit.crashed']);
    if (name !== 'media.fetched') return;
    outcomes.push((fields as Events['media.fetched']).outcome);
    onOutcome();
  };
  const test = await openTestStore();
  const { store, clock, accountId, directory } = test;
  const api = await openGraph(t);
  const folder = await mkdtemp(join(tmpdir(), 'chasqui-media-'));
  const client = openLocalClient();
  const credentials = { accessToken: 'graph-token' };
  await store.putChannel(
    accountId,
    { id: channelId, type: 'whatsapp', name: 'Media', wabaId: '501', credentials },
    system,
  );
  const files = openMediaFolder(folder);
  const notices: Bench['notices'] = [];
  const ended: string[] = [];
  const timers = new Set<{ callback: () => void; ms: number }>();
  let onTimer = (): void => undefined;
  const fetcher = new MediaFetcher({
    store,
    directory,
    connectors: {
      whatsapp: createWhatsappConnector({
        client,
        now: clock.now,
        monotonic: clock.monotonic,
        random: () => 0,
        graphUrl: api.url,
        graphVersion: 'v25.0',
      }),
    },
    files,
    emit,
    raiseNotice: (notice) => notices.push(notice),
    endNotice: (_accountId, code, subject) => void ended.push(`${code} ${subject}`),
    now: clock.now,
    monotonic: clock.monotonic,
    ...deps,
    setTimer: (callback, ms) => {
      const made = { callback, ms };
      timers.add(made);
      onTimer();
      return () => timers.delete(made);
    },
    settings: {
      budgetBytes: 1_000_000,
      maxBytes: 100_000,
      keepMs: 7 * 86_400_000,
      concurrency: 32,
      ...settings,
    },
  });
  t.after(async () => {
    await fetcher.stop();
    await client.close();
    await test.close();
    await rm(folder, { recursive: true, force: true });
  });

  return {
    ...test,
    ...api,
    files,
    fetcher,
    notices,
    ended,
    crashes,
    addAccount: async (id) => {
      await store.createAccount({ id, name: `Account ${id}` }, system);
      return id;
    },
    addChannel: async (id, owner) => {
      await store.putChannel(owner, { id, type: 'whatsapp', name: id, wabaId: id, credentials }, system);
    },
    addMedia: async (name, sha256, to = { accountId, channelId }) => {
      const id = toId(name);
      const source = { id, channelMediaId: name, mimeType: 'image/jpeg', ...(sha256 && { sha256 }) };
      const fixture = { ...test, otherId: 0, senderId: '4915550100', ...to };
      const content = { media: { id, mimeType: 'image/jpeg', channelMediaId: name } };
      await record(fixture, inbound(fixture, name, { media: source, content }));
      return id;
    },
    find: async (id) => need(await store.findMedia(accountId, id)),
    fetched: async () => {
      while (outcomes.length === 0) await new Promise<void>((resolve) => (onOutcome = resolve));
      return need(outcomes.shift());
    },
    elapse: async (ms) => {
      const find = () => [...timers].find((timer) => timer.ms === ms);
      while (find() === undefined) await new Promise<void>((resolve) => (onTimer = resolve));
      const timer = need(find());
      timers.delete(timer);
      clock.advance(ms);
      timer.callback();
    },
    listFiles: async () => {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
    },
  };
}

async function openGraph(
  t: TestContext,
): Promise<Pick<Bench, 'graph' | 'tokens' | 'asked' | 'busiest' | 'lock'> & { url: string }> {
  const graph = new Map<string, GraphFile>();
  const tokens: string[] = [];
  const asked: string[] = [];
  let isLocked = false;
  let busy = 0;
  let busiest = 0;
  const server = createServer((request, response) => {
    tokens.push(request.headers.authorization ?? '');
    const [, kind, name = ''] = (request.url ?? '').split('/');
    asked.push(`${kind}/${name}`);
    const file = graph.get(name);
    if (kind === 'v25.0' && name === '501') {
      response.statusCode = isLocked ? 400 : 200;
      response.end(
        JSON.stringify(
          isLocked ? { error: { message: 'No.', code: 100, error_subcode: 33 } } : { id: '501' },
        ),
      );
      return;
    }
    if (kind === 'v25.0') {
      const fault = file === undefined ? { status: 400, code: 100 } : file.fault;
      response.statusCode = fault?.status ?? 200;
      const { port } = server.address() as AddressInfo;
      response.end(
        JSON.stringify(
          fault === undefined
            ? { url: `http://127.0.0.1:${port}/bytes/${name}`, mime_type: 'image/jpeg' }
            : { error: { message: 'No.', code: fault.code } },
        ),
      );
      return;
    }
    if (file?.deadAddresses) {
      file.deadAddresses -= 1;
      response.statusCode = 404;
      response.end();
      return;
    }
    const bytes = file?.bytes ?? Buffer.alloc(0);
    busy += 1;
    busiest = Math.max(busiest, busy);
    const answer = async (): Promise<void> => {
      await file?.until;
      busy -= 1;
      for (const [name, value] of Object.entries(file?.headers ?? {})) response.setHeader(name, value);
      response.setHeader('content-length', bytes.byteLength);
      if (file?.breaksOff === true) {
        response.write(bytes.subarray(0, bytes.byteLength / 2), () => response.destroy());
        return;
      }
      response.end(bytes);
    };
    answer().catch((error: unknown) => response.destroy(error as Error));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    graph,
    tokens,
    asked: () => asked,
    lock: (next) => {
      isLocked = next;
    },
    busiest: () => busiest,
  };
}
