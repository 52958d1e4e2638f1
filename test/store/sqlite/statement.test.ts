import assert from 'node:assert/strict';
import { constants, DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { Statement } from '../../../src/store/sqlite/statement.ts';

test('a statement with a limit is planned once, whatever limit it is run with', () => {
  const db = new DatabaseSync(':memory:');
  db.exec('CREATE TABLE thing (id INTEGER PRIMARY KEY, due_at INTEGER); CREATE INDEX due ON thing (due_at)');
  const statement = new Statement<{ id: number }>(
    db,
    'SELECT id FROM thing WHERE due_at <= ?1 AND id IN (SELECT id FROM thing LIMIT ?2) ORDER BY due_at LIMIT ?2',
  );
  db.exec('INSERT INTO thing VALUES (1, 1), (2, 2), (3, 3)');
  // SQLite asks it for each table and column while it plans, and never while it runs.
  let planned = 0;
  db.setAuthorizer(() => {
    planned += 1;
    return constants.SQLITE_OK;
  });
  // It has all statements planned anew that were prepared before it.
  statement.all(9, 1);
  planned = 0;
  const found = [1, 2, 3].map((limit) => statement.all(9, limit).length);
  assert.deepEqual({ found, planned }, { found: [1, 2, 3], planned: 0 });
  db.close();
});
