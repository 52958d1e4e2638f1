import type { Change, Notice } from '../../domain/notice.ts';
import { readList, readObject } from '../rows/json-column.ts';

export interface NoticeRow extends Omit<Notice, 'accountId' | 'params' | 'findings'> {
  readonly account_id: number | null;
  readonly params: string;
  readonly findings: string;
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
export function toNotice({ account_id, params, findings, ...row }: NoticeRow): Notice {
  return {
    accountId: account_id,
    ...row,
    params: readObject(params) as Notice['params'],
    findings: readList(findings) as Notice['findings'],
  };
}

/** What a notice's row holds, in the order of its columns. */
export function toNoticeValues({ id, accountId, at, code, subject, text, params, findings }: Notice) {
  return [id, accountId, at, code, subject, text, JSON.stringify(params), JSON.stringify(findings)];
}

/** A change from its row. */
export function toChange({ account_id, detail, ...row }: ChangeRow): Change {
  return { accountId: account_id, ...row, detail: readObject(detail) as Change['detail'] };
}
