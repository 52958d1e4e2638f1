import { randomUUID } from 'node:crypto';
import { requireExpected, versionOfTemplate } from '../../domain/version.ts';
import type { AccountId, Actor } from '../../domain/account.ts';
import type { AuditStatus } from '../../domain/receipt.ts';
import type { RemovalNext, Template } from '../../domain/template.ts';
import type { Expected } from '../../domain/version.ts';
import { contentColumns, toColumns, toRemoval, toTemplate } from './rows.ts';
import type { RemovalRow, TemplateRow } from './rows.ts';
import type {
  ClaimedRemoval,
  ClaimedReview,
  NewTemplate,
  ReviewPlan,
  TemplateFilter,
  Templates,
  TemplateUpdate,
  TemplateWork,
} from '../store.ts';
import type { Connection, Transaction } from '../postgres/connection.ts';
import type { Recorder } from '../journal/postgres.ts';

/** One language of a template. */
const isThisLanguage = 'account_id = $1 AND channel_id = $2 AND code = $3 AND language = $4';
/** A template that still says what was handed in. */
const isSame = 'components = $5 AND example = $6 AND ttl_seconds IS NOT DISTINCT FROM $7';
/** For whoever has its lease, or does it without one. */
const isHeld = '($8::text IS NULL OR lease = $8)';
/** What is done without a lease leaves that of another as it is. */
const endLease =
  'lease = CASE WHEN $8::text IS NULL THEN lease END, lease_ends_at = CASE WHEN $8::text IS NULL THEN lease_ends_at END';
/** A deletion, for whoever has its lease. */
const isHeldRemoval = 'account_id = $1 AND channel_id = $2 AND name = $3 AND language = $4 AND lease = $5';

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
      offered = CASE excluded.offered WHEN '[]' THEN r.offered ELSE excluded.offered END, attempts = 0,
      due_at = least(r.due_at, excluded.due_at), lease = NULL`;

/** The first languages whose code or name begins so. */
const searchLanguages = `SELECT * FROM template WHERE account_id = $1 AND (starts_with(code, $2) OR starts_with(name, $2))
  ORDER BY name COLLATE "C", language COLLATE "C" LIMIT $3`;

/** Finds languages by whatever is asked for. */
const findLanguages = `SELECT * FROM template WHERE account_id = $1 AND ($2::text IS NULL OR channel_id = $2) AND ($3::text IS NULL OR code = $3)
    AND ($4::text IS NULL OR name = $4) AND ($5::text IS NULL OR language = $5)
    AND ($6::text IS NULL OR status = $6) AND ($7::text IS NULL OR vendor_id = $7)
  ORDER BY name COLLATE "C", language COLLATE "C"`;

/** Whose turn it may be: the accounts after one with something due, and the channels of one after another, in the order of both stores. */
const toDueAccounts = (table: string, dueAt: string): string =>
  `SELECT DISTINCT account_id FROM ${table} WHERE ${dueAt} <= $1 AND account_id > $2 ORDER BY account_id LIMIT $3`;
const toDueChannels = (table: string, dueAt: string): string =>
  `SELECT DISTINCT channel_id COLLATE "C" AS channel_id FROM ${table}
   WHERE account_id = $1 AND ${dueAt} <= $2 AND channel_id COLLATE "C" > $3 ORDER BY channel_id LIMIT $4`;
const dueAccounts: Readonly<Record<TemplateWork, string>> = {
  review: toDueAccounts('template', 'review_at'),
  removal: toDueAccounts('template_removal', 'due_at'),
};
const dueChannels: Readonly<Record<TemplateWork, string>> = {
  review: toDueChannels('template', 'review_at'),
  removal: toDueChannels('template_removal', 'due_at'),
};

/**
 * Leases deletions of a channel that are due. Materialized, here and below: run again for each row of a join, a locking select gives
 * more than its limit.
 */
const leaseRemovals = `WITH due AS MATERIALIZED (
    SELECT name, language, due_at FROM template_removal WHERE account_id = $1 AND channel_id = $2 AND due_at <= $3
    ORDER BY due_at LIMIT $4 FOR UPDATE SKIP LOCKED)
  UPDATE template_removal r SET due_at = $5, lease = $6 FROM due
  WHERE r.account_id = $1 AND r.channel_id = $2 AND r.name = due.name AND r.language = due.language
  RETURNING r.*, due.due_at AS was_due`;

const renewRemoval = `UPDATE template_removal SET due_at = $6 WHERE ${isHeldRemoval} RETURNING 1`;
const endRemoval = `DELETE FROM template_removal WHERE ${isHeldRemoval}`;
const delayRemoval = `UPDATE template_removal SET due_at = $6, attempts = $7, lease = NULL WHERE ${isHeldRemoval}`;

/** Leases reviews of a channel that are due and nobody is at, but for those of a name and language that is still to be deleted there. */
const leaseReviews = `WITH due AS MATERIALIZED (
    SELECT code, language FROM template n WHERE account_id = $1 AND channel_id = $2 AND review_at <= $3
      AND (lease_ends_at IS NULL OR lease_ends_at <= $3) AND NOT EXISTS (
        SELECT 1 FROM template_removal r WHERE r.account_id = $1 AND r.channel_id = $2 AND r.name = n.name AND r.language = n.language)
    ORDER BY review_at LIMIT $4 FOR UPDATE SKIP LOCKED)
  UPDATE template t SET review_at = $5, lease_ends_at = $5, lease = $6 FROM due
  WHERE t.account_id = $1 AND t.channel_id = $2 AND t.code = due.code AND t.language = due.language
  RETURNING t.*`;

/** Lengthens a lease; one that was changed meanwhile is due already, and taken up once the lease is over. */
const renewReview = `UPDATE template SET review_at = CASE review_at WHEN lease_ends_at THEN $6::bigint ELSE review_at END, lease_ends_at = $6
  WHERE ${isThisLanguage} AND lease = $5 RETURNING 1`;

/** Notes what is about to be handed in, while the template says that. */
const noteOffered = `UPDATE template SET offered = $9 WHERE ${isThisLanguage} AND ${isSame} AND ${isHeld} RETURNING 1`;

/**
 * Notes how a review goes on, while the template says what was handed in; what was asked, only while the review stands where it did.
 * One that says another thing by now gets the id alone, and is to be changed there. The lease ends either way.
 */
const noteReview = `WITH planned AS (
    UPDATE template SET vendor_id = coalesce($9, vendor_id), is_edited = CASE WHEN $9::text IS NULL THEN is_edited ELSE 0 END,
      review_at = $10, parameter_format = coalesce($11, parameter_format),
      asked = CASE WHEN status = $13 THEN coalesce($12, asked) ELSE asked END, ${endLease}
    WHERE ${isThisLanguage} AND ${isSame} AND ${isHeld} RETURNING status),
  edited AS (
    UPDATE template SET vendor_id = coalesce(vendor_id, $9),
      is_edited = CASE WHEN $9::text IS NULL OR vendor_id IS NOT NULL THEN is_edited ELSE 1 END, ${endLease}
    WHERE ${isThisLanguage} AND NOT (${isSame}) AND ${isHeld})
  SELECT status FROM planned`;

type Owner = Pick<Template, 'accountId' | 'channelId'>;

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
      if (known !== undefined) requireExpected(expected, versionOfTemplate(toTemplate(known)));
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

  async search(accountId: AccountId, text: string, limit: number): Promise<readonly Template[]> {
    const rows = await this.#db.all<TemplateRow>(searchLanguages, [accountId, text, limit]);
    return this.#db.rows.read('template', rows, toTemplate);
  }

  async listDueAccounts(
    work: TemplateWork,
    now: number,
    after: AccountId,
    limit: number,
  ): Promise<readonly AccountId[]> {
    const rows = await this.#db.all<{ account_id: AccountId }>(dueAccounts[work], [now, after, limit]);
    return rows.map((row) => row.account_id);
  }

  async listDueChannels(
    work: TemplateWork,
    accountId: AccountId,
    now: number,
    after: string,
    limit: number,
  ): Promise<readonly string[]> {
    const values = [accountId, now, after, limit];
    return (await this.#db.all<{ channel_id: string }>(dueChannels[work], values)).map(
      (row) => row.channel_id,
    );
  }

  async claimRemovals(
    { accountId, channelId }: Owner,
    limit: number,
    now: number,
    leaseMs: number,
  ): Promise<ClaimedRemoval[]> {
    const lease = randomUUID();
    const values = [accountId, channelId, now, limit, now + leaseMs, lease];
    const rows = await this.#db.call<RemovalRow & { was_due: number }>(leaseRemovals, values);
    return rows.toSorted((a, b) => a.was_due - b.was_due).map((row) => ({ ...toRemoval(row), lease }));
  }

  async renewRemoval(removal: ClaimedRemoval, endsAt: number): Promise<boolean> {
    const { accountId, channelId, name, language, lease } = removal;
    const values = [accountId, channelId, name, language, lease, endsAt];
    return (await this.#db.call(renewRemoval, values)).length > 0;
  }

  async settleRemoval(removal: ClaimedRemoval, next: RemovalNext): Promise<void> {
    const { accountId, channelId, name, language, attempts, lease } = removal;
    const key = [accountId, channelId, name, language, lease];
    if (next.kind === 'over') await this.#db.call(endRemoval, key);
    else await this.#db.call(delayRemoval, [...key, next.dueAt, attempts + 1]);
  }

  async claimReviews(
    { accountId, channelId }: Owner,
    limit: number,
    now: number,
    leaseMs: number,
  ): Promise<readonly ClaimedReview[]> {
    const lease = randomUUID();
    const values = [accountId, channelId, now, limit, now + leaseMs, lease];
    const rows = await this.#db.call<TemplateRow>(leaseReviews, values);
    const claimed = this.#db.rows.read('template', rows, toTemplate);
    return claimed.map((template) => ({ ...template, lease }));
  }

  async renewReview(review: ClaimedReview, endsAt: number): Promise<boolean> {
    const { accountId, channelId, code, language, lease } = review;
    const values = [accountId, channelId, code, language, lease, endsAt];
    return (await this.#db.call(renewReview, values)).length > 0;
  }

  async noteOffered(review: ClaimedReview, offered: readonly string[]): Promise<boolean> {
    const values = [...toContentKey(review), review.lease, JSON.stringify(offered)];
    return (await this.#db.call(noteOffered, values)).length > 0;
  }

  async planReview(template: Template, plan: ReviewPlan): Promise<AuditStatus | null> {
    const { vendorId = null, reviewAt, parameterFormat = null, asked, lease = null } = plan;
    const [planned] = await this.#db.call<{ status: AuditStatus }>(noteReview, [
      ...toContentKey(template),
      lease,
      vendorId,
      reviewAt,
      parameterFormat,
      asked === undefined ? null : JSON.stringify(asked),
      template.status,
    ]);
    this.#db.signals.tell([{ kind: 'templates' }]);
    return planned?.status ?? null;
  }
}

/** What names a language of a template, and what it says: the values of the first seven places. */
function toContentKey(template: Template): (string | number | null)[] {
  const { accountId, channelId, code, language, components, example, ttlSeconds } = template;
  const content = [JSON.stringify(components), JSON.stringify(example), ttlSeconds];
  return [accountId, channelId, code, language, ...content];
}

export function templateVerbs(db: Connection, templates: TemplateTables): Templates {
  return {
    createTemplate: (accountId, template, actor) =>
      db.tx((tx) => templates.create(tx, accountId, template, actor)),
    updateTemplate: (accountId, change, actor, only, expected) =>
      db.tx((tx) => templates.update(tx, accountId, change, actor, only, expected)),
    deleteTemplate: (accountId, channelId, code, language, actor, expected) =>
      db.tx((tx) => templates.remove(tx, accountId, channelId, code, language, actor, expected)),
    searchTemplates: (accountId, text, limit) => templates.search(accountId, text, limit),
    findTemplates: (accountId, filter) => templates.find(accountId, filter),
    listDueTemplateAccounts: (...page) => templates.listDueAccounts(...page),
    listDueTemplateChannels: (...page) => templates.listDueChannels(...page),
    claimRemovals: (...claim) => templates.claimRemovals(...claim),
    renewRemoval: (removal, endsAt) => templates.renewRemoval(removal, endsAt),
    settleRemoval: (removal, next) => templates.settleRemoval(removal, next),
    claimReviews: (...claim) => templates.claimReviews(...claim),
    renewReview: (review, endsAt) => templates.renewReview(review, endsAt),
    noteOffered: (review, offered) => templates.noteOffered(review, offered),
    planReview: (template, plan) => templates.planReview(template, plan),
  };
}
