// What counts as a sign of damage, and how damage is told.
import { isUnreadable } from '../../rows/corruption.ts';
import type { Apart } from './quarantine.ts';
import type { Rescue } from './rescue.ts';

/**
 * SQLite's result codes, with their kind, that mean: what is in the file is not what was written, or cannot be read. Bad pages
 * (11), no SQLite file (26), sectors that cannot be read (266), a file that ends too early (522), a damaged file system (8458).
 */
const fileCodes = new Set([266, 522, 8458]);

/**
 * Whether an error is a sign of damage: of the file, whose pages cannot be read, or of a single row, whose pages can. Anything that
 * throws inside a verb because of a row's own JSON, seal or packed bytes is the latter.
 */
export function isDamage(error: unknown): 'file' | 'row' | false {
  if (isUnreadable(error)) return 'row';
  if (!(error instanceof Error && 'errcode' in error && typeof error.errcode === 'number')) return false;
  const primary = error.errcode & 0xff;
  return primary === 11 || primary === 26 || fileCodes.has(error.errcode) ? 'file' : false;
}

/** What was lost and saved, in words and figures. */
export function describeRescue({ kept, tables, losses, apart }: Rescue): {
  readonly what: string;
  readonly kept: string;
  readonly tables: readonly object[];
  readonly losses: Readonly<Record<string, number>>;
} {
  const hurt = tables.filter(({ lostPages, lostRows }) => lostPages + lostRows > 0);
  const named = hurt.map(
    ({ table, lostPages, lostRows }) => `${table} (${lostPages} pages, ${lostRows} rows)`,
  );
  const lost = named.length === 0 ? 'nothing but indexes was lost' : `lost of ${named.join(', ')}`;
  const others = apart.length === 0 ? '' : `; ${describeApart(apart)}`;
  return {
    what: `pages of the file were damaged and what could be read was saved into a new one; ${lost}${others}`,
    kept,
    tables: hurt,
    losses,
  };
}

/** Which rows were kept apart, and why. */
export function describeApart(apart: readonly Apart[]): string {
  const rows = apart.map(({ table, rows: count, reason }) => `${count} rows of ${table}, because ${reason}`);
  return `kept apart: ${rows.join(', ')}`;
}
