import { queryOptions, useQuery } from '@tanstack/react-query';
import { createContext, use } from 'react';
import { api, take } from '../api/client.ts';
import type { Role, Session } from '../api/model.ts';

export const sessionKey = ['session'] as const;

/** The question who is signed in; asked before anything is drawn. */
export const sessionQuery = queryOptions({
  queryKey: sessionKey,
  queryFn: () => take(api.GET('/api/v1/session')),
  staleTime: 60_000,
});

/** Who is signed in, asked anew when the window comes back. */
export function useSession() {
  return useQuery(sessionQuery);
}

interface SignedIn {
  readonly account: NonNullable<Session['account']>;
  readonly user: NonNullable<Session['user']>;
  readonly version: string;
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
