import type { AccountId, Actor } from '../../domain/account.ts';
import type { Change, Notice } from '../../domain/notice.ts';
import type { Journal, Page, PageRequest } from '../store.ts';
import type { Connection } from './connection.ts';

interface NoticeRow extends Omit<Notice, 'accountId'> {
  readonly account_id: number | null;
}

interface ChangeRow {
  readonly id: number;
  readonly account_id: number;
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: string;
}

/** Notes one change inside the transaction that makes it. */
export type Recorder = (
  accountId: AccountId,
  actor: Actor,
  action: string,
  subject: string,
  detail: Record<string, unknown>,
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

/** Pages through rows that are listed newest first: the cursor is the id of the last row shown. */
export function toPage<Row extends { readonly id: number }, T>(
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => T,
): Page<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(toItem),
    next: rows.length > limit && last !== undefined ? String(last.id) : null,
  };
}

/** The id that a newest-first listing goes on below; everything for one without or with an unreadable cursor. */
export function toBefore(page: PageRequest): number {
  const id = Number(page.cursor ?? Number.MAX_SAFE_INTEGER);
  return Number.isSafeInteger(id) ? id : Number.MAX_SAFE_INTEGER;
}

export function journalVerbs(db: Connection): Journal {
  const insertNotice = db.prepare(
    'INSERT INTO notice (id, account_id, at, code, subject, text) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const notices = db.prepare<NoticeRow>(
    'SELECT * FROM notice WHERE (account_id = ? OR account_id IS NULL) AND id < ? ORDER BY id DESC LIMIT ?',
  );
  const changes = db.prepare<ChangeRow>(
    'SELECT * FROM change WHERE account_id = ? AND id < ? ORDER BY id DESC LIMIT ?',
  );

  const toNotice = ({ account_id, ...row }: NoticeRow): Notice => ({ accountId: account_id, ...row });
  const toChange = ({ account_id, detail, ...row }: ChangeRow): Change => ({
    accountId: account_id,
    ...row,
    detail: JSON.parse(detail) as Change['detail'],
  });

  return {
    recordNotice: ({ accountId, code, subject, text }) =>
      db.write(() => {
        const notice = { accountId, id: db.nextId(), at: db.now(), code, subject, text };
        insertNotice.run(notice.id, accountId, notice.at, code, subject, text);
        return notice;
      }),
    listNotices: (accountId, page) =>
      db.read(() => toPage(notices.all(accountId, toBefore(page), page.limit + 1), page.limit, toNotice)),
    listChanges: (accountId, page) =>
      db.read(() => toPage(changes.all(accountId, toBefore(page), page.limit + 1), page.limit, toChange)),
  };
}
