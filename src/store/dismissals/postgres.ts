import type { Dismissal, Dismissals } from '../store.ts';
import type { Connection } from '../postgres/connection.ts';
import type { Recorder } from '../journal/postgres.ts';

const put = `INSERT INTO dismissal (account_id, cause, subject, ends_at) VALUES ($1, $2, $3, $4)
  ON CONFLICT (account_id, cause, subject) DO UPDATE SET ends_at = excluded.ends_at`;

const list = `SELECT cause, subject, ends_at AS until FROM dismissal
  WHERE account_id = $1 AND ends_at > $2 ORDER BY cause, subject`;

export function dismissalVerbs(db: Connection, recordChange: Recorder): Dismissals {
  return {
    dismiss: (accountId, keys, until, actor) =>
      db.tx(async (tx) => {
        // In one order, so that two calls never wait for each other.
        const sorted = keys.toSorted((a, b) =>
          `${a.cause} ${a.subject}` < `${b.cause} ${b.subject}` ? -1 : 1,
        );
        for (const { cause, subject } of sorted) {
          await tx.run(put, [accountId, cause, subject, until]);
          await recordChange(tx, accountId, actor, 'attention.dismissed', subject, { cause, until });
        }
        await tx.run('DELETE FROM dismissal WHERE account_id = $1 AND ends_at <= $2', [accountId, db.now()]);
      }),
    listDismissals: (accountId) => db.all<Dismissal & Record<string, unknown>>(list, [accountId, db.now()]),
  };
}
