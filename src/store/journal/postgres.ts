import type { AccountId, Actor } from '../../domain/account.ts';
import { isPartialOfChanges, toChange, toFilterValues } from './rows.ts';
import type { ChangeRow } from './rows.ts';
import { maxWalked, toPage, toPageRange } from '../rows/paging.ts';
import type { Journal } from '../store.ts';
import type { Connection, Queries } from '../postgres/connection.ts';

/** The changes of an account in a range of ids that a filter means, newest first. */
const changes = `SELECT * FROM change WHERE account_id = $1 AND id < $2 AND id >= $3
    AND ($4::text IS NULL OR actor = $4) AND ($5::text IS NULL OR action = $5)
    AND ($6::text IS NULL OR position('/' || $6 || '/' IN '/' || subject || '/') > 0)
    AND ($7::bigint IS NULL OR at >= $7) AND ($8::bigint IS NULL OR at < $8)
  ORDER BY id DESC LIMIT $9`;

/** Where a walk over so many changes ends. */
const walkEnd = `SELECT id FROM change WHERE account_id = $1 AND id < $2 AND id >= $3 ORDER BY id DESC OFFSET ${maxWalked} LIMIT 1`;

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
    listChanges: async (accountId, page, filter = {}) => {
      const { from, before } = toPageRange(page, filter);
      const end = isPartialOfChanges(filter)
        ? await db.get<{ id: number }>(walkEnd, [accountId, before, from])
        : undefined;
      const values = [accountId, before, end?.id ?? from, ...toFilterValues(filter), page.limit + 1];
      const rows = await db.all<ChangeRow>(changes, values);
      return db.rows.page(
        'change',
        toPage(rows, page.limit, (row) => row, end?.id),
        toChange,
      );
    },
  };
}
