import type { AccountId, Actor } from '../../domain/account.ts';
import { toChange } from './rows.ts';
import type { ChangeRow } from './rows.ts';
import { toBefore, toPage } from '../rows/paging.ts';
import type { Journal } from '../store.ts';
import type { Connection, Queries } from '../postgres/connection.ts';

/** Notes one change inside the transaction that makes it. */
export type Recorder = (
  tx: Queries,
  accountId: AccountId,
  actor: Actor,
  action: string,
  subject: string,
  detail: Readonly<Record<string, unknown>>,
) => Promise<void>;

export function createRecorder(db: Connection): Recorder {
  return async (tx, accountId, actor, action, subject, detail) => {
    await tx.run(
      'INSERT INTO change (id, account_id, at, actor, action, subject, detail) VALUES ($1, $2, $3, $4, $5, $6, $7)',
      [
        db.nextId(),
        accountId,
        db.now(),
        `${actor.kind}/${actor.id}`,
        action,
        subject,
        JSON.stringify(detail),
      ],
    );
  };
}

export function journalVerbs(db: Connection, record: Recorder): Journal {
  return {
    recordChange: (accountId, actor, action, subject, detail) =>
      db.tx((tx) => record(tx, accountId, actor, action, subject, detail)),
    listChanges: async (accountId, page) => {
      const rows = await db.all<ChangeRow>(
        'SELECT * FROM change WHERE account_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3',
        [accountId, toBefore(page), page.limit + 1],
      );
      return db.rows.page(
        'change',
        toPage(rows, page.limit, (row) => row),
        toChange,
      );
    },
  };
}
