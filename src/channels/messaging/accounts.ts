// With which token and at which address a Page or a professional account is spoken for (docs/protocols/messenger-instagram.md).
import type { Channel } from '../../domain/channel.ts';
import { isAboutProof } from '../kit/graph.ts';
import type { Graph, GraphAnswer, GraphCall } from '../kit/graph.ts';
import { cutShort, listAll } from '../kit/graph-lists.ts';
import type { Listed } from '../kit/graph-lists.ts';
import { isObject, toText } from '../kit/json.ts';
import type { JsonObject } from '../kit/json.ts';

interface AccountsDeps {
  readonly graph: Graph;
  readonly monotonic: () => number;
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

export interface Accounts {
  /** How to call for a sender. A token that is not the Page's own is exchanged for it, once an hour. */
  readonly voiceOf: (channel: Channel, senderId: string) => Promise<Voice>;
  readonly call: (
    channel: Channel,
    voice: Voice,
    call: Pick<GraphCall, 'method' | 'body' | 'query'> & { readonly edge: string },
  ) => Promise<GraphAnswer>;
  /** Asks for a token that lives 60 days more in the place of one of Instagram's own login. */
  readonly renew: (channel: Channel) => Promise<GraphAnswer>;
  /** Everything that the channel's token speaks for. */
  readonly list: (
    channel: Channel,
  ) => Promise<NoAnswer | { readonly kind: 'ok'; readonly accounts: readonly OwnAccount[] }>;
}

const keepMs = 60 * 60_000;
/** A Page that the token does not know may have been added to it a minute later. */
const keepMissingMs = 60_000;
const maxKept = 10_000;
const pageFields = 'id,name,access_token,instagram_business_account{id,username}';

/** Instagram's own login gives tokens that begin with IG; those of Facebook begin with EA. */
export function isInstagramLogin(channel: Channel): boolean {
  return channel.type === 'instagram' && /^IG/.test(channel.credentials['accessToken'] ?? '');
}

type FoundPage = NoAnswer | { readonly kind: 'ok'; readonly page: JsonObject | undefined };

export function createAccounts({ graph, monotonic, instagramUrl }: AccountsDeps): Accounts {
  /** Voices that are being found are kept as well, so that many messages at once ask once. */
  const kept = new Map<string, { readonly voice: Promise<Voice>; until: number }>();

  /** Exchanges the channel's token for that of the Page behind a sender, where it is another one. */
  async function exchange(channel: Channel, senderId: string, token: string): Promise<Voice> {
    const isMessenger = channel.type === 'messenger';
    const same = { token, node: isMessenger ? senderId : 'me' };
    const answer = isMessenger
      ? await findPage(channel, senderId, token)
      : await findLinked(channel, senderId, token);
    if (answer.kind === 'refused') return isPageToken(answer) ? same : { ...same, fault: answer };
    // Nothing has been sent yet, whatever became of this question.
    if (answer.kind !== 'ok') return { ...same, fault: { kind: 'unsent', text: answer.text } };
    const { page } = answer;
    return { token: toText(page?.['access_token']) ?? token, node: toText(page?.['id']) ?? same.node };
  }

  async function findPage(channel: Channel, pageId: string, token: string): Promise<FoundPage> {
    const query = { fields: 'access_token' };
    const answer = await graph({ method: 'GET', path: [pageId], token, query, ...toProof(channel) });
    return answer.kind === 'ok' ? { kind: 'ok', page: { ...answer.body, id: pageId } } : answer;
  }

  /** The Page that a professional account hangs on. */
  async function findLinked(channel: Channel, accountId: string, token: string): Promise<FoundPage> {
    const listed = await listPages(
      channel,
      token,
      (page) => (toInstagramId(page) === accountId ? page : undefined),
      (found) => found.length > 0,
    );
    if (listed.kind !== 'ok') return listed;
    const [page] = listed.items;
    return page === undefined && !listed.isWhole ? { kind: 'unknown', text: cutShort } : { kind: 'ok', page };
  }

  function listPages<T>(
    channel: Channel,
    token: string,
    pick: (page: JsonObject) => T | undefined,
    isEnough?: (found: readonly T[]) => boolean,
  ): Promise<Listed<T>> {
    return listAll({
      ask: (query) => graph({ method: 'GET', path: ['me', 'accounts'], token, query, ...toProof(channel) }),
      query: { fields: pageFields, limit: '100' },
      pick,
      ...(isEnough === undefined ? {} : { isEnough }),
    });
  }

  return {
    voiceOf: async (channel, senderId) => {
      const token = channel.credentials['accessToken'] ?? '';
      if (isInstagramLogin(channel)) return { token, node: 'me', baseUrl: instagramUrl };
      const key = `${channel.id}/${channel.updatedAt}/${senderId}`;
      const known = kept.get(key);
      if (known !== undefined && known.until > monotonic()) return known.voice;
      if (kept.size >= maxKept) kept.clear();
      const entry = {
        until: monotonic() + keepMissingMs,
        voice: exchange(channel, senderId, token).then((voice) => {
          if (voice.fault !== undefined) kept.delete(key);
          else if (voice.token !== token) entry.until = monotonic() + keepMs;
          return voice;
        }),
      };
      kept.set(key, entry);
      return entry.voice;
    },
    call: async (channel, { token, node, baseUrl, fault }, { edge, ...call }) =>
      fault ??
      graph({
        ...call,
        path: [node, edge],
        token,
        ...toProof(channel),
        ...(baseUrl === undefined ? {} : { baseUrl }),
      }),
    renew: (channel) =>
      graph({
        method: 'GET',
        path: ['refresh_access_token'],
        token: channel.credentials['accessToken'] ?? '',
        query: { grant_type: 'ig_refresh_token' },
        baseUrl: instagramUrl,
        isUnversioned: true,
      }),
    list: async (channel) => {
      const token = channel.credentials['accessToken'] ?? '';
      if (isInstagramLogin(channel)) {
        const query = { fields: 'user_id,username' };
        const answer = await graph({
          method: 'GET',
          path: ['me'],
          token,
          query,
          baseUrl: instagramUrl,
          ...toProof(channel),
        });
        if (answer.kind !== 'ok') return answer;
        const id = toText(answer.body['user_id']) ?? toText(answer.body['id']);
        const name = toText(answer.body['username']) ?? id ?? '';
        return { kind: 'ok', accounts: id === undefined ? [] : [{ id, name }] };
      }
      const listed = await listPages(channel, token, (page) => toAccount(channel, page));
      return listed.kind === 'ok' ? { kind: 'ok', accounts: listed.items } : listed;
    },
  };
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
