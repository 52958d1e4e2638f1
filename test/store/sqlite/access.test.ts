import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import { endAccess, readAccess } from '../../../src/store/accounts/sqlite-access.ts';
import { bringUpToDate } from '../../../src/store/sqlite/schema.ts';

const now = Date.UTC(2026, 10, 1);

/** A store with two accounts, of the schema given. */
function openFile(t: TestContext, to?: number): { file: string; folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-access-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'chasqui.sqlite');
  const db = new DatabaseSync(file);
  db.exec('PRAGMA journal_mode = WAL');
  bringUpToDate(db, { to });
  db.exec("INSERT INTO account (id, name, created_at) VALUES (1, 'Shop', 1), (2, 'Works', 2)");
  for (let n = 1; n <= 22; n += 1)
    db.prepare(
      "INSERT INTO access_key (id, account_id, secret, state, created_at) VALUES (?, 1, x'00', ?, ?)",
    ).run(`key-${n}`, n === 22 ? 'disabled' : 'active', n);
  const user = db.prepare(
    `INSERT INTO console_user (account_id, id, name, role, state, password, totp_active, totp_step, created_at)
      VALUES (2, ?, ?, 'owner', ?, 'hash', 0, 0, 1)`,
  );
  user.run('1', 'ana', 'active');
  user.run('2', 'bo', 'disabled');
  for (const [hash, expiresAt] of [
    ['a', now + 1],
    ['b', now],
  ] as const)
    db.prepare(
      `INSERT INTO session (account_id, hash, user_id, created_at, seen_at, expires_at, ends_at)
        VALUES (2, CAST(? AS BLOB), '1', 1, 1, ?, ?)`,
    ).run(hash, expiresAt, now + 9);
  db.close();
  return { file, folder };
}

function addLinks(file: string): void {
  const db = new DatabaseSync(file);
  const add = db.prepare(
    `INSERT INTO portal_link (account_id, id, name, access, senders, created_at, created_by, expires_at, revoked_at)
      VALUES (?, ?, 'Shop', 'read', 'null', 1, 'key/k', ?, ?)`,
  );
  add.run(1, 'good', now + 1, null);
  add.run(2, 'good too', now + 1, null);
  add.run(1, 'over', now, null);
  add.run(1, 'revoked', now + 1, 7);
  db.close();
}

it('sessions and portal links of a copy end, and each link that was good stands in the log of changes', (t) => {
  const { file, folder } = openFile(t);
  addLinks(file);
  const { sessions, portalLinks, keys, users } = readAccess(file, now);
  assert.deepEqual([sessions, portalLinks, users], [1, 2, { count: 1, names: ['2/ana'] }]);
  assert.deepEqual([keys.count, keys.names.length, keys.names[0]], [21, 20, '1/key-21']);

  endAccess(file, now);
  assert.deepEqual(readdirSync(folder), ['chasqui.sqlite']);
  assert.deepEqual(readAccess(file, now), { sessions: 0, portalLinks: 0, keys, users });
  const read = (sql: string) => {
    const db = new DatabaseSync(file);
    const rows = db.prepare(sql).all();
    db.close();
    return rows.map((row) => Object.values(row));
  };
  assert.deepEqual(read('SELECT hash FROM session'), []);
  assert.deepEqual(read('SELECT id, revoked_at FROM portal_link ORDER BY id'), [
    ['good', now],
    ['good too', now],
    ['over', null],
    ['revoked', 7],
  ]);
  assert.deepEqual(
    read('SELECT account_id, at, actor, action, subject, detail FROM change ORDER BY account_id'),
    [
      [1, now, 'system/chasqui', 'portal_link.revoked', 'portal-link/good', '{}'],
      [2, now, 'system/chasqui', 'portal_link.revoked', 'portal-link/good too', '{}'],
    ],
  );
  // Done again, as after a restore that was broken off, it changes nothing more.
  endAccess(file, now + 1);
  assert.equal(read('SELECT id FROM change').length, 2);
});

it('a copy of the first schema, which knew no portal links, has its sessions ended', (t) => {
  const { file } = openFile(t, 1);
  assert.equal(readAccess(file, now).sessions, 1);
  endAccess(file, now);
  const { sessions, portalLinks } = readAccess(file, now);
  assert.deepEqual([sessions, portalLinks], [0, 0]);
});
