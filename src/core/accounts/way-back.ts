// An operator's way back in: a key, or a password for one sign-in, made at the machine by whoever may read the store anyway.
import { commandLine, toAccountId } from '../../domain/account.ts';
import type { AccessKey, Account, AccountId } from '../../domain/account.ts';
import { GatewayError } from '../../domain/errors.ts';
import { toUserName } from '../../domain/user.ts';
import type { User } from '../../domain/user.ts';
import type { Store, UserChange } from '../../store/store.ts';
import { generateKey } from './keys.ts';
import { drawCode } from './one-time-codes.ts';
import type { Passwords } from './passwords.ts';

/** How long a password for one sign-in is good. */
const passwordMs = 24 * 60 * 60 * 1000;

interface WayBackDeps {
  readonly store: Pick<Store, 'listAccounts' | 'createKey' | 'listUsers' | 'changeUser'>;
  readonly passwords: Pick<Passwords, 'hash'>;
  readonly now: () => number;
}

/** Who is to be let in: the first account where none is named, and one of its users where one is. */
interface SoughtPerson {
  readonly accountId?: string;
  readonly userName?: string;
}

interface FoundPerson {
  readonly account: Pick<Account, 'id' | 'name'>;
  readonly user: (Pick<User, 'id' | 'name' | 'role' | 'state'> & { readonly hasApp: boolean }) | null;
}

/** What is given out once. */
interface ResetUser {
  readonly name: string;
  readonly password: string;
  /** Until when it is good for its one sign-in, in epoch milliseconds. */
  readonly passwordEndsAt: number;
}

/** A key whose secret is told this once. */
type MadeKey = Pick<AccessKey, 'id' | 'secret' | 'accountId'>;

/** Each is noted in the account's journal as done at the command line. */
export interface WayBack {
  /** Throws `not_found`, and says who there is. */
  find(sought: SoughtPerson): Promise<FoundPerson>;
  /** Makes a key that may do everything, however many there are: those that somebody lost count here for nothing. Throws `bad_request`. */
  makeKey(wanted: { readonly accountId: AccountId; readonly name?: string }): Promise<MadeKey>;
  /** Gives a user a password for one sign-in, ends his sessions, and takes his app away where `removesApp`. Throws `not_found`, `wrong_state`. */
  resetUser(wanted: {
    readonly accountId: AccountId;
    readonly userId: string;
    readonly removesApp: boolean;
  }): Promise<ResetUser>;
}

export function createWayBack(deps: WayBackDeps): WayBack {
  return {
    find: (sought) => find(deps, sought),
    makeKey: async ({ accountId, name = 'Made at the command line' }) => {
      if (!/^\P{Cc}{0,100}$/u.test(name))
        throw new GatewayError('bad_request', 'A name has at most 100 characters, all of them in one line.');
      const key = { ...generateKey(), accountId };
      await deps.store.createKey({ ...key, name }, commandLine);
      return key;
    },
    resetUser: async ({ accountId, userId, removesApp }) => {
      const user = (await deps.store.listUsers(accountId)).find(({ id }) => id === userId);
      if (user?.identity != null)
        throw new GatewayError(
          'wrong_state',
          `${user.name} signs in by the company's provider and has no password here. Make a key instead: chasqui keys create.`,
        );
      const password = drawCode(5);
      const passwordEndsAt = deps.now() + passwordMs;
      const change: UserChange = {
        password: await deps.passwords.hash(password),
        passwordEndsAt,
        ...(removesApp ? { totpSecret: null, totpActive: false } : {}),
      };
      const outcome = await deps.store.changeUser(accountId, userId, change, commandLine);
      if (user === undefined || outcome !== 'done')
        throw new GatewayError('not_found', 'The user is not there any more; nothing was changed.');
      return { name: user.name, password, passwordEndsAt };
    },
  };
}

async function find({ store }: WayBackDeps, { accountId, userName }: SoughtPerson): Promise<FoundPerson> {
  const accounts = await store.listAccounts();
  const wanted = accountId === undefined ? undefined : toAccountId(accountId);
  const found = accounts.find(({ id, first }) => (accountId === undefined ? first : id === wanted));
  if (found === undefined)
    throw new GatewayError('not_found', `There is no such account. There are: ${list(accounts, 'id')}.`);
  const account = { id: found.id, name: found.name };
  if (userName === undefined) return { account, user: null };
  const users = await store.listUsers(account.id);
  const user = users.find(({ name }) => name === toUserName(userName));
  if (user !== undefined) {
    const { id, name, role, state, totpActive: hasApp } = user;
    return { account, user: { id, name, role, state, hasApp } };
  }
  const others =
    users.length === 0
      ? 'It has no users: sign in with an access key, and make the first'
      : `There are: ${list(users, 'name')}`;
  throw new GatewayError('not_found', `The account ${account.id} has no such user. ${others}.`);
}

/** The first of a list, and how many follow. */
function list<Member extends string>(
  all: readonly Readonly<Record<Member, string | number>>[],
  member: Member,
): string {
  const named = all.slice(0, 20).map((one) => String(one[member]));
  if (all.length === 0) return 'none';
  return `${named.join(', ')}${all.length > 20 ? `, and ${all.length - 20} more` : ''}`;
}
