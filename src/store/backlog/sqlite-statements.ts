import type { Connection } from '../sqlite/connection.ts';
import { maxWalked } from '../rows/paging.ts';
import { backlogColumns } from './rows.ts';
import type { BacklogRow, UnwantedRow } from './rows.ts';

/** A delivery that is not over, and where it stands. */
export interface Place {
  readonly id: number;
  readonly account_id: number;
  readonly destination_id: number;
  readonly lane: number;
  readonly laned: number;
  readonly state: number;
}

const places = 'id, account_id, destination_id, lane, laned, state';

/** What is not over, oldest first, with whether settings want it. */
const open = `SELECT ${backlogColumns} FROM delivery d JOIN receipt r ON r.id = d.id
    LEFT JOIN unwanted u ON u.account_id = d.account_id AND u.delivery_id = d.id AND d.state = 1
  WHERE d.account_id = ?1 AND d.id > ?2 AND d.state <= 1 AND d.id >= ?3 AND (?4 IS NULL OR d.id < ?4) ORDER BY d.id LIMIT ${maxWalked}`;

/** What settings do not want, oldest first. */
const unwanted = `SELECT ${backlogColumns} FROM unwanted u JOIN delivery d ON d.id = u.delivery_id AND d.state = 1 JOIN receipt r ON r.id = d.id
  WHERE u.account_id = ?1 AND u.delivery_id > ?2 AND u.delivery_id >= ?3 AND (?4 IS NULL OR u.delivery_id < ?4)
  ORDER BY u.delivery_id LIMIT ${maxWalked}`;

/** The next choice of settings that something unwanted stands under: a step of a walk, however much stands under each. */
const nextUnwanted = `SELECT account_id, channel_id, sender_id, kind FROM unwanted WHERE (account_id, channel_id, sender_id, kind) > (?, ?, ?, ?)
  ORDER BY account_id, channel_id, sender_id, kind LIMIT 1`;

/** Gives a delivery to another destination, at the beginning of its schedule; one that may be under way comes as a repeat. */
const move = `UPDATE delivery SET destination_id = ?, laned = 1, due_at = ?, round_start = attempts, batch = NULL,
    cause = CASE WHEN state = 0 THEN coalesce(cause, 'replay') ELSE cause END WHERE id = ?`;

/** Makes some of what waits for a destination due now, at the beginning of its schedule. */
const hasten = `UPDATE delivery SET due_at = ?1, round_start = attempts WHERE id IN
  (SELECT id FROM delivery WHERE account_id = ?2 AND destination_id = ?3 AND state = 0 AND due_at > ?1 ORDER BY due_at LIMIT ?4)`;

/** The same of one delivery. */
const hastenOne = `UPDATE delivery SET due_at = ?1, round_start = attempts WHERE id = ?2 AND account_id = ?3 AND state = 0 AND due_at > ?1`;

/** What is run for the backlog, prepared once. */
export function backlogStatements(db: Connection) {
  return {
    open: db.prepare<BacklogRow>(open),
    unwanted: db.prepare<BacklogRow>(unwanted),
    nextUnwanted: db.prepare<UnwantedRow>(nextUnwanted),
    openById: db.prepare<Place>(
      `SELECT ${places} FROM delivery WHERE id = ? AND account_id = ? AND state <= 1`,
    ),
    laneOf: db.prepare<Place>(
      `SELECT ${places} FROM delivery WHERE account_id = ? AND destination_id = ? AND lane = ? AND state <= 1 AND laned = 1 ORDER BY place`,
    ),
    stand: db.prepare('UPDATE delivery SET state = 1 WHERE id = ? AND state = 0'),
    go: db.prepare('UPDATE delivery SET state = 0, due_at = max(due_at, ?) WHERE id = ? AND state = 1'),
    end: db.prepare('UPDATE delivery SET state = 3, due_at = ?, cause = NULL, batch = NULL WHERE id = ?'),
    note: db.prepare(
      'INSERT INTO unwanted (account_id, delivery_id, channel_id, sender_id, kind, since) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    forget: db.prepare('DELETE FROM unwanted WHERE account_id = ? AND delivery_id = ?'),
    isUnwanted: db.prepare('SELECT 1 FROM unwanted WHERE account_id = ? AND delivery_id = ?'),
    destinationThere: db.prepare('SELECT 1 FROM destination WHERE account_id = ? AND id = ?'),
    move: db.prepare(move),
    hasten: db.prepare(hasten),
    hastenOne: db.prepare(hastenOne),
  };
}
