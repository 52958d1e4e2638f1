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

export type NewTemplate = Omit<Template, 'accountId' | 'createdAt' | 'updatedAt'>;

/** What is noted of a template's way to its review. What is left out stays, as does an id where null is given. */
export interface ReviewPlan {
  readonly vendorId?: string | null;
  /** When its review is looked at next; null for never. */
  readonly reviewAt: number | null;
  readonly parameterFormat?: ParameterFormat;
  readonly offered?: readonly string[];
  /** Kept only while the review stands where it did, so that it is no word that was told meanwhile. */
  readonly asked?: AskedStatus;
}

/** What people see of templates. */
export interface TemplateViews {
  /** By name and language. */
  findTemplates(accountId: AccountId, filter: TemplateFilter): Promise<readonly Template[]>;
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
  /** Leases up to `limit` deleted templates that are to be deleted at their channels, those due first. */
  claimRemovals(limit: number, now: number, leaseMs: number): Promise<readonly TemplateRemoval[]>;
  settleRemoval(removal: TemplateRemoval, next: RemovalNext): Promise<void>;
  /**
   * Leases up to `limit` templates whose review is to be asked for or done. One whose name and language is still to be deleted
   * at the channel waits for that.
   */
  claimReviews(limit: number, now: number, leaseMs: number): Promise<readonly Template[]>;
  /**
   * Notes how a template's way to its review goes on; with the id it has been handed in, and nothing is still to be changed at the
   * channel. Resolves to where its review stands then. Where the template says another thing by now, only the id is noted, for
   * it to be changed there; it resolves to null then, as for one that is gone: what the channel knows is not what is here.
   */
  planReview(template: Template, plan: ReviewPlan): Promise<AuditStatus | null>;
}
