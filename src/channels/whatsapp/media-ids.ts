// Files that go out by an id of WhatsApp's instead of by a link: fetched here, uploaded once, and used again (docs/protocols/whatsapp.md).
import type { Channel, Sender } from '../../domain/channel.ts';
import type { Client, StreamedAnswer } from '../../http/client.ts';
import { isFailure } from '../../http/client.ts';
import type { Graph } from '../kit/graph.ts';
import { proofOf } from '../kit/app-secret.ts';
import { toText } from '../kit/json.ts';
import type { MediaKind } from './content.ts';

interface UploadDeps {
  readonly client: Pick<Client, 'get'>;
  readonly graph: Graph;
  readonly monotonic: () => number;
  readonly random: () => number;
}

interface Known {
  /** Null: nothing is uploaded, and it should be. */
  id: string | null;
  /** Until when the id is used without asking. */
  freshUntil: number;
  /** When the channel forgets the id. */
  endsAt: number;
  etag: string | undefined;
}

const minute = 60_000;
const day = 24 * 60 * minute;
/** Meta itself fetches a link again only after ten minutes; so do we. */
const freshMs = 10 * minute;
/** Uploads are kept for 30 days; a day is left for messages that wait. */
const keptMs = 29 * day;
const maxKnown = 10_000;
const fetchTimeoutMs = 15_000;
const uploadTimeoutMs = 20_000;
/** By kind, in bytes (docs/protocols/whatsapp.md). */
const maxBytes: Readonly<Record<MediaKind, number>> = {
  image: 5_000_000,
  video: 16_000_000,
  audio: 16_000_000,
  document: 100_000_000,
  sticker: 500_000,
};

class TooLarge extends Error {}

/** The files of this node's messages that WhatsApp has, or is to get, by an id. */
export class Uploads {
  readonly #deps: UploadDeps;
  readonly #known = new Map<string, Known>();
  /** Messages with the same link that are sent together share one upload. */
  readonly #underWay = new Map<string, Promise<string | undefined>>();

  constructor(deps: UploadDeps) {
    this.#deps = deps;
  }

  /**
   * What to send for a link: the id of an upload where the channel's option `mediaBy` says `upload` or WhatsApp could not
   * fetch the link before; the link itself otherwise, and where the upload fails too.
   */
  async resolve(
    channel: Channel,
    sender: Sender,
    link: string,
    kind: MediaKind,
  ): Promise<{ link: string } | { id: string }> {
    const { monotonic } = this.#deps;
    const key = toKey(sender, link);
    const entry = this.#known.get(key);
    if (entry === undefined && channel.options['mediaBy'] !== 'upload') return { link };
    if (entry !== undefined && entry.endsAt <= monotonic()) this.#known.delete(key);
    else if (entry?.id != null && entry.freshUntil > monotonic()) return { id: entry.id };
    const running =
      this.#underWay.get(key) ??
      this.#upload(channel, sender, link, kind)
        // A file that breaks off or is too large cannot be uploaded; WhatsApp gets the link and says what it makes of it.
        .catch(() => undefined)
        .finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, running);
    const id = await running;
    return id === undefined ? { link } : { id };
  }

  /** Notes that WhatsApp could not fetch a link, or had an id no more: the next message with it gets a fresh upload. */
  distrust(sender: Sender, link: string): void {
    const endsAt = this.#deps.monotonic() + keptMs;
    this.#remember(toKey(sender, link), { id: null, etag: undefined, freshUntil: 0, endsAt });
  }

  /** Fetches the file and hands it to WhatsApp; one that is as it was goes on under its id. Undefined where it cannot be had. */
  async #upload(
    channel: Channel,
    sender: Sender,
    link: string,
    kind: MediaKind,
  ): Promise<string | undefined> {
    const { client, monotonic } = this.#deps;
    const key = toKey(sender, link);
    const before = this.#known.get(key);
    const condition =
      before?.id !== null && before?.etag !== undefined ? { 'if-none-match': before.etag } : {};
    const file = await client.get(link, condition, fetchTimeoutMs);
    if (isFailure(file)) return undefined;
    if (file.status === 304 && before?.id != null) {
      await drain(file.body);
      this.#remember(key, { ...before, freshUntil: monotonic() + freshMs });
      return before.id;
    }
    if (file.status !== 200) {
      await drain(file.body);
      return undefined;
    }
    const id = await this.#post(channel, sender, file, kind);
    if (id === undefined) return undefined;
    const etag = toText(file.headers['etag']);
    this.#remember(key, { id, etag, freshUntil: monotonic() + freshMs, endsAt: monotonic() + keptMs });
    return id;
  }

  async #post(
    channel: Channel,
    sender: Sender,
    { headers, body }: StreamedAnswer,
    kind: MediaKind,
  ): Promise<string | undefined> {
    const mimeType = (toText(headers['content-type']) ?? 'application/octet-stream').split(';')[0] ?? '';
    const answer = await this.#deps.graph({
      method: 'POST',
      path: [sender.routeId, 'media'],
      token: channel.credentials['accessToken'] ?? '',
      ...proofOf(channel),
      raw: toForm(mimeType, limit(body, maxBytes[kind]), this.#deps.random),
      timeoutMs: uploadTimeoutMs,
    });
    return answer.kind === 'ok' ? toText(answer.body['id']) : undefined;
  }

  #remember(key: string, entry: Known): void {
    this.#known.delete(key);
    this.#known.set(key, entry);
    const [oldest] = this.#known.keys();
    if (this.#known.size > maxKnown && oldest !== undefined) this.#known.delete(oldest);
  }
}

function toKey({ routeId }: Sender, link: string): string {
  return `${routeId} ${link}`;
}

/** A form with the file, piece by piece. */
function toForm(mimeType: string, file: AsyncIterable<Uint8Array>, random: () => number) {
  const boundary = `chasqui${Math.floor(random() * 1e15).toString(36)}${Math.floor(random() * 1e15).toString(36)}`;
  const part = (name: string, value: string): string =>
    `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const type = /^[\w.+-]+\/[\w.+-]+$/.test(mimeType) ? mimeType : 'application/octet-stream';
  async function* pieces(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(
      `${part('messaging_product', 'whatsapp')}${part('type', type)}--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="file"\r\ncontent-type: ${type}\r\n\r\n`,
    );
    yield* file;
    yield Buffer.from(`\r\n--${boundary}--\r\n`);
  }
  return { headers: { 'content-type': `multipart/form-data; boundary=${boundary}` }, body: pieces() };
}

async function* limit(chunks: AsyncIterable<Uint8Array>, max: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.byteLength;
    if (bytes > max) throw new TooLarge('The file is larger than WhatsApp takes.');
    yield chunk;
  }
}

/** Reads a short answer to its end, so that its connection can be used again. */
async function drain(body: AsyncIterable<Uint8Array>): Promise<void> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > 64 * 1024) break;
  }
}
