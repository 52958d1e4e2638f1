// What an operator asks of a service that runs on this machine, through a socket in its data folder.
import { rm } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { WayBack } from '../core/accounts/way-back.ts';
import { GatewayError, isErrorCode } from '../domain/errors.ts';
import type { Emit } from '../telemetry/events.ts';

interface BackupRequest {
  /** Absolute path of the folder to write to; it must not be there, or be empty. */
  readonly folder: string;
  /** Whether media are copied too; they are unless told otherwise. */
  readonly media?: boolean;
}

interface BackupReport {
  readonly folder: string;
  readonly storeBytes: number;
  readonly mediaFiles: number;
  /** Whether the folder, which was there before, lets others than its owner in. */
  readonly isExposed: boolean;
  readonly durationMs: number;
}

/** Writes a copy into a folder, with media or without. */
export type BackUp = (folder: string, withMedia?: boolean) => Promise<BackupReport>;

/** What can be asked for, by its name on the socket. */
export interface ControlVerbs {
  backup(request: BackupRequest): Promise<BackupReport>;
  findPerson: WayBack['find'];
  makeKey: WayBack['makeKey'];
  resetUser: WayBack['resetUser'];
}

type Verb = keyof ControlVerbs;
type Request<V extends Verb> = Parameters<ControlVerbs[V]>[0];
type Report<V extends Verb> = Awaited<ReturnType<ControlVerbs[V]>>;
type ControlAnswer<V extends Verb> =
  { readonly report: Report<V> } | { readonly code: string; readonly message: string };

const maxRequestBytes = 8192;
const requestTimeoutMs = 5000;
const answerLimitMs = 60_000;
/** Longest path that every system takes as a socket's address. */
const maxPathBytes = 103;

function toPath(dataDir: string): string {
  return join(resolve(dataDir), 'control.sock');
}

/**
 * Listens on a socket in the data folder. Whoever may open that folder is its owner, so nothing else is asked for. A request
 * and its answer are one JSON text each, ended by the end of the stream.
 */
export async function openControl(
  dataDir: string,
  verbs: ControlVerbs,
  emit: Emit,
): Promise<() => Promise<void>> {
  const path = toPath(dataDir);
  if (Buffer.byteLength(path) > maxPathBytes) {
    const error = new GatewayError(
      'bad_settings',
      `${path} is too long for a socket: no backup, key or password can be asked for.`,
    );
    emit('unit.crashed', { unit: 'control', error });
    return async () => undefined;
  }
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    void answer(socket, verbs).then((result) => socket.end(JSON.stringify(result)));
  });
  // The store's lock is held by now, so what stands there was left by a process that is gone.
  await rm(path, { force: true });
  const listening = new Promise<void>((done, fail) => server.once('error', fail).once('listening', done));
  // The name is made inside the call, so that at no moment it is there for others.
  const umask = process.umask(0o177);
  try {
    server.listen(path);
  } finally {
    process.umask(umask);
  }
  await listening;
  server.unref();
  return async () => {
    for (const socket of open) socket.destroy();
    await new Promise((done) => server.close(done));
    await rm(path, { force: true });
  };
}

async function answer(socket: Socket, verbs: ControlVerbs): Promise<ControlAnswer<Verb>> {
  try {
    return { report: await serve(verbs, await readRequest(socket)) };
  } catch (error) {
    // What is left of a request that will not do is let go by, so that its sender gets to read the answer.
    socket.resume();
    if (error instanceof GatewayError) return { code: error.code, message: error.message };
    return { code: 'internal', message: error instanceof Error ? error.message : String(error) };
  }
}

async function readRequest(socket: Socket): Promise<Readonly<Record<string, unknown>>> {
  const timer = setTimeout(() => socket.destroy(), requestTimeoutMs).unref();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.byteLength;
    if (bytes > maxRequestBytes) throw new GatewayError('payload_too_large');
  }
  clearTimeout(timer);
  const request: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  if (typeof request !== 'object' || request === null) throw new GatewayError('bad_request');
  return { ...request };
}

/** What comes over the socket is written by `askControl` of the same release or another: what is there is checked, verb by verb. */
async function serve(verbs: ControlVerbs, request: Readonly<Record<string, unknown>>): Promise<Report<Verb>> {
  const { command, folder, media = true, accountId, userId, userName, removesApp, name } = request;
  if (command === 'backup' && typeof folder === 'string')
    return verbs.backup({ folder, media: media !== false });
  if (command === 'findPerson')
    return verbs.findPerson({
      ...(typeof accountId === 'string' ? { accountId } : {}),
      ...(typeof userName === 'string' ? { userName } : {}),
    });
  if (command === 'makeKey' && typeof accountId === 'number')
    return verbs.makeKey({ accountId, ...(typeof name === 'string' ? { name } : {}) });
  if (command === 'resetUser' && typeof accountId === 'number' && typeof userId === 'string')
    return verbs.resetUser({ accountId, userId, removesApp: removesApp === true });
  throw new GatewayError(
    'bad_request',
    'The service that runs does not know what it was asked: it is of another version than this command. Stop it, and call the command again.',
  );
}

/**
 * Whether a service listens on `dataDir`; what a process that is gone left there does not. Throws `forbidden` where it may not be
 * asked.
 */
export async function hasControl(dataDir: string): Promise<boolean> {
  const socket = createConnection({ path: toPath(dataDir) });
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    if (isRefusal(error)) throw foreignFolder(dataDir, error);
    return false;
  } finally {
    socket.destroy();
  }
}

/**
 * Asks the service that runs on `dataDir`. Throws `service_unreachable` when none answers, `forbidden` when it may not be asked, and what
 * the service says.
 */
export async function askControl<V extends Verb>(
  dataDir: string,
  command: V,
  request: Request<V>,
): Promise<Report<V>> {
  const socket = createConnection({ path: toPath(dataDir), allowHalfOpen: true });
  // A backup takes as long as the disk does; all else is answered at once by a service that is alive.
  if (command !== 'backup') socket.setTimeout(answerLimitMs, () => socket.destroy());
  try {
    socket.end(JSON.stringify({ ...request, command }));
    const result = JSON.parse(await text(socket)) as ControlAnswer<V>;
    if ('report' in result) return result.report;
    throw new GatewayError(isErrorCode(result.code) ? result.code : 'internal', result.message);
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    if (isRefusal(error)) throw foreignFolder(dataDir, error);
    throw new GatewayError(
      'service_unreachable',
      `The service at ${resolve(dataDir)} broke off, or did not answer in time. Call the command again.`,
      { cause: error },
    );
  } finally {
    socket.destroy();
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM');
}

function foreignFolder(dataDir: string, cause: unknown): GatewayError {
  return new GatewayError(
    'forbidden',
    `${resolve(dataDir)} is not your folder. Call the command as the user that the service runs as.`,
    { cause },
  );
}
