// Fetches what users sent from the channels into our own store, and takes it away again when its time is over.
import type { Connector, MediaFault } from '../channels/channel.ts';
import type { AccountId } from '../domain/account.ts';
import type { ChannelType } from '../domain/channel.ts';
import { mediaLimits } from '../domain/media.ts';
import type { Media } from '../domain/media.ts';
import type { NoticeCode } from '../domain/notice.ts';
import type { Directory } from '../store/directory.ts';
import type { MediaResult, Store } from '../store/store.ts';
import type { Emit } from '../telemetry/events.ts';
import type { MediaStore } from './files.ts';

export interface FetcherDeps {
  readonly store: Pick<
    Store,
    'claimMedia' | 'settleMedia' | 'findNextMediaDue' | 'sumMediaBytes' | 'listStoredMedia' | 'watch'
  >;
  readonly directory: Directory;
  readonly connectors: Readonly<Partial<Record<ChannelType, Connector>>>;
  readonly files: MediaStore;
  readonly emit: Emit;
  readonly raiseNotice: (notice: {
    accountId: AccountId | null;
    code: NoticeCode;
    subject: string;
    text: string;
  }) => void;
  readonly now: () => number;
  readonly setTimer?: (callback: () => void, ms: number) => () => void;
  readonly settings: { readonly budgetBytes: number; readonly maxBytes: number; readonly keepMs: number };
}

export interface MediaFetcher {
  start(): void;
  /** Begins no more fetches and waits up to `limitMs` for those under way; the others are fetched at the next start. */
  stop(limitMs: number): Promise<void>;
  /** Takes away up to `limit` files whose links are over; resolves to how many went. */
  sweep(limit: number): Promise<number>;
}

const maxInFlight = 4;
/** A fetch that is not settled by then comes up again. */
const leaseMs = 10 * 60_000;
const maxSleepMs = 60_000;

/** What ended a fetch early, with what is to become of it. */
class FetchStopped extends Error {
  readonly fault: MediaFault['fault'];

  constructor(fault: MediaFault['fault'], reason: string) {
    super(reason);
    this.name = 'FetchStopped';
    this.fault = fault;
  }
}

export function openMediaFetcher(deps: FetcherDeps): MediaFetcher {
  const { store, emit, now, settings } = deps;
  const setTimer = deps.setTimer ?? setSystemTimer;
  let inFlight = 0;
  let isLooking = false;
  let isAskedAgain = false;
  let isStopped = false;
  let cancelTimer = (): void => undefined;
  let unwatch = (): void => undefined;

  function wake(): void {
    if (isStopped) return;
    if (isLooking) {
      isAskedAgain = true;
      return;
    }
    isLooking = true;
    look()
      .catch((error: unknown) => {
        emit('unit.crashed', { unit: 'media.look', error });
        sleepUntil(now() + 1000);
      })
      .finally(() => {
        isLooking = false;
        if (isAskedAgain) {
          isAskedAgain = false;
          wake();
        }
      });
  }

  async function look(): Promise<void> {
    cancelTimer();
    const free = maxInFlight - inFlight;
    if (free > 0) {
      const claimed = await store.claimMedia(free, now(), leaseMs);
      for (const media of claimed) begin(media);
      if (claimed.length === free) return;
    }
    const due = await store.findNextMediaDue();
    if (due !== undefined && inFlight < maxInFlight) sleepUntil(due);
  }

  function sleepUntil(at: number): void {
    if (isStopped) return;
    cancelTimer();
    cancelTimer = setTimer(wake, Math.min(maxSleepMs, Math.max(0, at - now())));
  }

  function begin(media: Media): void {
    inFlight += 1;
    fetchOne(media)
      .catch((error: unknown) => emit('unit.crashed', { unit: 'media.fetch', error }))
      .finally(() => {
        inFlight -= 1;
        wake();
      });
  }

  async function fetchOne(media: Media): Promise<void> {
    const startedAt = performance.now();
    const result = await fetchBytes(media);
    await store.settleMedia(media.accountId, media.id, result);
    emit('media.fetched', {
      accountId: media.accountId,
      mediaId: media.id,
      outcome: result.state === 'stored' ? 'stored' : result.state === 'pending' ? 'retried' : 'gone',
      bytes: result.state === 'stored' ? result.bytes : 0,
      attempt: media.attempts,
      durationMs: performance.now() - startedAt,
    });
  }

  async function fetchBytes(media: Media): Promise<MediaResult> {
    try {
      const channel = await deps.directory.channel(media.channelId);
      const connector = channel === undefined ? undefined : deps.connectors[channel.type];
      if (channel === undefined || connector?.fetchMedia === undefined)
        throw new FetchStopped('gone', 'The channel has been disconnected.');
      const left = settings.budgetBytes - (await store.sumMediaBytes());
      if (left <= 0) throw refuseForBudget(media);
      const fetched = await connector.fetchMedia(channel, media.channelMediaId);
      if ('fault' in fetched) throw new FetchStopped(fetched.fault, fetched.reason);
      const written = await deps.files.write(media.id, limit(media, fetched.bytes, left));
      if (media.sha256 !== null && !isDigest(media.sha256, written.sha256)) {
        await deps.files.remove(media.id);
        throw new FetchStopped('later', 'What came is not what the channel announced: its SHA-256 differs.');
      }
      return { state: 'stored', bytes: written.bytes };
    } catch (error) {
      if (error instanceof FetchStopped) return toResult(media, error);
      emit('unit.crashed', { unit: 'media.fetch', error });
      return toResult(media, new FetchStopped('later', 'The media could not be fetched or written.'));
    }
  }

  async function* limit(
    media: Media,
    chunks: AsyncIterable<Uint8Array>,
    left: number,
  ): AsyncGenerator<Uint8Array> {
    let bytes = 0;
    for await (const chunk of chunks) {
      bytes += chunk.byteLength;
      if (bytes > settings.maxBytes)
        throw new FetchStopped('gone', `The file is larger than ${settings.maxBytes} bytes.`);
      if (bytes > left) throw refuseForBudget(media);
      yield chunk;
    }
  }

  function refuseForBudget(media: Media): FetchStopped {
    deps.raiseNotice({
      accountId: null,
      code: 'disk_budget_reached',
      subject: 'media',
      text: 'The disk space for media is used up. Fetching goes on when older files have gone, or when the budget is raised.',
    });
    return new FetchStopped('later', `There is no disk space for media left (attempt ${media.attempts}).`);
  }

  function toResult(media: Media, { fault, message }: FetchStopped): MediaResult {
    if (fault === 'auth') {
      const subject = `channel/${media.channelId}`;
      deps.raiseNotice({
        accountId: media.accountId,
        code: 'token_refused',
        subject,
        text: `${message} Media cannot be fetched until the access token is renewed.`,
      });
    }
    const delayMs = mediaLimits.scheduleMs[media.attempts];
    if (fault === 'gone' || delayMs === undefined) return { state: 'gone', reason: message };
    return { state: 'pending', dueAt: now() + delayMs, reason: message };
  }

  return {
    start: () => {
      unwatch = store.watch((signal) => {
        if (signal.kind === 'media') wake();
      });
      wake();
    },
    stop: async (limitMs) => {
      isStopped = true;
      unwatch();
      cancelTimer();
      const end = Date.now() + limitMs;
      while (inFlight > 0 && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 10));
    },
    sweep: async (max) => {
      const old = await store.listStoredMedia(now() - settings.keepMs, max);
      for (const { accountId, id } of old) {
        // The row first: a file without a row is only wasted space, a row without its file would be a broken promise.
        await store.settleMedia(accountId, id, { state: 'erased', reason: 'Its time was over.' });
        await deps.files.remove(id);
      }
      return old.length;
    },
  };
}

/** Whether a digest, in Base64 or in hex, is the one that was computed. */
function isDigest(given: string, computedHex: string): boolean {
  const hex = /^[0-9a-f]{64}$/i.test(given)
    ? given.toLowerCase()
    : Buffer.from(given, 'base64').toString('hex');
  // Test data and some older payloads hold placeholders; only a full digest can be compared.
  return hex.length !== 64 || hex === computedHex;
}

function setSystemTimer(callback: () => void, ms: number): () => void {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
}
