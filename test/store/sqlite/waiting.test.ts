import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { it } from 'node:test';
import { countWaiting, doubtWaiting } from '../../../src/store/outbound/sqlite-waiting.ts';
import { bringUpToDate } from '../../../src/store/sqlite/schema.ts';

const insert = `INSERT INTO outbound (id, account_id, channel_id, channel_type, sender_id, recipient, lane, state, due_at, leased, attempts,
    step, expires_at, status_rank, envelope)
  VALUES (?, 1, 'wa', 'whatsapp', '15550001111', '15550002222', 1, ?, 1000, 0, 0, 0, 9000, 0, ?)`;

it('what waits in a restored store is in doubt, and no short message goes for what may have arrived', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-waiting-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'chasqui.sqlite');
  const db = new DatabaseSync(file);
  db.exec('PRAGMA journal_mode = WAL');
  bringUpToDate(db);
  // Due, behind another, taken, failed and unknown; each with a fallback by time.
  for (const state of [0, 1, 2, 3, 4])
    db.prepare(insert).run(state + 1, state, JSON.stringify({ fallBack: { content: 'x', afterMs: 60_000 } }));
  db.exec("UPDATE fallback SET state = 'firing' WHERE outbound_id = 4");
  assert.equal(countWaiting(db), 2);
  db.close();

  doubtWaiting(file);
  assert.deepEqual(readdirSync(folder), ['chasqui.sqlite']);
  const found = new DatabaseSync(file);
  const rows = found
    .prepare(
      `SELECT o.state, o.leased, f.state AS fallback, f.due_at AS due
       FROM outbound AS o JOIN fallback AS f ON f.outbound_id = o.id ORDER BY o.id`,
    )
    .all()
    .map((row) => Object.values(row));
  found.close();
  assert.deepEqual(rows, [
    [0, 1, 'dropped', null],
    [1, 1, 'dropped', null],
    [2, 0, 'armed', null],
    [3, 0, 'firing', 61_000],
    [4, 0, 'dropped', null],
  ]);
});
