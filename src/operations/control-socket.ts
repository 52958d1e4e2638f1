import { rm } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { GatewayError, isErrorCode } from '../domain/errors.ts';
import type { Emit } from '../telemetry/events.ts';

/** What an operator asks of a service that runs on this machine. */
interface ControlRequest {
  readonly command: 'backup';
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

type ControlAnswer = { readonly report: BackupReport } | { readonly code: string; readonly message: string };

const maxRequestBytes = 8192;
const requestTimeoutMs = 5000;
/** Longest path that every system takes as a socket's address. */
const maxPathBytes = 103;

function toPath(dataDir: string): string {
  return join(resolve(dataDir), 'control.sock');
}

/**
 * Listens on a socket in the data folder. Whoever may open that folder is its owner, so nothing else is asked for. A request
 * and its answer are one JSON text each, ended by the end of the stream.
 */
export async function openControl(dataDir: string, backUp: BackUp, emit: Emit): Promise<() => Promise<void>> {
  const path = toPath(dataDir);
  if (Buffer.byteLength(path) > maxPathBytes) {
    const error = new GatewayError(
      'bad_settings',
      `${path} is too long for a socket: no backup can be asked for.`,
    );
    emit('unit.crashed', { unit: 'control', error });
    return async () => undefined;
  }
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    void answer(socket, backUp).then((result) => socket.end(JSON.stringify(result)));
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

async function answer(socket: Socket, backUp: BackUp): Promise<ControlAnswer> {
  try {
    const request = await readRequest(socket);
    return { report: await backUp(request.folder, request.media !== false) };
  } catch (error) {
    if (error instanceof GatewayError) return { code: error.code, message: error.message };
    return { code: 'internal', message: error instanceof Error ? error.message : String(error) };
  }
}

async function readRequest(socket: Socket): Promise<ControlRequest> {
  const timer = setTimeout(() => socket.destroy(), requestTimeoutMs);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.byteLength;
    if (bytes > maxRequestBytes) throw new GatewayError('payload_too_large');
  }
  clearTimeout(timer);
  const request: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  const { command, folder, media = true } = request as Partial<ControlRequest>;
  if (command !== 'backup' || typeof folder !== 'string') throw new GatewayError('bad_request');
  return { command, folder, media };
}

/** Asks the service that runs on `dataDir`. Throws `store_unavailable` when none does, and what the service says. */
export async function askControl(dataDir: string, request: ControlRequest): Promise<BackupReport> {
  const socket = createConnection({ path: toPath(dataDir), allowHalfOpen: true });
  try {
    socket.end(JSON.stringify(request));
    const result = JSON.parse(await text(socket)) as ControlAnswer;
    if ('report' in result) return result.report;
    throw new GatewayError(isErrorCode(result.code) ? result.code : 'internal', result.message);
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    throw new GatewayError(
      'store_unavailable',
      `No service answers for ${resolve(dataDir)}. While none runs, copy the folder itself.`,
      { cause: error },
    );
  } finally {
    socket.destroy();
  }
}
