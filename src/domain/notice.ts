import type { AccountId } from './account.ts';
import { noticeTexts } from './findings.ts';
import type { CheckCode, CheckName, NoticeCode, Params } from './findings.ts';

/** What an operator is told of; each is a row in docs/operations.md with what to do. */
export const noticeCodes = Object.keys(noticeTexts) as NoticeCode[];
export type { NoticeCode };

/** How much a notice matters, the least first; the words are those of PagerDuty's Events API v2. */
export const severities = ['info', 'warning', 'error', 'critical'] as const;
export type Severity = (typeof severities)[number];

/** How much each kind of notice matters: `critical` where nothing is taken in, `error` where something does not go out or come in. */
export const noticeSeverities: Readonly<Record<NoticeCode, Severity>> = {
  destination_opened: 'error',
  destination_closed: 'info',
  destination_off: 'error',
  callback_unresolved: 'warning',
  delivery_died: 'error',
  token_refused: 'error',
  token_ending: 'warning',
  channel_unwell: 'error',
  sender_stopped: 'error',
  fallback_died: 'warning',
  template_waiting: 'warning',
  template_kept: 'warning',
  disk_share_reached: 'error',
  disk_budget_reached: 'error',
  event_not_understood: 'warning',
  undelivered_too_old: 'error',
  data_exposed: 'warning',
  store_damaged: 'critical',
  store_unavailable: 'critical',
  clock_in_doubt: 'critical',
  clock_off: 'critical',
  sweep_held: 'warning',
  database_clock_set: 'warning',
  settings_unheard: 'warning',
  certificate_refused: 'error',
  certificate_ending: 'warning',
  recovery_code_used: 'warning',
  worker_late: 'error',
  account_rate_reached: 'warning',
  key_rate_reached: 'warning',
  queue_limit_reached: 'error',
  storage_limit_reached: 'error',
  backup_failed: 'error',
  backup_overdue: 'error',
  backup_made: 'info',
};

/** What lasts, and has an end that somebody sees; of anything else only a person knows when it is over. */
const lastingCodes = [
  'destination_opened',
  'destination_off',
  'token_refused',
  'token_ending',
  'channel_unwell',
  'sender_stopped',
  'disk_share_reached',
  'disk_budget_reached',
  'queue_limit_reached',
  'storage_limit_reached',
  'sweep_held',
  'undelivered_too_old',
  'store_unavailable',
  'clock_in_doubt',
  'clock_off',
  'certificate_refused',
  'certificate_ending',
  'worker_late',
  'backup_failed',
  'backup_overdue',
  'account_rate_reached',
  'key_rate_reached',
  'template_waiting',
  'callback_unresolved',
  'store_damaged',
  'data_exposed',
  'settings_unheard',
] as const satisfies readonly NoticeCode[];
export type LastingCode = (typeof lastingCodes)[number];

export function isLasting(code: NoticeCode): code is LastingCode {
  return lastingCodes.some((lasting) => lasting === code);
}

/** A finding of a channel's check that a notice tells of. */
export interface NoticeFinding {
  readonly name: CheckName;
  readonly code: CheckCode;
  readonly params: Params;
  /** The sender that it is about, where it is one's alone. */
  readonly senderId?: string;
}

export interface Notice {
  readonly accountId: AccountId | null;
  readonly id: number;
  readonly at: number;
  readonly code: NoticeCode;
  /** What it is about, e.g. `destination/12`; ids only. */
  readonly subject: string;
  readonly text: string;
  /** What the text speaks of; empty in a notice of a service that did not keep it. */
  readonly params: Params;
  /** What checks of a channel found, where the notice is about that. */
  readonly findings: readonly NoticeFinding[];
  /** Whether it tells that what an earlier one of the same code and subject told of is over. */
  readonly isOver: boolean;
}

/** What there is to say; the store gives it its id and its time. */
export type NewNotice = Pick<Notice, 'accountId' | 'code' | 'subject' | 'text' | 'params'> &
  Partial<Pick<Notice, 'findings'>>;

/** What notices of one kind about one thing have in common. */
export type NoticeKey = Pick<Notice, 'accountId' | 'code' | 'subject'>;

/** That something which lasted is over; it is told if it was told of, and says again what it was. */
export interface NoticeEnd extends NoticeKey {
  readonly code: LastingCode;
  readonly isOver: true;
}

/** Tells operators of something that wants their attention. Never throws. */
export type RaiseNotice = (notice: NewNotice) => void;

/** Tells that something which lasted is over, if it was told of. Never throws, and costs next to nothing where nothing is to be told. */
export type EndNotice = (accountId: AccountId | null, code: LastingCode, subject: string) => void;

/** Kinds that are the end of another. */
const endings: Readonly<Partial<Record<NoticeCode, NoticeCode>>> = {
  destination_closed: 'destination_opened',
  backup_made: 'backup_failed',
};

/** The kind that is the end of another; undefined where its end is of its own kind, or nobody tells it. */
export function findEnding(code: NoticeCode): NoticeCode | undefined {
  return noticeCodes.find((ending) => endings[ending] === code);
}

/** The kind that a notice is told under, and whether it tells of an end: one kind is the end of another. */
export function toNoticeKind({ code, isOver }: Pick<Notice, 'code' | 'isOver'>): {
  readonly code: NoticeCode;
  readonly isEnd: boolean;
} {
  const ended = endings[code];
  return ended === undefined ? { code, isEnd: isOver } : { code: ended, isEnd: true };
}

/** One change made by a person or a tool: who, when, what. Secrets are left out. */
export interface Change {
  readonly accountId: AccountId;
  readonly id: number;
  readonly at: number;
  readonly actor: string;
  /** A verb and a noun, e.g. `channel.put`, `key.disabled`. */
  readonly action: string;
  readonly subject: string;
  readonly detail: Readonly<Record<string, unknown>>;
}
