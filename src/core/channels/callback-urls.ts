// The URLs that receipts are pushed to: how they are kept, and whether anything could be pushed there at all.
import type { AccountId } from '../../domain/account.ts';
import { parseCallbackUrl, toKeptUrl } from '../../domain/callback-url.ts';
import type { UnusableUrl } from '../../domain/callback-url.ts';
import { faultOf } from '../../domain/faults.ts';
import type { Store } from '../../store/store.ts';

export interface CallbackUrlDeps {
  readonly store: Pick<Store, 'listDestinations'>;
  /** Says why a callback URL cannot be used; null when it can be. */
  readonly checkUrl: (url: string) => Promise<string | null>;
}

/** A host that nothing can be sent to for now, and the member whose URL names it. */
export interface Unresolved {
  readonly member: string;
  readonly host: string;
}

/** A callback URL in the spelling that it is kept in, or why nothing could ever be pushed to it, in words. */
export async function readCallbackUrl(
  { store, checkUrl }: CallbackUrlDeps,
  accountId: AccountId,
  given: string,
): Promise<{ readonly url: string } | UnusableUrl> {
  const parsed = parseCallbackUrl(given);
  if ('fault' in parsed) return parsed;
  const fault = await checkUrl(parsed.url);
  if (fault !== null) return { fault, why: faultOf('url_inside') };
  return { url: toKeptUrl(parsed.url, await store.listDestinations(accountId)) };
}

/** The hosts of these URLs that have no address yet: a URL is taken all the same, for the host may be made later. */
export async function findUnresolved(
  findHostWithoutAddress: (url: string) => Promise<string | null>,
  urls: Readonly<Record<string, string | null>>,
): Promise<readonly Unresolved[]> {
  const unresolved: Unresolved[] = [];
  for (const [member, url] of Object.entries(urls)) {
    const host = url === null ? null : await findHostWithoutAddress(url);
    if (host !== null) unresolved.push({ member, host });
  }
  return unresolved;
}
