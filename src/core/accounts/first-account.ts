import { randomBytes, randomInt } from 'node:crypto';
import { isEqual } from '../../domain/equality.ts';
import type { Store } from '../../store/store.ts';

/** The first account of a store. */
export interface FirstAccount {
  readonly accountId: number;
  readonly keyId: string;
  readonly keySecret: string;
  /** Whether the secret was made at random, and so is known to nobody yet. */
  readonly isSecretNew: boolean;
}

/** What somebody wants the first account and its key to be; what is null is made at random. */
interface WantedAccount {
  readonly rootAccountId: number | null;
  readonly rootAccessKeyId: string | null;
  readonly rootAccessKeySecret: string | null;
}

/** Makes the first account while there is none; resolves to null when there is one. */
export async function createFirstAccount(
  store: Pick<Store, 'createFirstAccount'>,
  wanted: WantedAccount,
): Promise<FirstAccount | null> {
  const accountId =
    wanted.rootAccountId ?? randomInt(1_000_000_000, 2_000_000_000) * 1_000_000 + randomInt(1_000_000);
  const keyId = wanted.rootAccessKeyId ?? `LTAI${randomBytes(10).toString('hex')}`;
  const keySecret = wanted.rootAccessKeySecret ?? randomBytes(24).toString('base64url').slice(0, 30);
  const made = await store.createFirstAccount({
    account: { id: accountId, name: 'First account' },
    key: { id: keyId, secret: keySecret },
  });
  return made ? { accountId, keyId, keySecret, isSecretNew: wanted.rootAccessKeySecret === null } : null;
}

/**
 * What of it is wanted and goes unheard, because the store has an account already: all but what that one has. The secret is looked
 * for at the key that is named, or at any of the account where none is.
 */
export async function findUnheard(
  store: Pick<Store, 'listAccounts' | 'listKeys'>,
  { rootAccountId, rootAccessKeyId, rootAccessKeySecret }: WantedAccount,
): Promise<readonly (keyof WantedAccount)[]> {
  const first = (await store.listAccounts()).find((account) => account.first);
  const keys = first === undefined ? [] : await store.listKeys(first.id);
  const named = keys.filter(({ id }) => rootAccessKeyId === null || id === rootAccessKeyId);
  const isKept = {
    rootAccountId: rootAccountId === null || rootAccountId === first?.id,
    rootAccessKeyId: rootAccessKeyId === null || named.length > 0,
    rootAccessKeySecret:
      rootAccessKeySecret === null || named.some(({ secret }) => isEqual(secret, rootAccessKeySecret)),
  };
  return (['rootAccountId', 'rootAccessKeyId', 'rootAccessKeySecret'] as const).filter(
    (name) => !isKept[name],
  );
}
