// Access keys: how many an account has, how one takes another's place, and that one which may do everything is always left.
import { randomBytes } from 'node:crypto';
import type { AccessKey, AccountId, KeySettings, Principal } from '../../domain/account.ts';
import { FaultError, notFound } from '../../domain/errors.ts';
import { changeLimits } from '../../domain/limits.ts';
import type { Expected } from '../../domain/version.ts';
import type { Store } from '../../store/store.ts';

const maxKeys = 100;

interface KeyDeps {
  readonly store: Pick<Store, 'listKeys' | 'createKey' | 'setKeySettings' | 'setKeyState'>;
  readonly now: () => number;
}

/** A key as it has just been made. */
export type NewlyMadeKey = Omit<AccessKey, 'accountLimits'>;

/** Makes an access key in the shape that the cloud's own have. */
export function generateKey(): { id: string; secret: string } {
  return {
    id: `LTAI${randomBytes(15).toString('hex').slice(0, 20)}`,
    secret: randomBytes(24).toString('base64url').slice(0, 30),
  };
}

/** Finds a key of the account. Throws `not_found`. */
export async function findKey(
  store: Pick<Store, 'listKeys'>,
  accountId: AccountId,
  keyId: string,
): Promise<AccessKey> {
  const key = (await store.listKeys(accountId)).find(({ id }) => id === keyId);
  if (key === undefined) throw notFound('key');
  return key;
}

/** Makes a key, which may do everything from everywhere unless the settings say otherwise. Throws `limit_reached`. */
export async function createKey(
  { store, now }: KeyDeps,
  { accountId, actor }: Principal,
  settings: KeySettings,
): Promise<NewlyMadeKey> {
  if ((await store.listKeys(accountId)).length >= maxKeys)
    throw new FaultError('limit_reached', 'keys_full', { limit: maxKeys });
  const key = { ...generateKey(), accountId, name: '', role: 'full' as const, addresses: [], ...settings };
  await store.createKey(key, actor);
  const limits = changeLimits({}, settings.limits ?? {});
  return { ...key, limits, state: 'active', createdAt: now(), usedAt: null };
}

/**
 * Makes a key that may do what an old one may, which is disabled unless it is to be kept; resolves to the new one. Throws
 * `not_found`, `limit_reached`.
 */
export async function rotateKey(
  deps: KeyDeps,
  principal: Principal,
  keyId: string,
  keepOld: boolean,
): Promise<NewlyMadeKey> {
  const { name, role, addresses, limits } = await findKey(deps.store, principal.accountId, keyId);
  const key = await createKey(deps, principal, { name, role, addresses, limits });
  // Disabled second: a crash in between leaves a key too many, never one too few.
  if (!keepOld) await deps.store.setKeyState(principal.accountId, keyId, 'disabled', principal.actor);
  return key;
}

/** Changes what is given. Throws `not_found`, `last_one`, `changed_meanwhile`. */
export async function changeKey(
  { store }: KeyDeps,
  { accountId, actor }: Principal,
  keyId: string,
  settings: KeySettings,
  expected?: Expected,
): Promise<AccessKey> {
  if (settings.role !== undefined && settings.role !== 'full') await refuseLastKey(store, accountId, keyId);
  if (!(await store.setKeySettings(accountId, keyId, settings, actor, expected))) throw notFound('key');
  return findKey(store, accountId, keyId);
}

/** Disables a key, or enables it again. Throws `not_found`, `last_one`. */
export async function switchKey(
  { store }: KeyDeps,
  { accountId, actor }: Principal,
  keyId: string,
  state: AccessKey['state'],
): Promise<AccessKey> {
  if (state === 'disabled') await refuseLastKey(store, accountId, keyId);
  if (!(await store.setKeyState(accountId, keyId, state, actor))) throw notFound('key');
  return findKey(store, accountId, keyId);
}

/** Without any key of all rights nobody could make another. */
async function refuseLastKey(store: KeyDeps['store'], accountId: AccountId, keyId: string): Promise<void> {
  const full = (await store.listKeys(accountId)).filter(
    ({ state, role }) => state === 'active' && role === 'full',
  );
  if (full.length === 1 && full[0]?.id === keyId) throw new FaultError('last_one', 'last_key');
}
