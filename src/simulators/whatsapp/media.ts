// Files of the simulated WhatsApp: ids that are asked for an address, and addresses that die after five minutes (docs/protocols/whatsapp.md).
import { createHash } from 'node:crypto';
import type { SimulatedClock } from '../simulated-clock.ts';
import type { Random } from '../random.ts';

interface StoredFile {
  readonly id: string;
  readonly mimeType: string;
  readonly bytes: Buffer;
}

const addressMs = 5 * 60_000;

/** Keeps files by id and hands out addresses that die. */
export class VendorMedia {
  readonly #clock: SimulatedClock;
  readonly #files = new Map<string, StoredFile>();
  readonly #addresses = new Map<string, string>();
  #number = 0;

  constructor(clock: SimulatedClock) {
    this.#clock = clock;
  }

  add(mimeType: string, bytes: Buffer): StoredFile {
    this.#number += 1;
    const file = { id: String(1_000_000_000_000_000 + this.#number), mimeType, bytes };
    this.#files.set(file.id, file);
    return file;
  }

  find(id: string): StoredFile | undefined {
    return this.#files.get(id);
  }

  remove(id: string): boolean {
    return this.#files.delete(id);
  }

  /** A new address of a file; `isDead` when it has ended before it is followed. */
  address(id: string, isDead: boolean): string {
    this.#number += 1;
    const key = createHash('sha256').update(`${id} ${this.#number}`).digest('hex').slice(0, 24);
    if (isDead) return key;
    this.#addresses.set(key, id);
    this.#clock.after(addressMs, () => this.#addresses.delete(key));
    return key;
  }

  follow(key: string): StoredFile | undefined {
    return this.#files.get(this.#addresses.get(key) ?? '');
  }
}

/** A small file of chance content. */
export function drawBytes(random: Random): Buffer {
  return Buffer.from(random.digits(random.whole(100, 2000)));
}

/** Base64 as webhooks have it. */
export function toSha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('base64');
}

/** The file of a multipart form, with its type; undefined when there is none. */
export function readForm(contentType: string, body: Buffer): { mimeType: string; bytes: Buffer } | undefined {
  const boundary = /boundary="?([^";]+)"?/.exec(contentType)?.[1];
  if (boundary === undefined) return undefined;
  const mark = body.indexOf('name="file"');
  const start = mark === -1 ? -1 : body.indexOf('\r\n\r\n', mark);
  const end = start === -1 ? -1 : body.indexOf(`\r\n--${boundary}`, start);
  if (end === -1) return undefined;
  const head = body.subarray(mark, start).toString('latin1');
  const mimeType = /content-type:\s*([^\r\n]+)/i.exec(head)?.[1] ?? 'application/octet-stream';
  return { mimeType, bytes: body.subarray(start + 4, end) };
}
