// What errors of the server and of connections mean to those who call the store.
import pg from 'pg';
import { GatewayError } from '../../domain/errors.ts';

/** Deadlock, serialization failure. */
const defeatCodes = new Set<string | undefined>(['40P01', '40001']);

/** SQLSTATE classes and codes that mean: the database cannot serve now, whatever the statement. */
const unavailableCodes = /^(08|28|3D|53|57P|58|25006|42501|55000|55P03|57014)/;

/**
 * SQLSTATEs that mean: what the database holds is not what was written, or not what this program needs. Corrupted data and indexes,
 * files of its own that are missing or cannot be read, and tables, functions and columns that are not there.
 */
const damageCodes: ReadonlyMap<string, string> = new Map([
  ['XX001', 'its data are damaged'],
  ['XX002', 'an index is damaged'],
  ['58P01', 'a file of its own is missing'],
  ['58030', 'its disk reported an error'],
  ['42P01', 'a table is missing'],
  ['42883', 'a function is missing'],
  ['42703', 'a column is missing'],
  ['3F000', 'its schema is missing'],
]);

/** The SQLSTATE of an error of the server; undefined for any other. */
function toSqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}

/** Whether the connection is gone, so that it is not known what became of the statement. */
export function isLost(error: unknown): boolean {
  const code = toSqlState(error);
  return (
    !(error instanceof GatewayError) &&
    (code === undefined ? isSystemError(error) : /^(08|57P)/.test(code) || isReadOnly(error))
  );
}

/** Whether the server has become, or always was, one that takes no writes: it did nothing, and another may be there by now. */
export function isReadOnly(error: unknown): boolean {
  return toSqlState(error) === '25006';
}

/** Whether a notice says that a commit was to wait for standbys and somebody cancelled that: the commit then reports success. */
export function isWaitCut({ routine }: { readonly routine?: string | undefined }): boolean {
  return routine === 'SyncRepWaitForLSN';
}

/** A commit that its server has and its standbys may not: a failover may lose it, so that it is not known what becomes of it. */
export function toUnconfirmed(): GatewayError {
  return new GatewayError(
    'store_unavailable',
    'The database cannot be used: somebody cancelled the wait for a standby.',
  );
}

/** Whether all connections of the pool were in use for too long, which says nothing of the server. */
export function isAllInUse(error: unknown): boolean {
  return error instanceof Error && error.message === 'timeout exceeded when trying to connect';
}

/** Whether the server, the database or the role has no connection left. */
export function isRefusedForCount(error: unknown): boolean {
  return toSqlState(error) === '53300';
}

/**
 * Whether a prepared statement was refused, before it did anything, because a newer version has added a column to what it
 * selects. Another connection prepares it anew.
 */
export function isOutdated(error: unknown): boolean {
  return (
    error instanceof pg.DatabaseError && error.code === '0A000' && error.routine === 'RevalidateCachedQuery'
  );
}

/** Whether a transaction lost against another: it did nothing, and may be run again. */
export function isDefeat(error: unknown): boolean {
  return defeatCodes.has(toSqlState(error));
}

/** Errors of sockets, name look-ups and time limits of the client; a mistake of ours is a TypeError and the like. */
function isSystemError(error: unknown): boolean {
  if (!(error instanceof Error) || error.constructor !== Error) return error instanceof AggregateError;
  return 'syscall' in error || /connect|terminat|timeout|ended|closed/i.test(error.message);
}

/** Whether a statement failed for a reason of its own, and so surely did nothing. */
export function isOwnFault(error: unknown): boolean {
  return !(error instanceof GatewayError) || error.code !== 'store_unavailable';
}

/** An error as callers are told it: `store_corrupt`, `store_unavailable`, or as it is when it is a mistake of ours. */
export function toGatewayError(error: unknown): unknown {
  if (error instanceof GatewayError) return error;
  const code = toSqlState(error);
  const damage = code === undefined ? undefined : damageCodes.get(code);
  if (damage !== undefined)
    return new GatewayError('store_corrupt', `The database cannot be used: ${damage}.`, { cause: error });
  if (code !== undefined ? unavailableCodes.test(code) : isSystemError(error))
    return new GatewayError('store_unavailable', `The database cannot be used: ${toReason(error)}.`, {
      cause: error,
    });
  return error;
}

/** Why a server cannot be used, in words that follow on its name. */
export function toReason(error: unknown): string {
  const code = toSqlState(error);
  return code === undefined ? 'it cannot be reached' : (reasons.get(code) ?? `it answered ${code}`);
}

const reasons = new Map([
  ['28000', 'its server does not let this role in'],
  ['28P01', 'its server does not take the password'],
  ['3D000', 'there is no database of that name'],
  ['42501', 'this role has no right to something that it needs'],
  ['55000', 'it takes no connections'],
  ['53100', 'its disk is full'],
  ['53300', 'it has too many connections'],
  ['57P01', 'it is being stopped'],
  ['57P03', 'it is starting'],
  ['25006', 'it is read-only'],
  ['55P03', 'a lock was not free in time'],
  ['57014', 'a statement took too long'],
]);
