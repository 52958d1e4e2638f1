// Whether what a notice told of is over, where nobody tells so: by how that stands which it is about.
import type { AccessKey, AccountId } from '../domain/account.ts';
import type { NoticeCode, NoticeKey } from '../domain/notice.ts';
import type { Store } from '../store/store.ts';

/** While it goes on the same is told at most this often, and so is known to go on. */
export const quietMs = 10 * 60_000;
/** What has not been told again for so long does not go on. */
const silentMs = 2 * quietMs + 60_000;

/** Kinds that are raised again and again for as long as they go on, by whichever node it happens at. */
const goingOn: readonly NoticeCode[] = ['account_rate_reached', 'key_rate_reached', 'worker_late'];

export interface EndingDeps {
  readonly store: Pick<
    Store,
    'findDestination' | 'findChannel' | 'findSender' | 'findKey' | 'findTemplates' | 'listDestinations'
  >;
  /** The host of a URL when it has no address; null when it has one. */
  readonly findHostWithoutAddress: (url: string) => Promise<string | null>;
}

/** What was told of and is not known to be over. */
export interface StandingNotice extends NoticeKey {
  /** When it was told last, in epoch milliseconds. */
  readonly toldAt: number;
}

/** Whether it is over, as far as anybody can see at `now`. */
export async function isSettled(deps: EndingDeps, standing: StandingNotice, now: number): Promise<boolean> {
  const { accountId, code, toldAt } = standing;
  if (goingOn.includes(code) && now - toldAt > silentMs) return true;
  return accountId !== null && isSettledOf(deps, accountId, standing);
}

/** What was removed, or what a person has mended, is told by nobody else. */
async function isSettledOf(
  deps: EndingDeps,
  accountId: AccountId,
  { code, subject }: NoticeKey,
): Promise<boolean> {
  const { store } = deps;
  const [, kind, id = '', senderId = ''] = /^(\w+)\/([^/]+)(?:\/(.*))?$/.exec(subject) ?? [];
  if (kind === 'channel') return isChannelSettled(deps, accountId, code, id);
  if (kind === 'sender') return (await store.findSender(id, senderId)) === undefined;
  if (kind === 'key') return !isBound(await store.findKey(id), code);
  if (code !== 'destination_opened' && code !== 'destination_off') return false;
  const destination = await store.findDestination(accountId, Number(id));
  return destination === undefined || destination.state === 'active';
}

async function isChannelSettled(
  { store }: EndingDeps,
  accountId: AccountId,
  code: NoticeCode,
  channelId: string,
): Promise<boolean> {
  if ((await store.findChannel(channelId)) === undefined) return true;
  if (code !== 'template_waiting') return false;
  return (await store.findTemplates(accountId, { channelId, status: 'auditing' })).length === 0;
}

/** Hosts that are looked up at once, and in one look: an account may have named any number of them. */
export const maxLookUps = 20;

/** Which of some callbacks without an address have one by now, or are named by no URL of their account any more. */
export async function findResolved(
  { store, findHostWithoutAddress }: EndingDeps,
  callbacks: readonly StandingNotice[],
): Promise<readonly StandingNotice[]> {
  const urls = new Map<string, string>();
  for (const accountId of new Set(callbacks.map((callback) => callback.accountId)))
    for (const { url } of accountId === null ? [] : await store.listDestinations(accountId))
      if (URL.canParse(url)) urls.set(`${accountId} callback/${new URL(url).host}`, url);
  const resolved = await Promise.all(
    callbacks.map(async ({ accountId, subject }) => {
      const url = urls.get(`${accountId} ${subject}`);
      return url === undefined || (await findHostWithoutAddress(url)) === null;
    }),
  );
  return callbacks.filter((_callback, at) => resolved[at]);
}

/** Whether a key may be refused for what a notice tells of. */
function isBound(key: AccessKey | undefined, code: NoticeCode): boolean {
  const limits = key?.limits;
  const limit =
    code === 'queue_limit_reached'
      ? limits?.queuedMessages
      : code === 'key_rate_reached'
        ? limits?.requestsPerSecond
        : limits?.storedBytes;
  return key?.state === 'active' && limit !== undefined && limit !== 0;
}
