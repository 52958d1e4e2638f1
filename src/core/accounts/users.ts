// The people of an account: what one may be called, how many there are, and that an owner is always left.
import { randomUUID } from 'node:crypto';
import type { AccountId, Principal } from '../../domain/account.ts';
import { FaultError, FieldError, notFound } from '../../domain/errors.ts';
import { faultOf, faultTexts } from '../../domain/faults.ts';
import { toUserName } from '../../domain/user.ts';
import type { User, UserRole } from '../../domain/user.ts';
import type { Expected } from '../../domain/version.ts';
import type { Store, UserChange } from '../../store/store.ts';
import { checkPassword } from './passwords.ts';
import type { Passwords } from './passwords.ts';

/** Of an account, those who are switched off included. */
export const maxUsers = 1000;

interface UserDeps<Verbs extends keyof Store> {
  readonly store: Pick<Store, Verbs>;
  readonly passwords: Pick<Passwords, 'hash'>;
}

/** Somebody who is to be a user. */
interface GivenUser {
  readonly name: string;
  readonly role: UserRole;
  readonly password: string;
}

/** What of a user is to be another; `totp` false takes his codes away. */
interface GivenChange {
  readonly role?: UserRole;
  readonly state?: User['state'];
  readonly password?: string;
  readonly totp?: false;
}

/** Finds a user of the account. Throws `not_found`. */
export async function findUser(
  store: Pick<Store, 'listUsers'>,
  accountId: AccountId,
  userId: string,
): Promise<User> {
  const user = (await store.listUsers(accountId)).find(({ id }) => id === userId);
  if (user === undefined) throw notFound('user');
  return user;
}

/** Adds a user. Throws `bad_request`, `limit_reached`, `conflict`, `too_many`. */
export async function addUser(
  { store, passwords }: UserDeps<'listUsers' | 'createUser'>,
  { accountId, actor }: Principal,
  given: GivenUser,
): Promise<User> {
  const name = requireUserName(given.name);
  checkPassword('password', given.password, name);
  if ((await store.listUsers(accountId)).length >= maxUsers)
    throw new FaultError('limit_reached', 'users_full', { limit: maxUsers });
  const password = await passwords.hash(given.password);
  const user = { id: randomUUID(), name, role: given.role, password };
  if ((await store.createUser(accountId, user, actor)) === 'exists')
    throw new FaultError('conflict', 'user_taken');
  return findUser(store, accountId, user.id);
}

/** Makes the first user of an account, its owner; the name has been through {@link requireUserName}. Throws `wrong_state`. */
export async function addFirstUser(
  { store, passwords }: UserDeps<'createFirstUser'>,
  { accountId, actor }: Principal,
  { name, password }: Pick<GivenUser, 'name' | 'password'>,
): Promise<Pick<User, 'accountId' | 'id' | 'name' | 'role'>> {
  const user = { id: randomUUID(), name, role: 'owner', password: await passwords.hash(password) } as const;
  if (!(await store.createFirstUser(accountId, user, actor)))
    throw new FaultError('wrong_state', 'users_there');
  return { accountId, id: user.id, name, role: user.role };
}

/**
 * Changes what is given; a password, or a state, ends the user's sessions. Throws `not_found`, `last_one`, `changed_meanwhile`, and
 * `wrong_state` for what the company's provider says of the user.
 */
export async function changeUser(
  { store, passwords }: UserDeps<'listUsers' | 'changeUser'>,
  { accountId, actor }: Principal,
  userId: string,
  { role, state, password, totp }: GivenChange,
  expected?: Expected,
): Promise<User> {
  const user = await findUser(store, accountId, userId);
  if (user.identity !== null && (role ?? password ?? totp) !== undefined)
    throw new FaultError('wrong_state', 'user_of_company', { name: user.name });
  if (password !== undefined) checkPassword('password', password, user.name);
  const change: UserChange = {
    ...(role === undefined ? {} : { role }),
    ...(state === undefined ? {} : { state }),
    ...(password === undefined ? {} : { password: await passwords.hash(password) }),
    ...(totp === undefined ? {} : { totpSecret: null, totpActive: false }),
  };
  refuse(await store.changeUser(accountId, user.id, change, actor, expected));
  return findUser(store, accountId, user.id);
}

/**
 * Takes a user and his sessions away. Throws `not_found`, `last_one`, `changed_meanwhile`, and `wrong_state` for one who is switched off
 * here, and whom the company's provider would bring back.
 */
export async function removeUser(
  { store }: { readonly store: Pick<Store, 'listUsers' | 'deleteUser'> },
  { accountId, actor }: Principal,
  userId: string,
  expected?: Expected,
): Promise<void> {
  const { name, identity, state } = await findUser(store, accountId, userId);
  if (identity !== null && state === 'disabled')
    throw new FaultError('wrong_state', 'user_kept_out', { name });
  refuse(await store.deleteUser(accountId, userId, actor, expected));
}

/** A user's name as it is kept. Throws `bad_request`. */
export function requireUserName(text: string): string {
  const name = toUserName(text);
  if (name === undefined)
    throw new FieldError('bad_request', 'name', `name: ${faultTexts.user_name}`, faultOf('user_name'));
  return name;
}

function refuse(outcome: 'done' | 'missing' | 'last_owner'): void {
  if (outcome === 'missing') throw notFound('user');
  if (outcome === 'last_owner') throw new FaultError('last_one', 'last_owner');
}
