// Whether somebody who signs in is who he says: by his password and, where he has an app, its code.
import type { AccountId, Actor } from '../../domain/account.ts';
import { GatewayError } from '../../domain/errors.ts';
import { toUserName } from '../../domain/user.ts';
import type { User } from '../../domain/user.ts';
import type { Store } from '../../store/store.ts';
import { findCodeStep } from './codes.ts';
import type { Passwords } from './passwords.ts';

interface CheckDeps {
  readonly store: Pick<Store, 'findUser' | 'useTotpStep' | 'recordChange'>;
  readonly passwords: Pick<Passwords, 'verify'>;
  readonly now: () => number;
}

/** What somebody gives who signs in. */
interface GivenSignIn {
  readonly name: string;
  readonly password: string;
  readonly code?: string;
}

/** Where a try comes from, and whether somebody there has shown lately who he is. */
interface Origin {
  readonly visitor: string;
  readonly isKnown: boolean;
}

/**
 * The user whose name, password and code were given; `code_missing` where all but the code is right and none was given. Takes as long
 * for a name that nobody has, and says the same. Throws `wrong_credentials`, which the user's journal tells, and `too_many`.
 */
export async function checkUser(
  deps: CheckDeps,
  accountId: AccountId | undefined,
  given: GivenSignIn,
  { visitor, isKnown }: Origin,
): Promise<User | 'code_missing'> {
  const { store, passwords } = deps;
  const name = toUserName(given.name) ?? '';
  const user = accountId === undefined ? undefined : await store.findUser(accountId, name);
  const isRight = await passwords.verify(given.password, user?.password, visitor, isKnown);
  if (user === undefined) throw wrong();
  if (user.state === 'active' && isRight) {
    if (user.totpActive && given.code === undefined) return 'code_missing';
    if (await isCodeRight(deps, user, given.code)) return user;
  }
  const actor: Actor = { kind: 'user', id: user.name };
  await store.recordChange(user.accountId, actor, 'session.refused', `user/${user.name}`, {});
  throw wrong();
}

async function isCodeRight(deps: CheckDeps, user: User, code = ''): Promise<boolean> {
  if (!user.totpActive || user.totpSecret === null) return true;
  return useCode(deps, user, user.totpSecret, code);
}

/** Uses a code up: whether it is the one that the app shows now, and was not used before. */
export async function useCode(
  { store, now }: Pick<CheckDeps, 'now'> & { readonly store: Pick<Store, 'useTotpStep'> },
  { accountId, id }: Pick<User, 'accountId' | 'id'>,
  secret: string,
  code: string,
): Promise<boolean> {
  const step = findCodeStep(secret, code, now());
  return step !== undefined && (await store.useTotpStep(accountId, id, step));
}

function wrong(): GatewayError {
  return new GatewayError('wrong_credentials', 'The name or the password is wrong.');
}
