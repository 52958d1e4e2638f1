import { requireExpected, versionOfTemplate } from '../../domain/version.ts';
import type { AccountId, Actor } from '../../domain/account.ts';
import type { AuditStatus } from '../../domain/receipt.ts';
import type { RemovalNext, Template, TemplateRemoval } from '../../domain/template.ts';
import type { Expected } from '../../domain/version.ts';
import { contentColumns, toColumns, toRemoval, toTemplate } from './rows.ts';
import type { RemovalRow, TemplateRow } from './rows.ts';
import type { NewTemplate, ReviewPlan, TemplateFilter, Templates, TemplateUpdate } from '../store.ts';
import type { Connection, Transaction } from '../postgres/connection.ts';
import type { Recorder } from '../journal/postgres.ts';

/** One language of a template. */
const isThisLanguage = 'account_id = $1 AND channel_id = $2 AND code = $3 AND language = $4';
/** A template that still says what was handed in. */
const isSame = 'components = $10 AND example = $11 AND ttl_seconds IS NOT DISTINCT FROM $12';

/** Two languages of a new name made at once have to get one code: who makes one of a name is alone with it until the commit. */
const holdName = 'SELECT pg_advisory_xact_lock(hashtextextended($2, $1))';

/** Whether a language of a name is still to be deleted at the channel. */
const removalOf =
  'SELECT 1 FROM template_removal WHERE account_id = $1 AND channel_id = $2 AND name = $3 AND language = $4';

/** The code that a name has on a channel. */
const codeOf = 'SELECT code FROM template WHERE account_id = $1 AND channel_id = $2 AND name = $3 LIMIT 1';

/** A language of a template, which nobody else changes until the commit. */
const lockLanguage = `SELECT * FROM template WHERE ${isThisLanguage} FOR UPDATE`;

/** Makes a language of a template, unless it is there. */
const insertLanguage = `INSERT INTO template (account_id, channel_id, code, language, name, type, created_at, updated_at, ${contentColumns.join(', ')})
  VALUES ($1, $2, $3, $4, $5, $6, $7, $7, ${contentColumns.map((_, n) => `$${n + 8}`).join(', ')}) ON CONFLICT DO NOTHING`;

/** Writes all that may be changed of a language. */
const updateLanguage = `UPDATE template SET updated_at = greatest($5, updated_at + 1), ${contentColumns.map((name, n) => `${name} = $${n + 6}`).join(', ')}
  WHERE ${isThisLanguage}`;

/**
 * Takes one language of a code away, or all of them, and notes each as to be deleted at the channel as well; what is noted already is
 * tried anew.
 */
const removeLanguages = `WITH gone AS (
    DELETE FROM template WHERE account_id = $1 AND channel_id = $2 AND code = $3 AND ($4::text IS NULL OR language = $4)
    RETURNING account_id, channel_id, name, language, code, vendor_id, offered)
  INSERT INTO template_removal AS r (account_id, channel_id, name, language, code, vendor_id, offered, attempts, due_at)
    SELECT account_id, channel_id, name, language, code, vendor_id, offered, 0, $5 FROM gone
  ON CONFLICT (account_id, channel_id, name, language) DO UPDATE
    SET vendor_id = coalesce(excluded.vendor_id, r.vendor_id),
      offered = CASE excluded.offered WHEN '[]' THEN r.offered ELSE excluded.offered END, attempts = 0, due_at = least(r.due_at, excluded.due_at)`;

/** Finds languages by whatever is asked for. */
const findLanguages = `SELECT * FROM template WHERE account_id = $1 AND ($2::text IS NULL OR channel_id = $2) AND ($3::text IS NULL OR code = $3)
    AND ($4::text IS NULL OR name = $4) AND ($5::text IS NULL OR language = $5)
    AND ($6::text IS NULL OR status = $6) AND ($7::text IS NULL OR vendor_id = $7)
  ORDER BY name COLLATE "C", language COLLATE "C"`;

/**
 * Leases deletions that are due. Materialized, here and below: run again for each row of a join, a locking select gives more than its
 * limit.
 */
const leaseRemovals = `WITH due AS MATERIALIZED (
    SELECT account_id, channel_id, name, language, due_at FROM template_removal WHERE due_at <= $1 ORDER BY due_at LIMIT $2
    FOR UPDATE SKIP LOCKED)
  UPDATE template_removal r SET due_at = $3 FROM due
  WHERE r.account_id = due.account_id AND r.channel_id = due.channel_id AND r.name = due.name AND r.language = due.language
  RETURNING r.*, due.due_at AS was_due`;

const endRemoval =
  'DELETE FROM template_removal WHERE account_id = $1 AND channel_id = $2 AND name = $3 AND language = $4';

const delayRemoval = `UPDATE template_removal SET due_at = $5, attempts = $6
  WHERE account_id = $1 AND channel_id = $2 AND name = $3 AND language = $4`;

/** Leases reviews that are due, but for those of a name and language that is still to be deleted at the channel. */
const leaseReviews = `WITH due AS MATERIALIZED (
    SELECT account_id, channel_id, code, language FROM template n WHERE review_at <= $1 AND NOT EXISTS (
      SELECT 1 FROM template_removal r WHERE r.account_id = n.account_id AND r.channel_id = n.channel_id
        AND r.name = n.name AND r.language = n.language)
    ORDER BY review_at LIMIT $2 FOR UPDATE SKIP LOCKED)
  UPDATE template t SET review_at = $3 FROM due
  WHERE t.account_id = due.account_id AND t.channel_id = due.channel_id AND t.code = due.code AND t.language = due.language
  RETURNING t.*`;

/**
 * Notes how a review goes on, while the template says what was handed in; what was asked, only while the review stands where it did.
 * One that says another thing by now gets the id alone, and is to be changed there.
 */
const noteReview = `WITH planned AS (
    UPDATE template SET vendor_id = coalesce($1, vendor_id), is_edited = CASE WHEN $1::text IS NULL THEN is_edited ELSE 0 END,
      review_at = $2, parameter_format = coalesce($3, parameter_format), offered = coalesce($4, offered),
      asked = CASE WHEN status = $13 THEN coalesce($5, asked) ELSE asked END
    WHERE account_id = $6 AND channel_id = $7 AND code = $8 AND language = $9 AND ${isSame} RETURNING status),
  edited AS (
    UPDATE template SET vendor_id = $1, is_edited = 1
    WHERE account_id = $6 AND channel_id = $7 AND code = $8 AND language = $9 AND $1::text IS NOT NULL AND vendor_id IS NULL
      AND NOT (${isSame}))
  SELECT status FROM planned`;

/** What is done with the tables of templates. */
export class TemplateTables {
  readonly #db: Connection;
  readonly #recordChange: Recorder;

  constructor(db: Connection, recordChange: Recorder) {
    this.#db = db;
    this.#recordChange = recordChange;
  }

  async create(
    tx: Transaction,
    accountId: AccountId,
    template: NewTemplate,
    actor: Actor,
  ): Promise<{ readonly code: string } | 'exists'> {
    const { channelId, language, name, type, vendorId } = template;
    await tx.run(holdName, [accountId, `${channelId}/${name}`]);
    const isFoundThere = vendorId !== null;
    if (isFoundThere && (await tx.get(removalOf, [accountId, channelId, name, language])) !== undefined)
      return 'exists';
    const known = await tx.get<{ code: string }>(codeOf, [accountId, channelId, name]);
    const code = known?.code ?? template.code;
    const key = [accountId, channelId, code, language];
    const made = await tx.run(insertLanguage, [...key, name, type, this.#db.now(), ...toColumns(template)]);
    if (made === 0) return 'exists';
    await this.#recordChange(tx, accountId, actor, 'template.created', `template/${code}/${language}`, {
      name,
    });
    tx.signal({ kind: 'templates', accountId });
    return { code };
  }

  async update(
    tx: Transaction,
    accountId: AccountId,
    change: TemplateUpdate,
    actor: Actor,
    only?: readonly AuditStatus[],
    expected?: Expected,
  ): Promise<'changed' | 'closed' | 'missing'> {
    const { channelId, code, language } = change;
    const key = [accountId, channelId, code, language];
    const row = await tx.get<TemplateRow>(lockLanguage, key);
    if (row === undefined) return 'missing';
    requireExpected(expected, versionOfTemplate(toTemplate(row)));
    if (only?.includes(row.status) === false) return 'closed';
    const content = toColumns({ ...toTemplate(row), ...change });
    await tx.run(updateLanguage, [...key, this.#db.now(), ...content]);
    await this.#recordChange(tx, accountId, actor, 'template.changed', `template/${code}/${language}`, {});
    tx.signal({ kind: 'templates', accountId });
    return 'changed';
  }

  async remove(
    tx: Transaction,
    accountId: AccountId,
    channelId: string,
    code: string,
    language: string | null,
    actor: Actor,
    expected?: Expected,
  ): Promise<number> {
    if (expected !== undefined) {
      const known = await tx.get<TemplateRow>(lockLanguage, [accountId, channelId, code, language ?? '']);
      requireExpected(expected, known && versionOfTemplate(toTemplate(known)));
    }
    const gone = await tx.run(removeLanguages, [accountId, channelId, code, language, this.#db.now()]);
    if (gone === 0) return 0;
    await this.#recordChange(tx, accountId, actor, 'template.deleted', `template/${code}`, { language });
    tx.signal({ kind: 'templates', accountId });
    return gone;
  }

  async find(accountId: AccountId, filter: TemplateFilter): Promise<readonly Template[]> {
    const { channelId = null, code = null, name = null, language = null } = filter;
    const { status = null, vendorId = null } = filter;
    const values = [accountId, channelId, code, name, language, status, vendorId];
    return this.#db.rows.read('template', await this.#db.all<TemplateRow>(findLanguages, values), toTemplate);
  }

  async claimRemovals(limit: number, now: number, leaseMs: number): Promise<TemplateRemoval[]> {
    const values = [now, limit, now + leaseMs];
    const rows = await this.#db.call<RemovalRow & { was_due: number }>(leaseRemovals, values);
    return rows.toSorted((a, b) => a.was_due - b.was_due).map(toRemoval);
  }

  async settleRemoval(removal: TemplateRemoval, next: RemovalNext): Promise<void> {
    const { accountId, channelId, name, language, attempts } = removal;
    const key = [accountId, channelId, name, language];
    if (next.kind === 'over') await this.#db.call(endRemoval, key);
    else await this.#db.call(delayRemoval, [...key, next.dueAt, attempts + 1]);
  }

  async claimReviews(limit: number, now: number, leaseMs: number): Promise<readonly Template[]> {
    const rows = await this.#db.call<TemplateRow>(leaseReviews, [now, limit, now + leaseMs]);
    return this.#db.rows.read('template', rows, toTemplate);
  }

  async planReview(template: Template, plan: ReviewPlan): Promise<AuditStatus | null> {
    const { accountId, channelId, code, language, components, example, ttlSeconds, status } = template;
    const { vendorId = null, reviewAt, parameterFormat = null, offered, asked } = plan;
    const [planned] = await this.#db.call<{ status: AuditStatus }>(noteReview, [
      vendorId,
      reviewAt,
      parameterFormat,
      offered === undefined ? null : JSON.stringify(offered),
      asked === undefined ? null : JSON.stringify(asked),
      accountId,
      channelId,
      code,
      language,
      JSON.stringify(components),
      JSON.stringify(example),
      ttlSeconds,
      status,
    ]);
    this.#db.signals.tell([{ kind: 'templates' }]);
    return planned?.status ?? null;
  }
}

export function templateVerbs(db: Connection, templates: TemplateTables): Templates {
  return {
    createTemplate: (accountId, template, actor) =>
      db.tx((tx) => templates.create(tx, accountId, template, actor)),
    updateTemplate: (accountId, change, actor, only, expected) =>
      db.tx((tx) => templates.update(tx, accountId, change, actor, only, expected)),
    deleteTemplate: (accountId, channelId, code, language, actor, expected) =>
      db.tx((tx) => templates.remove(tx, accountId, channelId, code, language, actor, expected)),
    findTemplates: (accountId, filter) => templates.find(accountId, filter),
    claimRemovals: (limit, now, leaseMs) => templates.claimRemovals(limit, now, leaseMs),
    settleRemoval: (removal, next) => templates.settleRemoval(removal, next),
    claimReviews: (limit, now, leaseMs) => templates.claimReviews(limit, now, leaseMs),
    planReview: (template, plan) => templates.planReview(template, plan),
  };
}
