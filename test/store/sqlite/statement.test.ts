import assert from 'node:assert/strict';
import { constants, DatabaseSync } from 'node:sqlite';
import type { StatementSync } from 'node:sqlite';
import { test } from 'node:test';
import { openSqliteStore } from '../../../src/store/sqlite/adapter.ts';
import { createClock } from '../../support/store.ts';
import { Statement } from '../../../src/store/sqlite/statement.ts';

interface Prepared {
  readonly sql: string;
  readonly statement: StatementSync;
  readonly of: DatabaseSync;
}

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
  const preparing = t.mock.method(DatabaseSync.prototype, 'prepare');
  const store = await openSqliteStore({
    file: ':memory:',
    masterKey: Buffer.alloc(32, 7),
    ...createClock(),
    emit: () => undefined,
  });
  const prepared = preparing.mock.calls.flatMap(({ arguments: [sql], result, this: of }) =>
    sql.includes('?') && result !== undefined ? [{ sql, statement: result, of: of as DatabaseSync }] : [],
  );
  const [db, ...others] = new Set(prepared.map(({ of }) => of));
  assert.ok(db !== undefined && others.length === 0 && prepared.length > 300, String(prepared.length));
  const planned = countPlanning(db);
  // What is told to be asked has all statements planned anew once.
  for (const values of [1, 2]) for (const one of prepared) runInVain(one, values);
  const anew = prepared.filter((one) => {
    planned();
    runInVain(one, 3);
    return planned() > 0;
  });
  assert.deepEqual(
    anew.map(({ sql }) => sql),
    [],
  );
  await store.close();
});

/** Runs a statement with values that find nothing; what it would write, and what the schema refuses of it, is left undone. */
function runInVain({ of: db, statement, sql }: Prepared, value: number): void {
  const numbers = [...sql.matchAll(/\?(\d*)/g)].map(([, number], at) =>
    number === '' ? at + 1 : Number(number),
  );
  db.exec('SAVEPOINT vain');
  try {
    statement.all(...Array<number>(Math.max(...numbers)).fill(value));
  } catch (error) {
    assert.match(String(error), /constraint|malformed JSON|cannot store/);
  }
  db.exec('ROLLBACK TO vain; RELEASE vain');
}
