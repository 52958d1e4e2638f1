import type { AccountId } from '../../domain/account.ts';
import type { AuditStatus } from '../../domain/receipt.ts';
import type { Connection } from '../sqlite/connection.ts';
import { contentColumns } from './rows.ts';
import type { RemovalRow, TemplateRow } from './rows.ts';

/** One language of a template. */
const isThisLanguage = 'account_id = ? AND channel_id = ? AND code = ? AND language = ?';
/** One language of a code, or all of them. */
const isOfCode = 'account_id = ?1 AND channel_id = ?2 AND code = ?3 AND (?4 IS NULL OR language = ?4)';
/** One language that is still to be deleted at the channel. */
const isThisRemoval = 'account_id = ? AND channel_id = ? AND name = ? AND language = ?';

/** Makes a language of a template, unless it is there. */
const insert = `INSERT INTO template (account_id, channel_id, code, language, name, type, ${contentColumns.join(', ')}, created_at, updated_at)
  VALUES (?, ?, ?, ?, ?, ?, ${contentColumns.map(() => '?').join(', ')}, ?, ?) ON CONFLICT DO NOTHING`;

/** Writes all that may be changed of a language. */
const update = `UPDATE template SET ${contentColumns.map((name) => `${name} = ?`).join(', ')}, updated_at = max(?, updated_at + 1)
  WHERE ${isThisLanguage}`;

/** Writes what a channel told of a language; what it did not tell stays, and a review that is over is asked for no more. */
const follow = `UPDATE template SET status = coalesce(?1, status), reason = coalesce(?2, reason), quality = coalesce(?3, quality),
    category = coalesce(?4, category), review_at = CASE WHEN coalesce(?1, status) = 'auditing' THEN review_at END, updated_at = max(?5, updated_at + 1)
  WHERE account_id = ?6 AND channel_id = ?7 AND code = ?8 AND language = ?9`;

/** Finds languages by whatever is asked for. */
const find = `SELECT * FROM template WHERE account_id = ?1 AND (?2 IS NULL OR channel_id = ?2) AND (?3 IS NULL OR code = ?3)
    AND (?4 IS NULL OR name = ?4) AND (?5 IS NULL OR language = ?5)
    AND (?6 IS NULL OR status = ?6) AND (?7 IS NULL OR vendor_id = ?7) ORDER BY name, language`;

/** The first languages whose code or name begins so. */
const search = `SELECT * FROM template WHERE account_id = ?1 AND (substr(code, 1, length(?2)) = ?2 OR substr(name, 1, length(?2)) = ?2)
  ORDER BY name, language LIMIT ?3`;

/** Languages of a channel whose review is due and nobody is at, but for those of a name that is still to be deleted there. */
const dueReviews = `SELECT * FROM template WHERE account_id = ?1 AND channel_id = ?2 AND review_at <= ?3
    AND (lease_ends_at IS NULL OR lease_ends_at <= ?3)
    AND NOT EXISTS (SELECT 1 FROM template_removal r WHERE r.account_id = template.account_id
      AND r.channel_id = template.channel_id AND r.name = template.name AND r.language = template.language)
  ORDER BY review_at LIMIT ?4`;

/** Lengthens a lease; one that was changed meanwhile is due already, and taken up once the lease is over. */
const renewReview = `UPDATE template SET review_at = CASE review_at WHEN lease_ends_at THEN ?1 ELSE review_at END, lease_ends_at = ?1
  WHERE account_id = ?2 AND channel_id = ?3 AND code = ?4 AND language = ?5 AND lease = ?6`;

/** Notes what is about to be handed in, while the template says that. */
const noteOffered = `UPDATE template SET offered = ? WHERE ${isThisLanguage} AND components = ? AND example = ? AND ttl_seconds IS ? AND lease = ?`;

/** Notes how a review goes on, while the template says what was handed in; what was asked, only while the review stands where it did. */
const planReview = `UPDATE template SET vendor_id = coalesce(?1, vendor_id), is_edited = CASE WHEN ?1 IS NULL THEN is_edited ELSE 0 END, review_at = ?2,
    parameter_format = coalesce(?3, parameter_format),
    asked = CASE WHEN status = ?12 THEN coalesce(?4, asked) ELSE asked END
  WHERE account_id = ?5 AND channel_id = ?6 AND code = ?7 AND language = ?8 AND components = ?9 AND example = ?10 AND ttl_seconds IS ?11
    AND (?13 IS NULL OR lease = ?13)
  RETURNING status`;

/** Notes the id alone, of a template that is to be changed at the channel. */
const planEdit = `UPDATE template SET vendor_id = ?1, is_edited = 1
  WHERE account_id = ?2 AND channel_id = ?3 AND code = ?4 AND language = ?5 AND vendor_id IS NULL AND (?6 IS NULL OR lease = ?6)`;

/** Notes that what is about to go is to be deleted at the channel as well; what is noted already is tried anew. */
const planRemoval = `INSERT INTO template_removal (account_id, channel_id, name, language, code, vendor_id, offered, attempts, due_at)
    SELECT account_id, channel_id, name, language, code, vendor_id, offered, 0, ?5 FROM template WHERE ${isOfCode}
  ON CONFLICT DO UPDATE SET vendor_id = coalesce(excluded.vendor_id, vendor_id),
    offered = CASE excluded.offered WHEN '[]' THEN offered ELSE excluded.offered END, attempts = 0,
    due_at = min(due_at, excluded.due_at), lease = NULL`;

/** Whose turn it may be: the accounts after one with something due, and the channels of one after another. */
const toDueAccounts = (table: string, dueAt: string): string =>
  `SELECT DISTINCT account_id FROM ${table} WHERE ${dueAt} <= ? AND account_id > ? ORDER BY account_id LIMIT ?`;
const toDueChannels = (table: string, dueAt: string): string =>
  `SELECT DISTINCT channel_id FROM ${table} WHERE account_id = ? AND ${dueAt} <= ? AND channel_id > ? ORDER BY channel_id LIMIT ?`;

/** What is run for templates, prepared once. */
export function templateStatements(db: Connection) {
  return {
    codeOf: db.prepare<{ code: string }>(
      'SELECT code FROM template WHERE account_id = ? AND channel_id = ? AND name = ? LIMIT 1',
    ),
    byKey: db.prepare<TemplateRow>(`SELECT * FROM template WHERE ${isThisLanguage}`),
    find: db.prepare<TemplateRow>(find),
    search: db.prepare<TemplateRow>(search),
    insert: db.prepare(insert),
    update: db.prepare(update),
    follow: db.prepare(follow),
    remove: db.prepare(`DELETE FROM template WHERE ${isOfCode}`),
    dueReviews: db.prepare<TemplateRow>(dueReviews),
    dueAccounts: {
      review: db.prepare<{ account_id: AccountId }>(toDueAccounts('template', 'review_at')),
      removal: db.prepare<{ account_id: AccountId }>(toDueAccounts('template_removal', 'due_at')),
    },
    dueChannels: {
      review: db.prepare<{ channel_id: string }>(toDueChannels('template', 'review_at')),
      removal: db.prepare<{ channel_id: string }>(toDueChannels('template_removal', 'due_at')),
    },
    leaseReview: db.prepare(
      `UPDATE template SET review_at = ?, lease_ends_at = ?, lease = ? WHERE ${isThisLanguage}`,
    ),
    renewReview: db.prepare(renewReview),
    endReviewLease: db.prepare(
      `UPDATE template SET lease = NULL, lease_ends_at = NULL WHERE ${isThisLanguage} AND lease = ?`,
    ),
    noteOffered: db.prepare(noteOffered),
    planReview: db.prepare<{ status: AuditStatus }>(planReview),
    planEdit: db.prepare(planEdit),
    removalOf: db.prepare(`SELECT 1 FROM template_removal WHERE ${isThisRemoval}`),
    planRemoval: db.prepare(planRemoval),
    dueRemovals: db.prepare<RemovalRow>(
      'SELECT * FROM template_removal WHERE account_id = ? AND channel_id = ? AND due_at <= ? ORDER BY due_at LIMIT ?',
    ),
    leaseRemoval: db.prepare(`UPDATE template_removal SET due_at = ?, lease = ? WHERE ${isThisRemoval}`),
    renewRemoval: db.prepare(`UPDATE template_removal SET due_at = ? WHERE ${isThisRemoval} AND lease = ?`),
    delayRemoval: db.prepare(
      `UPDATE template_removal SET due_at = ?, attempts = ?, lease = NULL WHERE ${isThisRemoval} AND lease = ?`,
    ),
    endRemoval: db.prepare(`DELETE FROM template_removal WHERE ${isThisRemoval} AND lease = ?`),
  };
}
