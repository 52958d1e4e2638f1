// Looks at every channel every few hours, so that a token that ends or a lost subscription is told before messages are.
import { monotonicNow } from '../../runtime/clock.ts';
import type { Check } from '../../channels/channel.ts';
import type { AccountId } from '../../domain/account.ts';
import type { Channel } from '../../domain/channel.ts';
import { noticed } from '../../domain/findings.ts';
import type { NoticeFinding, RaiseNotice } from '../../domain/notice.ts';
import { Shares } from '../../domain/shares.ts';
import type { Store } from '../../store/store.ts';
import type { Emit } from '../../telemetry/events.ts';
import { Worker } from '../../runtime/worker.ts';
import type { Turn } from '../../runtime/worker.ts';
import type { Connections } from './enquiries.ts';

export interface WatchDeps {
  readonly store: Pick<Store, 'listAccounts' | 'listChannels' | 'listNotices'>;
  readonly connections: Pick<Connections, 'check' | 'subscribe'>;
  /** Renews the channel's token where it has to be; resolves to the channel as it is then. */
  readonly renewToken: (channel: Channel) => Promise<Channel>;
  readonly emit: Emit;
  readonly now: () => number;
  readonly random: () => number;
  readonly raiseNotice: RaiseNotice;
  /** 0 looks never. */
  readonly intervalMs: number;
  /** How long before its end a token is told of. */
  readonly aheadMs: number;
  readonly setTimer?: (callback: () => void, ms: number) => () => void;
}

/** Checks under way at once, and those of one account: one whose channels hang leaves the others looked at. */
const places = { total: 4, each: 2 } as const;
/** The same thing about the same channel is told again after this long. */
const repeatMs = 24 * 60 * 60 * 1000;
/** Notices that are looked through for one that says the same. */
const lookedBack = 100;
/** A service that has just started has other things to do. */
const firstLookMs = 10 * 60 * 1000;

/**
 * Watches, once it is started. A check that fails raises `channel_unwell`; a token near its end raises `token_ending`. A webhook that
 * was seen subscribed in this process's life, and is no more, is subscribed again; one that never was is left alone, since
 * it may be another service's. Where each sender is subscribed by itself, that goes for each.
 */
export function watchChannels(deps: WatchDeps): Worker {
  const { store, connections, emit, now } = deps;
  const subscribed = new Set<string>();

  async function look({ isOver, attempt }: Turn): Promise<void> {
    const waiting: Channel[][] = [];
    for (const { id } of await store.listAccounts())
      waiting.push((await store.listChannels(id)).filter(({ type }) => type !== 'sandbox'));
    const shares = new Shares<AccountId>(places);
    // Whoever finds nothing ends: what is left is of accounts that have their places, each of which goes on with the next.
    const work = async (): Promise<void> => {
      for (
        let channel = takeNext(waiting, shares);
        channel !== undefined;
        channel = takeNext(waiting, shares)
      ) {
        if (isOver()) return;
        const found = channel;
        const leave = shares.take(found.accountId);
        await attempt(() => checkOne(found));
        leave();
      }
    };
    await Promise.all(Array.from({ length: places.total }, work));
  }

  async function checkOne(found: Channel): Promise<void> {
    const startedAt = monotonicNow();
    const channel = await deps.renewToken(found);
    let checks = await connections.check(channel);
    const toKey = ({ senderId = '' }: Check): string => `${channel.id}/${senderId}`;
    const lost = checks.filter((one) => one.name === 'webhook' && !one.ok && subscribed.has(toKey(one)));
    if (lost.length > 0) {
      const senderIds = lost.flatMap(({ senderId }) => senderId ?? []);
      await connections.subscribe(channel, ...(senderIds.length === 0 ? [] : [senderIds]));
      checks = await connections.check(channel);
    }
    for (const one of checks) if (one.name === 'webhook' && one.ok) subscribed.add(toKey(one));
    const wrong = checks.filter(({ name, ok }) => !ok && name !== 'publicUrl');
    emit('channel.checked', {
      accountId: channel.accountId,
      channelId: channel.id,
      channelType: channel.type,
      outcome: wrong.length === 0 ? 'well' : 'unwell',
      durationMs: monotonicNow() - startedAt,
    });
    if (wrong.length > 0) await tell(channel, 'channel_unwell', wrong);
    const ending = checks.filter(({ endsAt }) => endsAt !== undefined && endsAt - now() < deps.aheadMs);
    if (ending.length > 0) await tell(channel, 'token_ending', ending);
  }

  /** Tells once a day, whichever node looked and however often it was started. */
  async function tell(
    { accountId, id }: Channel,
    code: 'channel_unwell' | 'token_ending',
    checks: readonly Check[],
  ): Promise<void> {
    const subject = `channel/${id}`;
    const { items } = await store.listNotices(accountId, { limit: lookedBack });
    const isTold = items.some(
      (notice) => notice.code === code && notice.subject === subject && now() - notice.at < repeatMs,
    );
    if (isTold) return;
    const notice = noticed(code, { channelId: id, findings: checks.map(toSentence).join(' ') });
    deps.raiseNotice({ accountId, subject, ...notice, findings: checks.map(toFinding) });
  }

  return new Worker({
    name: 'channels.watch',
    emit,
    run: look,
    firstMs: firstLookMs,
    everyMs: deps.intervalMs,
    random: deps.random,
    ...(deps.setTimer && { setTimer: deps.setTimer }),
  });
}

/** Takes a channel of the account whose turn it is among those with a place left. */
function takeNext(waiting: Channel[][], shares: Shares<AccountId>): Channel | undefined {
  const at = waiting.findIndex(([channel]) => channel !== undefined && shares.room(channel.accountId) > 0);
  const [ofAccount] = at < 0 ? [] : waiting.splice(at, 1);
  if (ofAccount === undefined) return undefined;
  waiting.push(ofAccount);
  return ofAccount.pop();
}

function toSentence({ name, text }: Check): string {
  return `${name}: ${text}`;
}

function toFinding({ name, code, params, senderId }: Check): NoticeFinding {
  return { name, code, params, ...(senderId === undefined ? {} : { senderId }) };
}
