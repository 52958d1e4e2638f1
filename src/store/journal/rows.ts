import type { Change } from '../../domain/notice.ts';
import { readObject } from '../rows/json-column.ts';

export interface ChangeRow {
  readonly id: number;
  readonly account_id: number;
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: string;
}

/** A change from its row. */
export function toChange({ account_id, detail, ...row }: ChangeRow): Change {
  return { accountId: account_id, ...row, detail: readObject(detail) as Change['detail'] };
}
