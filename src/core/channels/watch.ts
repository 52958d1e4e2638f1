// Looks at every channel every few hours, so that a token that ends or a lost subscription is told before messages are.
import type { Check } from '../../channels/channel.ts';
import type { AccountId } from '../../domain/account.ts';
import type { Channel } from '../../domain/channel.ts';
import { noticed, toCheckName } from '../../domain/findings.ts';
import type { EndNotice, NoticeFinding, RaiseNotice } from '../../domain/notice.ts';
import { Shares } from '../../domain/shares.ts';
import type { Store } from '../../store/store.ts';
import type { Emit } from '../../telemetry/events.ts';
import { Worker } from '../../runtime/worker.ts';
import type { Duty, Turn } from '../../runtime/worker.ts';
import type { Time } from '../../runtime/clock.ts';
import type { Connections } from './enquiries.ts';

export interface WatchDeps extends Time {
  readonly store: Pick<Store, 'listAccounts' | 'listChannels' | 'listNotices'>;
  readonly connections: Pick<Connections, 'check' | 'subscribe'>;
  /** Renews the channel's token where it has to be; resolves to the channel as it is then. */
  readonly renewToken: (channel: Channel) => Promise<Channel>;
  readonly emit: Emit;
  readonly random: () => number;
  readonly raiseNotice: RaiseNotice;
  readonly endNotice: EndNotice;
  /** 0 looks never. */
  readonly intervalMs: number;
  /** How long before its end a token is told of. */
  readonly aheadMs: number;
  /** One node looks for all; each for itself when left out. */
  readonly duty?: Duty;
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
  const checkup = new Checkup(deps);
  return new Worker({
    name: 'channels.watch',
    emit: deps.emit,
    now: deps.now,
    monotonic: deps.monotonic,
    run: (turn) => lookAtAll(deps, checkup, turn),
    firstMs: firstLookMs,
    everyMs: deps.intervalMs,
    random: deps.random,
    duty: deps.duty,
    ...(deps.setTimer && { setTimer: deps.setTimer }),
  });
}

/** Looks at every channel but the sandbox, a few at once. */
async function lookAtAll({ store }: WatchDeps, checkup: Checkup, { isOver, attempt }: Turn): Promise<void> {
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
      await attempt(() => checkup.check(found));
      leave();
    }
  };
  await Promise.all(Array.from({ length: places.total }, work));
}

/** Checks of one channel after another, with what was seen of each before. */
class Checkup {
  readonly #deps: WatchDeps;
  /** Channels, and senders of channels, whose webhook was seen subscribed. */
  readonly #subscribed = new Set<string>();

  constructor(deps: WatchDeps) {
    this.#deps = deps;
  }

  async check(found: Channel): Promise<void> {
    const { renewToken, emit, now, monotonic, aheadMs } = this.#deps;
    const startedAt = monotonic();
    const channel = await renewToken(found);
    const checks = await this.#keepSubscribed(channel);
    const wrong = checks.filter(({ name, ok }) => !ok && name !== 'publicUrl');
    emit('channel.checked', {
      accountId: channel.accountId,
      channelId: channel.id,
      channelType: channel.type,
      outcome: wrong.length === 0 ? 'well' : 'unwell',
      durationMs: monotonic() - startedAt,
    });
    if (wrong.length > 0) await this.#tell(channel, 'channel_unwell', wrong);
    else
      for (const code of ['channel_unwell', 'token_refused'] as const)
        this.#deps.endNotice(channel.accountId, code, `channel/${channel.id}`);
    const ending = checks.filter(({ endsAt }) => endsAt !== undefined && endsAt - now() < aheadMs);
    if (ending.length > 0) await this.#tell(channel, 'token_ending', ending);
    else this.#deps.endNotice(channel.accountId, 'token_ending', `channel/${channel.id}`);
  }

  /** Subscribes again what was lost; resolves to how the channel is then. */
  async #keepSubscribed(channel: Channel): Promise<readonly Check[]> {
    const { connections } = this.#deps;
    const toKey = ({ senderId = '' }: Check): string => `${channel.id}/${senderId}`;
    let checks = await connections.check(channel);
    const lost = checks.filter(
      (one) => one.name === 'webhook' && !one.ok && this.#subscribed.has(toKey(one)),
    );
    if (lost.length > 0) {
      const senderIds = lost.flatMap(({ senderId }) => senderId ?? []);
      await connections.subscribe(channel, ...(senderIds.length === 0 ? [] : [senderIds]));
      checks = await connections.check(channel);
    }
    for (const one of checks) if (one.name === 'webhook' && one.ok) this.#subscribed.add(toKey(one));
    return checks;
  }

  /** Tells once a day, whichever node looked and however often it was started. */
  async #tell(
    { accountId, id }: Channel,
    code: 'channel_unwell' | 'token_ending',
    checks: readonly Check[],
  ): Promise<void> {
    const { store, now, raiseNotice } = this.#deps;
    const subject = `channel/${id}`;
    const { items } = await store.listNotices(accountId, { limit: lookedBack });
    const isTold = items.some(
      (notice) =>
        !notice.isOver && notice.code === code && notice.subject === subject && now() - notice.at < repeatMs,
    );
    if (isTold) return;
    const notice = noticed(code, { channelId: id, findings: checks.map(toSentence).join(' ') });
    raiseNotice({ accountId, subject, ...notice, findings: checks.map(toFinding) });
  }
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
  return `${toCheckName(name)}: ${text}`;
}

function toFinding({ name, code, params, senderId }: Check): NoticeFinding {
  return { name, code, params, ...(senderId === undefined ? {} : { senderId }) };
}
