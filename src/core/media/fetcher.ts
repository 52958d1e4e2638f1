// Fetches what users sent from the channels into our own store, and takes it away again when its time is over.
import { monotonicNow, setSystemTimer } from '../../runtime/clock.ts';
import { Activity } from '../../runtime/activity.ts';
import type { Startable } from '../../runtime/activity.ts';
import { keepLease } from '../../runtime/lease.ts';
import { Turns } from '../../runtime/turns.ts';
import { writeAgain } from '../../runtime/outage.ts';
import type { AccountId } from '../../domain/account.ts';
import type { Connector, MediaFault } from '../../channels/channel.ts';
import type { ChannelType } from '../../domain/channel.ts';
import { GatewayError } from '../../domain/errors.ts';
import { noticed } from '../../domain/findings.ts';
import { toFetchDelay } from '../../domain/media.ts';
import type { Media } from '../../domain/media.ts';
import type { RaiseNotice } from '../../domain/notice.ts';
import { gather } from '../../http/pieces.ts';
import type { Directory } from '../../store/directory.ts';
import type { MediaResult, Store, MediaStore } from '../../store/store.ts';
import type { Emit } from '../../telemetry/events.ts';
import { isOverShare, sumFiles } from './budget.ts';
import { headBytes, toSoundType } from './file-kind.ts';

export interface FetcherDeps {
  readonly store: Pick<
    Store,
    | 'claimMedia'
    | 'listDueMediaAccounts'
    | 'listDueMediaChannels'
    | 'settleMedia'
    | 'findMedia'
    | 'findNextMediaDue'
    | 'sumMediaBytes'
    | 'sumUploadBytes'
    | 'listAccounts'
    | 'listStoredMedia'
    | 'watch'
  >;
  readonly directory: Directory;
  readonly connectors: Readonly<Partial<Record<ChannelType, Connector>>>;
  readonly files: MediaStore;
  readonly emit: Emit;
  readonly raiseNotice: RaiseNotice;
  readonly now: () => number;
  /** Whether files may be taken away by the time that it is, to make room; always when left out. */
  readonly maySweep?: () => boolean;
  readonly setTimer?: (callback: () => void, ms: number) => () => void;
  readonly settings: {
    readonly budgetBytes: number;
    readonly maxBytes: number;
    readonly keepMs: number;
    /** Fetches under way at once; one account has at most a quarter of them. */
    readonly concurrency: number;
  };
}

export interface MediaFetcher extends Pick<Startable, 'status'> {
  start(): void;
  /** Begins no more fetches and waits up to `limitMs` for those under way; the others are fetched at the next start. */
  stop(limitMs: number): Promise<void>;
  /** Takes away up to `limit` files whose links are over; resolves to how many went. */
  sweep(limit: number): Promise<number>;
}

/** A fetch that is not settled or renewed by then comes up again: what a process that was killed had begun. */
const leaseMs = 60_000;
const renewMs = 20_000;
const maxSleepMs = 60_000;
/** Files that one step takes away to make room. */
const roomStep = 50;

/** What has come of a file so far: how much, and how it begins. */
interface Written {
  bytes: number;
  readonly head: Buffer[];
  headBytes: number;
}

/** What ended a fetch early, with what is to become of it. */
class FetchStopped extends Error {
  readonly fault: MediaFault['fault'];
  readonly retryAfterMs: number | undefined;

  constructor(fault: MediaFault['fault'], reason: string, retryAfterMs?: number) {
    super(reason);
    this.name = 'FetchStopped';
    this.fault = fault;
    this.retryAfterMs = retryAfterMs;
  }
}

export function openMediaFetcher(deps: FetcherDeps): MediaFetcher {
  const { store, emit, now, settings } = deps;
  const setTimer = deps.setTimer ?? setSystemTimer;
  const turns = new Turns({ due: toDue(store), places: settings.concurrency });
  // What is stored, as last heard from the store, and what fetches under way have written so far.
  let storedBytes = 0;
  let writingBytes = 0;
  let isLooking = false;
  let isAskedAgain = false;
  let isStopped = false;
  let cancelTimer = (): void => undefined;
  let unwatch = (): void => undefined;
  const activity = new Activity({ emit, name: 'media.fetch', now, waiting: () => turns.underWay });

  function wake(): void {
    if (isStopped) return;
    if (isLooking) {
      isAskedAgain = true;
      return;
    }
    isLooking = true;
    void activity.run(look).then((isGood) => {
      if (!isGood) sleepUntil(now() + 1000);
      isLooking = false;
      if (isAskedAgain) {
        isAskedAgain = false;
        wake();
      }
    });
  }

  async function look(): Promise<void> {
    cancelTimer();
    const at = now();
    while (!turns.isFull && !isStopped) {
      const turn = await turns.next(at, () => isStopped);
      if (turn === undefined) break;
      begin(turn.work, turn.end);
    }
    // What is due already and was not taken waits for its account's own fetches: the end of each looks again.
    const due = turns.isFull ? undefined : await store.findNextMediaDue(at);
    if (due !== undefined) sleepUntil(due);
  }

  function sleepUntil(at: number): void {
    if (isStopped) return;
    cancelTimer();
    cancelTimer = setTimer(wake, Math.min(maxSleepMs, Math.max(0, at - now())));
  }

  function begin(media: Media, end: () => void): void {
    fetchOne(media)
      .catch((error: unknown) => activity.crash(error))
      .finally(() => {
        end();
        wake();
      });
  }

  async function fetchOne(media: Media): Promise<void> {
    const startedAt = monotonicNow();
    const written: Written = { bytes: 0, head: [], headBytes: 0 };
    const lease = keepLeased(deps, activity, media);
    try {
      const fetched = await fetchBytes(media, written).finally(() => lease.end());
      const result = await settle(media, fetched);
      if (result.state === 'stored') storedBytes += result.bytes;
      emit('media.fetched', {
        accountId: media.accountId,
        mediaId: media.id,
        outcome: result.state === 'stored' ? 'stored' : result.state === 'pending' ? 'retried' : 'gone',
        bytes: result.state === 'stored' ? result.bytes : 0,
        attempt: media.attempts,
        durationMs: monotonicNow() - startedAt,
      });
    } finally {
      writingBytes -= written.bytes;
    }
  }

  /** Whoever erases media removes the file once the row says so; one that was written after that goes here. */
  async function settle(media: Media, result: MediaResult): Promise<MediaResult> {
    const { accountId, id } = media;
    await writeAgain(() => store.settleMedia(accountId, id, result), { isStopped: () => isStopped });
    if (result.state !== 'stored') return result;
    const now = await store.findMedia(accountId, id);
    if (now?.state !== 'erased') return result;
    await deps.files.remove(media);
    return { state: 'erased', reason: now.reason };
  }

  async function fetchBytes(media: Media, written: Written): Promise<MediaResult> {
    try {
      const channel = await deps.directory.channel(media.channelId);
      const connector = channel === undefined ? undefined : deps.connectors[channel.type];
      if (channel === undefined || connector?.fetchMedia === undefined)
        throw new FetchStopped('gone', 'The channel has been disconnected.');
      storedBytes = await sumFiles(deps);
      if (storedBytes + writingBytes >= settings.budgetBytes && !(await makeRoom()))
        throw refuseForBudget(media, null);
      if (await isOverShare(deps, media.accountId, storedBytes + writingBytes))
        throw refuseForBudget(media, media.accountId);
      const sender = await deps.directory.sender(media.channelId, media.senderId);
      const fetched = await connector.fetchMedia(channel, media.channelMediaId, sender, media);
      if ('fault' in fetched) throw new FetchStopped(fetched.fault, fetched.reason, fetched.retryAfterMs);
      const { bytes, sha256 } = await deps.files.write(media, gather(limit(media, fetched.bytes, written)));
      if (media.sha256 !== null && !isDigest(media.sha256, sha256)) {
        await deps.files.remove(media);
        throw new FetchStopped('later', 'What came is not what the channel announced: its SHA-256 differs.');
      }
      const mimeType = toSoundType([media.mimeType, fetched.mimeType], Buffer.concat(written.head));
      return { state: 'stored', bytes, mimeType, fileName: fetched.fileName ?? null };
    } catch (error) {
      if (error instanceof FetchStopped) return toResult(media, error);
      activity.crash(error);
      return toResult(media, new FetchStopped('later', 'The media could not be fetched or written.'));
    }
  }

  /** Passes chunks on for as long as the file and all files together are within their limits. */
  async function* limit(
    media: Media,
    chunks: AsyncIterable<Uint8Array>,
    written: Written,
  ): AsyncGenerator<Uint8Array> {
    for await (const chunk of orBrokenOff(chunks)) {
      written.bytes += chunk.byteLength;
      writingBytes += chunk.byteLength;
      if (written.bytes > settings.maxBytes)
        throw new FetchStopped('gone', `The file is larger than ${settings.maxBytes} bytes.`);
      if (storedBytes + writingBytes > settings.budgetBytes && !(await makeRoom()))
        throw refuseForBudget(media, null);
      if (written.headBytes < headBytes) {
        // A copy: what a chunk lies in may be used again.
        const start = Buffer.from(chunk.subarray(0, headBytes - written.headBytes));
        written.head.push(start);
        written.headBytes += start.byteLength;
      }
      yield chunk;
    }
  }

  /** Takes files away whose time is over, oldest first, until there is room; resolves to whether there is. */
  async function makeRoom(): Promise<boolean> {
    for (;;) {
      const removed = deps.maySweep?.() === false ? 0 : await sweep(roomStep);
      storedBytes = await sumFiles(deps);
      if (storedBytes + writingBytes < settings.budgetBytes) return true;
      if (removed === 0) return false;
    }
  }

  async function sweep(max: number): Promise<number> {
    const old = await store.listStoredMedia(now() - settings.keepMs, max);
    for (const { accountId, id } of old) {
      // The row first: a file without a row is only wasted space, a row without its file would be a broken promise.
      await store.settleMedia(accountId, id, { state: 'erased', reason: 'Its time was over.' });
      await deps.files.remove({ accountId, id });
    }
    return old.length;
  }

  /** For want of space at all, or of space that the account may have. */
  function refuseForBudget(media: Media, accountId: AccountId | null): FetchStopped {
    deps.raiseNotice({
      accountId,
      subject: 'media',
      ...noticed(accountId === null ? 'disk_budget_reached' : 'disk_share_reached', {}),
    });
    const whose = accountId === null ? '' : ' of this account';
    const reason = `There is no disk space for media${whose} left (attempt ${media.attempts}).`;
    return new FetchStopped('later', reason);
  }

  function toResult(media: Media, { fault, message, retryAfterMs }: FetchStopped): MediaResult {
    if (fault === 'auth') {
      const subject = `channel/${media.channelId}`;
      deps.raiseNotice({
        accountId: media.accountId,
        subject,
        ...noticed('token_refused', { channelId: media.channelId, said: message }),
      });
    }
    const delayMs = toFetchDelay(media, now(), retryAfterMs);
    if (fault === 'gone' || delayMs === undefined) return { state: 'gone', reason: message };
    return { state: 'pending', dueAt: now() + delayMs, reason: message };
  }

  return {
    status: () => activity.status(),
    start: () => {
      if (isStopped) return;
      activity.start();
      unwatch = store.watch((signal) => {
        if (signal.kind === 'media' || signal.kind === 'missed') wake();
      });
      wake();
    },
    stop: async (limitMs) => {
      isStopped = true;
      activity.stop();
      unwatch();
      cancelTimer();
      const end = monotonicNow() + limitMs;
      // A look under way may have leased one already, which is fetched as well.
      while ((turns.underWay > 0 || isLooking) && monotonicNow() < end)
        await new Promise((resolve) => setTimeout(resolve, 10));
    },
    sweep,
  };
}

function toDue(store: FetcherDeps['store']): ConstructorParameters<typeof Turns<Media>>[0]['due'] {
  return {
    listAccounts: (...page) => store.listDueMediaAccounts(...page),
    listChannels: (...page) => store.listDueMediaChannels(...page),
    claim: async (owner, at) => (await store.claimMedia(owner, 1, at, leaseMs))[0],
  };
}

/** Keeps a long fetch leased until its end. */
function keepLeased(
  { store, now, setTimer = setSystemTimer }: FetcherDeps,
  activity: Activity,
  { accountId, id, reason }: Media,
): ReturnType<typeof keepLease> {
  return keepLease({
    everyMs: renewMs,
    renew: () => store.settleMedia(accountId, id, { state: 'pending', dueAt: now() + leaseMs, reason }),
    onFailure: (error) => activity.crash(error, 'media.renew'),
    setTimer,
  });
}

/** A channel that ends in the middle of a file is no fault of ours. */
async function* orBrokenOff(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    if (error instanceof GatewayError) throw new FetchStopped('later', error.message);
    // Any other tells no more than that: which end broke off, and the client's own code for it.
    throw new FetchStopped('later', 'The channel broke off in the middle of the file.');
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
