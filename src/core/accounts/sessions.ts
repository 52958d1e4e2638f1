import type { Actor } from '../../domain/account.ts';
import type { Session } from '../../domain/user.ts';
import type { Store } from '../../store/store.ts';

/** Sessions of one user or key; a further one ends the oldest. */
const maxSessions = 20;

/** How long sessions are good. */
export interface SessionTimes {
  /** A session that is not used for so long ends. */
  readonly idleMs: number;
  /** A session ends after so long however much it is used. */
  readonly lifeMs: number;
}

/** Begins a session for a token of that hash; a further one than a user or key may have ends the oldest. */
export async function beginSession(
  {
    store,
    now,
    sessions,
  }: {
    readonly store: Pick<Store, 'createSession'>;
    readonly now: () => number;
    readonly sessions: SessionTimes;
  },
  owner: Pick<Session, 'accountId' | 'userId' | 'keyId'>,
  hash: string,
  actor: Actor,
): Promise<Session> {
  const createdAt = now();
  const endsAt = createdAt + sessions.lifeMs;
  const expiresAt = Math.min(createdAt + sessions.idleMs, endsAt);
  const session = { ...owner, hash, createdAt, expiresAt, endsAt };
  await store.createSession(session, maxSessions, actor);
  return { ...session, seenAt: createdAt };
}
