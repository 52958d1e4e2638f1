// Who gets in by a copy of the store, whose service has gone on since: what was taken away from somebody meanwhile is there again.
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { system } from '../../domain/account.ts';
import type { CopiedAccess } from '../../domain/backup.ts';
import { toNextId } from '../../domain/ids.ts';
import { syncPathNow } from '../sync.ts';

/** How many keys, or people, are named; the rest is counted. */
const maxNamed = 20;

/** Tells who gets in by a file that nobody writes to, with any schema of ours. */
export function readAccess(file: string, now: number): CopiedAccess {
  const url = pathToFileURL(file);
  // No lock, and no log beside it.
  url.searchParams.set('immutable', '1');
  const db = new DatabaseSync(url, { readOnly: true });
  try {
    const count = (sql: string, ...values: readonly number[]): number =>
      Number(db.prepare(`SELECT count(*) AS n FROM ${sql}`).get(...values)?.['n'] ?? 0);
    const name = (table: string, column: string): CopiedAccess['keys'] => ({
      count: count(`${table} WHERE state = 'active'`),
      names: db
        .prepare(
          `SELECT account_id || '/' || ${column} AS name FROM ${table} WHERE state = 'active'
            ORDER BY created_at DESC, ${column} LIMIT ${maxNamed}`,
        )
        .all()
        .map((row) => String(row['name'])),
    });
    return {
      sessions: count('session WHERE expires_at > ?', now),
      portalLinks: hasLinks(db) ? count(`portal_link WHERE ${isOpen}`, now) : 0,
      keys: name('access_key', 'id'),
      users: name('console_user', 'name'),
    };
  } finally {
    db.close();
  }
}

/**
 * Ends all sessions and portal links in a file that nobody uses, with any schema of ours; each link stands in the log of changes. The
 * file is safe afterwards, and has no log beside it. docs/operations.md has the same for PostgreSQL.
 */
export function endAccess(file: string, now: number): void {
  const db = new DatabaseSync(file, { timeout: 0 });
  try {
    db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN; DELETE FROM session');
    if (hasLinks(db)) revokeLinks(db, now);
    db.exec('COMMIT');
  } finally {
    db.close();
  }
  syncPathNow(file);
}

const isOpen = 'revoked_at IS NULL AND expires_at > ?';

function revokeLinks(db: DatabaseSync, now: number): void {
  const open = db.prepare(`SELECT account_id, id FROM portal_link WHERE ${isOpen}`).all(now);
  const note = db.prepare(
    `INSERT INTO change (id, account_id, at, actor, action, subject, detail)
      VALUES (?, ?, ?, '${system.kind}/${system.id}', 'portal_link.revoked', 'portal-link/' || ?, '{}')`,
  );
  let last = Number(db.prepare('SELECT max(id) AS id FROM change').get()?.['id'] ?? 0);
  for (const { account_id: accountId = null, id = null } of open) {
    last = toNextId(last, now);
    note.run(last, accountId, now, id);
  }
  db.prepare(`UPDATE portal_link SET revoked_at = ? WHERE ${isOpen}`).run(now, now);
}

/** Links came with a later schema. */
function hasLinks(db: DatabaseSync): boolean {
  return db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'portal_link'").get() !== undefined;
}
