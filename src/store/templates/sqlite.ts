import { requireExpected, versionOfTemplate } from '../../domain/version.ts';
import type { AccountId } from '../../domain/account.ts';
import type { AuditStatus } from '../../domain/receipt.ts';
import { contentColumns, toColumns, toRemoval, toTemplate } from './rows.ts';
import type { RemovalRow, TemplateRow } from './rows.ts';
import type { TemplateChange, Templates } from '../store.ts';
import type { Connection, Transaction } from '../sqlite/connection.ts';
import type { Recorder } from '../journal/sqlite.ts';

/** What other verbs do to templates inside their own transaction. */
export interface TemplateWrites {
  change(tx: Transaction, accountId: AccountId, channelId: string, change: TemplateChange, now: number): void;
}

export function templateWrites(db: Connection): TemplateWrites {
  const update = db.prepare(
    `UPDATE template SET status = coalesce(?1, status), reason = coalesce(?2, reason), quality = coalesce(?3, quality),
       category = coalesce(?4, category), review_at = CASE WHEN coalesce(?1, status) = 'auditing' THEN review_at END, updated_at = max(?5, updated_at + 1)
     WHERE account_id = ?6 AND channel_id = ?7 AND code = ?8 AND language = ?9`,
  );
  return {
    change: (tx, accountId, channelId, { code, language, status, reason, quality, category }, now) => {
      update.run(
        status ?? null,
        reason ?? null,
        quality ?? null,
        category ?? null,
        now,
        accountId,
        channelId,
        code,
        language,
      );
      tx.signal({ kind: 'templates', accountId });
    },
  };
}

export function templateVerbs(db: Connection, recordChange: Recorder): Templates {
  const codeOf = db.prepare<{ code: string }>(
    'SELECT code FROM template WHERE account_id = ? AND channel_id = ? AND name = ? LIMIT 1',
  );
  const removalOf = db.prepare(
    'SELECT 1 FROM template_removal WHERE account_id = ? AND channel_id = ? AND name = ? AND language = ?',
  );
  const insert = db.prepare(
    `INSERT INTO template (account_id, channel_id, code, language, name, type, ${contentColumns.join(', ')}, created_at, updated_at)
     VALUES (?, ?, ?, ?, ?, ?, ${contentColumns.map(() => '?').join(', ')}, ?, ?) ON CONFLICT DO NOTHING`,
  );
  const update = db.prepare(
    `UPDATE template SET ${contentColumns.map((name) => `${name} = ?`).join(', ')}, updated_at = max(?, updated_at + 1)
     WHERE account_id = ? AND channel_id = ? AND code = ? AND language = ?`,
  );
  const byKey = db.prepare<TemplateRow>(
    'SELECT * FROM template WHERE account_id = ? AND channel_id = ? AND code = ? AND language = ?',
  );
  const remove = db.prepare(
    'DELETE FROM template WHERE account_id = ?1 AND channel_id = ?2 AND code = ?3 AND (?4 IS NULL OR language = ?4)',
  );
  const planRemoval = db.prepare(
    `INSERT INTO template_removal (account_id, channel_id, name, language, code, vendor_id, offered, attempts, due_at)
       SELECT account_id, channel_id, name, language, code, vendor_id, offered, 0, ?5 FROM template
       WHERE account_id = ?1 AND channel_id = ?2 AND code = ?3 AND (?4 IS NULL OR language = ?4)
     ON CONFLICT DO UPDATE SET vendor_id = coalesce(excluded.vendor_id, vendor_id),
       offered = CASE excluded.offered WHEN '[]' THEN offered ELSE excluded.offered END, attempts = 0, due_at = min(due_at, excluded.due_at)`,
  );
  const dueRemovals = db.prepare<RemovalRow>(
    'SELECT * FROM template_removal WHERE due_at <= ? ORDER BY due_at LIMIT ?',
  );
  const delayRemoval = db.prepare(
    'UPDATE template_removal SET due_at = ?, attempts = ? WHERE account_id = ? AND channel_id = ? AND name = ? AND language = ?',
  );
  const endRemoval = db.prepare(
    'DELETE FROM template_removal WHERE account_id = ? AND channel_id = ? AND name = ? AND language = ?',
  );
  const find = db.prepare<TemplateRow>(
    `SELECT * FROM template WHERE account_id = ?1 AND (?2 IS NULL OR channel_id = ?2) AND (?3 IS NULL OR code = ?3)
       AND (?4 IS NULL OR name = ?4) AND (?5 IS NULL OR language = ?5)
       AND (?6 IS NULL OR status = ?6) AND (?7 IS NULL OR vendor_id = ?7) ORDER BY name, language`,
  );
  const due = db.prepare<TemplateRow>(
    `SELECT * FROM template WHERE review_at <= ? AND NOT EXISTS (SELECT 1 FROM template_removal r WHERE r.account_id = template.account_id
       AND r.channel_id = template.channel_id AND r.name = template.name AND r.language = template.language)
     ORDER BY review_at LIMIT ?`,
  );
  const plan = db.prepare<{ status: AuditStatus }>(
    `UPDATE template SET vendor_id = coalesce(?1, vendor_id), is_edited = CASE WHEN ?1 IS NULL THEN is_edited ELSE 0 END, review_at = ?2,
       parameter_format = coalesce(?3, parameter_format), offered = coalesce(?4, offered),
       asked = CASE WHEN status = ?13 THEN coalesce(?5, asked) ELSE asked END
     WHERE account_id = ?6 AND channel_id = ?7 AND code = ?8 AND language = ?9 AND components = ?10 AND example = ?11 AND ttl_seconds IS ?12
     RETURNING status`,
  );
  const planEdit = db.prepare(
    `UPDATE template SET vendor_id = ?, is_edited = 1 WHERE account_id = ? AND channel_id = ? AND code = ? AND language = ? AND vendor_id IS NULL`,
  );
  const lease = db.prepare(
    'UPDATE template SET review_at = ? WHERE account_id = ? AND channel_id = ? AND code = ? AND language = ?',
  );
  return {
    createTemplate: (accountId, template, actor) =>
      db.write((tx) => {
        const { channelId, language, name, type, vendorId } = template;
        if (vendorId !== null && removalOf.get(accountId, channelId, name, language) !== undefined)
          return 'exists';
        const code = codeOf.get(accountId, channelId, name)?.code ?? template.code;
        const now = db.now();
        const made = insert.run(
          accountId,
          channelId,
          code,
          language,
          name,
          type,
          ...toColumns(template),
          now,
          now,
        );
        if (made === 0) return 'exists';
        recordChange(accountId, actor, 'template.created', `template/${code}/${language}`, { name });
        tx.signal({ kind: 'templates', accountId });
        return { code };
      }),
    updateTemplate: (accountId, change, actor, only, expected) =>
      db.write((tx) => {
        const { channelId, code, language } = change;
        const row = byKey.get(accountId, channelId, code, language);
        if (row === undefined) return 'missing';
        requireExpected(expected, versionOfTemplate(toTemplate(row)));
        if (only?.includes(row.status) === false) return 'closed';
        const content = toColumns({ ...toTemplate(row), ...change });
        update.run(...content, db.now(), accountId, channelId, code, language);
        recordChange(accountId, actor, 'template.changed', `template/${code}/${language}`, {});
        tx.signal({ kind: 'templates', accountId });
        return 'changed';
      }),
    deleteTemplate: (accountId, channelId, code, language, actor, expected) =>
      db.write((tx) => {
        const known = expected && byKey.get(accountId, channelId, code, language ?? '');
        requireExpected(expected, known && versionOfTemplate(toTemplate(known)));
        if (planRemoval.run(accountId, channelId, code, language, db.now()) === 0) return 0;
        const gone = remove.run(accountId, channelId, code, language);
        recordChange(accountId, actor, 'template.deleted', `template/${code}`, { language });
        tx.signal({ kind: 'templates', accountId });
        return gone;
      }),
    findTemplates: (accountId, { channelId, code, name, language, status, vendorId }) =>
      db.read(() =>
        find
          .all(
            accountId,
            channelId ?? null,
            code ?? null,
            name ?? null,
            language ?? null,
            status ?? null,
            vendorId ?? null,
          )
          .map(toTemplate),
      ),
    claimRemovals: (limit, now, leaseMs) =>
      db.write(() =>
        dueRemovals.all(now, limit).map((row) => {
          const { account_id, channel_id, name, language, attempts } = row;
          delayRemoval.run(now + leaseMs, attempts, account_id, channel_id, name, language);
          return toRemoval(row);
        }),
      ),
    settleRemoval: ({ accountId, channelId, name, language, attempts }, next) =>
      db.write(() => {
        const key = [accountId, channelId, name, language] as const;
        if (next.kind === 'over') endRemoval.run(...key);
        else delayRemoval.run(next.dueAt, attempts + 1, ...key);
      }),
    claimReviews: (limit, now, leaseMs) =>
      db.write(() =>
        due.all(now, limit).map((row) => {
          lease.run(now + leaseMs, row.account_id, row.channel_id, row.code, row.language);
          return toTemplate(row);
        }),
      ),
    planReview: (template, { vendorId = null, reviewAt, parameterFormat, offered, asked }) =>
      db.write((tx) => {
        const { accountId, channelId, code, language, components, example, ttlSeconds, status } = template;
        const key = [accountId, channelId, code, language] as const;
        const planned = plan.get(
          vendorId,
          reviewAt,
          parameterFormat ?? null,
          offered === undefined ? null : JSON.stringify(offered),
          asked === undefined ? null : JSON.stringify(asked),
          ...key,
          JSON.stringify(components),
          JSON.stringify(example),
          ttlSeconds,
          status,
        );
        if (planned === undefined && vendorId !== null) planEdit.run(vendorId, ...key);
        tx.signal({ kind: 'templates', accountId });
        return planned?.status ?? null;
      }),
  };
}
