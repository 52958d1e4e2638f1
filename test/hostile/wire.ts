// What strangers put on the wire.
import type { Socket } from 'node:net';

/** Resolves when an event comes, or the connection ends for whatever reason. */
export function untilEvent(socket: Socket, event: 'connect' | 'secureConnect' | 'drain'): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      socket.off(event, end);
      socket.off('close', end);
      resolve();
    };
    socket.once(event, end);
    socket.once('close', end);
    if (socket.destroyed) end();
  });
}

/** Writes pieces for as long as the other side takes them, and stops without a word when the connection ends. */
export async function pour(socket: Socket, pieces: Iterable<string | Buffer>): Promise<void> {
  for (const piece of pieces) {
    if (socket.destroyed) return;
    if (!socket.write(piece)) await untilEvent(socket, 'drain');
  }
}

/**
 * Reads what comes until the other side ends the connection, or nothing more has come for `quietMs`; the first of it may take
 * `firstMs`, since a busy machine is slow to begin. Resolves to it as Latin-1.
 */
export async function readAll(
  socket: Socket,
  quietMs: number,
  firstMs = quietMs,
): Promise<{ text: string; isClosed: boolean }> {
  const chunks: Buffer[] = [];
  const { promise, resolve } = Promise.withResolvers<boolean>();
  let timer = setTimeout(() => resolve(false), firstMs);
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    clearTimeout(timer);
    timer = setTimeout(() => resolve(false), quietMs);
  });
  socket.once('close', () => resolve(true));
  if (socket.destroyed) resolve(true);
  const isClosed = await promise;
  clearTimeout(timer);
  return { text: Buffer.concat(chunks).toString('latin1'), isClosed };
}

export function* repeat(piece: string | Buffer, count: number): Generator<string | Buffer> {
  for (let i = 0; i < count; i += 1) yield piece;
}

/** A body of `bytes` bytes in chunks of one, many of them in each write. */
export function* toTinyChunks(bytes: number): Generator<Buffer> {
  const perWrite = 8192;
  const many = Buffer.from('1\r\na\r\n'.repeat(perWrite));
  for (let sent = 0; sent < bytes; sent += perWrite) yield many;
  yield Buffer.from('0\r\n\r\n');
}

export function destroyAll(sockets: Iterable<Socket>): void {
  for (const socket of sockets) socket.destroy();
}
