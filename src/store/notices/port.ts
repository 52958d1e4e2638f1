// What the service tells people of itself: notices, what of them stands, who is told, and how far.
import type { AccountId, Actor } from '../../domain/account.ts';
import type { Period } from '../../domain/ids.ts';
import type { NewNotice, Notice, NoticeCode, NoticeEnd, NoticeKey } from '../../domain/notice.ts';
import type {
  NoticeTarget,
  TargetChange,
  Telling,
  TellingNext,
  TellingState,
} from '../../domain/notice-target.ts';
import type { Expected } from '../../domain/version.ts';
import type { Page, PageRequest } from '../page.ts';

/** Which notices are meant; all of them where nothing is said. */
export interface NoticeFilter extends Period {
  /** One of these kinds. */
  readonly codes?: readonly NoticeCode[];
}

/** What was told and is not over, with when it was told of first (epoch ms). */
export type LastingNotice = Notice & { readonly since: number };

/** What people see of it. */
export interface NoticeViews {
  /**
   * Newest first; those of the whole service, which tell of its machines and settings, to the account of the first start alone. With a
   * filter a page looks at a bounded number of notices, so it may be short, or empty, and still lead on.
   */
  listNotices(accountId: AccountId, page: PageRequest, filter?: NoticeFilter): Promise<Page<Notice>>;
  /** What was told and is not over, newest first, at most `limit`; of the whole service as in `listNotices`. */
  listStandingOf(accountId: AccountId, limit: number): Promise<readonly LastingNotice[]>;
  /** In the order in which they were made. */
  listNoticeTargets(accountId: AccountId): Promise<readonly NoticeTarget[]>;
  /** How telling the targets of an account goes, or with null those of the operator; of those that were ever told of anything. */
  listTellings(accountId: AccountId | null): Promise<readonly TellingState[]>;
  /** Targets of all accounts and the operator that fail, the longest first, at most `limit`. */
  listFailingTellings(
    limit: number,
  ): Promise<readonly Pick<TellingState, 'accountId' | 'targetId' | 'failedAt'>[]>;
}

export interface Notices extends NoticeViews {
  /**
   * Keeps a notice, and what its targets have to be told: those of its account that want its kind, and the operator's that are named.
   * Resolves to undefined, having done nothing, for the end of what does not stand.
   */
  recordNotice(notice: NewNotice | NoticeEnd, toOperator?: readonly string[]): Promise<Notice | undefined>;
  /** What was told and is not over, with when it was told last (epoch ms), at most `limit`. */
  listStandingNotices(limit: number): Promise<readonly (NoticeKey & { readonly toldAt: number })[]>;
  findNoticeTarget(accountId: AccountId, targetId: string): Promise<NoticeTarget | undefined>;
  /** `full`: the account has `atMost` already. */
  createNoticeTarget(
    target: Omit<NoticeTarget, 'createdAt' | 'updatedAt'> & { readonly accountId: AccountId },
    atMost: number,
    actor: Actor,
  ): Promise<'done' | 'full'>;
  /** What waits for it is tried at once; switched off, it is let go. Throws `changed_meanwhile`. */
  changeNoticeTarget(
    accountId: AccountId,
    targetId: string,
    change: TargetChange,
    actor: Actor,
    expected?: Expected,
  ): Promise<'done' | 'missing'>;
  /** Takes a target away, with what waits for it. Throws `changed_meanwhile`. */
  deleteNoticeTarget(
    accountId: AccountId,
    targetId: string,
    actor: Actor,
    expected?: Expected,
  ): Promise<'done' | 'missing'>;
  /**
   * Leases up to `limit` messages whose time has come, the operator's first; one that is not settled within `leaseMs` falls due again,
   * with the same id and the same groups.
   */
  claimTellings(limit: number, leaseMs: number): Promise<readonly Telling[]>;
  /** Writes down what became of a message; nothing when it is not under way any more. */
  settleTelling(
    telling: Pick<Telling, 'accountId' | 'targetId' | 'message'>,
    next: TellingNext,
  ): Promise<void>;
  /** Ends all leases: what another process was at is due now. */
  resumeTellings(): Promise<void>;
}
