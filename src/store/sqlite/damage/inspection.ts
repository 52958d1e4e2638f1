// The look at a file before it is used.
import { copyFileSync, chmodSync, existsSync, statSync } from 'node:fs';
import type { StartCheck } from '../../../domain/start-check.ts';
import { findLogDamage } from './write-log.ts';
import { PageFile } from './pages.ts';
import { openAlone, toKeptName } from './rescue.ts';
import { readSchema, scan } from './scan.ts';
import type { PageDamage } from './scan.ts';
import type { Time } from '../../../runtime/clock.ts';

/** A quick look takes no longer; a larger file is looked at in part, and the rest when it is used. */
const quickMs = 2000;

interface Inspection {
  readonly isDamaged: boolean;
  /** What there is to tell, in words. */
  readonly told: readonly string[];
  /** A copy of the damaged log, where there is one. */
  readonly kept: string | null;
}

/** Looks at the file and its log; nothing when there is no file. Throws `store_in_use`, `store_corrupt` and SQLite's errors. */
export function inspect(
  file: string,
  check: Exclude<StartCheck, 'off'>,
  { now, monotonic }: Time,
): Inspection {
  if (!existsSync(file) || statSync(file).size === 0) return { isDamaged: false, told: [], kept: null };
  const told: string[] = [];
  let kept: string | null = null;
  const inLog = findLogDamage(`${file}-wal`);
  if (inLog !== undefined) {
    // SQLite reads up to the damaged place and begins the log anew.
    kept = toKeptName(`${file}-wal`, now());
    copyFileSync(`${file}-wal`, kept);
    chmodSync(kept, 0o600);
    told.push(inLog);
  }
  const lock = openAlone(file);
  let pages: PageFile | undefined;
  try {
    pages = new PageFile(file);
    const { objects, isWhole } = readSchema(pages);
    const until = monotonic() + (check === 'quick' ? quickMs : Infinity);
    const { damage } = scan(pages, objects, () => monotonic() > until);
    const inFile = [
      ...(isWhole ? [] : ['a part of the schema is damaged']),
      ...damage.map(describePages),
      ...(check === 'full' && damage.length === 0 ? checkRows(lock) : []),
    ];
    return { isDamaged: inFile.length > 0, told: [...told, ...inFile], kept };
  } finally {
    pages?.close();
    lock.close();
  }
}

/** Pages in words. */
export function describePages({ kind, name, table, pages }: PageDamage): string {
  const count = pages.length === 1 ? '1 page' : `${pages.length} pages`;
  if (kind === 'file') return `${name}: damaged from page ${pages[0] ?? 0} on`;
  return `${kind} ${name}${kind === 'index' ? ` of ${table}` : ''}: ${count} damaged`;
}

/** What SQLite's own check finds. */
export function checkRows(db: ReturnType<typeof openAlone>): string[] {
  const rows = db.prepare('PRAGMA integrity_check(100)').all();
  return rows.map((row) => String(row['integrity_check'])).filter((text) => text !== 'ok');
}
