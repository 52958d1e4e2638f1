import { queryOptions, useQuery } from '@tanstack/react-query';
import type { QueryClient } from '@tanstack/react-query';
import { createContext, use } from 'react';
import { api, take } from '../api/client.ts';
import type { Role, Session } from '../api/model.ts';

export const sessionKey = ['session'] as const;

/** The question who is signed in; asked before anything is drawn. */
export const sessionQuery = queryOptions({
  queryKey: sessionKey,
  queryFn: async ({ client }) => {
    const session = await take(api.GET('/api/v1/session'));
    const before = client.getQueryData<Session>(sessionKey);
    if (before !== undefined && isSomebodyElse(before, session)) forgetSeen(client);
    return session;
  },
  staleTime: 60_000,
});

/** Whether both are signed in, and not as the same person. */
function isSomebodyElse(before: Session, now: Session): boolean {
  const [{ account, user }, { account: nowAccount, user: nowUser }] = [before, now];
  if (account === undefined || user === undefined || nowAccount === undefined || nowUser === undefined)
    return false;
  return toPerson({ account, user }) !== toPerson({ account: nowAccount, user: nowUser });
}

/** All that was read, but for who is signed in. */
export const isSeen = ({ queryKey }: { readonly queryKey: readonly unknown[] }): boolean =>
  queryKey[0] !== sessionKey[0];

/** What one person saw must not show up for another. */
export function forgetSeen(client: QueryClient): void {
  client.removeQueries({ predicate: isSeen });
}

/** From one question to the next while the service does not answer. */
const againMs = 3000;

/** Who is signed in, asked anew when the window comes back. */
export function useSession() {
  return useQuery({
    ...sessionQuery,
    // Without an answer there is no page that would ask again.
    refetchInterval: ({ state }) => (state.data === undefined && state.error !== null ? againMs : false),
  });
}

export interface SignedIn {
  readonly account: NonNullable<Session['account']>;
  readonly user: NonNullable<Session['user']>;
  readonly version: string;
}

/** Tells people apart: whoever signs in by it next may see what this one left. */
export function toPerson({ account, user }: Pick<SignedIn, 'account' | 'user'>): string {
  return JSON.stringify([account.id, user.id, user.name]);
}

/** By which the tabs of a browser tell each other that it has gone to another account. */
const tabs = new BroadcastChannel('account');

/** Has the other tabs of this browser ask who is on. */
export function tellTabs(): void {
  tabs.postMessage(null);
}

/** Begins anew after this browser has gone to another account: a fresh page holds nothing of what was seen, and other tabs ask who is on. */
export function leaveAccount(): void {
  tellTabs();
  globalThis.location.assign('/console/');
}

/** Tells whenever another tab has gone to another account; returns what ends that. */
export function onLeftAccount(tell: () => void): () => void {
  tabs.addEventListener('message', tell);
  return () => {
    tabs.removeEventListener('message', tell);
  };
}

/** Set below the gate that only those pass who are signed in. */
export const SignedInContext = createContext<SignedIn | null>(null);

/** Who is signed in, on pages behind the gate. */
export function useSignedIn(): SignedIn {
  const value = use(SignedInContext);
  if (value === null) throw new Error('Nobody is signed in here.');
  return value;
}

const ranks: Readonly<Record<Role, number>> = { viewer: 0, operator: 1, owner: 2 };

/** Whether the reader's role is at least this one; the service decides by itself all the same. */
export function useIsAtLeast(role: Role): boolean {
  return ranks[useSignedIn().user.role] >= ranks[role];
}
