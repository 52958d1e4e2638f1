import type { AccountId } from './account.ts';

/** What an operator is told of; each is a row in docs/operations.md with what to do. */
export const noticeCodes = [
  'destination_opened',
  'destination_closed',
  'destination_off',
  'token_refused',
  'token_ending',
  'channel_unwell',
  'sender_stopped',
  'fallback_died',
  'template_kept',
  'disk_budget_reached',
  'undelivered_too_old',
  'store_unavailable',
] as const;
export type NoticeCode = (typeof noticeCodes)[number];

export interface Notice {
  readonly accountId: AccountId | null;
  readonly id: number;
  readonly at: number;
  readonly code: NoticeCode;
  /** What it is about, e.g. `destination/12`; ids only. */
  readonly subject: string;
  readonly text: string;
}

/** What there is to say; the store gives it its id and its time. */
export type NewNotice = Pick<Notice, 'accountId' | 'code' | 'subject' | 'text'>;

/** Tells operators of something that wants their attention. Never throws. */
export type RaiseNotice = (notice: NewNotice) => void;

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
