// Who is told of notices, and what a target is told at once.
import type { AccountId } from './account.ts';
import { noticeSeverities, severities } from './notice.ts';
import type { Notice, NoticeCode, Severity } from './notice.ts';

/** How a target is told. */
export const targetKinds = ['email', 'slack', 'dingtalk', 'teams', 'pagerduty', 'webhook'] as const;
export type TargetKind = (typeof targetKinds)[number];

export const targetLanguages = ['en', 'zh'] as const;
export type TargetLanguage = (typeof targetLanguages)[number];

/** Where a target is, and what it is signed with; all of it may be secret. */
export interface TargetAddress {
  /** Of a webhook; null for e-mail, and where the vendor has one for all. */
  readonly url: string | null;
  /** Of e-mail. */
  readonly mail: readonly string[];
  /** DingTalk's signing secret, PagerDuty's routing key, the secret of a signed webhook; null for none. */
  readonly secret: string | null;
}

export interface NoticeTarget extends TargetAddress {
  /** Null: the operator's, who is told of every account. */
  readonly accountId: AccountId | null;
  readonly id: string;
  readonly name: string;
  readonly kind: TargetKind;
  readonly language: TargetLanguage;
  /** The least that is told. */
  readonly severity: Severity;
  /** The kinds that are told; empty: all. */
  readonly codes: readonly NoticeCode[];
  readonly state: 'active' | 'off';
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** What of a target may be changed. */
export type TargetChange = Partial<
  Pick<NoticeTarget, 'name' | 'language' | 'severity' | 'codes' | 'state' | 'url' | 'mail' | 'secret'>
>;

/** Notices of one kind about one account, or about the whole service. */
export interface NoticeGroup {
  readonly about: AccountId | null;
  readonly code: NoticeCode;
  /** Told since the last message. */
  readonly raised: number;
  /** Of those of before or now, how many were told to be over. */
  readonly ended: number;
  /** How many of its kind and account stand, as far as is known; 0: all are over, or it is of a kind that has no end. */
  readonly standing: number;
  /** The first few, in order. */
  readonly samples: readonly Notice[];
}

/** Notices of one kind and account that a message tells of at most by their texts. */
export const maxSamples = 5;
/** Kinds that one message tells of at most. */
export const maxGroups = 50;

/** Addresses of e-mail of one target at most. */
export const maxMail = 10;

/** Whether a text is one address of e-mail, as plain as a header and a command of SMTP take it. */
export function isMailAddress(text: string): boolean {
  return text.length <= 254 && /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)*$/i.test(text);
}

/** How long notices gather before a target is told of them, in milliseconds. */
export const gatherMs = 10_000;
/** How long a target that was told is left alone, in milliseconds; a robot of DingTalk takes 20 messages a minute, a channel of Slack one a second. */
export const restMs = 60_000;

/** What a target is told at once. A repeat of it has the same id, and the same groups. */
export interface Telling {
  readonly accountId: AccountId | null;
  readonly targetId: string;
  /** The account's target; undefined for the operator's. */
  readonly target: NoticeTarget | undefined;
  readonly message: string;
  /** The number of this try; 1 for the first. */
  readonly attempt: number;
  readonly groups: readonly NoticeGroup[];
}

/** What becomes of a message after a try. */
export type TellingNext =
  | { readonly kind: 'told' }
  | { readonly kind: 'retry'; readonly dueAt: number; readonly error: string }
  | { readonly kind: 'given_up'; readonly error: string };

/** How telling a target goes. */
export interface TellingState {
  readonly accountId: AccountId | null;
  readonly targetId: string;
  /** Notices that wait. */
  readonly waiting: number;
  readonly dueAt: number | null;
  /** Of the message under way. */
  readonly attempts: number;
  readonly toldAt: number | null;
  /** The first failure since it was told last; null when the last try was none. */
  readonly failedAt: number | null;
  readonly error: string;
  /** Messages that were given up. */
  readonly givenUp: number;
}

/** Whether a target is to be told of notices of a kind. */
export function wants(
  { state, severity, codes }: Pick<NoticeTarget, 'state' | 'severity' | 'codes'>,
  code: NoticeCode,
): boolean {
  if (state !== 'active') return false;
  if (codes.length > 0 && !codes.includes(code)) return false;
  return severities.indexOf(noticeSeverities[code]) >= severities.indexOf(severity);
}
