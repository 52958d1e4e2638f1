import type { AccessKey, Account, AccountId } from '../domain/account.ts';
import type { Channel, ChannelType, Sender } from '../domain/channel.ts';
import type { Destination } from '../domain/delivery.ts';
import type { PortalLink } from '../domain/portal-link.ts';
import type { Queue } from '../domain/queue.ts';
import type { Template } from '../domain/template.ts';
import type { PortalLinkUse } from './portals/port.ts';
import type { KeyUse, Store } from './store.ts';
import type { Time } from '../runtime/clock.ts';

type Source = Pick<
  Store,
  | 'findKey'
  | 'findPortalLink'
  | 'findAccount'
  | 'findChannel'
  | 'findSender'
  | 'findSenderByRoute'
  | 'findChannelsByWaba'
  | 'findDestination'
  | 'findDestinationByUrl'
  | 'findQueue'
  | 'findTemplates'
  | 'listChannels'
  | 'listSenders'
  | 'noteKeyUses'
  | 'notePortalLinkUses'
  | 'watch'
>;

/** Another node's change is seen after this long even if its notification was lost. */
const maxAgeMs = 5000;
const maxEntries = 50_000;
const maxUses = 10_000;

interface Entry {
  readonly value: Promise<unknown>;
  readonly until: number;
  /** How many changes there had been when it was asked for. */
  readonly asOf: number;
  /** Whose it is; undefined while that is not known, and of what is not there, which anybody may make. */
  owner: AccountId | undefined;
}

/**
 * What changes rarely and is looked up on every request, remembered: keys, channels, senders, destinations, queues. All
 * of an account is forgotten at the first sign of a change of it, so this process sees its own writes at once, and another
 * node's within seconds. Bounded: when it is full it forgets everything.
 */
export class Directory {
  readonly #store: Source;
  readonly #now: () => number;
  readonly #monotonic: () => number;
  readonly #entries = new Map<string, Entry>();
  /** Which change was the last of each account, and of any. */
  readonly #lastOf = new Map<AccountId, number>();
  #changes = 0;
  readonly #unwatch: () => void;
  /** When keys were used that has not been written yet; one entry a key. */
  #uses = new Map<string, KeyUse>();
  /** The same of portal links. */
  #linkUses = new Map<string, PortalLinkUse>();

  constructor(store: Source, { now, monotonic }: Time) {
    this.#store = store;
    this.#now = now;
    this.#monotonic = monotonic;
    this.#unwatch = store.watch((signal) => {
      if (signal.kind === 'missed') this.#forget();
      else if (signal.kind === 'directory' || signal.kind === 'templates') this.#forget(signal.accountId);
    });
  }

  key(id: string): Promise<AccessKey | undefined> {
    return this.#remember(`key/${id}`, () => this.#store.findKey(id));
  }

  account(id: AccountId): Promise<Account | undefined> {
    return this.#remember(`account/${id}`, () => this.#store.findAccount(id), id);
  }

  portalLink(accountId: AccountId, id: string): Promise<PortalLink | undefined> {
    return this.#remember(
      `portal/${accountId}/${id}`,
      () => this.#store.findPortalLink(accountId, id),
      accountId,
    );
  }

  /** Remembers that a key is in use; `writeUses` writes it down, so that a request costs no write. */
  noteUse({ id: keyId, accountId }: AccessKey): void {
    if (this.#uses.size < maxUses || this.#uses.has(keyId))
      this.#uses.set(keyId, { accountId, keyId, at: this.#now() });
  }

  /** The same for a portal link. */
  noteLinkUse({ id: linkId, accountId }: Pick<PortalLink, 'id' | 'accountId'>): void {
    if (this.#linkUses.size < maxUses || this.#linkUses.has(linkId))
      this.#linkUses.set(linkId, { accountId, linkId, at: this.#now() });
  }

  /** Writes down when keys and links were last used; what cannot be written now is tried again the next time. */
  async writeUses(): Promise<void> {
    await this.#writeKeyUses();
    await this.#writeLinkUses();
  }

  async #writeLinkUses(): Promise<void> {
    const uses = this.#linkUses;
    if (uses.size === 0) return;
    this.#linkUses = new Map();
    try {
      await this.#store.notePortalLinkUses([...uses.values()]);
    } catch (error) {
      this.#linkUses = new Map([...uses, ...this.#linkUses]);
      throw error;
    }
  }

  async #writeKeyUses(): Promise<void> {
    const uses = this.#uses;
    if (uses.size === 0) return;
    this.#uses = new Map();
    try {
      await this.#store.noteKeyUses([...uses.values()]);
    } catch (error) {
      this.#uses = new Map([...uses, ...this.#uses]);
      throw error;
    }
  }

  channel(id: string): Promise<Channel | undefined> {
    return this.#remember(`channel/${id}`, () => this.#store.findChannel(id));
  }

  sender(channelId: string, senderId: string): Promise<Sender | undefined> {
    return this.#remember(`sender/${channelId}/${senderId}`, () =>
      this.#store.findSender(channelId, senderId),
    );
  }

  senderByRoute(type: ChannelType, routeId: string): Promise<Sender | undefined> {
    return this.#remember(`route/${type}/${routeId}`, () => this.#store.findSenderByRoute(type, routeId));
  }

  channelsByWaba(type: ChannelType, wabaId: string): Promise<readonly Channel[]> {
    return this.#remember(`waba/${type}/${wabaId}`, () => this.#store.findChannelsByWaba(type, wabaId));
  }

  destination(accountId: AccountId, id: number): Promise<Destination | undefined> {
    return this.#remember(
      `destination/${accountId}/${id}`,
      () => this.#store.findDestination(accountId, id),
      accountId,
    );
  }

  destinationByUrl(accountId: AccountId, url: string): Promise<Destination | undefined> {
    return this.#remember(
      `url/${accountId}/${url}`,
      () => this.#store.findDestinationByUrl(accountId, url),
      accountId,
    );
  }

  /**
   * That there is none is asked each time: a client makes the queue that it was told is missing, and comes with its messages to another
   * node at once. Whoever asks has shown a key.
   */
  queue(accountId: AccountId, name: string): Promise<Queue | undefined> {
    const key = `queue/${accountId}/${name}`;
    const find = async (): Promise<Queue | undefined> => {
      const found = await this.#store.findQueue(accountId, name);
      if (found === undefined) this.#entries.delete(key);
      return found;
    };
    return this.#remember(key, find, accountId);
  }

  /** All senders of an account's channels, in the order in which they were made. */
  senders(accountId: AccountId): Promise<readonly Sender[]> {
    return this.#remember(
      `senders/${accountId}`,
      async () => {
        const channels = await this.#store.listChannels(accountId);
        return (await Promise.all(channels.map(({ id }) => this.#store.listSenders(accountId, id)))).flat();
      },
      accountId,
    );
  }

  /** A language of a channel's template, by its code, its name or the channel's own id of it. */
  template(
    accountId: AccountId,
    channelId: string,
    codeOrName: string,
    language: string,
  ): Promise<Template | undefined> {
    return this.#remember(
      `template/${accountId}/${channelId}/${codeOrName}/${language}`,
      () => this.templateNow(accountId, channelId, codeOrName, language),
      accountId,
    );
  }

  /** The same as the store has it at this moment, for what depends on where its review stands. */
  async templateNow(
    accountId: AccountId,
    channelId: string,
    codeOrName: string,
    language: string,
  ): Promise<Template | undefined> {
    const filter = { channelId, language };
    for (const key of [{ code: codeOrName }, { name: codeOrName }, { vendorId: codeOrName }]) {
      const [found] = await this.#store.findTemplates(accountId, { ...filter, ...key });
      if (found !== undefined) return found;
    }
    return undefined;
  }

  close(): void {
    this.#unwatch();
    this.#entries.clear();
  }

  /** `owner` where it is known before it is found. */
  #remember<T>(key: string, load: () => Promise<T>, owner?: AccountId): Promise<T> {
    const now = this.#monotonic();
    const known = this.#entries.get(key);
    // The key's prefix names the loader, so an entry always holds what its own loader gave.
    if (known !== undefined && known.until > now && this.#isFresh(known)) return known.value as Promise<T>;
    if (this.#entries.size >= maxEntries) this.#entries.clear();
    const asOf = this.#changes;
    const value = load();
    const entry: Entry = { value, until: now + maxAgeMs, asOf, owner };
    this.#entries.set(key, entry);
    value.then(
      (found) => {
        entry.owner ??= toOwner(found);
      },
      () => {
        if (this.#entries.get(key) === entry) this.#entries.delete(key);
      },
    );
    return value;
  }

  /** Forgets what is of an account and what is nobody's; everything when it is not said whose. */
  #forget(accountId?: AccountId): void {
    this.#changes += 1;
    if (accountId === undefined || this.#lastOf.size >= maxEntries) {
      this.#entries.clear();
      this.#lastOf.clear();
    } else this.#lastOf.set(accountId, this.#changes);
  }

  #isFresh({ owner, asOf }: Entry): boolean {
    return asOf >= (owner === undefined ? this.#changes : (this.#lastOf.get(owner) ?? 0));
  }
}

/** Whose a found thing is; undefined for none, and for several, which may be of several accounts. */
function toOwner(found: unknown): AccountId | undefined {
  if (typeof found !== 'object' || found === null || !('accountId' in found)) return undefined;
  return typeof found.accountId === 'number' ? found.accountId : undefined;
}
