import { requireExpected, versionOfTemplate } from '../../domain/version.ts';
import type { AccountId, Actor } from '../../domain/account.ts';
import type { AuditStatus } from '../../domain/receipt.ts';
import { contentColumns, toColumns, toRemoval, toTemplate } from './rows.ts';
import type { RemovalRow, TemplateRow } from './rows.ts';
import type { NewTemplate, Templates } from '../store.ts';
import type { Connection } from '../postgres/connection.ts';
import type { Recorder } from '../journal/postgres.ts';

const byKey =
  'SELECT * FROM template WHERE account_id = $1 AND channel_id = $2 AND code = $3 AND language = $4 FOR UPDATE';

export function templateVerbs(db: Connection, recordChange: Recorder): Templates {
  const create = (
    accountId: AccountId,
    template: NewTemplate,
    actor: Actor,
  ): Promise<{ readonly code: string } | 'exists'> =>
    db.tx(async (tx) => {
      const { channelId, language, name, type, vendorId } = template;
      // Two languages of a new name made at once have to get one code.
      await tx.run('SELECT pg_advisory_xact_lock(hashtextextended($2, $1))', [
        accountId,
        `${channelId}/${name}`,
      ]);
      const removal =
        'SELECT 1 FROM template_removal WHERE account_id = $1 AND channel_id = $2 AND name = $3 AND language = $4';
      if (vendorId !== null && (await tx.get(removal, [accountId, channelId, name, language])) !== undefined)
        return 'exists';
      const known = await tx.get<{ code: string }>(
        'SELECT code FROM template WHERE account_id = $1 AND channel_id = $2 AND name = $3 LIMIT 1',
        [accountId, channelId, name],
      );
      const code = known?.code ?? template.code;
      const made = await tx.run(
        `INSERT INTO template (account_id, channel_id, code, language, name, type, created_at, updated_at, ${contentColumns.join(', ')})
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7, ${contentColumns.map((_, n) => `$${n + 8}`).join(', ')}) ON CONFLICT DO NOTHING`,
        [accountId, channelId, code, language, name, type, db.now(), ...toColumns(template)],
      );
      if (made === 0) return 'exists';
      await recordChange(tx, accountId, actor, 'template.created', `template/${code}/${language}`, { name });
      tx.signal({ kind: 'templates', accountId });
      return { code };
    });

  return {
    createTemplate: create,
    updateTemplate: (accountId, change, actor, only, expected) =>
      db.tx(async (tx) => {
        const { channelId, code, language } = change;
        const row = await tx.get<TemplateRow>(byKey, [accountId, channelId, code, language]);
        if (row === undefined) return 'missing';
        requireExpected(expected, versionOfTemplate(toTemplate(row)));
        if (only?.includes(row.status) === false) return 'closed';
        await tx.run(
          `UPDATE template SET updated_at = greatest($5, updated_at + 1), ${contentColumns.map((name, n) => `${name} = $${n + 6}`).join(', ')}
           WHERE account_id = $1 AND channel_id = $2 AND code = $3 AND language = $4`,
          [accountId, channelId, code, language, db.now(), ...toColumns({ ...toTemplate(row), ...change })],
        );
        await recordChange(tx, accountId, actor, 'template.changed', `template/${code}/${language}`, {});
        tx.signal({ kind: 'templates', accountId });
        return 'changed';
      }),
    deleteTemplate: (accountId, channelId, code, language, actor, expected) =>
      db.tx(async (tx) => {
        if (expected !== undefined) {
          const known = await tx.get<TemplateRow>(byKey, [accountId, channelId, code, language ?? '']);
          requireExpected(expected, known && versionOfTemplate(toTemplate(known)));
        }
        const gone = await tx.run(
          `WITH gone AS (
             DELETE FROM template WHERE account_id = $1 AND channel_id = $2 AND code = $3 AND ($4::text IS NULL OR language = $4)
             RETURNING account_id, channel_id, name, language, code, vendor_id, offered)
           INSERT INTO template_removal AS r (account_id, channel_id, name, language, code, vendor_id, offered, attempts, due_at)
             SELECT account_id, channel_id, name, language, code, vendor_id, offered, 0, $5 FROM gone
           ON CONFLICT (account_id, channel_id, name, language) DO UPDATE
             SET vendor_id = coalesce(excluded.vendor_id, r.vendor_id),
               offered = CASE excluded.offered WHEN '[]' THEN r.offered ELSE excluded.offered END, attempts = 0, due_at = least(r.due_at, excluded.due_at)`,
          [accountId, channelId, code, language, db.now()],
        );
        if (gone === 0) return 0;
        await recordChange(tx, accountId, actor, 'template.deleted', `template/${code}`, { language });
        tx.signal({ kind: 'templates', accountId });
        return gone;
      }),
    findTemplates: async (accountId, { channelId, code, name, language, status, vendorId }) => {
      const rows = await db.all<TemplateRow>(
        `SELECT * FROM template WHERE account_id = $1 AND ($2::text IS NULL OR channel_id = $2) AND ($3::text IS NULL OR code = $3)
           AND ($4::text IS NULL OR name = $4) AND ($5::text IS NULL OR language = $5)
           AND ($6::text IS NULL OR status = $6) AND ($7::text IS NULL OR vendor_id = $7) ORDER BY name COLLATE "C", language COLLATE "C"`,
        [
          accountId,
          channelId ?? null,
          code ?? null,
          name ?? null,
          language ?? null,
          status ?? null,
          vendorId ?? null,
        ],
      );
      return db.rows.read('template', rows, toTemplate);
    },
    claimRemovals: async (limit, now, leaseMs) => {
      const rows = await db.call<RemovalRow & { was_due: number }>(
        // Materialized: run again for each row of a join, a locking select gives more than its limit.
        `WITH due AS MATERIALIZED (
           SELECT account_id, channel_id, name, language, due_at FROM template_removal WHERE due_at <= $1 ORDER BY due_at LIMIT $2
           FOR UPDATE SKIP LOCKED)
         UPDATE template_removal r SET due_at = $3 FROM due
         WHERE r.account_id = due.account_id AND r.channel_id = due.channel_id AND r.name = due.name AND r.language = due.language
         RETURNING r.*, due.due_at AS was_due`,
        [now, limit, now + leaseMs],
      );
      return rows.toSorted((a, b) => a.was_due - b.was_due).map(toRemoval);
    },
    settleRemoval: async ({ accountId, channelId, name, language, attempts }, next) => {
      const key = [accountId, channelId, name, language];
      const where = 'account_id = $1 AND channel_id = $2 AND name = $3 AND language = $4';
      if (next.kind === 'over') await db.call(`DELETE FROM template_removal WHERE ${where}`, key);
      else
        await db.call(`UPDATE template_removal SET due_at = $5, attempts = $6 WHERE ${where}`, [
          ...key,
          next.dueAt,
          attempts + 1,
        ]);
    },
    claimReviews: async (limit, now, leaseMs) => {
      const rows = await db.call<TemplateRow>(
        `WITH due AS MATERIALIZED (
           SELECT account_id, channel_id, code, language FROM template n WHERE review_at <= $1 AND NOT EXISTS (
             SELECT 1 FROM template_removal r WHERE r.account_id = n.account_id AND r.channel_id = n.channel_id
               AND r.name = n.name AND r.language = n.language)
           ORDER BY review_at LIMIT $2 FOR UPDATE SKIP LOCKED)
         UPDATE template t SET review_at = $3 FROM due
         WHERE t.account_id = due.account_id AND t.channel_id = due.channel_id AND t.code = due.code AND t.language = due.language
         RETURNING t.*`,
        [now, limit, now + leaseMs],
      );
      return db.rows.read('template', rows, toTemplate);
    },
    planReview: async (template, { vendorId = null, reviewAt, parameterFormat, offered, asked }) => {
      const { accountId, channelId, code, language, components, example, ttlSeconds, status } = template;
      const [planned] = await db.call<{ status: AuditStatus }>(
        // A template that says another thing by now gets the id alone, and is to be changed there.
        `WITH planned AS (
           UPDATE template SET vendor_id = coalesce($1, vendor_id), is_edited = CASE WHEN $1::text IS NULL THEN is_edited ELSE 0 END,
             review_at = $2, parameter_format = coalesce($3, parameter_format), offered = coalesce($4, offered),
             asked = CASE WHEN status = $13 THEN coalesce($5, asked) ELSE asked END
           WHERE account_id = $6 AND channel_id = $7 AND code = $8 AND language = $9
             AND components = $10 AND example = $11 AND ttl_seconds IS NOT DISTINCT FROM $12 RETURNING status),
         edited AS (
           UPDATE template SET vendor_id = $1, is_edited = 1
           WHERE account_id = $6 AND channel_id = $7 AND code = $8 AND language = $9 AND $1::text IS NOT NULL AND vendor_id IS NULL
             AND NOT (components = $10 AND example = $11 AND ttl_seconds IS NOT DISTINCT FROM $12))
         SELECT status FROM planned`,
        [
          vendorId,
          reviewAt,
          parameterFormat ?? null,
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
        ],
      );
      db.signals.tell([{ kind: 'templates' }]);
      return planned?.status ?? null;
    },
  };
}
