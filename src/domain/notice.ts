import type { AccountId } from './account.ts';
import { noticeTexts } from './findings.ts';
import type { CheckCode, CheckName, NoticeCode, Params } from './findings.ts';

/** What an operator is told of; each is a row in docs/operations.md with what to do. */
export const noticeCodes = Object.keys(noticeTexts) as NoticeCode[];
export type { NoticeCode };

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
}

/** What there is to say; the store gives it its id and its time. */
export type NewNotice = Pick<Notice, 'accountId' | 'code' | 'subject' | 'text' | 'params'> &
  Partial<Pick<Notice, 'findings'>>;

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
