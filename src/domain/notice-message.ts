// What a target is told at once, in its language, and what came of a try.
import type { AccountId } from './account.ts';
import type { TargetAddress } from './notice-target.ts';
import type { Notice, NoticeCode, Severity } from './notice.ts';

/** Notices of one kind about one account, or about the whole service (null), put into words. */
export interface ToldGroup {
  readonly about: AccountId | null;
  readonly code: NoticeCode;
  readonly severity: Severity;
  /** `over`: none of its kind and account stands any more; `eased`: some are over, and others stand. */
  readonly state: 'raised' | 'eased' | 'over';
  readonly count: number;
  readonly heading: string;
  /** One for each notice that is named, then how many are not. */
  readonly lines: readonly string[];
  readonly samples: readonly Notice[];
}

export interface NoticeMessage {
  /** The same for every try. */
  readonly id: string;
  /** 1 for the first try. */
  readonly attempt: number;
  /** Of this try, in epoch milliseconds. */
  readonly at: number;
  /** Without control characters, as fit for a subject. */
  readonly title: string;
  readonly severity: Severity;
  readonly groups: readonly ToldGroup[];
  /** Where to look; null when nobody said where this service is reached. */
  readonly link: string | null;
}

/**
 * What came of a try. `later`: it may be taken at another try, not before `askedMs` where that was asked for; `refused`: this message
 * is never taken. What is not understood is `later`. Of what was told, `reason` says who was not.
 */
export type Told =
  | { readonly kind: 'told'; readonly reason?: string }
  | { readonly kind: 'later'; readonly reason: string; readonly askedMs?: number }
  | { readonly kind: 'refused'; readonly reason: string };

/** Tells a target, within a limit of its own. Failures are values. */
export type Notify = (address: TargetAddress, message: NoticeMessage) => Promise<Told>;
