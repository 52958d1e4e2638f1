import type { AccountId } from '../../domain/account.ts';
import { parseCallbackUrl, toKeptUrl } from '../../domain/callback-url.ts';
import type { Store } from '../../store/store.ts';

interface CallbackUrlDeps {
  readonly store: Pick<Store, 'listDestinations'>;
  /** Says why a callback URL cannot be used; null when it can be. */
  readonly checkUrl: (url: string) => Promise<string | null>;
}

/** A callback URL in the spelling that it is kept in, or why nothing could ever be pushed to it, in words. */
export async function readCallbackUrl(
  { store, checkUrl }: CallbackUrlDeps,
  accountId: AccountId,
  given: string,
): Promise<{ readonly url: string } | { readonly fault: string }> {
  const parsed = parseCallbackUrl(given);
  if ('fault' in parsed) return parsed;
  const fault = await checkUrl(parsed.url);
  if (fault !== null) return { fault };
  return { url: toKeptUrl(parsed.url, await store.listDestinations(accountId)) };
}
