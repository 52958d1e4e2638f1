import assert from 'node:assert/strict';
import { constants, DatabaseSync } from 'node:sqlite';
import type { SQLInputValue, StatementSync } from 'node:sqlite';
import { test } from 'node:test';
import { openSqliteStore } from '../../../src/store/sqlite/adapter.ts';
import { createClock } from '../../support/store.ts';
import { Statement } from '../../../src/store/sqlite/statement.ts';

/** Counts what SQLite asks while it plans, for each table and column, and never while it runs. */
function countPlanning(db: DatabaseSync): () => number {
  let asked = 0;
  db.setAuthorizer((action) => {
    if (action !== constants.SQLITE_SAVEPOINT) asked += 1;
    return constants.SQLITE_OK;
  });
  return () => {
    const count = asked;
    asked = 0;
    return count;
  };
}

test('a parameter is what it was, and a question mark in a text is one', () => {
  const db = new DatabaseSync(':memory:');
  const found = new Statement(db, "SELECT ?2 AS two, '?' || ?1 AS one, 'it''s ?' AS text").get('a', 2);
  assert.deepEqual({ ...(found as object) }, { two: 2, one: '?a', text: "it's ?" });
  db.close();
});

test('no statement of the store is planned anew when it is run again', async (t) => {
  const prepared = new Map<string, StatementSync>();
  const databases = new Set<DatabaseSync>();
  const { prepare } = DatabaseSync.prototype;
  t.mock.method(DatabaseSync.prototype, 'prepare', function (this: DatabaseSync, sql: string) {
    databases.add(this);
    const statement = prepare.call(this, sql);
    prepared.set(sql, statement);
    return statement;
  });
  const store = await openSqliteStore({
    file: ':memory:',
    masterKey: Buffer.alloc(32, 7),
    ...createClock(),
    emit: () => undefined,
  });
  const [db] = databases;
  assert.ok(db !== undefined && databases.size === 1);
  const planned = countPlanning(db);
  const all = [...prepared].filter(([sql]) => sql.includes('?'));
  assert.ok(all.length > 300, String(all.length));
  // What is told to be asked has all statements planned anew once.
  for (const values of [1, 2]) for (const [sql, statement] of all) runInVain(db, statement, sql, values);
  const anew = all.filter(([sql, statement]) => {
    planned();
    runInVain(db, statement, sql, 3);
    return planned() > 0;
  });
  assert.deepEqual(
    anew.map(([sql]) => sql),
    [],
  );
  await store.close();
});

/** Runs a statement with values that find nothing; what it would write, and what the schema refuses of it, is left undone. */
function runInVain(db: DatabaseSync, statement: StatementSync, sql: string, value: SQLInputValue): void {
  const numbers = [...sql.matchAll(/\?(\d*)/g)].map(([, number], at) =>
    number === '' ? at + 1 : Number(number),
  );
  db.exec('SAVEPOINT vain');
  try {
    statement.all(...Array<SQLInputValue>(Math.max(...numbers)).fill(value));
  } catch (error) {
    assert.match(String(error), /constraint|malformed JSON|cannot store/);
  }
  db.exec('ROLLBACK TO vain; RELEASE vain');
}
