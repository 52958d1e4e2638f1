// Templates, their reviews and their deletion at the channel.
import type { AccountId, Actor } from '../../domain/account.ts';
import type { AuditStatus } from '../../domain/receipt.ts';
import type { Expected } from '../../domain/version.ts';
import type {
  AskedStatus,
  ParameterFormat,
  RemovalNext,
  Template,
  TemplateRemoval,
} from '../../domain/template.ts';

export interface TemplateFilter {
  readonly status?: AuditStatus;
  readonly channelId?: string;
  readonly code?: string;
  readonly name?: string;
  readonly language?: string;
  readonly vendorId?: string;
}

/** A language of a template, and what is to be changed of it. */
export type TemplateUpdate = Pick<Template, 'channelId' | 'code' | 'language'> &
  Partial<
    Omit<
      Template,
      'accountId' | 'channelId' | 'code' | 'language' | 'name' | 'type' | 'createdAt' | 'updatedAt'
    >
  >;

/** What is done at channels for templates, by accounts and channels in turn. */
export type TemplateWork = 'review' | 'removal';

/** A template whose review somebody is at, with what tells his lease from any other. */
export type ClaimedReview = Template & { readonly lease: string };

/** Likewise a removal. */
export type ClaimedRemoval = TemplateRemoval & { readonly lease: string };

export type NewTemplate = Omit<Template, 'accountId' | 'createdAt' | 'updatedAt'>;

/** What is noted of a template's way to its review. What is left out stays, as does an id where null is given. */
export interface ReviewPlan {
  readonly vendorId?: string | null;
  /** When its review is looked at next; null for never. */
  readonly reviewAt: number | null;
  readonly parameterFormat?: ParameterFormat;
  /** Kept only while the review stands where it did, so that it is no word that was told meanwhile. */
  readonly asked?: AskedStatus;
  /** The lease that ends by this. Nothing is noted when it was lost: somebody else is at that review. */
  readonly lease?: string;
}

/** What people see of templates. */
export interface TemplateViews {
  /** By name and language. */
  findTemplates(accountId: AccountId, filter: TemplateFilter): Promise<readonly Template[]>;
  /** The first languages whose code or name begins with a text, by name and language. */
  searchTemplates(accountId: AccountId, text: string, limit: number): Promise<readonly Template[]>;
}

export interface Templates extends TemplateViews {
  /**
   * Makes a language of a template, under the code that its name has on the channel already; `exists` when it is there. One
   * that has the channel's id was found there: it is not made while one of its name and language is still to be deleted there.
   */
  createTemplate(
    accountId: AccountId,
    template: NewTemplate,
    actor: Actor,
  ): Promise<{ readonly code: string } | 'exists'>;
  /**
   * Changes what is given of a language of a template, as it is at that moment. Where `only` is given, its review has to stand
   * at one of these then; else nothing is changed and it resolves to `closed`. Throws `changed_meanwhile` when it is not as `expected`.
   */
  updateTemplate(
    accountId: AccountId,
    change: TemplateUpdate,
    actor: Actor,
    only?: readonly AuditStatus[],
    expected?: Expected,
  ): Promise<'changed' | 'closed' | 'missing'>;
  /** Takes one language away, or all of a code, each to be deleted at its channel as well; resolves to how many went. `expected` is of one language. */
  deleteTemplate(
    accountId: AccountId,
    channelId: string,
    code: string,
    language: string | null,
    actor: Actor,
    expected?: Expected,
  ): Promise<number>;
  /** Accounts with templates for which something is due, in order, after the account `after`. */
  listDueTemplateAccounts(
    work: TemplateWork,
    now: number,
    after: AccountId,
    limit: number,
  ): Promise<readonly AccountId[]>;
  /** Channels of an account with templates for which something is due, in order, after the channel `after`. */
  listDueTemplateChannels(
    work: TemplateWork,
    accountId: AccountId,
    now: number,
    after: string,
    limit: number,
  ): Promise<readonly string[]>;
  /** Leases up to `limit` deleted templates that are to be deleted at their channel, those due first. */
  claimRemovals(
    channel: Pick<Template, 'accountId' | 'channelId'>,
    limit: number,
    now: number,
    leaseMs: number,
  ): Promise<readonly ClaimedRemoval[]>;
  /** Lengthens a lease to `endsAt`; resolves to false when it was lost. */
  renewRemoval(removal: ClaimedRemoval, endsAt: number): Promise<boolean>;
  /** Says how it goes on, and ends the lease; nothing when that was lost. */
  settleRemoval(removal: ClaimedRemoval, next: RemovalNext): Promise<void>;
  /**
   * Leases up to `limit` templates of a channel whose review is to be asked for or done, those due first. No two callers are at one
   * review, also when it is changed meanwhile. One whose name and language is still to be deleted at the channel waits for that.
   */
  claimReviews(
    channel: Pick<Template, 'accountId' | 'channelId'>,
    limit: number,
    now: number,
    leaseMs: number,
  ): Promise<readonly ClaimedReview[]>;
  /** Lengthens a lease to `endsAt`; resolves to false when it was lost. */
  renewReview(review: ClaimedReview, endsAt: number): Promise<boolean>;
  /**
   * Notes, before that, what is handed to the channel under a template's name: digests of what it says. Resolves to false, with
   * nothing noted, when it says another thing by now, or the lease was lost.
   */
  noteOffered(review: ClaimedReview, offered: readonly string[]): Promise<boolean>;
  /**
   * Notes how a template's way to its review goes on; with the id it has been handed in, and nothing is still to be changed at the
   * channel. Resolves to where its review stands then. Where the template says another thing by now, only the id is noted, for
   * it to be changed there; it resolves to null then, as for one that is gone or leased by
   * somebody else: what the channel knows is not what is here.
   */
  planReview(template: Template, plan: ReviewPlan): Promise<AuditStatus | null>;
}
