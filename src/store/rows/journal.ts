import type { Change, Notice } from '../../domain/notice.ts';

export interface NoticeRow extends Omit<Notice, 'accountId'> {
  readonly account_id: number | null;
}

export interface ChangeRow {
  readonly id: number;
  readonly account_id: number;
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: string;
}

/** A notice from its row. */
export function toNotice({ account_id, ...row }: NoticeRow): Notice {
  return { accountId: account_id, ...row };
}

/** A change from its row. */
export function toChange({ account_id, detail, ...row }: ChangeRow): Change {
  return { accountId: account_id, ...row, detail: JSON.parse(detail) as Change['detail'] };
}
