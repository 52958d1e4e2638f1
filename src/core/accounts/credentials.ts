// What a user does with his own password, and with the app that shows codes.
import type { Actor } from '../../domain/account.ts';
import { FaultError, FieldError, notFound } from '../../domain/errors.ts';
import { faultOf, faultTexts } from '../../domain/faults.ts';
import type { User } from '../../domain/user.ts';
import type { Store, UserChange } from '../../store/store.ts';
import { createCodeSecret } from './codes.ts';
import { drawRecoveryCodes } from './one-time-codes.ts';
import { checkPassword } from './passwords.ts';
import type { Passwords } from './passwords.ts';
import { useCode } from './sign-in.ts';

type ChangeStore = Pick<Store, 'changeUser'>;

/** Gives a user another password, which ends his sessions. Throws `bad_request`, `too_many`. */
export async function changePassword(
  { store, passwords }: { readonly store: ChangeStore; readonly passwords: Pick<Passwords, 'hash'> },
  user: User,
  password: string,
  actor: Actor,
): Promise<void> {
  checkPassword('newPassword', password, user.name);
  await change(store, user, { password: await passwords.hash(password) }, actor);
}

/** Begins to set an app up; signing in asks for its codes once {@link confirmApp} has seen one. Throws `wrong_state`. */
export async function beginApp(
  store: ChangeStore,
  user: User,
  actor: Actor,
): Promise<{ readonly secret: string; readonly uri: string }> {
  if (user.totpActive) throw new FaultError('wrong_state', 'app_there');
  const { secret, uri } = createCodeSecret(user.name);
  await change(store, user, { totpSecret: secret, totpActive: false }, actor);
  return { secret, uri };
}

/** The secret of the app that a user is setting up. Throws `wrong_state` when he is not. */
export function requireAppBegun(user: User | null): { readonly user: User; readonly secret: string } {
  if (user?.totpSecret == null || user.totpActive) throw new FaultError('wrong_state', 'app_not_begun');
  return { user, secret: user.totpSecret };
}

/** Throws `wrong_password` unless the code is the one that the app shows now. */
export async function requireCode(
  deps: Parameters<typeof useCode>[0],
  user: User,
  secret: string,
  code: string,
): Promise<void> {
  if (!(await useCode(deps, user, secret, code)))
    throw new FieldError('wrong_password', 'code', `code: ${faultTexts.code_wrong}`, faultOf('code_wrong'));
}

/** From now on signing in takes a code of the app, or one of the recovery codes, which are told this once. */
export async function confirmApp(store: ChangeStore, user: User, actor: Actor): Promise<readonly string[]> {
  const { codes, hashes } = drawRecoveryCodes(user);
  await change(store, user, { totpActive: true, recoveryCodes: hashes }, actor);
  return codes;
}

/** Makes other recovery codes in the place of those that are left. Throws `wrong_state` where there is no app. */
export async function renewRecoveryCodes(
  store: ChangeStore,
  user: User,
  actor: Actor,
): Promise<readonly string[]> {
  if (!user.totpActive) throw new FaultError('wrong_state', 'app_missing');
  const { codes, hashes } = drawRecoveryCodes(user);
  await change(store, user, { recoveryCodes: hashes }, actor);
  return codes;
}

/** Takes the app away, and the recovery codes. */
export function removeApp(store: ChangeStore, user: User, actor: Actor): Promise<void> {
  return change(store, user, { totpSecret: null, totpActive: false }, actor);
}

async function change(store: ChangeStore, user: User, changes: UserChange, actor: Actor): Promise<void> {
  if ((await store.changeUser(user.accountId, user.id, changes, actor)) === 'missing') throw notFound('user');
}
