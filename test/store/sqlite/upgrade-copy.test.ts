// What a newer version does with a file before it opens it.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import type { StartCheck } from '../../../src/domain/start-check.ts';
import { version } from '../../../src/runtime/release.ts';
import { openSqliteStore } from '../../../src/store/sqlite/adapter.ts';
import type { Emit } from '../../../src/telemetry/events.ts';
import { listDataSets, unpackFile } from '../../upgrade/data-set.ts';
import { isGatewayError } from '../../support/errors.ts';
import { createClock } from '../../support/store.ts';

const folder = mkdtempSync(join(tmpdir(), 'chasqui-upgrade-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const account = { account: { id: 1, name: 'Test' }, key: { id: 'k', secret: 'very secret words' } };
const name = `chasqui.sqlite.before-${version}`;

function open(
  file: string,
  emit: Emit = () => undefined,
  upgradeCopy = true,
  check: StartCheck = 'quick',
  masterKey = Buffer.alloc(32, 7),
) {
  const { now, monotonic } = createClock();
  return openSqliteStore({ file, masterKey, now, monotonic, emit, upgradeCopy, check });
}

/** The file that a release wrote, in a folder of its own. */
function unpack(release: string): string {
  const file = join(mkdtempSync(join(folder, 'data-')), 'chasqui.sqlite');
  unpackFile(release, file);
  return file;
}

function readSchema(file: string): unknown {
  const db = new DatabaseSync(file, { readOnly: true });
  const row = db.prepare('PRAGMA user_version').get();
  db.close();
  return row?.['user_version'];
}

/** A file with one account, last opened by `release`; by a version that wrote none down when that is undefined. */
async function makeFile(release: string | undefined): Promise<string> {
  const file = join(mkdtempSync(join(folder, 'data-')), 'chasqui.sqlite');
  const store = await open(file);
  await store.createFirstAccount(account);
  await store.close();
  change(file, (db) => {
    if (release === undefined) db.exec("DELETE FROM meta WHERE key = 'release'");
    else db.prepare("UPDATE meta SET value = ? WHERE key = 'release'").run(Buffer.from(release));
  });
  return file;
}

function change(file: string, work: (db: DatabaseSync) => void): void {
  const db = new DatabaseSync(file, { defensive: false });
  work(db);
  db.close();
}

const list = (file: string): string[] => readdirSync(dirname(file)).sort();

for (const former of ['0.9.0', undefined])
  test(`a file of ${former ?? 'an unknown version'} is copied once, and the copy opens with what was in it`, async () => {
    const file = await makeFile(former);
    const told: unknown[] = [];
    const emit: Emit = (event, fields) => event === 'store.copied' && told.push(fields);
    for (let start = 0; start < 2; start += 1) await (await open(file, emit)).close();
    assert.deepEqual(list(file), ['chasqui.sqlite', name]);
    const copy = join(dirname(file), name);
    assert.equal(statSync(copy).mode & 0o777, 0o600);
    assert.deepEqual(told, [{ copy: name, former: former ?? 'unknown', bytes: statSync(copy).size }]);
    const store = await open(copy, () => undefined, false);
    assert.equal((await store.findKey('k'))?.secret, 'very secret words');
    await store.close();
  });

for (const release of [version, '999.0.0'])
  test(`a file of ${release === version ? 'this version' : 'a newer version'} is not copied`, async () => {
    const file = await makeFile(release);
    await (await open(file)).close();
    assert.deepEqual(list(file), ['chasqui.sqlite']);
  });

test('a new file is not copied, and neither is any where it is not asked for', async () => {
  const file = await makeFile('0.9.0');
  await (await open(file, () => undefined, false)).close();
  assert.deepEqual(list(file), ['chasqui.sqlite']);
});

for (const release of listDataSets()) {
  test(`a file with the schema of ${release} is copied, whatever version says that it had the file last`, async () => {
    const file = unpack(release);
    change(file, (db) =>
      db.prepare("UPDATE meta SET value = ? WHERE key = 'release'").run(Buffer.from(version)),
    );
    const schema = readSchema(file);
    await (await open(file)).close();
    assert.deepEqual(list(file), ['chasqui.sqlite', name]);
    assert.deepEqual([readSchema(`${file}.before-${version}`), readSchema(file) === schema], [schema, false]);
  });

  test(`a file with the schema of ${release} keeps it under a key that is not its own`, async () => {
    const file = unpack(release);
    const schema = readSchema(file);
    for (const isCopied of [true, false])
      await assert.rejects(
        open(file, () => undefined, isCopied, 'quick', Buffer.alloc(32, 8)),
        isGatewayError('wrong_master_key'),
      );
    assert.deepEqual([list(file), readSchema(file)], [['chasqui.sqlite'], schema]);
  });
}

test('the copy of an earlier upgrade goes, and one that was begun is begun anew', async () => {
  const file = await makeFile('0.9.0');
  for (const left of ['before-0.9.0', `before-${version}.partial`]) writeFileSync(`${file}.${left}`, 'old');
  await (await open(file)).close();
  assert.deepEqual(list(file), ['chasqui.sqlite', name]);
});

test('a file that cannot be copied is not opened, and stays as it is', async () => {
  const file = await makeFile('0.9.0');
  const blocked = `${name}.partial`;
  mkdirSync(join(dirname(file), blocked));
  const before = readFileSync(file);
  await assert.rejects(open(file), (error: unknown) => {
    assert.ok(isGatewayError('store_unavailable')(error), String(error));
    assert.match(String(error), /before version .* Nothing was changed\. .*CHASQUI_UPGRADE_COPY/);
    return true;
  });
  assert.deepEqual(list(file), ['chasqui.sqlite', blocked]);
  assert.ok(before.equals(readFileSync(file)));
});

test('a copy in which a row cannot be read is none', async () => {
  const file = await makeFile('0.9.0');
  // The root page of a table, which a start that looks at nothing does not read.
  change(file, (db) => db.exec("UPDATE account SET name = 'to be broken'"));
  const bytes = readFileSync(file);
  const page = Math.floor(bytes.indexOf('to be broken') / 4096) * 4096;
  writeFileSync(file, bytes.fill(0xaa, page, page + 4096));
  await assert.rejects(
    open(file, () => undefined, true, 'off'),
    isGatewayError('store_unavailable'),
  );
  assert.deepEqual(list(file), ['chasqui.sqlite']);
});
