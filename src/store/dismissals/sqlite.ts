import type { Dismissals } from '../store.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { Recorder } from '../journal/sqlite.ts';

const put = `INSERT INTO dismissal (account_id, cause, subject, ends_at) VALUES (?, ?, ?, ?)
  ON CONFLICT (account_id, cause, subject) DO UPDATE SET ends_at = excluded.ends_at`;

export function dismissalVerbs(db: Connection, recordChange: Recorder): Dismissals {
  const statement = db.prepare(put);
  const removeOver = db.prepare('DELETE FROM dismissal WHERE account_id = ? AND ends_at <= ?');
  const list = db.prepare<{ cause: string; subject: string; until: number }>(
    'SELECT cause, subject, ends_at AS until FROM dismissal WHERE account_id = ? AND ends_at > ? ORDER BY cause, subject',
  );
  return {
    dismiss: (accountId, keys, until, actor) =>
      db.write(() => {
        for (const { cause, subject } of keys) {
          statement.run(accountId, cause, subject, until);
          recordChange(accountId, actor, 'attention.dismissed', subject, { cause, until });
        }
        removeOver.run(accountId, db.now());
      }),
    listDismissals: (accountId) => db.read(() => list.all(accountId, db.now()).map((row) => ({ ...row }))),
  };
}
