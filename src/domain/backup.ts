// What a backup of the embedded store is called, and what it says of itself.

/** What stands in the `backup.json` of a backup. It is written last: a folder without it is none. */
export interface BackupManifest {
  /** Of this form; 1. */
  readonly format: 1;
  /** Stands in the store of the backup as well, so that the two are known to belong together. */
  readonly mark: string;
  /** When the copying began, as an RFC 3339 time: all that was acknowledged by then is in it. */
  readonly madeAt: string;
  readonly durationMs: number;
  /** The version of Chasqui that made it. */
  readonly version: string;
  /** Of the store. */
  readonly schema: number;
  /** The file `chasqui.sqlite`: its size, and its digest in hex digits. */
  readonly store: { readonly bytes: number; readonly sha256: string };
  /** How many rows each table has. */
  readonly rows: Readonly<Record<string, number>>;
  /** Files in `media`; none where they are kept in a bucket. */
  readonly media: { readonly files: number; readonly bytes: number };
}

/** The name of a backup of a store (8 hex digits) that was made then, to the second: those of one store sort by their time. */
export function toBackupName(storeId: string, at: number): string {
  const time = new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return `chasqui-${storeId}-${time}`;
}

/** When the backup of that name was made, in epoch ms; undefined for a name that is none of a backup of that store. */
export function parseBackupName(name: string, storeId: string): number | undefined {
  const parts = /^chasqui-([0-9a-f]{8})-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(name);
  if (parts === null || parts[1] !== storeId) return undefined;
  const [, , year, month, day, hour, minute, second] = parts;
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(at) ? undefined : at;
}

/** Whether a name is one of a backup, of whatever store. */
export function isBackupName(name: string): boolean {
  return parseBackupName(name, name.slice('chasqui-'.length, 'chasqui-'.length + 8)) !== undefined;
}

/** Reads what a backup says of itself; undefined for what no version of this form has written. */
export function parseManifest(text: string): BackupManifest | undefined {
  try {
    const given: unknown = JSON.parse(text);
    return isManifest(given) ? given : undefined;
  } catch {
    return undefined;
  }
}

function isManifest(given: unknown): given is BackupManifest {
  if (!isRecord(given) || given['format'] !== 1) return false;
  const { mark, madeAt, durationMs, version, schema, store, rows, media } = given;
  if (typeof mark !== 'string' || typeof version !== 'string') return false;
  if (typeof madeAt !== 'string' || Number.isNaN(Date.parse(madeAt))) return false;
  if (!isRecord(store) || !isCount(store['bytes']) || !/^[0-9a-f]{64}$/.test(String(store['sha256'])))
    return false;
  if (!isRecord(media) || !isCount(media['files']) || !isCount(media['bytes'])) return false;
  return isCount(durationMs) && isCount(schema) && isRecord(rows) && Object.values(rows).every(isCount);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** In which tables a store has other rows than it should have, in words; none when it has them all. */
export function compareRows(
  expected: BackupManifest['rows'],
  found: BackupManifest['rows'],
): readonly string[] {
  const tables = [...new Set([...Object.keys(expected), ...Object.keys(found)])].toSorted();
  return tables
    .filter((table) => expected[table] !== found[table])
    .map((table) => `table ${table}: ${found[table] ?? 'no'} rows for ${expected[table] ?? 'none'}`);
}

/** Some of many, the newest first. */
interface Named {
  readonly count: number;
  readonly names: readonly string[];
}

/** Who gets in by a copy of the store. */
export interface CopiedAccess {
  /** Sessions that would go on. */
  readonly sessions: number;
  /** Portal links that are neither over nor revoked. */
  readonly portalLinks: number;
  /** Access keys that work, as `account/id`. */
  readonly keys: Named;
  /** People who may sign in, as `account/name`. */
  readonly users: Named;
}
