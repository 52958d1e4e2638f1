import { requireExpected, versionOfTemplate } from '../../domain/version.ts';
import type { AccountId, Actor } from '../../domain/account.ts';
import { toRemoval, toTemplate } from '../rows/templates.ts';
import type { RemovalRow, TemplateRow } from '../rows/templates.ts';
import type { NewTemplate, Templates } from '../store.ts';
import type { Connection } from './connection.ts';
import type { Recorder } from './journal.ts';

const byKey =
  'SELECT * FROM template WHERE account_id = $1 AND channel_id = $2 AND code = $3 AND language = $4 FOR UPDATE';

export function templateVerbs(db: Connection, recordChange: Recorder): Templates {
  const contentOf = (template: NewTemplate) => [
    template.category,
    JSON.stringify(template.components),
    JSON.stringify(template.example),
    template.status,
    template.reason,
    template.allowSend ? 1 : 0,
    template.categoryChangePaused ? 1 : 0,
    template.ttlSeconds,
    template.quality,
    template.vendorId,
    template.reviewAt,
  ];

  const create = (
    accountId: AccountId,
    template: NewTemplate,
    actor: Actor,
  ): Promise<{ readonly code: string } | 'exists'> =>
    db.tx(async (tx) => {
      const { channelId, language, name, type } = template;
      // Two languages of a new name made at once have to get one code.
      await tx.run('SELECT pg_advisory_xact_lock(hashtextextended($2, $1))', [
        accountId,
        `${channelId}/${name}`,
      ]);
      const known = await tx.get<{ code: string }>(
        'SELECT code FROM template WHERE account_id = $1 AND channel_id = $2 AND name = $3 LIMIT 1',
        [accountId, channelId, name],
      );
      const code = known?.code ?? template.code;
      const made = await tx.run(
        `INSERT INTO template (account_id, channel_id, code, language, name, type, category, components, example, status, reason,
           allow_send, category_change_paused, ttl_seconds, quality, vendor_id, review_at, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $18) ON CONFLICT DO NOTHING`,
        [accountId, channelId, code, language, name, type, ...contentOf(template), db.now()],
      );
      if (made === 0) return 'exists';
      await recordChange(tx, accountId, actor, 'template.created', `template/${code}/${language}`, { name });
      tx.signal({ kind: 'templates' });
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
          `UPDATE template SET category = $1, components = $2, example = $3, status = $4, reason = $5, allow_send = $6,
             category_change_paused = $7, ttl_seconds = $8, quality = $9, vendor_id = $10, review_at = $11, updated_at = greatest($12, updated_at + 1)
           WHERE account_id = $13 AND channel_id = $14 AND code = $15 AND language = $16`,
          [...contentOf({ ...toTemplate(row), ...change }), db.now(), accountId, channelId, code, language],
        );
        await recordChange(tx, accountId, actor, 'template.changed', `template/${code}/${language}`, {});
        tx.signal({ kind: 'templates' });
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
             RETURNING account_id, channel_id, name, language, code, vendor_id)
           INSERT INTO template_removal AS r (account_id, channel_id, name, language, code, vendor_id, attempts, due_at)
             SELECT account_id, channel_id, name, language, code, vendor_id, 0, $5 FROM gone
           ON CONFLICT (account_id, channel_id, name, language) DO UPDATE
             SET vendor_id = coalesce(excluded.vendor_id, r.vendor_id), attempts = 0, due_at = least(r.due_at, excluded.due_at)`,
          [accountId, channelId, code, language, db.now()],
        );
        if (gone === 0) return 0;
        await recordChange(tx, accountId, actor, 'template.deleted', `template/${code}`, { language });
        tx.signal({ kind: 'templates' });
        return gone;
      }),
    findTemplates: async (accountId, { channelId, code, name, language, status }) => {
      const rows = await db.all<TemplateRow>(
        `SELECT * FROM template WHERE account_id = $1 AND ($2::text IS NULL OR channel_id = $2) AND ($3::text IS NULL OR code = $3)
           AND ($4::text IS NULL OR name = $4) AND ($5::text IS NULL OR language = $5)
           AND ($6::text IS NULL OR status = $6) ORDER BY name COLLATE "C", language COLLATE "C"`,
        [accountId, channelId ?? null, code ?? null, name ?? null, language ?? null, status ?? null],
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
    planReview: async (template, vendorId, reviewAt) => {
      const { accountId, channelId, code, language, components, example, ttlSeconds } = template;
      const planned = await db.call(
        `UPDATE template SET vendor_id = coalesce($1, vendor_id), review_at = $2
         WHERE account_id = $3 AND channel_id = $4 AND code = $5 AND language = $6
           AND components = $7 AND example = $8 AND ttl_seconds IS NOT DISTINCT FROM $9 RETURNING 1`,
        [
          vendorId,
          reviewAt,
          accountId,
          channelId,
          code,
          language,
          JSON.stringify(components),
          JSON.stringify(example),
          ttlSeconds,
        ],
      );
      if (planned.length === 0) return false;
      db.signals.tell([{ kind: 'templates' }]);
      return true;
    },
  };
}
