// Rows of notices and of who is told of them, as both stores select them.
import { randomBytes } from 'node:crypto';
import type { AccountId } from '../../domain/account.ts';
import { toIdTime } from '../../domain/ids.ts';
import { isLasting, toNoticeKind } from '../../domain/notice.ts';
import type { NewNotice, Notice, NoticeCode, NoticeEnd, NoticeKey } from '../../domain/notice.ts';
import { wants } from '../../domain/notice-target.ts';
import type {
  NoticeGroup,
  NoticeTarget,
  TargetAddress,
  TargetChange,
  TellingState,
} from '../../domain/notice-target.ts';
import { readList, readObject } from '../rows/json-column.ts';
import type { Seal } from '../seal.ts';
import type { LastingNotice } from './port.ts';

export interface NoticeRow extends Omit<Notice, 'accountId' | 'params' | 'findings' | 'isOver'> {
  readonly account_id: number | null;
  readonly params: string;
  readonly findings: string;
  readonly ended: number;
}

export interface StandingRow {
  readonly account_id: number;
  readonly code: NoticeCode;
  readonly subject: string;
  readonly notice_id: number;
}

export interface TargetRow extends Pick<
  NoticeTarget,
  'id' | 'name' | 'kind' | 'language' | 'severity' | 'state'
> {
  readonly account_id: number;
  readonly codes: string;
  readonly address: Uint8Array;
  readonly created_at: number;
  readonly updated_at: number;
}

export interface TellingRow {
  readonly account_id: number;
  readonly target_id: string;
  readonly due_at: number | null;
  readonly message: string;
  readonly attempts: number;
  readonly told_at: number | null;
  readonly failed_at: number | null;
  readonly error: string;
  readonly given_up: number;
}

export interface PendingRow {
  readonly about: number;
  readonly code: NoticeCode;
  readonly raised: number;
  readonly ended: number;
  readonly samples: string;
  readonly standing: number;
}

/** Characters of an error that are kept. */
export const maxError = 500;

/** The account in a key where the operator, or the whole service, has none. */
export const toOwner = (accountId: AccountId | null): number => accountId ?? 0;
export const fromOwner = (key: number): AccountId | null => (key === 0 ? null : key);

/** A notice from its row. */
export function toNotice({ account_id, params, findings, ended, ...row }: NoticeRow): Notice {
  return {
    accountId: account_id,
    ...row,
    params: readObject(params) as Notice['params'],
    findings: readList(findings) as Notice['findings'],
    isOver: ended === 1,
  };
}

/** What stands from its row. */
export function toStandingOf({ first_id, ...row }: NoticeRow & { readonly first_id: number }): LastingNotice {
  return { ...toNotice(row), since: toIdTime(first_id) };
}

/** What a notice's row holds, in the order of its columns. */
export function toNoticeValues({ id, accountId, at, code, subject, text, params, findings, isOver }: Notice) {
  return [
    id,
    accountId,
    at,
    code,
    subject,
    text,
    JSON.stringify(params),
    JSON.stringify(findings),
    isOver ? 1 : 0,
  ];
}

/** A notice as it is kept; an end says again what the last one said. */
export function toKeptNotice(
  notice: NewNotice | NoticeEnd,
  { id, at, last }: { readonly id: number; readonly at: number; readonly last: Notice | undefined },
): Notice {
  const { accountId, code, subject } = notice;
  if (!('isOver' in notice)) return { findings: [], ...notice, id, at, isOver: false };
  const { text = '', params = {}, findings = [] } = last ?? {};
  return { accountId, id, at, code, subject, text, params, findings, isOver: true };
}

/** What a notice does to what stands: it stands from now on, or the one named does no more. */
export function toStanding(notice: NewNotice | NoticeEnd): 'stands' | NoticeCode | null {
  if ('isOver' in notice) return notice.code;
  const { code, isEnd } = toNoticeKind({ code: notice.code, isOver: false });
  if (isEnd) return code;
  return isLasting(code) ? 'stands' : null;
}

/** What stands; the id of a notice says when it was told. */
export function toStandingNotice({
  account_id,
  code,
  subject,
  notice_id,
}: StandingRow): NoticeKey & { readonly toldAt: number } {
  return { accountId: fromOwner(account_id), code, subject, toldAt: toIdTime(notice_id) };
}

/** Of an account's targets those that have to be told of a notice. */
export function toWanting(
  rows: readonly TargetRow[],
  notice: Pick<Notice, 'code' | 'isOver'>,
): readonly string[] {
  const { code } = toNoticeKind(notice);
  return rows
    .filter(({ state, severity, codes }) =>
      wants({ state, severity, codes: readList(codes) as readonly NoticeCode[] }, code),
    )
    .map(({ id }) => id);
}

/** A target from its row. Throws `wrong_master_key`. */
export function toTarget(row: TargetRow, seal: Seal): NoticeTarget {
  const { account_id, codes, address, created_at, updated_at, ...rest } = row;
  return {
    accountId: account_id,
    ...rest,
    codes: readList(codes) as readonly NoticeCode[],
    ...(readObject(seal.open(address)) as TargetAddress),
    createdAt: created_at,
    updatedAt: updated_at,
  };
}

/** What may be changed of a target's row, in the order of its columns: name, language, severity, codes, state, address. */
export function toTargetValues(
  target: NoticeTarget | Omit<NoticeTarget, 'createdAt' | 'updatedAt'>,
  seal: Seal,
) {
  const { name, language, severity, codes, state, url, mail, secret } = target;
  return [
    name,
    language,
    severity,
    JSON.stringify(codes),
    state,
    seal.seal(JSON.stringify({ url, mail, secret })),
  ];
}

/** What of a change is told to those who read the log of changes: that a secret was given, and never which. */
export function toTargetDetail({ url, mail, secret, ...change }: TargetChange): Record<string, unknown> {
  return {
    ...change,
    ...(url === undefined && mail === undefined ? {} : { address: 'changed' }),
    ...(secret === undefined ? {} : { secret: 'changed' }),
  };
}

export function toState({
  account_id,
  target_id,
  waiting,
  ...row
}: TellingRow & { readonly waiting: number }): TellingState {
  return {
    accountId: fromOwner(account_id),
    targetId: target_id,
    waiting,
    dueAt: row.due_at,
    attempts: row.attempts,
    toldAt: row.told_at,
    failedAt: row.failed_at,
    error: row.error,
    givenUp: row.given_up,
  };
}

/** A group with its first notices, as far as they are still kept. */
export function toGroup(row: PendingRow, notices: ReadonlyMap<number, Notice>): NoticeGroup {
  const { about, code, raised, ended, standing } = row;
  const samples = toSampleIds(row).flatMap((id) => notices.get(id) ?? []);
  return { about: fromOwner(about), code, raised, ended, standing, samples };
}

export function toSampleIds({ samples }: Pick<PendingRow, 'samples'>): readonly number[] {
  return samples.split(',').map(Number);
}

/** Names a message; nothing else is called so. */
export function newMessageId(): string {
  return `notice_${randomBytes(16).toString('hex')}`;
}
