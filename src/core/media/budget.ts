// What files may take of the disk: media and uploads of all accounts together, and none of them all of it.
import type { AccountId } from '../../domain/account.ts';
import { toKept } from '../../domain/shares.ts';
import type { Store } from '../../store/store.ts';

/** Where it is kept how much files take, and who shares it. */
export type BudgetStore = Pick<Store, 'sumFileBytes' | 'listAccounts'>;

interface BudgetDeps {
  readonly store: BudgetStore;
  readonly settings: { readonly budgetBytes: number };
}

/**
 * Whether an account has what it may have, of `usedBytes` that are in use: where there are several accounts the last quarter is
 * kept for those that hold little (`toKept`). A file that was begun before is not looked at again. `part`: of what it may have.
 */
export async function isOverShare(
  { store, settings }: BudgetDeps,
  accountId: AccountId,
  usedBytes: number,
  part = 1,
): Promise<boolean> {
  const { from, little } = toKept(settings.budgetBytes);
  if (usedBytes < from * part || (await store.listAccounts()).length === 1) return false;
  return (await store.sumFileBytes(accountId)) >= little * part;
}
