// The accounts of a server: how many there are, and that each is made with a key.
import { randomInt } from 'node:crypto';
import { toAccountId } from '../../domain/account.ts';
import type { Account, Actor } from '../../domain/account.ts';
import { FaultError, FieldError } from '../../domain/errors.ts';
import type { Store } from '../../store/store.ts';
import { generateKey } from './keys.ts';
import type { NewlyMadeKey } from './keys.ts';

const maxAccounts = 10_000;

interface AccountDeps {
  readonly store: Pick<Store, 'listAccounts' | 'createAccount'>;
  readonly now: () => number;
}

/** An account that is to be; `id` is its uid in digits, one is chosen where none is given. */
interface GivenAccount {
  readonly id?: string | undefined;
  readonly name: string;
}

/**
 * Makes an account with its sandbox and a first key that may do everything, whose secret is told this once. Throws `bad_request`,
 * `limit_reached`, `conflict`.
 */
export async function openAccount(
  { store, now }: AccountDeps,
  given: GivenAccount,
  actor: Actor,
): Promise<{ account: Account; key: NewlyMadeKey }> {
  const id = given.id === undefined ? toRandomId() : toAccountId(given.id);
  if (id === undefined) throw new FieldError('bad_request', 'id', 'id: is too large for a uid.');
  if ((await store.listAccounts()).length >= maxAccounts)
    throw new FaultError('limit_reached', 'accounts_full', { limit: maxAccounts });
  const key = { ...generateKey(), name: 'First key' };
  if ((await store.createAccount({ id, name: given.name }, actor, key)) === 'exists')
    throw new FaultError('conflict', 'account_taken');
  const createdAt = now();
  return {
    account: { id, name: given.name, first: false, limits: {}, createdAt },
    key: {
      ...key,
      accountId: id,
      role: 'full',
      addresses: [],
      limits: {},
      state: 'active',
      createdAt,
      usedAt: null,
    },
  };
}

/** Sixteen digits, as the cloud's uids have. */
function toRandomId(): number {
  return randomInt(1_000_000_000, 2_000_000_000) * 1_000_000 + randomInt(1_000_000);
}
