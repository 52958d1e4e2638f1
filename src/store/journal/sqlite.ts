import type { AccountId, Actor } from '../../domain/account.ts';
import { toChange } from './rows.ts';
import type { ChangeRow } from './rows.ts';
import { toBefore, toPage } from '../rows/paging.ts';
import type { Journal } from '../store.ts';
import type { Connection } from '../sqlite/connection.ts';

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
  const changes = db.prepare<ChangeRow>(
    'SELECT * FROM change WHERE account_id = ? AND id < ? ORDER BY id DESC LIMIT ?',
  );

  return {
    recordChange: (accountId, actor, action, subject, detail) =>
      db.write(() => {
        record(accountId, actor, action, subject, detail);
      }),
    listChanges: (accountId, page) =>
      db.read(() => toPage(changes.all(accountId, toBefore(page), page.limit + 1), page.limit, toChange)),
  };
}
