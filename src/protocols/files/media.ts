import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { toAccountId } from '../../domain/account.ts';
import { GatewayError } from '../../domain/errors.ts';
import { Shares, toQuarter } from '../../domain/shares.ts';
import type { Media } from '../../domain/media.ts';
import { prove } from '../../http/trust.ts';
import type { MediaStore, Store } from '../../store/store.ts';
import type { MediaLinks } from '../../core/media/links.ts';

interface MediaRouteDeps {
  readonly store: Pick<Store, 'findMedia' | 'findUpload' | 'watch'>;
  readonly files: MediaStore;
  readonly links: Pick<MediaLinks, 'check'>;
  /** How long a reader waits for a fetch that is not done. */
  readonly waitMs: number;
}

interface Params {
  readonly accountId: string;
  readonly file: string;
}

interface Query {
  readonly Expires?: string;
  readonly Signature?: string;
}

/** Readers that wait for a fetch at once, a quarter of them of one account; one more is told to come back. */
const maxWaiting = 1000;

/** Files that are read at once, a quarter of them of one account: each is an open file, whose number the system bounds. */
const maxOpen = 512;

/** The first and the last byte that are read. */
interface Range {
  readonly start: number;
  readonly end: number;
}

type MediaFile = NonNullable<Awaited<ReturnType<MediaStore['read']>>>;

/** What is read of a media file, whether a user sent it or the business uploaded it. */
interface Readable extends Pick<
  Media,
  'accountId' | 'id' | 'mimeType' | 'fileName' | 'state' | 'reason' | 'bytes'
> {
  /** Changes with the bytes. */
  readonly version: string;
  /** How long a reader may keep it. */
  readonly cache: string;
}

/** Serves the signed links of receipts and uploads. The link is the key: whoever has it may read until its time is over. */
export function mediaRoutes(app: FastifyInstance, deps: MediaRouteDeps): void {
  const reading = new MediaReading(deps);
  app.route<{ Params: Params; Querystring: Query }>({
    method: ['GET', 'HEAD'],
    url: '/media/:accountId/:file',
    handler: async (request, reply) => {
      const media = await reading.find(request.params, request.query, reply);
      if (media.state === 'pending')
        throw new GatewayError('media_pending', `The media has not been fetched yet. ${media.reason}`.trim());
      if (media.state !== 'stored')
        throw new GatewayError('media_gone', media.reason === '' ? undefined : media.reason);
      return reading.send(request, reply, media);
    },
  });
}

/** Readers of media files, and how many of them wait and read at once. */
class MediaReading {
  readonly #deps: MediaRouteDeps;
  readonly #places = new Shares<number>({ total: maxWaiting, each: toQuarter(maxWaiting) });
  readonly #opened = new Shares<number>({ total: maxOpen, each: toQuarter(maxOpen) });

  constructor(deps: MediaRouteDeps) {
    this.#deps = deps;
  }

  /** What a link leads to, once it has been fetched or the wait is over. Throws `bad_link`, `not_found`. */
  async find(
    { accountId, file }: Params,
    { Expires = '', Signature = '' }: Query,
    reply: FastifyReply,
  ): Promise<Readable> {
    const mediaId = file.split('.')[0] ?? '';
    this.#checkLink(accountId, mediaId, Expires, Signature);
    if (reply.raw.socket !== null) prove(reply.raw.socket);
    const account = toAccountId(accountId);
    const media = account === undefined ? undefined : await this.#deps.store.findMedia(account, mediaId);
    const upload =
      account === undefined || media !== undefined
        ? undefined
        : await this.#deps.store.findUpload(account, mediaId);
    if (upload !== undefined)
      return {
        ...upload,
        fileName: upload.key.split('/').at(-1) ?? null,
        state: 'stored',
        reason: '',
        version: upload.sha256,
        cache: 'private, max-age=300',
      };
    if (account === undefined || media === undefined)
      throw new GatewayError('not_found', 'There is no such media.');
    if (media.state !== 'pending' || this.#deps.waitMs === 0 || this.#places.room(account) === 0)
      return toReadable(media);
    const leave = this.#places.take(account);
    try {
      return toReadable(await this.#waitFor(account, media, reply));
    } finally {
      leave();
    }
  }

  #checkLink(accountId: string, mediaId: string, expires: string, signature: string): void {
    const verdict = this.#deps.links.check(accountId, mediaId, expires, signature);
    if (verdict === 'bad') throw new GatewayError('bad_link', 'The signature of this link is not valid.');
    if (verdict === 'expired')
      throw new GatewayError(
        'bad_link',
        'The time of this link is over. A replay of its receipt carries a fresh one.',
      );
  }

  /** Waits until the fetch has ended, the reader is gone, or the time is over; woken by the store, not by polling. */
  async #waitFor(accountId: number, media: Media, reply: FastifyReply): Promise<Media> {
    const { promise, resolve } = Promise.withResolvers<void>();
    let latest = media;
    const look = (): void => {
      this.#deps.store.findMedia(accountId, media.id).then(
        (found) => {
          latest = found ?? latest;
          if (latest.state !== 'pending') resolve();
        },
        () => resolve(),
      );
    };
    const unwatch = this.#deps.store.watch((signal) => {
      if (signal.kind === 'media' || signal.kind === 'missed') look();
    });
    const timer = setTimeout(resolve, this.#deps.waitMs);
    reply.raw.once('close', resolve);
    look();
    await promise;
    clearTimeout(timer);
    unwatch();
    return latest;
  }

  /** Hands the file, or the part of it that is asked for, over. Throws `too_many`, `media_gone`. */
  async send(request: FastifyRequest, reply: FastifyReply, media: Readable): Promise<FastifyReply> {
    const etag = `"${media.version}"`;
    const range = parseRange(request.headers.range, media.bytes ?? 0);
    // Nothing is opened for a reader who has it.
    const found =
      request.headers['if-none-match'] === etag ? undefined : await this.#open(media, range, reply);
    reply.headers({
      'accept-ranges': 'bytes',
      'cache-control': media.cache,
      'content-security-policy': "default-src 'none'; sandbox",
      'content-disposition': toDisposition(media),
      etag,
      'x-content-type-options': 'nosniff',
    });
    reply.type(toContentType(media.mimeType));
    if (found === undefined) return reply.code(304).send();
    const length = range === undefined ? found.bytes : range.end - range.start + 1;
    reply.header('content-length', String(length));
    if (range !== undefined)
      reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${found.bytes}`);
    if (request.method === 'HEAD') {
      found.stream.destroy();
      return reply.send();
    }
    return reply.send(found.stream);
  }

  /** The file, which is closed with the answer at the latest. Throws `too_many`, `media_gone`. */
  async #open(media: Readable, range: Range | undefined, reply: FastifyReply): Promise<MediaFile> {
    if (this.#opened.room(media.accountId) === 0)
      throw new GatewayError('too_many', 'Too many media files are being read. Try again later.');
    const leave = this.#opened.take(media.accountId);
    let found: MediaFile | undefined;
    try {
      found = await this.#deps.files.read(media, range);
    } finally {
      if (found === undefined) leave();
    }
    if (found === undefined)
      throw new GatewayError('media_gone', 'The file is missing from the media store.');
    const { stream } = found;
    stream.once('close', leave);
    if (reply.raw.destroyed) stream.destroy();
    else reply.raw.once('close', () => stream.destroy());
    return found;
  }
}

function toReadable(media: Media): Readable {
  return { ...media, version: media.id, cache: 'private, max-age=86400, immutable' };
}

/** A single range of bytes; undefined when there is none, or one that makes no sense and is ignored. */
function parseRange(header: string | undefined, bytes: number): Range | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  const [first, last] = [match?.[1] ?? '', match?.[2] ?? ''];
  if (first === '' && last === '') return undefined;
  const start = first === '' ? Math.max(0, bytes - Number(last)) : Number(first);
  const end = first === '' || last === '' ? bytes - 1 : Math.min(Number(last), bytes - 1);
  return start <= end ? { start, end } : undefined;
}

/** Only what a browser shows without running it keeps its type. */
function toContentType(mimeType: string): string {
  const type = mimeType.toLowerCase();
  return isShown(type) || /^application\/pdf(;[\x20-\x7e]*)?$/.test(type) ? type : 'application/octet-stream';
}

/** Whether a browser shows it in its place; everything else is saved. */
function isShown(mimeType: string): boolean {
  return /^(image\/(jpeg|png|gif|webp)|(video|audio)\/[a-z0-9.+-]+)(;[\x20-\x7e]*)?$/i.test(mimeType);
}

function toDisposition({ mimeType, fileName }: Readable): string {
  const kind = isShown(mimeType) ? 'inline' : 'attachment';
  if (fileName === null) return kind;
  return `${kind}; filename*=UTF-8''${encodeURIComponent(fileName.toWellFormed()).replace(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)}`;
}
