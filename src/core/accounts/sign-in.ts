// Whether somebody who signs in is who he says: by his password and, where he has an app, its code or a recovery code.
import type { AccountId, Actor } from '../../domain/account.ts';
import { isEqual } from '../../domain/equality.ts';
import { FieldError, GatewayError } from '../../domain/errors.ts';
import { faultOf, faultTexts } from '../../domain/faults.ts';
import { noticed } from '../../domain/findings.ts';
import type { RaiseNotice } from '../../domain/notice.ts';
import { toUserName } from '../../domain/user.ts';
import type { User } from '../../domain/user.ts';
import { versionOfUser } from '../../domain/version.ts';
import type { Store } from '../../store/store.ts';
import { findCodeStep } from './codes.ts';
import { findRecoveryCode } from './one-time-codes.ts';
import { checkPassword } from './passwords.ts';
import type { Passwords } from './passwords.ts';

interface CheckDeps {
  readonly store: Pick<Store, 'findUser' | 'useTotpStep' | 'useRecoveryCode' | 'changeUser' | 'recordChange'>;
  readonly passwords: Pick<Passwords, 'verify' | 'hash'>;
  readonly now: () => number;
  readonly raiseNotice: RaiseNotice;
  /** Whether a password opens nothing but what an operator made it for, where people sign in by the company's provider. */
  readonly isCompanyOnly: boolean;
}

/** What somebody gives who signs in. */
interface GivenSignIn {
  readonly name: string;
  readonly password: string;
  readonly code?: string;
  /** In the place of a code of the app. */
  readonly recoveryCode?: string;
  /** In the place of a password that was for one sign-in. */
  readonly newPassword?: string;
}

/** Where a try comes from, and whether somebody there has shown lately who he is. */
interface Origin {
  readonly visitor: string;
  readonly isKnown: boolean;
}

/**
 * The user whose name, password and code were given; `code_missing` where all but the code is right and none was given, `password_over`
 * where the password was for one sign-in and no new one was given. Takes as long for a name that nobody has, and says the same. Throws
 * `wrong_credentials`, which the user's journal tells, `company_only`, `bad_request` for a new password, and `too_many`.
 */
export async function checkUser(
  deps: CheckDeps,
  accountId: AccountId | undefined,
  given: GivenSignIn,
  { visitor, isKnown }: Origin,
): Promise<User | 'code_missing' | 'password_over'> {
  const { store, passwords, now } = deps;
  const name = toUserName(given.name) ?? '';
  const user = accountId === undefined ? undefined : await store.findUser(accountId, name);
  const isRight = await passwords.verify(given.password, user?.password, visitor, isKnown);
  if (user === undefined) throw wrong();
  const isOver = user.passwordEndsAt !== null && user.passwordEndsAt <= now();
  if (user.state === 'active' && isRight && !isOver) {
    if (deps.isCompanyOnly && user.passwordEndsAt === null) throw new GatewayError('company_only');
    // What is missing is asked for before a code is used up.
    checkNewPassword(user, given);
    if (user.passwordEndsAt !== null && given.newPassword === undefined) return 'password_over';
    if (user.totpActive && given.code === undefined && given.recoveryCode === undefined)
      return 'code_missing';
    if ((await isCodeRight(deps, user, given)) && (await isReplaced(deps, user, given.newPassword)))
      return user;
  }
  const actor: Actor = { kind: 'user', id: user.name };
  await store.recordChange(user.accountId, actor, 'session.refused', `user/${user.name}`, {});
  throw wrong();
}

/** Throws `bad_request` for a new password that will not do, or where none is asked for. */
function checkNewPassword({ name, passwordEndsAt }: User, { password, newPassword }: GivenSignIn): void {
  if (newPassword === undefined) return;
  if (passwordEndsAt === null)
    throw new FieldError(
      'bad_request',
      'newPassword',
      'newPassword: the password is for good; change it once you are signed in.',
    );
  checkPassword('newPassword', newPassword, name);
  if (isEqual(password, newPassword))
    throw new FieldError(
      'bad_request',
      'newPassword',
      `newPassword: ${faultTexts.password_same}`,
      faultOf('password_same'),
    );
}

/** Replaces a password for one sign-in; false where somebody else has done so meanwhile. */
async function isReplaced(
  { store, passwords }: CheckDeps,
  user: User,
  newPassword: string | undefined,
): Promise<boolean> {
  if (newPassword === undefined) return true;
  const password = await passwords.hash(newPassword);
  const expected = { kind: 'versions', versions: [versionOfUser(user)] } as const;
  const actor: Actor = { kind: 'user', id: user.name };
  try {
    return (await store.changeUser(user.accountId, user.id, { password }, actor, expected)) === 'done';
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'changed_meanwhile') return false;
    throw error;
  }
}

async function isCodeRight(deps: CheckDeps, user: User, given: GivenSignIn): Promise<boolean> {
  if (!user.totpActive || user.totpSecret === null) return true;
  if (given.recoveryCode !== undefined) return useRecoveryCode(deps, user, given.recoveryCode);
  return useCode(deps, user, user.totpSecret, given.code ?? '');
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

/** Uses a recovery code up, and tells so: whether it is one that was left. */
async function useRecoveryCode(
  { store, raiseNotice }: CheckDeps,
  user: User,
  code: string,
): Promise<boolean> {
  const { accountId, id, name } = user;
  const hash = findRecoveryCode(user, code);
  if (hash === undefined) return false;
  const left = await store.useRecoveryCode(accountId, id, hash, { kind: 'user', id: name });
  if (left === undefined) return false;
  raiseNotice({ accountId, subject: `user/${id}`, ...noticed('recovery_code_used', { name, left }) });
  return true;
}

function wrong(): GatewayError {
  return new GatewayError('wrong_credentials', 'The name or the password is wrong.');
}
