// What the command `check` needs of the stores: a look at a file or a database, and mending.
import { GatewayError } from '../domain/errors.ts';
import { setApartIn } from '../store/sqlite/damage/apart.ts';
import { checkFile } from '../store/sqlite/damage/check.ts';
import type { FileState } from '../store/sqlite/damage/check.ts';
import { rescue } from '../store/sqlite/damage/rescue.ts';
import { describeApart, describeRescue } from '../store/sqlite/damage/signs.ts';
import { mendTimes } from '../store/sqlite/damage/times.ts';
import { toGatewayError } from '../store/sqlite/faults.ts';

export { checkDatabase } from '../store/postgres/check.ts';
export { mendDatabaseTimes } from '../store/postgres/times.ts';
export { finishRestore } from '../store/sqlite/restore.ts';
export { clearCheckedCopies, refuseForeign, toCheckedCopy } from './data-folder.ts';
export type { FileState };

/** What is damaged in a file that nobody writes to, and what is whole. Throws a GatewayError when it cannot be looked at. */
export function checkStoreFile(file: string, now: number): FileState {
  try {
    return checkFile(file, now);
  } catch (error) {
    if (!(error instanceof Error && 'errcode' in error)) throw error;
    const known = toGatewayError(error, file);
    if (known instanceof GatewayError) throw known;
    throw new GatewayError('store_corrupt', `${file} cannot be checked: ${error.message}.`, { cause: error });
  }
}

/** As {@link checkStoreFile}, of a copy that the service at work has written: what goes wrong with it is thrown as it is. */
export function checkStoreCopy(file: string, now: number): FileState {
  return checkFile(file, now);
}

/**
 * Brings times back that lay ahead, and saves what can be read of a damaged file into a new one; of a whole one, rows that cannot be read
 * are kept apart. Returns how many times there were, and what else was done; null for nothing.
 */
export function mendStoreFile(
  file: string,
  now: number,
): { readonly brought: number; readonly what: string | null } {
  // Of a file whose pages are damaged, times are brought back once what can be read is saved.
  const before = tryMendTimes(file, now);
  if (before !== undefined && checkFile(file, now).isWhole) {
    const apart = setApartIn(file, now);
    return { brought: before, what: apart.length === 0 ? null : describeApart(apart) };
  }
  const { what } = describeRescue(rescue({ file, now }));
  return { brought: before ?? tryMendTimes(file, now) ?? 0, what };
}

function tryMendTimes(file: string, now: number): number | undefined {
  try {
    return mendTimes(file, now);
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    return undefined;
  }
}
