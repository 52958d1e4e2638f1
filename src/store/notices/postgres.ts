import { clip } from '../../domain/cut.ts';
import type { AccountId, Actor } from '../../domain/account.ts';
import { toNoticeKind } from '../../domain/notice.ts';
import type { NewNotice, Notice, NoticeEnd } from '../../domain/notice.ts';
import { gatherMs, maxGroups, maxSamples, restMs } from '../../domain/notice-target.ts';
import type { NoticeTarget, TargetChange, Telling, TellingNext } from '../../domain/notice-target.ts';
import { requireExpected, versionOfNoticeTarget } from '../../domain/version.ts';
import type { Expected } from '../../domain/version.ts';
import type { Recorder } from '../journal/postgres.ts';
import { maxWalked, toPage, toPageRange } from '../rows/paging.ts';
import type { Seal } from '../seal.ts';
import type { Connection, Queries, Transaction } from '../postgres/connection.ts';
import type { Notices } from '../store.ts';
import {
  fromOwner,
  maxError,
  newMessageId,
  toTargetDetail,
  toGroup,
  toKeptNotice,
  toOwner,
  toNotice,
  toNoticeValues,
  toSampleIds,
  toStanding,
  toStandingNotice,
  toStandingOf,
  toState,
  toTarget,
  toTargetValues,
  toWanting,
} from './rows.ts';
import type { NoticeRow, PendingRow, StandingRow, TargetRow, TellingRow } from './rows.ts';

/** Keeps a notice. */
const insertNotice = `INSERT INTO notice (id, account_id, at, code, subject, text, params, findings, ended)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`;

/** Notes that something stands, and what told of it last. */
const stand = `INSERT INTO notice_standing (account_id, code, subject, notice_id, first_id) VALUES ($1, $2, $3, $4, $4)
  ON CONFLICT (account_id, code, subject) DO UPDATE SET notice_id = excluded.notice_id`;

const fall =
  'DELETE FROM notice_standing WHERE account_id = $1 AND code = $2 AND subject = $3 RETURNING notice_id';

/** Adds a notice to those of its kind that wait for a target. */
const addPending = `INSERT INTO notice_pending AS p (account_id, target_id, message, about, code, raised, ended, samples)
  VALUES ($1, $2, '', $3, $4, $5, $6, $7)
  ON CONFLICT (account_id, target_id, message, about, code) DO UPDATE SET
    samples = CASE WHEN p.raised + p.ended < ${maxSamples} THEN p.samples || ',' || excluded.samples ELSE p.samples END,
    raised = p.raised + excluded.raised, ended = p.ended + excluded.ended`;

/** Has a target told once its notices have gathered, and it was left alone for a while. */
const planTelling = `INSERT INTO notice_telling AS t (account_id, target_id, due_at) VALUES ($1, $2, $3::bigint + ${gatherMs})
  ON CONFLICT (account_id, target_id) DO UPDATE SET
    due_at = coalesce(t.due_at, greatest(excluded.due_at, coalesce(t.told_at, 0) + ${restMs}))`;

/** Puts what waits for a target into a message, as far as one may tell of it. */
const gather = `UPDATE notice_pending SET message = $3 WHERE account_id = $1 AND target_id = $2 AND message = ''
  AND (about, code) IN (SELECT about, code FROM notice_pending
    WHERE account_id = $1 AND target_id = $2 AND message = '' ORDER BY about, code COLLATE "C" LIMIT ${maxGroups})`;

/** What a message tells of, with how much of each kind stands. */
const groupsOf = `SELECT about, code, raised, ended, samples,
    (SELECT count(*) FROM notice_standing s WHERE s.account_id = p.about AND s.code = p.code) AS standing
  FROM notice_pending p WHERE account_id = $1 AND target_id = $2 AND message = $3 ORDER BY about, code COLLATE "C"`;

/** What is due, the operator's first; another node's are left to it. */
const dueTellings = `WITH due AS MATERIALIZED (
    SELECT account_id, target_id FROM notice_telling WHERE due_at <= $1
    ORDER BY account_id <> 0, due_at LIMIT $2 FOR UPDATE SKIP LOCKED)
  SELECT t.* FROM notice_telling t, due WHERE t.account_id = due.account_id AND t.target_id = due.target_id
  ORDER BY t.account_id <> 0, t.due_at`;

/** How telling goes, with how many notices wait. */
const tellingsOf = `SELECT t.*, (SELECT coalesce(sum(raised + ended), 0)::bigint FROM notice_pending p
    WHERE p.account_id = t.account_id AND p.target_id = t.target_id) AS waiting
  FROM notice_telling t WHERE account_id = $1 ORDER BY target_id COLLATE "C"`;

/** Makes a target. */
const insertTarget = `INSERT INTO notice_target
    (name, language, severity, codes, state, address, account_id, id, kind, created_at, updated_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)`;

/** Writes all that may be changed of a target. */
const updateTarget = `UPDATE notice_target SET name = $1, language = $2, severity = $3, codes = $4, state = $5, address = $6,
  updated_at = $7 WHERE account_id = $8 AND id = $9`;

/** Writes how telling a target stands. */
const settleTelling = `UPDATE notice_telling SET due_at = $3, message = $4, attempts = $5, told_at = $6, failed_at = $7,
  error = $8, given_up = $9 WHERE account_id = $1 AND target_id = $2`;

/** Has what waits tried now, by a schedule that begins anew. */
const hasten = `UPDATE notice_telling SET due_at = least(due_at, $3), attempts = 0
  WHERE account_id = $1 AND target_id = $2 AND due_at IS NOT NULL`;

/** What is not over of an account, and of the whole service for the first one. */
const standingOf = `SELECT n.*, s.first_id FROM notice_standing s JOIN notice n ON n.id = s.notice_id
  WHERE s.account_id = $1 OR (s.account_id = 0 AND EXISTS (SELECT 1 FROM account WHERE id = $1 AND first = 1))
  ORDER BY n.id DESC LIMIT $2`;

/** Notices that an account sees. */
const seen =
  '(account_id = $1 OR (account_id IS NULL AND EXISTS (SELECT FROM account WHERE id = $1 AND first = 1)))';

/** Those of them in a range of ids that a filter means, newest first. */
const noticesOf = `SELECT * FROM notice WHERE ${seen} AND id < $2 AND id >= $3
    AND ($4::text[] IS NULL OR code = ANY ($4)) AND ($5::bigint IS NULL OR at >= $5) AND ($6::bigint IS NULL OR at < $6)
  ORDER BY id DESC LIMIT $7`;

/** Where a walk over so many of them ends. */
const walkEnd = `SELECT id FROM notice WHERE ${seen} AND id < $2 AND id >= $3 ORDER BY id DESC OFFSET ${maxWalked} LIMIT 1`;

const anyPending = 'SELECT 1 FROM notice_pending WHERE account_id = $1 AND target_id = $2 LIMIT 1';

const targetsOf = 'SELECT * FROM notice_target WHERE account_id = $1 ORDER BY created_at, id COLLATE "C"';

/** Nobody else settles or claims a target until the commit. */
const lockTelling = 'SELECT * FROM notice_telling WHERE account_id = $1 AND target_id = $2 FOR UPDATE';

/** What is done with the tables of notices. */
export class NoticeTables {
  readonly #db: Connection;
  readonly #seal: Seal;
  readonly #recordChange: Recorder;

  constructor(db: Connection, seal: Seal, recordChange: Recorder) {
    this.#db = db;
    this.#seal = seal;
    this.#recordChange = recordChange;
  }

  async record(
    tx: Transaction,
    notice: NewNotice | NoticeEnd,
    toOperator: readonly string[],
  ): Promise<Notice | undefined> {
    const { accountId, subject } = notice;
    const key = toOwner(accountId);
    const standing = toStanding(notice);
    const ended =
      standing === null || standing === 'stands'
        ? undefined
        : await tx.get<{ notice_id: number }>(fall, [key, standing, subject]);
    if ('isOver' in notice && ended === undefined) return undefined;
    const last = ended && (await tx.get<NoticeRow>('SELECT * FROM notice WHERE id = $1', [ended.notice_id]));
    const kept = toKeptNotice(notice, {
      id: this.#db.nextId(),
      at: this.#db.now(),
      last: last && toNotice(last),
    });
    await tx.run(insertNotice, toNoticeValues(kept));
    if (standing === 'stands') await tx.run(stand, [key, kept.code, subject, kept.id]);
    for (const targetId of toOperator) await this.#add(tx, 0, targetId, kept);
    if (accountId !== null)
      for (const targetId of toWanting(await tx.all<TargetRow>(targetsOf, [accountId]), kept))
        await this.#add(tx, accountId, targetId, kept);
    return kept;
  }

  /** The plan first: whoever settles the target meanwhile waits for it, or it for him, and one of them sees what the other did. */
  async #add(tx: Transaction, owner: number, targetId: string, notice: Notice): Promise<void> {
    const { code, isEnd } = toNoticeKind(notice);
    await tx.run(planTelling, [owner, targetId, this.#db.now()]);
    const counts = isEnd ? [0, 1] : [1, 0];
    await tx.run(addPending, [
      owner,
      targetId,
      toOwner(notice.accountId),
      code,
      ...counts,
      String(notice.id),
    ]);
  }

  async find(queries: Queries, accountId: AccountId, targetId: string): Promise<NoticeTarget | undefined> {
    const sql = 'SELECT * FROM notice_target WHERE account_id = $1 AND id = $2';
    const row = await queries.get<TargetRow>(sql, [accountId, targetId]);
    return row && toTarget(row, this.#seal);
  }

  async list(accountId: AccountId): Promise<NoticeTarget[]> {
    return (await this.#db.all<TargetRow>(targetsOf, [accountId])).map((row) => toTarget(row, this.#seal));
  }

  async create(
    tx: Transaction,
    target: Omit<NoticeTarget, 'createdAt' | 'updatedAt'> & { readonly accountId: AccountId },
    atMost: number,
    actor: Actor,
  ): Promise<'done' | 'full'> {
    const { accountId, id, kind, name } = target;
    await holdAccount(tx, accountId);
    if ((await tx.all(targetsOf, [accountId])).length >= atMost) return 'full';
    await tx.run(insertTarget, [...toTargetValues(target, this.#seal), accountId, id, kind, this.#db.now()]);
    const detail = { kind, name };
    await this.#recordChange(tx, accountId, actor, 'notice_target.created', `notice-target/${id}`, detail);
    return 'done';
  }

  async change(
    tx: Transaction,
    accountId: AccountId,
    targetId: string,
    change: TargetChange,
    actor: Actor,
    expected?: Expected,
  ): Promise<'done' | 'missing'> {
    await holdAccount(tx, accountId);
    const known = await this.find(tx, accountId, targetId);
    if (known === undefined) return 'missing';
    requireExpected(expected, versionOfNoticeTarget(known));
    const at = Math.max(this.#db.now(), known.updatedAt + 1);
    const next = { ...known, ...change };
    await tx.run(updateTarget, [...toTargetValues(next, this.#seal), at, accountId, targetId]);
    if (next.state === 'off') await letGo(tx, accountId, targetId);
    else await tx.run(hasten, [accountId, targetId, at]);
    const subject = `notice-target/${targetId}`;
    await this.#recordChange(tx, accountId, actor, 'notice_target.changed', subject, toTargetDetail(change));
    return 'done';
  }

  async remove(
    tx: Transaction,
    accountId: AccountId,
    targetId: string,
    actor: Actor,
    expected?: Expected,
  ): Promise<'done' | 'missing'> {
    await holdAccount(tx, accountId);
    const known = await this.find(tx, accountId, targetId);
    if (known === undefined) return 'missing';
    requireExpected(expected, versionOfNoticeTarget(known));
    await tx.run('DELETE FROM notice_target WHERE account_id = $1 AND id = $2', [accountId, targetId]);
    await letGo(tx, accountId, targetId);
    const subject = `notice-target/${targetId}`;
    await this.#recordChange(tx, accountId, actor, 'notice_target.deleted', subject, {});
    return 'done';
  }

  async claim(tx: Transaction, limit: number, leaseMs: number): Promise<Telling[]> {
    const at = this.#db.now();
    const tellings: Telling[] = [];
    for (const row of await tx.all<TellingRow>(dueTellings, [at, limit])) {
      const { account_id: owner, target_id: targetId } = row;
      const message = row.message === '' ? newMessageId() : row.message;
      const attempt = row.attempts + 1;
      if (row.message === '') await tx.run(gather, [owner, targetId, message]);
      const rows = await tx.all<PendingRow>(groupsOf, [owner, targetId, message]);
      if (rows.length === 0) {
        const { told_at, failed_at, error, given_up } = row;
        await tx.run(settleTelling, [owner, targetId, null, '', 0, told_at, failed_at, error, given_up]);
        continue;
      }
      await tx.run(
        'UPDATE notice_telling SET message = $3, attempts = $4, due_at = $5 WHERE account_id = $1 AND target_id = $2',
        [owner, targetId, message, attempt, at + leaseMs],
      );
      const target = owner === 0 ? undefined : await this.find(tx, owner, targetId);
      const groups = await toGroups(tx, rows);
      tellings.push({ accountId: fromOwner(owner), targetId, target, message, attempt, groups });
    }
    return tellings;
  }

  async settle(
    tx: Transaction,
    { accountId, targetId, message }: Pick<Telling, 'accountId' | 'targetId' | 'message'>,
    next: TellingNext,
  ): Promise<void> {
    const key = [toOwner(accountId), targetId];
    const row = await tx.get<TellingRow>(lockTelling, key);
    if (row?.message !== message) return;
    const at = this.#db.now();
    const error = next.kind === 'told' ? '' : clip(next.error, maxError);
    const failedAt = next.kind === 'told' ? null : (row.failed_at ?? at);
    const { attempts, told_at, given_up } = row;
    if (next.kind === 'retry') {
      await tx.run(settleTelling, [
        ...key,
        next.dueAt,
        message,
        attempts,
        told_at,
        failedAt,
        error,
        given_up,
      ]);
      return;
    }
    await tx.run('DELETE FROM notice_pending WHERE account_id = $1 AND target_id = $2 AND message = $3', [
      ...key,
      message,
    ]);
    const dueAt = (await tx.get(anyPending, key)) === undefined ? null : at + restMs;
    const toldAt = next.kind === 'told' ? at : told_at;
    const givenUp = given_up + (next.kind === 'told' ? 0 : 1);
    await tx.run(settleTelling, [...key, dueAt, '', 0, toldAt, failedAt, error, givenUp]);
  }
}

async function toGroups(tx: Queries, rows: readonly PendingRow[]) {
  const ids = [...new Set(rows.flatMap(toSampleIds))];
  const found = (await tx.all<NoticeRow>('SELECT * FROM notice WHERE id = ANY ($1)', [ids])).map(toNotice);
  const notices = new Map(found.map((notice) => [notice.id, notice]));
  return rows.map((row) => toGroup(row, notices));
}

async function letGo(tx: Transaction, owner: number, targetId: string): Promise<void> {
  await tx.get(lockTelling, [owner, targetId]);
  await tx.run('DELETE FROM notice_pending WHERE account_id = $1 AND target_id = $2', [owner, targetId]);
  await tx.run('DELETE FROM notice_telling WHERE account_id = $1 AND target_id = $2', [owner, targetId]);
}

/** Who changes the targets of an account does so alone: how many there are is looked at. */
async function holdAccount(tx: Transaction, accountId: AccountId): Promise<void> {
  await tx.get('SELECT id FROM account WHERE id = $1 FOR NO KEY UPDATE', [accountId]);
}

export function noticeVerbs(db: Connection, tables: NoticeTables): Notices {
  return {
    recordNotice: (notice, toOperator = []) => db.tx((tx) => tables.record(tx, notice, toOperator)),
    listNotices: async (accountId, page, filter = {}) => {
      const { codes, since, until } = filter;
      const { from, before } = toPageRange(page, filter);
      const end =
        codes === undefined ? undefined : await db.get<{ id: number }>(walkEnd, [accountId, before, from]);
      const wanted = [codes ?? null, since ?? null, until ?? null, page.limit + 1];
      const rows = await db.all<NoticeRow>(noticesOf, [accountId, before, end?.id ?? from, ...wanted]);
      return db.rows.page(
        'notice',
        toPage(rows, page.limit, (row) => row, end?.id),
        toNotice,
      );
    },
    listStandingOf: async (accountId, limit) =>
      (await db.all<NoticeRow & { first_id: number }>(standingOf, [accountId, limit])).map(toStandingOf),
    listStandingNotices: async (limit) => {
      const sql =
        'SELECT account_id, code, subject, notice_id FROM notice_standing ORDER BY account_id, code COLLATE "C", subject COLLATE "C" LIMIT $1';
      return (await db.all<StandingRow>(sql, [limit])).map(toStandingNotice);
    },
    listNoticeTargets: (accountId) => tables.list(accountId),
    findNoticeTarget: (accountId, targetId) => tables.find(db, accountId, targetId),
    createNoticeTarget: (target, atMost, actor) => db.tx((tx) => tables.create(tx, target, atMost, actor)),
    changeNoticeTarget: (accountId, targetId, change, actor, expected) =>
      db.tx((tx) => tables.change(tx, accountId, targetId, change, actor, expected)),
    deleteNoticeTarget: (accountId, targetId, actor, expected) =>
      db.tx((tx) => tables.remove(tx, accountId, targetId, actor, expected)),
    listTellings: async (accountId) =>
      (await db.all<TellingRow & { waiting: number }>(tellingsOf, [toOwner(accountId)])).map(toState),
    listFailingTellings: async (limit) => {
      const sql = 'SELECT * FROM notice_telling WHERE failed_at IS NOT NULL ORDER BY failed_at LIMIT $1';
      return (await db.all<TellingRow>(sql, [limit])).map(({ account_id, target_id, failed_at }) => ({
        accountId: fromOwner(account_id),
        targetId: target_id,
        failedAt: failed_at,
      }));
    },
    claimTellings: (limit, leaseMs) => db.tx((tx) => tables.claim(tx, limit, leaseMs)),
    settleTelling: (telling, next) => db.tx((tx) => tables.settle(tx, telling, next)),
    resumeTellings: async () => {
      await db.run(
        "UPDATE notice_telling SET due_at = least(due_at, $1) WHERE message <> '' AND due_at IS NOT NULL",
        [db.now()],
      );
    },
  };
}
