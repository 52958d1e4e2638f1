// Signing in while nothing can be written: the operator who has to make room needs the console most then.
import { GatewayError } from '../../domain/errors.ts';
import type { Session, User } from '../../domain/user.ts';
import type { Store } from '../../store/store.ts';

/** Sessions and used codes remembered at most; the oldest go first. */
const maxSpare = 1000;

/** What of the store sessions have to do with. */
type SessionStore = Pick<
  Store,
  | 'createSession'
  | 'findSession'
  | 'touchSession'
  | 'endSession'
  | 'endSessions'
  | 'listUsers'
  | 'changeUser'
  | 'useTotpStep'
  | 'recordChange'
>;

/**
 * The store, with sessions held in this process's memory when the store cannot commit. They end with the process, with their time, and
 * with what would end them in the store. A use of a session, and a sign-in that was refused, are then not written down.
 */
export function withSpareSessions<Whole extends SessionStore>(store: Whole, now: () => number): Whole {
  const spare = new Map<string, SpareSession>();
  const usedSteps = new Map<string, number>();
  const drop = (wanted: (session: Session) => boolean): number => {
    const own = [...spare].filter(([, session]) => wanted(session));
    for (const [hash] of own) spare.delete(hash);
    return own.length;
  };
  return {
    ...store,
    createSession: (session, atMost, actor) =>
      orElse(store.createSession(session, atMost, actor), async () => {
        const user = await findOwner(store, session);
        spare.set(session.hash, { ...session, seenAt: session.createdAt, password: user?.password });
        bound(spare);
      }),
    findSession: async (accountId, hash, at) => {
      const session = spare.get(hash);
      if (session === undefined) return store.findSession(accountId, hash, at);
      if (session.accountId !== accountId || Math.min(session.expiresAt, session.endsAt) <= at)
        return undefined;
      return withUser(store, session);
    },
    touchSession: async (accountId, hash, seenAt, expiresAt) => {
      const session = spare.get(hash);
      if (session !== undefined)
        spare.set(hash, { ...session, seenAt, expiresAt: Math.min(session.endsAt, expiresAt) });
      else await orElse(store.touchSession(accountId, hash, seenAt, expiresAt), () => undefined);
    },
    endSession: async (accountId, hash, actor) =>
      spare.delete(hash) || store.endSession(accountId, hash, actor),
    endSessions: async (accountId, owner, except, actor) => {
      const ended = drop(
        (session) =>
          session.accountId === accountId &&
          session.hash !== except &&
          (owner.userId === null ? session.keyId === owner.keyId : session.userId === owner.userId),
      );
      const kept = store.endSessions(accountId, owner, except, actor);
      return ended + (ended > 0 ? await orElse(kept, () => 0) : await kept);
    },
    changeUser: async (accountId, userId, ...rest) => {
      const changed = await store.changeUser(accountId, userId, ...rest);
      drop((session) => session.accountId === accountId && session.userId === userId);
      return changed;
    },
    useTotpStep: async (accountId, userId, step) => {
      const place = `${accountId}/${userId}`;
      if ((usedSteps.get(place) ?? 0) >= step) return false;
      // What is used is known here too, also what the store wrote: a code counts once whichever of the two takes it.
      usedSteps.set(place, step);
      bound(usedSteps);
      return orElse(store.useTotpStep(accountId, userId, step), () => true);
    },
    recordChange: (accountId, actor, action, ...rest) => {
      const recorded = store.recordChange(accountId, actor, action, ...rest);
      return action === 'session.refused' ? orElse(recorded, () => undefined) : recorded;
    },
  };
  async function orElse<T>(work: Promise<T>, instead: () => T | Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof GatewayError && error.code === 'store_unavailable')) throw error;
      drop((session) => Math.min(session.expiresAt, session.endsAt) <= now());
      return instead();
    }
  }
}

/** A session in memory, with the hash of the password that its user had when it began. */
interface SpareSession extends Session {
  readonly password: string | undefined;
}

/** Lets the oldest go where there are too many. */
function bound(map: Map<string, unknown>): void {
  const [oldest] = map.keys();
  if (map.size > maxSpare && oldest !== undefined) map.delete(oldest);
}

/** A session with its user; undefined when the user is gone or disabled, or was given another password, on whichever node. */
async function withUser(
  store: Pick<Store, 'listUsers'>,
  { password, ...session }: SpareSession,
): Promise<Awaited<ReturnType<Store['findSession']>>> {
  if (session.userId === null) return { session, user: null };
  const user = await findOwner(store, session);
  return user?.state === 'active' && user.password === password ? { session, user } : undefined;
}

async function findOwner(
  store: Pick<Store, 'listUsers'>,
  { accountId, userId }: Pick<Session, 'accountId' | 'userId'>,
): Promise<User | undefined> {
  return (await store.listUsers(accountId)).find(({ id }) => id === userId);
}
