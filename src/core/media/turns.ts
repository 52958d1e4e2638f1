// Whose media are fetched next: accounts take turns, and so do the channels of each, whatever waits behind the first of them.
import type { AccountId } from '../../domain/account.ts';
import type { Media } from '../../domain/media.ts';
import { Shares, toQuarter } from '../../domain/shares.ts';
import type { Store } from '../../store/store.ts';

interface TurnsDeps {
  readonly store: Pick<Store, 'claimMedia' | 'listDueMediaAccounts' | 'listDueMediaChannels'>;
  readonly leaseMs: number;
  /** Fetches under way at once, over all accounts. */
  readonly places: number;
}

/** Accounts and channels that are asked for at once. */
const pageSize = 100;

export class Turns {
  readonly #deps: TurnsDeps;
  readonly #accounts: Shares<AccountId>;
  readonly #channels: Shares<string>;
  #lastAccount: AccountId = 0;
  #isClosed = false;
  /** Of each account with a fetch under way or behind it, the channel that was served last. */
  readonly #lastChannels = new Map<AccountId, string>();

  /** An account has at most a quarter of the places and a channel at most an eighth; the last quarter is for those who have none. */
  constructor(deps: TurnsDeps) {
    this.#deps = deps;
    const each = toQuarter(deps.places);
    this.#accounts = new Shares({ total: deps.places, each, kept: Math.floor(deps.places / 4), few: 1 });
    this.#channels = new Shares({ total: deps.places, each: Math.max(1, Math.floor(each / 2)) });
  }

  get underWay(): number {
    return this.#accounts.taken;
  }

  get isFull(): boolean {
    return this.#accounts.taken >= this.#deps.places;
  }

  /** Nothing is leased any more, by a look that is under way neither. */
  close(): void {
    this.#isClosed = true;
  }

  /** Leases the next file that is due at `at` and may be fetched now, with what ends its turn; undefined without one, or once closed. */
  async next(at: number): Promise<{ readonly media: Media; readonly end: () => void } | undefined> {
    const { store } = this.#deps;
    const accounts = inTurn(this.#lastAccount, 0, (after) => store.listDueMediaAccounts(at, after, pageSize));
    for await (const accountId of accounts) {
      if (this.#isClosed) return undefined;
      if (this.#accounts.room(accountId) === 0) continue;
      const media = await this.#claim(accountId, at);
      if (media === undefined) continue;
      this.#lastAccount = accountId;
      return { media, end: this.#take(media) };
    }
    return undefined;
  }

  async #claim(accountId: AccountId, at: number): Promise<Media | undefined> {
    const { store, leaseMs } = this.#deps;
    const last = this.#lastChannels.get(accountId) ?? '';
    const channels = inTurn(last, '', (after) => store.listDueMediaChannels(accountId, at, after, pageSize));
    for await (const channelId of channels) {
      if (this.#isClosed) return undefined;
      if (this.#channels.room(toKey({ accountId, channelId })) === 0) continue;
      // Another node may have been quicker.
      const [media] = await store.claimMedia({ accountId, channelId }, 1, at, leaseMs);
      if (media !== undefined) return media;
    }
    return undefined;
  }

  #take(media: Media): () => void {
    const { accountId, channelId } = media;
    const ends = [this.#accounts.take(accountId), this.#channels.take(toKey(media))];
    this.#lastChannels.set(accountId, channelId);
    return () => {
      for (const end of ends) end();
      if (this.#lastChannels.size > pageSize && this.#accounts.held(accountId) === 0)
        this.#lastChannels.delete(accountId);
    };
  }
}

const toKey = ({ accountId, channelId }: Pick<Media, 'accountId' | 'channelId'>): string =>
  `${accountId}/${channelId}`;

/** Goes round all once, from the one after `last` to `last`; `list` gives those after a place in order, a page at a time. */
async function* inTurn<Place extends string | number>(
  last: Place,
  first: Place,
  list: (after: Place) => Promise<readonly Place[]>,
): AsyncGenerator<Place> {
  for (const [from, to] of [
    [last, undefined],
    [first, last],
  ] as const) {
    let after = from;
    for (;;) {
      const page = await list(after);
      for (const place of page) {
        if (to !== undefined && place > to) return;
        yield place;
      }
      const end = page.at(-1);
      if (end === undefined || page.length < pageSize) break;
      after = end;
    }
  }
}
