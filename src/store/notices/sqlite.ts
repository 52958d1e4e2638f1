import { clip } from '../../domain/cut.ts';
import type { AccountId, Actor } from '../../domain/account.ts';
import { toNoticeKind } from '../../domain/notice.ts';
import type { NewNotice, Notice, NoticeEnd } from '../../domain/notice.ts';
import { gatherMs, maxGroups, maxSamples, restMs } from '../../domain/notice-target.ts';
import type { NoticeTarget, TargetChange, Telling, TellingNext } from '../../domain/notice-target.ts';
import { requireExpected, versionOfNoticeTarget } from '../../domain/version.ts';
import type { Expected } from '../../domain/version.ts';
import type { Recorder } from '../journal/sqlite.ts';
import { maxWalked, toPage, toPageRange } from '../rows/paging.ts';
import type { Seal } from '../seal.ts';
import type { Connection } from '../sqlite/connection.ts';
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

/** Adds a notice to those of its kind that wait for a target. */
const addPending = `INSERT INTO notice_pending (account_id, target_id, message, about, code, raised, ended, samples)
  VALUES (?, ?, '', ?, ?, ?, ?, ?)
  ON CONFLICT (account_id, target_id, message, about, code) DO UPDATE SET
    samples = CASE WHEN raised + ended < ${maxSamples} THEN samples || ',' || excluded.samples ELSE samples END,
    raised = raised + excluded.raised, ended = ended + excluded.ended`;

/** Has a target told once its notices have gathered, and it was left alone for a while. */
const planTelling = `INSERT INTO notice_telling (account_id, target_id, due_at) VALUES (?1, ?2, ?3 + ${gatherMs})
  ON CONFLICT (account_id, target_id) DO UPDATE SET
    due_at = coalesce(due_at, max(excluded.due_at, coalesce(told_at, 0) + ${restMs}))`;

/** Puts what waits for a target into a message, as far as one may tell of it. */
const gather = `UPDATE notice_pending SET message = ?3 WHERE account_id = ?1 AND target_id = ?2 AND message = ''
  AND (about, code) IN (SELECT about, code FROM notice_pending
    WHERE account_id = ?1 AND target_id = ?2 AND message = '' ORDER BY about, code LIMIT ${maxGroups})`;

/** What a message tells of, with how much of each kind stands. */
const groupsOf = `SELECT about, code, raised, ended, samples,
    (SELECT count(*) FROM notice_standing s WHERE s.account_id = p.about AND s.code = p.code) AS standing
  FROM notice_pending p WHERE account_id = ? AND target_id = ? AND message = ? ORDER BY about, code`;

/** What is due, the operator's first. */
const dueTellings = `SELECT * FROM notice_telling WHERE due_at <= ? ORDER BY account_id <> 0, due_at LIMIT ?`;

/** How telling goes, with how many notices wait. */
const tellingsOf = `SELECT t.*, (SELECT coalesce(sum(raised + ended), 0) FROM notice_pending p
    WHERE p.account_id = t.account_id AND p.target_id = t.target_id) AS waiting
  FROM notice_telling t WHERE account_id = ? ORDER BY target_id`;

/** What is not over of an account, and of the whole service for the first one. */
const standingOf = `SELECT n.*, s.first_id FROM notice_standing s JOIN notice n ON n.id = s.notice_id
  WHERE s.account_id = ?1 OR (s.account_id = 0 AND EXISTS (SELECT 1 FROM account WHERE id = ?1 AND first = 1))
  ORDER BY n.id DESC LIMIT ?2`;

/** Notices that an account sees. */
const seen =
  '(account_id = ?1 OR (account_id IS NULL AND EXISTS (SELECT 1 FROM account WHERE id = ?1 AND first = 1)))';

/** Those of them in a range of ids that a filter means, newest first. */
const noticesOf = `SELECT * FROM notice WHERE ${seen} AND id < ?2 AND id >= ?3
    AND (?4 IS NULL OR code IN (SELECT value FROM json_each(?4)))
    AND (?5 IS NULL OR at >= ?5) AND (?6 IS NULL OR at < ?6)
  ORDER BY id DESC LIMIT ?7`;

/** Where a walk over so many of them ends. */
const walkEnd = `SELECT id FROM notice WHERE ${seen} AND id < ?2 AND id >= ?3 ORDER BY id DESC LIMIT 1 OFFSET ${maxWalked}`;

/** What is run for notices, prepared once. */
function noticeStatements(db: Connection) {
  return {
    insert: db.prepare(
      'INSERT INTO notice (id, account_id, at, code, subject, text, params, findings, ended) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    byId: db.prepare<NoticeRow>('SELECT * FROM notice WHERE id = ?'),
    list: db.prepare<NoticeRow>(noticesOf),
    walkEnd: db.prepare<{ id: number }>(walkEnd),
    stand: db.prepare(
      `INSERT INTO notice_standing (account_id, code, subject, notice_id, first_id) VALUES (?1, ?2, ?3, ?4, ?4)
       ON CONFLICT (account_id, code, subject) DO UPDATE SET notice_id = excluded.notice_id`,
    ),
    standingId: db.prepare<{ notice_id: number }>(
      'SELECT notice_id FROM notice_standing WHERE account_id = ? AND code = ? AND subject = ?',
    ),
    fall: db.prepare('DELETE FROM notice_standing WHERE account_id = ? AND code = ? AND subject = ?'),
    standingOf: db.prepare<NoticeRow & { first_id: number }>(standingOf),
    standing: db.prepare<StandingRow>(
      'SELECT account_id, code, subject, notice_id FROM notice_standing ORDER BY account_id, code, subject LIMIT ?',
    ),
  };
}

/** What is run for targets and what they are told, prepared once. */
function targetStatements(db: Connection) {
  return {
    all: db.prepare<TargetRow>('SELECT * FROM notice_target WHERE account_id = ? ORDER BY created_at, id'),
    byId: db.prepare<TargetRow>('SELECT * FROM notice_target WHERE account_id = ? AND id = ?'),
    count: db.prepare<{ count: number }>('SELECT count(*) AS count FROM notice_target WHERE account_id = ?'),
    insert: db.prepare(
      `INSERT INTO notice_target (name, language, severity, codes, state, address, account_id, id, kind, created_at, updated_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    update: db.prepare(
      `UPDATE notice_target SET name = ?, language = ?, severity = ?, codes = ?, state = ?, address = ?, updated_at = ?
       WHERE account_id = ? AND id = ?`,
    ),
    remove: db.prepare('DELETE FROM notice_target WHERE account_id = ? AND id = ?'),
    addPending: db.prepare(addPending),
    plan: db.prepare(planTelling),
    due: db.prepare<TellingRow>(dueTellings),
    telling: db.prepare<TellingRow>('SELECT * FROM notice_telling WHERE account_id = ? AND target_id = ?'),
    lease: db.prepare(
      'UPDATE notice_telling SET message = ?, attempts = ?, due_at = ? WHERE account_id = ? AND target_id = ?',
    ),
    gather: db.prepare(gather),
    groups: db.prepare<PendingRow>(groupsOf),
    settle: db.prepare(
      `UPDATE notice_telling SET due_at = ?, message = ?, attempts = ?, told_at = ?, failed_at = ?, error = ?, given_up = ?
       WHERE account_id = ? AND target_id = ?`,
    ),
    dropMessage: db.prepare(
      'DELETE FROM notice_pending WHERE account_id = ? AND target_id = ? AND message = ?',
    ),
    anyPending: db.prepare('SELECT 1 FROM notice_pending WHERE account_id = ? AND target_id = ? LIMIT 1'),
    dropPending: db.prepare('DELETE FROM notice_pending WHERE account_id = ? AND target_id = ?'),
    dropTelling: db.prepare('DELETE FROM notice_telling WHERE account_id = ? AND target_id = ?'),
    hasten: db.prepare(
      'UPDATE notice_telling SET due_at = min(due_at, ?), attempts = 0 WHERE account_id = ? AND target_id = ? AND due_at IS NOT NULL',
    ),
    resume: db.prepare(
      "UPDATE notice_telling SET due_at = min(due_at, ?) WHERE message <> '' AND due_at IS NOT NULL",
    ),
    states: db.prepare<TellingRow & { waiting: number }>(tellingsOf),
    failing: db.prepare<TellingRow>(
      'SELECT * FROM notice_telling WHERE failed_at IS NOT NULL ORDER BY failed_at LIMIT ?',
    ),
  };
}

/** What is done with the tables of notices, each inside a transaction that the caller has. */
export class NoticeTables {
  readonly #db: Connection;
  readonly #seal: Seal;
  readonly #recordChange: Recorder;
  readonly #notices;
  readonly #targets;

  constructor(db: Connection, seal: Seal, recordChange: Recorder) {
    this.#db = db;
    this.#seal = seal;
    this.#recordChange = recordChange;
    this.#notices = noticeStatements(db);
    this.#targets = targetStatements(db);
  }

  record(notice: NewNotice | NoticeEnd, toOperator: readonly string[]): Notice | undefined {
    const key = toOwner(notice.accountId);
    const standing = toStanding(notice);
    const ended =
      standing === null || standing === 'stands'
        ? undefined
        : this.#notices.standingId.get(key, standing, notice.subject);
    if ('isOver' in notice && ended === undefined) return undefined;
    const last = ended && this.#notices.byId.get(ended.notice_id);
    const kept = toKeptNotice(notice, {
      id: this.#db.nextId(),
      at: this.#db.now(),
      last: last && toNotice(last),
    });
    this.#notices.insert.run(...toNoticeValues(kept));
    if (standing === 'stands') this.#notices.stand.run(key, kept.code, kept.subject, kept.id);
    else if (standing !== null) this.#notices.fall.run(key, standing, kept.subject);
    for (const targetId of toOperator) this.#add(0, targetId, kept);
    if (kept.accountId !== null)
      for (const targetId of toWanting(this.#targets.all.all(kept.accountId), kept))
        this.#add(kept.accountId, targetId, kept);
    return kept;
  }

  #add(owner: number, targetId: string, notice: Notice): void {
    const { code, isEnd } = toNoticeKind(notice);
    this.#targets.plan.run(owner, targetId, this.#db.now());
    const counts = isEnd ? [0, 1] : [1, 0];
    this.#targets.addPending.run(
      owner,
      targetId,
      toOwner(notice.accountId),
      code,
      ...counts,
      String(notice.id),
    );
  }

  find(accountId: AccountId, targetId: string): NoticeTarget | undefined {
    const row = this.#targets.byId.get(accountId, targetId);
    return row && toTarget(row, this.#seal);
  }

  list(accountId: AccountId): NoticeTarget[] {
    return this.#targets.all.all(accountId).map((row) => toTarget(row, this.#seal));
  }

  create(
    target: Omit<NoticeTarget, 'createdAt' | 'updatedAt'> & { readonly accountId: AccountId },
    atMost: number,
    actor: Actor,
  ): 'done' | 'full' {
    const { accountId, id, kind, name } = target;
    if ((this.#targets.count.get(accountId)?.count ?? 0) >= atMost) return 'full';
    const at = this.#db.now();
    this.#targets.insert.run(...toTargetValues(target, this.#seal), accountId, id, kind, at, at);
    this.#recordChange(accountId, actor, 'notice_target.created', `notice-target/${id}`, { kind, name });
    return 'done';
  }

  change(
    accountId: AccountId,
    targetId: string,
    change: TargetChange,
    actor: Actor,
    expected?: Expected,
  ): 'done' | 'missing' {
    const known = this.find(accountId, targetId);
    if (known === undefined) return 'missing';
    requireExpected(expected, versionOfNoticeTarget(known));
    const at = Math.max(this.#db.now(), known.updatedAt + 1);
    const next = { ...known, ...change };
    this.#targets.update.run(...toTargetValues(next, this.#seal), at, accountId, targetId);
    if (next.state === 'off') this.#letGo(accountId, targetId);
    else this.#targets.hasten.run(at, accountId, targetId);
    this.#recordChange(
      accountId,
      actor,
      'notice_target.changed',
      `notice-target/${targetId}`,
      toTargetDetail(change),
    );
    return 'done';
  }

  remove(accountId: AccountId, targetId: string, actor: Actor, expected?: Expected): 'done' | 'missing' {
    const known = this.find(accountId, targetId);
    if (known === undefined) return 'missing';
    requireExpected(expected, versionOfNoticeTarget(known));
    this.#targets.remove.run(accountId, targetId);
    this.#letGo(accountId, targetId);
    this.#recordChange(accountId, actor, 'notice_target.deleted', `notice-target/${targetId}`, {});
    return 'done';
  }

  #letGo(owner: number, targetId: string): void {
    this.#targets.dropPending.run(owner, targetId);
    this.#targets.dropTelling.run(owner, targetId);
  }

  claim(limit: number, leaseMs: number): Telling[] {
    const at = this.#db.now();
    return this.#targets.due.all(at, limit).flatMap(({ account_id: owner, target_id: targetId, ...row }) => {
      const message = row.message === '' ? newMessageId() : row.message;
      const attempt = row.attempts + 1;
      if (row.message === '') this.#targets.gather.run(owner, targetId, message);
      const rows = this.#targets.groups.all(owner, targetId, message);
      if (rows.length === 0) {
        this.#targets.settle.run(
          null,
          '',
          0,
          row.told_at,
          row.failed_at,
          row.error,
          row.given_up,
          owner,
          targetId,
        );
        return [];
      }
      this.#targets.lease.run(message, attempt, at + leaseMs, owner, targetId);
      const target = owner === 0 ? undefined : this.find(owner, targetId);
      return [
        { accountId: fromOwner(owner), targetId, target, message, attempt, groups: this.#toGroups(rows) },
      ];
    });
  }

  #toGroups(rows: readonly PendingRow[]) {
    const ids = [...new Set(rows.flatMap(toSampleIds))];
    const found = ids.flatMap((id) => this.#notices.byId.get(id) ?? []).map(toNotice);
    const notices = new Map(found.map((notice) => [notice.id, notice]));
    return rows.map((row) => toGroup(row, notices));
  }

  settle(
    { accountId, targetId, message }: Pick<Telling, 'accountId' | 'targetId' | 'message'>,
    next: TellingNext,
  ): void {
    const owner = toOwner(accountId);
    const row = this.#targets.telling.get(owner, targetId);
    if (row?.message !== message) return;
    const at = this.#db.now();
    const error = next.kind === 'told' ? '' : clip(next.error, maxError);
    const failedAt = next.kind === 'told' ? null : (row.failed_at ?? at);
    if (next.kind === 'retry') {
      const { attempts, told_at, given_up } = row;
      this.#targets.settle.run(
        next.dueAt,
        message,
        attempts,
        told_at,
        failedAt,
        error,
        given_up,
        owner,
        targetId,
      );
      return;
    }
    this.#targets.dropMessage.run(owner, targetId, message);
    const dueAt = this.#targets.anyPending.get(owner, targetId) === undefined ? null : at + restMs;
    const toldAt = next.kind === 'told' ? at : row.told_at;
    const givenUp = row.given_up + (next.kind === 'told' ? 0 : 1);
    this.#targets.settle.run(dueAt, '', 0, toldAt, failedAt, error, givenUp, owner, targetId);
  }

  /** The verbs that only look. */
  get views() {
    return { notices: this.#notices, targets: this.#targets };
  }
}

export function noticeVerbs(db: Connection, tables: NoticeTables): Notices {
  const { notices, targets } = tables.views;
  return {
    recordNotice: (notice, toOperator = []) => db.write(() => tables.record(notice, toOperator)),
    listNotices: (accountId, page, filter = {}) =>
      db.read(() => {
        const { codes, since, until } = filter;
        const { from, before } = toPageRange(page, filter);
        const walkedTo = codes === undefined ? undefined : notices.walkEnd.get(accountId, before, from)?.id;
        const wanted = codes === undefined ? null : JSON.stringify(codes);
        const values = [wanted, since ?? null, until ?? null, page.limit + 1];
        const rows = notices.list.all(accountId, before, walkedTo ?? from, ...values);
        return toPage(rows, page.limit, toNotice, walkedTo);
      }),
    listStandingNotices: (limit) => db.read(() => notices.standing.all(limit).map(toStandingNotice)),
    listStandingOf: (accountId, limit) =>
      db.read(() => notices.standingOf.all(accountId, limit).map(toStandingOf)),
    listNoticeTargets: (accountId) => db.read(() => tables.list(accountId)),
    findNoticeTarget: (accountId, targetId) => db.read(() => tables.find(accountId, targetId)),
    createNoticeTarget: (target, atMost, actor) => db.write(() => tables.create(target, atMost, actor)),
    changeNoticeTarget: (accountId, targetId, change, actor, expected) =>
      db.write(() => tables.change(accountId, targetId, change, actor, expected)),
    deleteNoticeTarget: (accountId, targetId, actor, expected) =>
      db.write(() => tables.remove(accountId, targetId, actor, expected)),
    listTellings: (accountId) => db.read(() => targets.states.all(toOwner(accountId)).map(toState)),
    listFailingTellings: (limit) =>
      db.read(() =>
        targets.failing.all(limit).map(({ account_id, target_id, failed_at }) => ({
          accountId: fromOwner(account_id),
          targetId: target_id,
          failedAt: failed_at,
        })),
      ),
    claimTellings: (limit, leaseMs) => db.write(() => tables.claim(limit, leaseMs)),
    settleTelling: (telling, next) => db.write(() => tables.settle(telling, next)),
    resumeTellings: () => db.write(() => void targets.resume.run(db.now())),
  };
}
