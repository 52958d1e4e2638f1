// A file of which a part was written over: what can still be read is handed out, what was lost is told, and all else works.
import assert from 'node:assert/strict';
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { deflateRawSync } from 'node:zlib';
import { accountId, createRandom, fillStore, openTold, overwrite } from '../../support/damaged.ts';
import type { Filled } from '../../support/damaged.ts';
import { change as changeIn } from '../../../src/store/sqlite/damage/changes.ts';
import { rescue } from '../../../src/store/sqlite/damage/rescue.ts';
import { schedules } from '../../../src/domain/retry.ts';
import { assertGood } from '../../support/damage-checks.ts';
import { isGatewayError } from '../../support/errors.ts';
import { pause } from '../../support/pace.ts';
import { waitUntil } from '../../support/service.ts';

const folder = mkdtempSync(join(tmpdir(), 'chasqui-damage-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let filled: Filled;
before(async () => {
  filled = await fillStore(join(folder, 'whole'), 300, 120, createRandom(5));
});

/** The same store in a folder of its own. */
function copy(): Filled {
  const file = join(mkdtempSync(join(folder, 'copy-')), 'chasqui.sqlite');
  cpSync(filled.file, file);
  return { ...filled, file };
}

/** Changes rows of a store's file that nobody has open. */
function change(file: string, sql: string, ...values: (string | number | Uint8Array)[]): number {
  const db = new DatabaseSync(file);
  try {
    return changeIn(db, sql, ...values);
  } finally {
    db.close();
  }
}

for (const seed of [1, 2, 3, 4, 5, 6])
  test(`64 KB written over somewhere: what is whole is handed out, the rest is told (seed ${seed})`, async () => {
    const own = copy();
    const random = createRandom(seed * 7919);
    const at = 8192 + Math.floor(random() * (statSync(own.file).size - 65_536 - 8192));
    overwrite(own.file, at, 65_536, seed % 3 === 0 ? undefined : random);
    await assertGood(own);
  });

test('what files take is counted again when the store is saved, whatever the tally says', async () => {
  const own = copy();
  const row =
    "INSERT INTO upload (account_id, id, channel_id, key, mime_type, bytes, sha256, created_at) VALUES (?, ?, 'sandbox', 'a', 'image/png', ?, '', 0)";
  for (const bytes of [5, 7]) change(own.file, row, accountId, randomBytes(16), bytes);
  change(own.file, 'UPDATE file_tally SET bytes = 1');
  rescue({ file: own.file, now: Date.now() });
  const { store } = await openTold(own.file);
  assert.equal(await store.sumFileBytes(accountId), 12);
  await store.close();
});

test('a rescue keeps how far messages have come, wherever their keys stand', () => {
  const own = copy();
  change(own.file, 'UPDATE seen_lately SET rank = 7 WHERE receipt_id % 2 = 0');
  const [moved, left] = ['receipt_id % 3 = 0', 'receipt_id % 3 > 0'];
  change(
    own.file,
    `INSERT INTO seen SELECT account_id, key, receipt_id, rank FROM seen_lately WHERE ${moved}`,
  );
  change(own.file, `DELETE FROM seen_lately WHERE ${moved} AND receipt_id % 5 = 0`);
  const list = (): unknown[] => {
    const db = new DatabaseSync(own.file);
    const sql =
      'SELECT hex(key), receipt_id, rank FROM seen UNION SELECT hex(key), receipt_id, rank FROM seen_lately';
    const rows = db.prepare(sql).all();
    db.close();
    return rows;
  };
  const before = list();
  assert.ok(change(own.file, `UPDATE seen_lately SET rank = rank WHERE ${left}`) > 0);
  rescue({ file: own.file, now: Date.now() });
  assert.ok(before.length > 100);
  assert.deepEqual(list(), before);
});

test('a rescue has who may no longer be alone in a lane in the index of lanes', () => {
  const own = copy();
  const row = `INSERT INTO delivery (id, account_id, destination_id, lane, laned, place, state, due_at, attempts, round_start)
    SELECT id, account_id, 1, id, ?, id, ?, 0, 0, 0 FROM receipt ORDER BY id LIMIT 1 OFFSET ?`;
  change(own.file, 'DELETE FROM delivery');
  const stands = [
    [2, 0],
    [2, 1],
    [0, 0],
    [0, 1],
    [2, 2],
  ] as const;
  for (const [at, stand] of stands.entries()) change(own.file, row, ...stand, at);
  rescue({ file: own.file, now: Date.now() });
  const db = new DatabaseSync(own.file);
  const found = db.prepare('SELECT laned, state FROM delivery ORDER BY id').all();
  db.close();
  assert.deepEqual(
    found.map(({ laned, state }) => [laned, state]),
    [
      [1, 0],
      [1, 0],
      [0, 0],
      [1, 0],
      [2, 2],
    ],
  );
});

test('a rescue keeps a row whose id is beyond 2^53, and all that comes after it', () => {
  const own = copy();
  const row =
    "INSERT INTO unreadable (number, at, source, reason, row) VALUES (9048018124800007, 0, 'receipt', '', '{}')";
  change(own.file, row);
  const { tables, losses } = rescue({ file: own.file, now: Date.now() });
  assert.deepEqual(
    tables.filter(({ lostRows }) => lostRows > 0),
    [],
  );
  assert.equal(losses['deliveriesLost'], 0);
});

test('a row that goes on at a page which the file does not have is found before it is used', async () => {
  const own = copy();
  const bytes = readFileSync(own.file);
  // Of the long bodies, the middle stands in a page that begins with the number of the next.
  const body = own.bodies.find((text) => text.length > 9000) ?? '';
  const at = bytes.indexOf(body.slice(4200, 4300));
  assert.ok(at > 0);
  overwrite(own.file, Math.floor(at / 4096) * 4096, 4, () => 0.7);
  const { store, told } = await openTold(own.file);
  await store.close();
  assert.match(told.at(-1)?.what ?? '', /lost of message \(0 pages, 1 rows\)/);
});

test('a file that ends too early gives what is left of it', async () => {
  const own = copy();
  truncateSync(own.file, Math.floor((statSync(own.file).size * 0.8) / 4096) * 4096 + 100);
  await assertGood(own);
});

for (const [what, bytes] of [
  ['zeros', undefined],
  ['noise', createRandom(21)],
] as const)
  test(`a file whose first page is ${what} is refused with what to do, and left as it is`, async () => {
    const own = copy();
    overwrite(own.file, 0, 4096, bytes);
    const before = readFileSync(own.file);
    for (const check of ['quick', 'off'] as const)
      await assert.rejects(openTold(own.file, { check }), (error: unknown) => {
        assert.ok(isGatewayError('store_corrupt')(error));
        assert.match(
          String(error),
          /first page was written over.* put the last backup in its place .*CHASQUI_NEW_STORE/,
        );
        return true;
      });
    assert.ok(before.equals(readFileSync(own.file)));
  });

test('a store that is whole is opened without a word, and so is one that was killed', async () => {
  const own = copy();
  const first = await openTold(own.file);
  assert.deepEqual(first.told, []);
  const queue = await first.store.findQueue(accountId, 'orders');
  assert.ok(queue);
  await first.store.sendMessages(queue, [{ body: 'in the log', priority: 1 }], filled.fixture.clock.now());
  // What a kill leaves: the file and its log as they are at this moment.
  const killed = join(mkdtempSync(join(folder, 'killed-')), 'chasqui.sqlite');
  for (const end of ['', '-wal']) cpSync(`${own.file}${end}`, `${killed}${end}`);
  await first.store.close();
  const second = await openTold(killed);
  assert.deepEqual(second.told, []);
  const [message] = await second.store.receiveMessages(queue, 1, filled.fixture.clock.now());
  assert.equal(message?.body, 'in the log');
  await second.store.close();
});

test('a log that is damaged in its middle is told and kept, and the store goes on', async () => {
  const own = copy();
  const { now } = filled.fixture.clock;
  const first = await openTold(own.file);
  const queue = await first.store.findQueue(accountId, 'orders');
  assert.ok(queue);
  for (let n = 0; n < 20; n += 1)
    await first.store.sendMessages(queue, [{ body: `late ${n}`, priority: 1 }], now());
  const killed = join(mkdtempSync(join(folder, 'killed-')), 'chasqui.sqlite');
  for (const end of ['', '-wal']) cpSync(`${own.file}${end}`, `${killed}${end}`);
  await first.store.close();
  const { size } = statSync(`${killed}-wal`);
  overwrite(`${killed}-wal`, Math.floor(size / 3), 8192, createRandom(3));
  const second = await openTold(killed);
  assert.match(second.told[0]?.what ?? '', /the log is damaged at frame \d+/);
  assert.equal(readdirSync(dirname(killed)).filter((name) => name.includes('-wal.damaged-')).length, 1);
  const messages = await second.store.receiveMessages(queue, 16, now());
  assert.equal(messages.length, 16);
  await second.store.close();
});

test('a message whose body is not what was sent is kept apart and told, and holds none back', async () => {
  const own = copy();
  const { now } = filled.fixture.clock;
  assert.equal(
    change(own.file, "UPDATE message SET body = 'something else' WHERE id = (SELECT min(id) FROM message)"),
    1,
  );
  const { store, told } = await openTold(own.file);
  const queue = await store.findQueue(accountId, 'orders');
  assert.ok(queue);
  const messages = await store.receiveMessages(queue, 3, now());
  assert.deepEqual(
    messages.map(({ body }) => body),
    filled.bodies.slice(1, 4),
  );
  assert.match(told[0]?.what ?? '', /a row of message is kept apart: its body is not what was sent/);
  assert.equal((await store.countMessages(queue)).active, filled.bodies.length - 4);
  await store.close();
});

const unreadable = [
  ["UPDATE receipt SET facts = 'no JSON' WHERE id = (SELECT min(id) FROM receipt)", 'receipt'],
  ["UPDATE content SET body = '{\"text' WHERE receipt_id = (SELECT min(id) FROM receipt)", 'content'],
  ["UPDATE change SET detail = '' WHERE id = (SELECT max(id) FROM change)", 'change'],
  [
    "UPDATE channel SET credentials = x'00112233445566778899aabbccddeeff00112233445566778899' WHERE id = 'sandbox'",
    'channel',
  ],
] as const;
for (const [sql, table] of unreadable)
  test(`a row of ${table} that cannot be read is kept apart and told, and the rest goes on`, async () => {
    const own = copy();
    assert.equal(change(own.file, sql), 1);
    const { store, told } = await openTold(own.file, filled.fixture.clock);
    const destination = (await store.listDestinations(accountId))[0];
    assert.ok(destination);
    const claim = () =>
      store.claimDeliveries({
        ...{ accountId, destinationId: destination.id, limit: 1000, batchSize: 1 },
        ...{ now: filled.fixture.clock.now(), leaseMs: 60_000 },
      });
    const look = async (): Promise<number> => {
      await store.listChanges(accountId, { limit: 50 });
      await store.listReceipts(accountId, {}, { limit: 1000 });
      await store.listChannels(accountId);
      return (await claim()).length;
    };
    const lost = table === 'receipt' ? 1 : 0;
    assert.equal(await look(), filled.receipts - lost);
    assert.ok(told.some(({ what }) => what.includes(`rows of ${table} are kept apart`)));
    await store.close();
  });

test('damage that is met while the service runs is told, and the next call finds what is left', async () => {
  const own = copy();
  // As a disk does it: the pages change under a store that was looked at before.
  const { store, told } = await openTold(own.file, { check: 'off', ...filled.fixture.clock });
  const { size } = statSync(own.file);
  const bytes = readFileSync(own.file);
  const random = createRandom(11);
  for (let at = Math.floor(size * 0.5); at < size * 0.5 + 65_536; at += 1)
    bytes[at] = Math.floor(random() * 256);
  writeFileSync(own.file, bytes, { flag: 'r+' });
  const queue = await store.findQueue(accountId, 'orders');
  assert.ok(queue);
  const got: string[] = [];
  for (;;) {
    const messages = await store.receiveMessages(queue, 16, filled.fixture.clock.now());
    if (messages.length === 0) break;
    got.push(...messages.map(({ body }) => body));
  }
  assert.ok(told.some(({ kept }) => kept !== null));
  const whole = filled.bodies.filter((body) => body.length < 3000 && bytes.includes(body));
  const missing = whole.filter((body) => !got.includes(body));
  assert.ok(missing.length <= 24, `${missing.length} are missing`);
  await store.close();
});

test('damage that only the opening meets is mended then, also where no look at the file is wanted', async () => {
  const own = copy();
  const db = new DatabaseSync(own.file);
  const root = db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'delivery_open'").get();
  db.close();
  overwrite(own.file, (Number(root?.['rootpage']) - 1) * 4096, 4096);
  const { store, told } = await openTold(own.file, { check: 'off', ...filled.fixture.clock });
  assert.match(told.at(-1)?.what ?? '', /nothing but indexes was lost/);
  const { items } = await store.listReceipts(accountId, {}, { limit: 1000 });
  assert.equal(items.length, filled.receipts);
  await store.close();
});

for (const by of ['a call', 'a rescue'])
  test(`deliveries behind one whose receipt is kept apart by ${by} go on`, async () => {
    const own = copy();
    const { clock } = filled.fixture;
    // All of one lane, in the order of their receipts.
    change(own.file, 'UPDATE delivery SET lane = 7, laned = 1, state = id > (SELECT min(id) FROM delivery)');
    change(own.file, "UPDATE receipt SET facts = 'no JSON' WHERE id = (SELECT min(id) FROM receipt)");
    if (by === 'a rescue') rescue({ file: own.file, now: clock.now() });
    const { store } = await openTold(own.file, clock);
    await store.listReceipts(accountId, {}, { limit: 1000 });
    const [destination] = await store.listDestinations(accountId);
    assert.ok(destination);
    const claimed = await store.claimDeliveries({
      ...{ accountId, destinationId: destination.id, limit: 1000, batchSize: 1 },
      ...{ now: clock.now(), leaseMs: 60_000 },
    });
    assert.deepEqual(
      claimed.map(({ members }) => members.map(({ receipt }) => receipt.facts.type)),
      [['ChatAppInbound']],
    );
    await store.close();
  });

test('damage does not let a wrong master key set anything apart', async () => {
  const own = copy();
  overwrite(own.file, Math.floor(statSync(own.file).size / 2), 65_536);
  await assert.rejects(
    openTold(own.file, { masterKey: Buffer.alloc(32, 8) }),
    isGatewayError('wrong_master_key'),
  );
  const { store } = await openTold(own.file);
  assert.equal((await store.findKey('first-key'))?.secret, 'first-secret');
  await store.close();
});

test('a rescue of far more than fits into its memory holds one row at a time', async () => {
  const own = copy();
  const rows = 400;
  const megabyte = 1024 * 1024;
  const db = new DatabaseSync(own.file);
  db.exec('PRAGMA synchronous = OFF; BEGIN');
  const insert = db.prepare(
    "INSERT INTO raw_event (id, account_id, channel_id, received_at, packed, body) VALUES (?, 1, 'wa', 0, 1, ?)",
  );
  // Raw deflate of bytes that do not shrink; the last is none.
  const body = deflateRawSync(randomBytes(megabyte));
  for (let id = 1; id <= rows; id += 1) insert.run(id, id === rows ? Buffer.alloc(megabyte, 7) : body);
  db.exec('COMMIT');
  db.close();
  const child = fileURLToPath(new URL('../../support/rescue-child.ts', import.meta.url));
  // Threads that collect what is left would come too late on a busy machine.
  const words = ['--single-threaded-gc', child, own.file];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  const { apart, peakBytes } = JSON.parse(stdout) as { apart: unknown; peakBytes: number };
  assert.deepEqual(apart, [{ table: 'raw_event', rows: 1, reason: 'its packed bytes cannot be read' }]);
  assert.ok(peakBytes < (rows * megabyte * 2) / 3, `${Math.round(peakBytes / megabyte)} MB`);
});

/** A store whose damage shows at the first call that lists receipts, once it is open. */
async function openAndDamage(own: Filled): ReturnType<typeof openTold> {
  const opened = await openTold(own.file, { check: 'off', ...filled.fixture.clock });
  const bytes = readFileSync(own.file);
  bytes.fill(0xa5, 8192);
  writeFileSync(own.file, bytes, { flag: 'r+' });
  return opened;
}

test('others are served or refused while a file is being saved, and the event loop goes on', async () => {
  // A busy machine may give this thread no turn before the other is done; it does not do so each time.
  let turns = 0;
  for (let tries = 0; turns <= 20 && tries < 4; tries += 1) turns = await countTurnsWhileSaving();
  assert.ok(turns > 20, `${turns} turns of the event loop`);
});

async function countTurnsWhileSaving(): Promise<number> {
  const { store, told } = await openAndDamage(copy());
  let isOver = false;
  const first = store.listReceipts(accountId, {}, { limit: 1000 }).finally(() => (isOver = true));
  const most = 1000;
  const others = Array.from({ length: most + 20 }, () => store.listReceipts(accountId, {}, { limit: 1 }));
  let turns = 0;
  const turn = (): void => {
    turns += 1;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  const refused = await Promise.all(others.slice(most).map((call) => call.catch((error: unknown) => error)));
  assert.ok(refused.every(isGatewayError('store_corrupt')));
  await Promise.allSettled([first, ...others]);
  assert.ok(told.length > 0);
  await store.close();
  return turns;
}

test('a file that is damaged again and again is saved each time, after more and more rest', async () => {
  const own = copy();
  let at = 0;
  const { store, told } = await openTold(own.file, {
    check: 'off',
    now: filled.fixture.clock.now,
    monotonic: () => at,
  });
  const queue = await store.findQueue(accountId, 'orders');
  assert.ok(queue);
  // In turn, for SQLite remembers the pages of the last.
  const looks = [
    () => store.listReceipts(accountId, {}, { limit: 1000 }),
    () => store.peekMessages(queue, 16, filled.fixture.clock.now()),
  ];
  const damage = (): void => {
    const bytes = readFileSync(own.file);
    bytes.fill(0xa5, 8192);
    writeFileSync(own.file, bytes, { flag: 'r+' });
  };
  const countSaved = (): number => told.filter(({ kept }) => kept !== null).length;
  /** Whether the look at the file was answered with what is in it. */
  const look = async (n: number): Promise<boolean> => {
    const answer: unknown = await looks[n % looks.length]?.().catch((error: unknown) => error);
    if (!(answer instanceof Error)) return true;
    assert.ok(isGatewayError('store_corrupt')(answer), String(answer));
    return false;
  };
  /** Looks, as a caller does who is told to try again, until it was saved and is answered. */
  const untilSaved = async (n: number): Promise<void> => {
    await waitUntil('the file is saved', 60_000, () => look(n));
    assert.equal(countSaved(), n + 1);
  };
  damage();
  await untilSaved(0);
  for (const [n, rest] of [...schedules.rescue.waitsMs.slice(1), 21_600_000].entries()) {
    damage();
    at += rest - 1;
    await look(n + 1);
    assert.equal(countSaved(), n + 1, `before its rest of ${rest} ms is over`);
    at += 1;
    await untilSaved(n + 1);
  }
  assert.match(
    told.map(({ what }) => what).join('\n'),
    /saved 8 times in a row .* next time is in 1 minutes/,
  );
  await store.close();
});

test('a store is closed while it is being saved, and the next start begins again', async () => {
  const own = copy();
  const { store } = await openAndDamage(own);
  const call = store.listReceipts(accountId, {}, { limit: 1000 }).catch((error: unknown) => error);
  await store.close();
  await call;
  const again = await openTold(own.file);
  assert.ok(
    again.told.length > 0 || readdirSync(dirname(own.file)).some((name) => name.includes('.damaged-')),
  );
  await again.store.close();
});

test('a rescue that is killed at any moment loses nothing, and the next one goes through', async () => {
  const own = copy();
  const random = createRandom(77);
  overwrite(own.file, Math.floor(statSync(own.file).size * 0.4), 65_536, random);
  const child = fileURLToPath(new URL('../../support/rescue-child.ts', import.meta.url));
  let killed = 0;
  for (let n = 0; n < 8; n += 1) {
    const rescuing = spawn(process.execPath, [child, own.file, 'signal'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const ended = once(rescuing, 'exit');
    // It says so right before it begins.
    await once(rescuing.stdout, 'data');
    await Promise.race([ended, pause(random() * 150, 'a kill falls at any moment')]);
    rescuing.kill('SIGKILL');
    const [code] = (await ended) as [number | null];
    if (code === null) killed += 1;
    const names = readdirSync(dirname(own.file));
    assert.ok(names.includes('chasqui.sqlite'));
    // Once the new file is in its place, the damaged one is put back for the next round.
    const kept = names.find((name) => name.includes('.damaged-'));
    if (kept !== undefined && n < 7) renameSync(join(dirname(own.file), kept), own.file);
  }
  assert.ok(killed > 0, 'none was killed in the middle');
  const kept = readdirSync(dirname(own.file)).find((name) => name.includes('.damaged-'));
  if (kept !== undefined) renameSync(join(dirname(own.file), kept), own.file);
  await assertGood(own);
});
