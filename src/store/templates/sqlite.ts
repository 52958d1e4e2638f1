import { requireExpected, versionOfTemplate } from '../../domain/version.ts';
import type { AccountId, Actor } from '../../domain/account.ts';
import type { AuditStatus } from '../../domain/receipt.ts';
import type { RemovalNext, Template, TemplateRemoval } from '../../domain/template.ts';
import type { Expected } from '../../domain/version.ts';
import { toColumns, toRemoval, toTemplate } from './rows.ts';
import { templateStatements } from './sqlite-statements.ts';
import type {
  NewTemplate,
  ReviewPlan,
  TemplateChange,
  TemplateFilter,
  Templates,
  TemplateUpdate,
} from '../store.ts';
import type { Connection, Transaction } from '../sqlite/connection.ts';
import type { Recorder } from '../journal/sqlite.ts';

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
    requireExpected(expected, known && versionOfTemplate(toTemplate(known)));
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

  claimRemovals(limit: number, now: number, leaseMs: number): TemplateRemoval[] {
    return this.#sql.dueRemovals.all(now, limit).map((row) => {
      const { account_id, channel_id, name, language, attempts } = row;
      this.#sql.delayRemoval.run(now + leaseMs, attempts, account_id, channel_id, name, language);
      return toRemoval(row);
    });
  }

  settleRemoval(removal: TemplateRemoval, next: RemovalNext): void {
    const { accountId, channelId, name, language, attempts } = removal;
    const key = [accountId, channelId, name, language] as const;
    if (next.kind === 'over') this.#sql.endRemoval.run(...key);
    else this.#sql.delayRemoval.run(next.dueAt, attempts + 1, ...key);
  }

  claimReviews(limit: number, now: number, leaseMs: number): Template[] {
    return this.#sql.dueReviews.all(now, limit).map((row) => {
      this.#sql.leaseReview.run(now + leaseMs, row.account_id, row.channel_id, row.code, row.language);
      return toTemplate(row);
    });
  }

  planReview(tx: Transaction, template: Template, plan: ReviewPlan): AuditStatus | null {
    const { accountId, channelId, code, language, components, example, ttlSeconds, status } = template;
    const { vendorId = null, reviewAt, parameterFormat = null, offered, asked } = plan;
    const key = [accountId, channelId, code, language] as const;
    const planned = this.#sql.planReview.get(
      vendorId,
      reviewAt,
      parameterFormat,
      offered === undefined ? null : JSON.stringify(offered),
      asked === undefined ? null : JSON.stringify(asked),
      ...key,
      JSON.stringify(components),
      JSON.stringify(example),
      ttlSeconds,
      status,
    );
    // It says another thing by now; what was handed in is to be changed at the channel.
    if (planned === undefined && vendorId !== null) this.#sql.planEdit.run(vendorId, ...key);
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
    findTemplates: (accountId, filter) => db.read(() => templates.find(accountId, filter)),
    claimRemovals: (limit, now, leaseMs) => db.write(() => templates.claimRemovals(limit, now, leaseMs)),
    settleRemoval: (removal, next) => db.write(() => templates.settleRemoval(removal, next)),
    claimReviews: (limit, now, leaseMs) => db.write(() => templates.claimReviews(limit, now, leaseMs)),
    planReview: (template, plan) => db.write((tx) => templates.planReview(tx, template, plan)),
  };
}
