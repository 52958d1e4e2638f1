// What errors of the file and its folder mean to those who call the store.
import { dirname } from 'node:path';
import { GatewayError } from '../../domain/errors.ts';
import { isDamage } from './damage/signs.ts';

/** SQLite's result codes that mean: this file cannot be written now, whatever the statement. */
const unavailableCodes = new Map([
  [5, 'it is locked by another process'],
  [7, 'memory has run out'],
  [8, 'it is read-only'],
  [10, 'the disk reported an error'],
  [11, 'it is damaged'],
  [13, 'the disk is full'],
  [14, 'it cannot be opened'],
  [26, 'it is not an SQLite file'],
]);

/** What to do about a file whose first page is gone: it alone says where the tables stand, and rows without it would be guessed. */
const headless =
  'Its first page was written over, and nothing else says where its tables stand. Keep this file elsewhere and put the last backup in its place ("Backup and restore" in docs/operations.md); without a backup, move the file away and begin anew with CHASQUI_NEW_STORE=true.';

/** What the system says of a data folder that will not do. */
const folderFaults = new Map<unknown, string>([
  ['EACCES', 'this process may not write to it'],
  ['EPERM', 'this process may not write to it'],
  ['EROFS', 'it is read-only'],
  ['ENOSPC', 'the disk is full'],
  ['ENOTDIR', 'a part of its path is a file'],
  ['EEXIST', 'a file is in its place'],
]);

/** SQLite's primary result code of an error; undefined for one that is not SQLite's. */
export function toResultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number')
    return undefined;
  // The low byte is the primary result code; the rest says which kind of it.
  return error.errcode & 0xff;
}

/** Whether an error means that the file cannot be written now, whatever the statement. */
export function isUnavailable(error: unknown): boolean {
  const code = toResultCode(error);
  return code !== undefined && unavailableCodes.has(code);
}

/**
 * What a caller is told of an error of SQLite's: `store_in_use`, `store_corrupt` or `store_unavailable`, with the path of the `file` where
 * it is being opened. Others stay as they are.
 */
export function toGatewayError(error: unknown, file?: string): unknown {
  if (error instanceof GatewayError) return error;
  if (isDamage(error) === 'row')
    return new GatewayError(
      'store_corrupt',
      'A row of the store cannot be read. It is kept apart; try again.',
      {
        cause: error,
      },
    );
  const code = toResultCode(error);
  const reason = code === undefined ? undefined : unavailableCodes.get(code);
  if (reason === undefined) {
    // A folder that cannot be made or entered fails with a system error before SQLite sees it.
    if (file !== undefined && error instanceof Error && 'syscall' in error) {
      const reason = ('code' in error ? folderFaults.get(error.code) : undefined) ?? 'the system refused it';
      const isStore = 'path' in error && String(error.path).startsWith(file);
      const what = isStore ? `store file ${String(error.path)}` : `data folder ${dirname(file)}`;
      const text = `The ${what} cannot be used: ${reason}.`;
      return new GatewayError('store_unavailable', text, { cause: error });
    }
    return error;
  }
  if (file !== undefined && code === 5) {
    return new GatewayError(
      'store_in_use',
      `Another process is using ${file}. Stop it first, or give this one another DATA_DIR.`,
      { cause: error },
    );
  }
  const text =
    file === undefined
      ? isDamage(error)
        ? `The store cannot be read or written: ${reason}. What can be read of it is being saved; try again.`
        : `The store cannot commit: ${reason}.`
      : `The store file ${file} cannot be used: ${reason}.${code === 26 ? ` ${headless}` : ''}`;
  return new GatewayError(isDamage(error) ? 'store_corrupt' : 'store_unavailable', text, {
    cause: error,
  });
}
