import { randomUUID } from 'node:crypto';
import { requireExpected, versionOfTemplate } from '../../domain/version.ts';
import type { AccountId, Actor } from '../../domain/account.ts';
import type { AuditStatus } from '../../domain/receipt.ts';
import type { RemovalNext, Template } from '../../domain/template.ts';
import type { Expected } from '../../domain/version.ts';
import { toColumns, toRemoval, toTemplate } from './rows.ts';
import { templateStatements } from './sqlite-statements.ts';
import type {
  ClaimedRemoval,
  ClaimedReview,
  NewTemplate,
  ReviewPlan,
  TemplateChange,
  TemplateFilter,
  Templates,
  TemplateUpdate,
  TemplateWork,
} from '../store.ts';
import type { Connection, Transaction } from '../sqlite/connection.ts';
import type { Recorder } from '../journal/sqlite.ts';

type Owner = Pick<Template, 'accountId' | 'channelId'>;

/** What is done with the tables of templates, each inside a transaction that the caller has. */
export class TemplateTables {
  readonly #db: Connection;
  readonly #recordChange: Recorder;
  readonly #sql;

  constructor(db: Connection, recordChange: Recorder) {
    this.#db = db;
    this.#recordChange = recordChange;
    this.#sql = templateStatements(db);
  }

  create(
    tx: Transaction,
    accountId: AccountId,
    template: NewTemplate,
    actor: Actor,
  ): { readonly code: string } | 'exists' {
    const { channelId, language, name, type, vendorId } = template;
    if (vendorId !== null && this.#sql.removalOf.get(accountId, channelId, name, language) !== undefined)
      return 'exists';
    const code = this.#sql.codeOf.get(accountId, channelId, name)?.code ?? template.code;
    const now = this.#db.now();
    const key = [accountId, channelId, code, language] as const;
    const made = this.#sql.insert.run(...key, name, type, ...toColumns(template), now, now);
    if (made === 0) return 'exists';
    this.#recordChange(accountId, actor, 'template.created', `template/${code}/${language}`, { name });
    tx.signal({ kind: 'templates', accountId });
    return { code };
  }

  update(
    tx: Transaction,
    accountId: AccountId,
    change: TemplateUpdate,
    actor: Actor,
    only?: readonly AuditStatus[],
    expected?: Expected,
  ): 'changed' | 'closed' | 'missing' {
    const { channelId, code, language } = change;
    const row = this.#sql.byKey.get(accountId, channelId, code, language);
    if (row === undefined) return 'missing';
    requireExpected(expected, versionOfTemplate(toTemplate(row)));
    if (only?.includes(row.status) === false) return 'closed';
    const content = toColumns({ ...toTemplate(row), ...change });
    this.#sql.update.run(...content, this.#db.now(), accountId, channelId, code, language);
    this.#recordChange(accountId, actor, 'template.changed', `template/${code}/${language}`, {});
    tx.signal({ kind: 'templates', accountId });
    return 'changed';
  }

  /** Writes what a channel told of a template. */
  follow(tx: Transaction, accountId: AccountId, channelId: string, told: TemplateChange, now: number): void {
    const { code, language, status = null, reason = null, quality = null, category = null } = told;
    this.#sql.follow.run(status, reason, quality, category, now, accountId, channelId, code, language);
    tx.signal({ kind: 'templates', accountId });
  }

  remove(
    tx: Transaction,
    accountId: AccountId,
    channelId: string,
    code: string,
    language: string | null,
    actor: Actor,
    expected?: Expected,
  ): number {
    const known = expected && this.#sql.byKey.get(accountId, channelId, code, language ?? '');
    if (known !== undefined) requireExpected(expected, versionOfTemplate(toTemplate(known)));
    if (this.#sql.planRemoval.run(accountId, channelId, code, language, this.#db.now()) === 0) return 0;
    const gone = this.#sql.remove.run(accountId, channelId, code, language);
    this.#recordChange(accountId, actor, 'template.deleted', `template/${code}`, { language });
    tx.signal({ kind: 'templates', accountId });
    return gone;
  }

  find(accountId: AccountId, filter: TemplateFilter): Template[] {
    const { channelId = null, code = null, name = null, language = null } = filter;
    const { status = null, vendorId = null } = filter;
    return this.#sql.find.all(accountId, channelId, code, name, language, status, vendorId).map(toTemplate);
  }

  search(accountId: AccountId, text: string, limit: number): Template[] {
    return this.#sql.search.all(accountId, text, limit).map(toTemplate);
  }

  listDueAccounts(work: TemplateWork, now: number, after: AccountId, limit: number): AccountId[] {
    return this.#sql.dueAccounts[work].all(now, after, limit).map((row) => row.account_id);
  }

  listDueChannels(
    work: TemplateWork,
    accountId: AccountId,
    now: number,
    after: string,
    limit: number,
  ): string[] {
    return this.#sql.dueChannels[work].all(accountId, now, after, limit).map((row) => row.channel_id);
  }

  claimRemovals(
    { accountId, channelId }: Owner,
    limit: number,
    now: number,
    leaseMs: number,
  ): ClaimedRemoval[] {
    const lease = randomUUID();
    return this.#sql.dueRemovals.all(accountId, channelId, now, limit).map((row) => {
      this.#sql.leaseRemoval.run(now + leaseMs, lease, accountId, channelId, row.name, row.language);
      return { ...toRemoval(row), lease };
    });
  }

  renewRemoval({ accountId, channelId, name, language, lease }: ClaimedRemoval, endsAt: number): boolean {
    return this.#sql.renewRemoval.run(endsAt, accountId, channelId, name, language, lease) > 0;
  }

  settleRemoval(removal: ClaimedRemoval, next: RemovalNext): void {
    const { accountId, channelId, name, language, attempts, lease } = removal;
    const key = [accountId, channelId, name, language, lease] as const;
    if (next.kind === 'over') this.#sql.endRemoval.run(...key);
    else this.#sql.delayRemoval.run(next.dueAt, attempts + 1, ...key);
  }

  claimReviews(
    { accountId, channelId }: Owner,
    limit: number,
    now: number,
    leaseMs: number,
  ): ClaimedReview[] {
    const lease = randomUUID();
    const endsAt = now + leaseMs;
    return this.#sql.dueReviews.all(accountId, channelId, now, limit).map((row) => {
      this.#sql.leaseReview.run(endsAt, endsAt, lease, accountId, channelId, row.code, row.language);
      return { ...toTemplate(row), lease };
    });
  }

  renewReview({ accountId, channelId, code, language, lease }: ClaimedReview, endsAt: number): boolean {
    return this.#sql.renewReview.run(endsAt, accountId, channelId, code, language, lease) > 0;
  }

  noteOffered(review: ClaimedReview, offered: readonly string[]): boolean {
    const { accountId, channelId, code, language, components, example, ttlSeconds, lease } = review;
    const key = [accountId, channelId, code, language] as const;
    const content = [JSON.stringify(components), JSON.stringify(example), ttlSeconds] as const;
    return this.#sql.noteOffered.run(JSON.stringify(offered), ...key, ...content, lease) > 0;
  }

  planReview(tx: Transaction, template: Template, plan: ReviewPlan): AuditStatus | null {
    const { accountId, channelId, code, language, components, example, ttlSeconds, status } = template;
    const { vendorId = null, reviewAt, parameterFormat = null, asked, lease = null } = plan;
    const key = [accountId, channelId, code, language] as const;
    const planned = this.#sql.planReview.get(
      vendorId,
      reviewAt,
      parameterFormat,
      asked === undefined ? null : JSON.stringify(asked),
      ...key,
      JSON.stringify(components),
      JSON.stringify(example),
      ttlSeconds,
      status,
      lease,
    );
    // It says another thing by now; what was handed in is to be changed at the channel.
    if (planned === undefined && vendorId !== null) this.#sql.planEdit.run(vendorId, ...key, lease);
    if (lease !== null) this.#sql.endReviewLease.run(...key, lease);
    tx.signal({ kind: 'templates', accountId });
    return planned?.status ?? null;
  }
}

export function templateVerbs(db: Connection, templates: TemplateTables): Templates {
  return {
    createTemplate: (accountId, template, actor) =>
      db.write((tx) => templates.create(tx, accountId, template, actor)),
    updateTemplate: (accountId, change, actor, only, expected) =>
      db.write((tx) => templates.update(tx, accountId, change, actor, only, expected)),
    deleteTemplate: (accountId, channelId, code, language, actor, expected) =>
      db.write((tx) => templates.remove(tx, accountId, channelId, code, language, actor, expected)),
    searchTemplates: (accountId, text, limit) => db.read(() => templates.search(accountId, text, limit)),
    findTemplates: (accountId, filter) => db.read(() => templates.find(accountId, filter)),
    listDueTemplateAccounts: (...page) => db.read(() => templates.listDueAccounts(...page)),
    listDueTemplateChannels: (...page) => db.read(() => templates.listDueChannels(...page)),
    claimRemovals: (...claim) => db.write(() => templates.claimRemovals(...claim)),
    renewRemoval: (removal, endsAt) => db.write(() => templates.renewRemoval(removal, endsAt)),
    settleRemoval: (removal, next) => db.write(() => templates.settleRemoval(removal, next)),
    claimReviews: (...claim) => db.write(() => templates.claimReviews(...claim)),
    renewReview: (review, endsAt) => db.write(() => templates.renewReview(review, endsAt)),
    noteOffered: (review, offered) => db.write(() => templates.noteOffered(review, offered)),
    planReview: (template, plan) => db.write((tx) => templates.planReview(tx, template, plan)),
  };
}
