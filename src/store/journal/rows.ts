import type { Change } from '../../domain/notice.ts';
import type { ChangeFilter } from './port.ts';
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

/** Whether only some of the changes that are walked over are wanted. */
export function isPartialOfChanges({ actor, action, subject }: ChangeFilter): boolean {
  return (actor ?? action ?? subject) !== undefined;
}

/** What a filter's statement is given behind the account and the range of ids. */
export function toFilterValues({
  actor,
  action,
  subject,
  since,
  until,
}: ChangeFilter): (string | number | null)[] {
  return [actor ?? null, action ?? null, subject ?? null, since ?? null, until ?? null];
}

/** A change from its row. */
export function toChange({ account_id, detail, ...row }: ChangeRow): Change {
  return { accountId: account_id, ...row, detail: readObject(detail) as Change['detail'] };
}
