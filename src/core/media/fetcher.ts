// Fetches what users sent from the channels into our own store, and takes it away again when its time is over.
import type { Startable, WorkerStatus } from '../../runtime/activity.ts';
import type { SetTimer } from '../../runtime/loop.ts';
import { TurnPool } from '../../runtime/turns.ts';
import { writeAgain } from '../../runtime/outage.ts';
import type { Stopwatch } from '../../runtime/clock.ts';
import type { Connector } from '../../channels/channel.ts';
import type { ChannelType } from '../../domain/channel.ts';
import { GatewayError } from '../../domain/errors.ts';
import { noticed } from '../../domain/findings.ts';
import { toFetchDelay } from '../../domain/media.ts';
import type { Media } from '../../domain/media.ts';
import { gather } from '../../http/pieces.ts';
import type { Directory } from '../../store/directory.ts';
import type { MediaResult, MediaStore, Store } from '../../store/store.ts';
import type { Emit } from '../../telemetry/events.ts';
import { FetchError } from './fetch-error.ts';
import { headBytes, toSoundType } from './file-kind.ts';
import { Space } from './space.ts';
import type { SpaceDeps } from './space.ts';

export interface FetcherDeps extends SpaceDeps, Stopwatch {
  readonly store: SpaceDeps['store'] &
    Pick<
      Store,
      | 'claimMedia'
      | 'listDueMediaAccounts'
      | 'listDueMediaChannels'
      | 'findMedia'
      | 'findNextMediaDue'
      | 'watch'
    >;
  readonly directory: Directory;
  readonly connectors: Readonly<Partial<Record<ChannelType, Connector>>>;
  readonly files: MediaStore;
  readonly emit: Emit;
  readonly setTimer?: SetTimer;
  readonly settings: SpaceDeps['settings'] & {
    readonly maxBytes: number;
    /** Fetches under way at once; one account has at most a quarter of them. */
    readonly concurrency: number;
  };
}

/** A fetch that is not settled or renewed by then comes up again: what a process that was killed had begun. */
const leaseMs = 60_000;
const renewMs = 20_000;

/** What has come of a file so far: how much, and how it begins. */
interface Written {
  bytes: number;
  readonly head: Buffer[];
  headBytes: number;
}

/** Begins no more fetches once it is stopped; what is under way then and does not end in time is fetched at the next start. */
export class MediaFetcher implements Startable {
  readonly #deps: FetcherDeps;
  readonly #space: Space;
  readonly #pool: TurnPool<Media>;

  constructor(deps: FetcherDeps) {
    const { store, emit, now, monotonic, setTimer, settings } = deps;
    this.#deps = deps;
    this.#space = new Space(deps);
    this.#pool = new TurnPool({
      name: 'media.fetch',
      emit,
      now,
      monotonic,
      ...(setTimer && { setTimer }),
      places: settings.concurrency,
      due: {
        listAccounts: (...page) => store.listDueMediaAccounts(...page),
        listChannels: (...page) => store.listDueMediaChannels(...page),
        claim: async (owner, at) => (await store.claimMedia(owner, 1, at, leaseMs))[0],
      },
      findNextDue: (at) => store.findNextMediaDue(at),
      connect: (wake) =>
        store.watch(({ kind }) => {
          if (kind === 'media' || kind === 'missed') wake();
        }),
      work: (media, endLease) => this.#fetch(media, endLease),
      renew: ({ accountId, id, reason }) =>
        store.settleMedia(accountId, id, { state: 'pending', dueAt: now() + leaseMs, reason }),
      renewMs,
    });
  }

  start(): void {
    this.#pool.start();
  }

  stop(): Promise<void> {
    return this.#pool.stop();
  }

  status(): WorkerStatus {
    return this.#pool.status();
  }

  /** Takes away up to `limit` files whose links are over; resolves to how many went. */
  sweep(limit: number): Promise<number> {
    return this.#space.sweep(limit);
  }

  async #fetch(media: Media, endLease: () => Promise<void>): Promise<void> {
    const { emit, monotonic } = this.#deps;
    const startedAt = monotonic();
    const written: Written = { bytes: 0, head: [], headBytes: 0 };
    let storedBytes = 0;
    try {
      // A renewal that came after it would undo what is settled.
      const fetched = await this.#fetchBytes(media, written).finally(endLease);
      const result = await this.#settle(media, fetched);
      if (result.state === 'stored') storedBytes = result.bytes;
      emit('media.fetched', {
        accountId: media.accountId,
        mediaId: media.id,
        outcome: result.state === 'stored' ? 'stored' : result.state === 'pending' ? 'retried' : 'gone',
        bytes: storedBytes,
        attempt: media.attempts,
        durationMs: monotonic() - startedAt,
      });
    } finally {
      this.#space.end(written.bytes, storedBytes);
    }
  }

  /** Whoever erases media removes the file once the row says so; one that was written after that goes here. */
  async #settle(media: Media, result: MediaResult): Promise<MediaResult> {
    const { store, files } = this.#deps;
    const { accountId, id } = media;
    await writeAgain(() => store.settleMedia(accountId, id, result), {
      isStopped: () => this.#pool.isStopped,
    });
    if (result.state !== 'stored') return result;
    const now = await store.findMedia(accountId, id);
    this.#deps.endNotice(accountId, 'token_refused', `channel/${media.channelId}`);
    if (now?.state !== 'erased') return result;
    await files.remove(media);
    return { state: 'erased', reason: now.reason };
  }

  async #fetchBytes(media: Media, written: Written): Promise<MediaResult> {
    try {
      return await this.#write(media, written);
    } catch (error) {
      if (error instanceof FetchError) return this.#toResult(media, error);
      this.#pool.crash(error);
      return this.#toResult(media, new FetchError('later', 'The media could not be fetched or written.'));
    }
  }

  /** Writes the file as the channel has it. Throws `FetchError` when that ends early. */
  async #write(media: Media, written: Written): Promise<MediaResult> {
    const { directory, connectors, files } = this.#deps;
    const channel = await directory.channel(media.channelId);
    const connector = channel === undefined ? undefined : connectors[channel.type];
    if (channel === undefined || connector?.fetchMedia === undefined)
      throw new FetchError('gone', 'The channel has been disconnected.');
    await this.#space.admit(media);
    const sender = await directory.sender(media.channelId, media.senderId);
    const fetched = await connector.fetchMedia(channel, media.channelMediaId, sender, media);
    if ('fault' in fetched) throw new FetchError(fetched.fault, fetched.reason, fetched.retryAfterMs);
    const chunks = gather(this.#limit(media, fetched.bytes, written));
    const { bytes, sha256 } = await files.write(media, chunks);
    if (media.sha256 !== null && !isDigest(media.sha256, sha256)) {
      await files.remove(media);
      throw new FetchError('later', 'What came is not what the channel announced: its SHA-256 differs.');
    }
    const mimeType = toSoundType([media.mimeType, fetched.mimeType], Buffer.concat(written.head));
    return { state: 'stored', bytes, mimeType, fileName: fetched.fileName ?? null };
  }

  /** Passes chunks on for as long as the file and all files together are within their limits. */
  async *#limit(
    media: Media,
    chunks: AsyncIterable<Uint8Array>,
    written: Written,
  ): AsyncGenerator<Uint8Array> {
    const { maxBytes } = this.#deps.settings;
    for await (const chunk of orBrokenOff(chunks)) {
      written.bytes += chunk.byteLength;
      this.#space.count(chunk.byteLength);
      if (written.bytes > maxBytes)
        throw new FetchError('gone', `The file is larger than ${maxBytes} bytes.`);
      if (this.#space.isOver) await this.#space.makeRoom(media);
      if (written.headBytes < headBytes) {
        // A copy: what a chunk lies in may be used again.
        const start = Buffer.from(chunk.subarray(0, headBytes - written.headBytes));
        written.head.push(start);
        written.headBytes += start.byteLength;
      }
      yield chunk;
    }
  }

  #toResult(media: Media, { fault, message, retryAfterMs }: FetchError): MediaResult {
    const { raiseNotice, now } = this.#deps;
    if (fault === 'auth') {
      const subject = `channel/${media.channelId}`;
      raiseNotice({
        accountId: media.accountId,
        subject,
        ...noticed('token_refused', { channelId: media.channelId, said: message }),
      });
    }
    const delayMs = toFetchDelay(media, now(), retryAfterMs);
    if (fault === 'gone' || delayMs === undefined) return { state: 'gone', reason: message };
    return { state: 'pending', dueAt: now() + delayMs, reason: message };
  }
}

/** A channel that ends in the middle of a file is no fault of ours. */
async function* orBrokenOff(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    if (error instanceof GatewayError) throw new FetchError('later', error.message);
    // Any other tells no more than that: which end broke off, and the client's own code for it.
    throw new FetchError('later', 'The channel broke off in the middle of the file.');
  }
}

/** Whether a digest, in Base64 or in hex, is the one that was computed. */
function isDigest(given: string, computedHex: string): boolean {
  const hex = /^[0-9a-f]{64}$/i.test(given)
    ? given.toLowerCase()
    : Buffer.from(given, 'base64').toString('hex');
  // Test data and some older payloads hold placeholders; only a full digest can be compared.
  return hex.length !== 64 || hex === computedHex;
}
