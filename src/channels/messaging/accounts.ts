// With which token and at which address a Page or a professional account is spoken for (docs/protocols/messenger-instagram.md).
import type { Channel } from '../../domain/channel.ts';
import { isAboutProof } from '../kit/graph.ts';
import type { Graph, GraphAnswer, GraphCall } from '../kit/graph.ts';
import { cutShort, listAll } from '../kit/graph-lists.ts';
import type { ListCall, Listed } from '../kit/graph-lists.ts';
import { isObject, toText } from '../kit/json.ts';
import type { JsonObject } from '../kit/json.ts';
import type { Stopwatch } from '../../runtime/clock.ts';

interface AccountsDeps extends Stopwatch {
  readonly graph: Graph;
  /** Base of the Graph API of Instagram's own login, without its version. */
  readonly instagramUrl: string;
}

/** How calls for one sender are made. */
interface Voice {
  readonly token: string;
  /** What stands for the sender in paths: a Page id, or `me` where the token is the account's own. */
  readonly node: string;
  readonly baseUrl?: string;
  /** Why the token could not be exchanged: what every call is answered then, without being made. */
  readonly fault?: NoAnswer;
}

/** A Page or professional account that a token speaks for. */
interface OwnAccount {
  readonly id: string;
  readonly name: string;
}

type NoAnswer = Exclude<GraphAnswer, { readonly kind: 'ok' }>;

const keepMs = 60 * 60_000;
/** A Page that the token does not know may have been added to it a minute later. */
const keepMissingMs = 60_000;
const maxKept = 10_000;
const pageFields = 'id,name,access_token,instagram_business_account{id,username}';

/** Instagram's own login gives tokens that begin with IG; those of Facebook begin with EA. */
export function isInstagramLogin(channel: Channel): boolean {
  return channel.type === 'instagram' && /^IG/.test(toToken(channel));
}

type ListedAccounts = NoAnswer | { readonly kind: 'ok'; readonly accounts: readonly OwnAccount[] };
type FoundPage = NoAnswer | { readonly kind: 'ok'; readonly page: JsonObject | undefined };

/** The accounts that channels' tokens speak for, and with which token each is spoken for. */
export class Accounts {
  readonly #deps: AccountsDeps;
  /** Voices that are being found are kept as well, so that many messages at once ask once. */
  readonly #kept = new Map<string, { readonly voice: Promise<Voice>; until: number }>();

  constructor(deps: AccountsDeps) {
    this.#deps = deps;
  }

  /** How to call for a sender. A token that is not the Page's own is exchanged for it, once an hour. */
  async voiceOf(channel: Channel, senderId: string): Promise<Voice> {
    const { monotonic, instagramUrl } = this.#deps;
    const token = toToken(channel);
    if (isInstagramLogin(channel)) return { token, node: 'me', baseUrl: instagramUrl };
    const key = `${channel.id}/${channel.updatedAt}/${senderId}`;
    const known = this.#kept.get(key);
    if (known !== undefined && known.until > monotonic()) return known.voice;
    if (this.#kept.size >= maxKept) this.#kept.clear();
    const entry = {
      until: monotonic() + keepMissingMs,
      voice: this.#exchange(channel, senderId, token).then((voice) => {
        if (voice.fault !== undefined) this.#kept.delete(key);
        else if (voice.token !== token) entry.until = monotonic() + keepMs;
        return voice;
      }),
    };
    this.#kept.set(key, entry);
    return entry.voice;
  }

  async call(
    channel: Channel,
    { token, node, baseUrl, fault }: Voice,
    { edge, ...call }: Pick<GraphCall, 'method' | 'body' | 'query'> & { readonly edge: string },
  ): Promise<GraphAnswer> {
    if (fault !== undefined) return fault;
    return this.#deps.graph({
      ...call,
      path: [node, edge],
      token,
      ...toProof(channel),
      ...(baseUrl === undefined ? {} : { baseUrl }),
    });
  }

  /** Asks for a token that lives 60 days more in the place of one of Instagram's own login. */
  renew(channel: Channel): Promise<GraphAnswer> {
    const { graph, instagramUrl } = this.#deps;
    return graph({
      method: 'GET',
      path: ['refresh_access_token'],
      token: toToken(channel),
      query: { grant_type: 'ig_refresh_token' },
      baseUrl: instagramUrl,
      isUnversioned: true,
    });
  }

  /** Everything that the channel's token speaks for. */
  async list(channel: Channel): Promise<ListedAccounts> {
    if (isInstagramLogin(channel)) return this.#listOwn(channel);
    const listed = await this.#listPages(channel, toToken(channel), (page) => toAccount(channel, page));
    return listed.kind === 'ok' ? { kind: 'ok', accounts: listed.items } : listed;
  }

  /** The one account whose token of Instagram's own login it is. */
  async #listOwn(channel: Channel): Promise<ListedAccounts> {
    const { graph, instagramUrl } = this.#deps;
    const answer = await graph({
      method: 'GET',
      path: ['me'],
      token: toToken(channel),
      query: { fields: 'user_id,username' },
      baseUrl: instagramUrl,
      ...toProof(channel),
    });
    if (answer.kind !== 'ok') return answer;
    const id = toText(answer.body['user_id']) ?? toText(answer.body['id']);
    const name = toText(answer.body['username']) ?? id ?? '';
    return { kind: 'ok', accounts: id === undefined ? [] : [{ id, name }] };
  }

  /** All of an edge of the sender that a voice is of, page by page. */
  listEdge<T>(
    channel: Channel,
    voice: Voice,
    edge: string,
    asked: Pick<ListCall<T>, 'query' | 'pick'>,
  ): Promise<Listed<T>> {
    return listAll({
      ...asked,
      monotonic: this.#deps.monotonic,
      ask: (query) => this.call(channel, voice, { method: 'GET', edge, query }),
    });
  }

  /** Exchanges the channel's token for that of the Page behind a sender, where it is another one. */
  async #exchange(channel: Channel, senderId: string, token: string): Promise<Voice> {
    const isMessenger = channel.type === 'messenger';
    const same = { token, node: isMessenger ? senderId : 'me' };
    const answer = isMessenger
      ? await this.#findPage(channel, senderId, token)
      : await this.#findLinked(channel, senderId, token);
    if (answer.kind === 'refused') return isPageToken(answer) ? same : { ...same, fault: answer };
    // Nothing has been sent yet, whatever became of this question.
    if (answer.kind !== 'ok') return { ...same, fault: { kind: 'unsent', text: answer.text } };
    const { page } = answer;
    return { token: toText(page?.['access_token']) ?? token, node: toText(page?.['id']) ?? same.node };
  }

  async #findPage(channel: Channel, pageId: string, token: string): Promise<FoundPage> {
    const query = { fields: 'access_token' };
    const { graph } = this.#deps;
    const answer = await graph({ method: 'GET', path: [pageId], token, query, ...toProof(channel) });
    return answer.kind === 'ok' ? { kind: 'ok', page: { ...answer.body, id: pageId } } : answer;
  }

  /** The Page that a professional account hangs on. */
  async #findLinked(channel: Channel, accountId: string, token: string): Promise<FoundPage> {
    const listed = await this.#listPages(
      channel,
      token,
      (page) => (toInstagramId(page) === accountId ? page : undefined),
      (found) => found.length > 0,
    );
    if (listed.kind !== 'ok') return listed;
    const [page] = listed.items;
    return page === undefined && !listed.isWhole ? { kind: 'unknown', text: cutShort } : { kind: 'ok', page };
  }

  #listPages<T>(
    channel: Channel,
    token: string,
    pick: (page: JsonObject) => T | undefined,
    isEnough?: (found: readonly T[]) => boolean,
  ): Promise<Listed<T>> {
    const { graph, monotonic } = this.#deps;
    return listAll({
      monotonic,
      ask: (query) => graph({ method: 'GET', path: ['me', 'accounts'], token, query, ...toProof(channel) }),
      query: { fields: pageFields, limit: '100' },
      pick,
      ...(isEnough === undefined ? {} : { isEnough }),
    });
  }
}

function toToken({ credentials }: Channel): string {
  return credentials['accessToken'] ?? '';
}

function toAccount({ type }: Channel, page: JsonObject): OwnAccount | undefined {
  const linked = page['instagram_business_account'];
  const instagram = isObject(linked) ? linked : {};
  const id = type === 'instagram' ? toInstagramId(page) : toText(page['id']);
  const name = type === 'instagram' ? toText(instagram['username']) : toText(page['name']);
  return id === undefined ? undefined : { id, name: name ?? id };
}

/** A Page's own token has no accounts to list: Graph says so with code 100; its subcode 33 means that nothing is seen at all. */
export function isPageToken(answer: NoAnswer): boolean {
  if (answer.kind !== 'refused') return false;
  const { error } = answer;
  return error.code === 100 && error.subcode !== 33 && !isAboutProof(error);
}

function toInstagramId(page: JsonObject): string | undefined {
  const instagram = page['instagram_business_account'];
  return isObject(instagram) ? toText(instagram['id']) : undefined;
}

function toProof(channel: Channel): Pick<GraphCall, 'appSecret'> {
  const { appSecret } = channel.credentials;
  return appSecret === undefined || appSecret === '' ? {} : { appSecret };
}
