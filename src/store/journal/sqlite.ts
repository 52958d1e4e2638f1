import type { AccountId, Actor } from '../../domain/account.ts';
import { isPartialOfChanges, toChange, toFilterValues } from './rows.ts';
import type { ChangeRow } from './rows.ts';
import { maxWalked, toPage, toPageRange } from '../rows/paging.ts';
import type { Journal } from '../store.ts';
import type { Connection } from '../sqlite/connection.ts';

/** The changes of an account in a range of ids that a filter means, newest first. */
const changesOf = `SELECT * FROM change WHERE account_id = ?1 AND id < ?2 AND id >= ?3
    AND (?4 IS NULL OR actor = ?4) AND (?5 IS NULL OR action = ?5)
    AND (?6 IS NULL OR instr('/' || subject || '/', '/' || ?6 || '/') > 0)
    AND (?7 IS NULL OR at >= ?7) AND (?8 IS NULL OR at < ?8)
  ORDER BY id DESC LIMIT ?9`;

/** Where a walk over so many changes ends. */
const walkEnd = `SELECT id FROM change WHERE account_id = ? AND id < ? AND id >= ? ORDER BY id DESC LIMIT 1 OFFSET ${maxWalked}`;

/** Notes one change inside the transaction that makes it. */
export type Recorder = (
  accountId: AccountId,
  actor: Actor,
  action: string,
  subject: string,
  detail: Readonly<Record<string, unknown>>,
) => void;

export function createRecorder(db: Connection): Recorder {
  const insert = db.prepare(
    'INSERT INTO change (id, account_id, at, actor, action, subject, detail) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  return (accountId, actor, action, subject, detail) => {
    insert.run(
      db.nextId(),
      accountId,
      db.now(),
      `${actor.kind}/${actor.id}`,
      action,
      subject,
      JSON.stringify(detail),
    );
  };
}

export function journalVerbs(db: Connection, record: Recorder): Journal {
  const changes = db.prepare<ChangeRow>(changesOf);
  const end = db.prepare<{ id: number }>(walkEnd);

  return {
    recordChange: (accountId, actor, action, subject, detail) =>
      db.write(() => {
        record(accountId, actor, action, subject, detail);
      }),
    listChanges: (accountId, page, filter = {}) =>
      db.read(() => {
        const { from, before } = toPageRange(page, filter);
        const walkedTo = isPartialOfChanges(filter) ? end.get(accountId, before, from)?.id : undefined;
        const values = [accountId, before, walkedTo ?? from, ...toFilterValues(filter), page.limit + 1];
        return toPage(changes.all(...values), page.limit, toChange, walkedTo);
      }),
  };
}
