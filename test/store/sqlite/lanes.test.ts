// The order of lanes, held through all that deliveries meet: others of their lane, failures, replays, moves, and ends at any moment.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import fc from 'fast-check';
import type { Settlement } from '../../../src/domain/delivery.ts';
import { BacklogTables } from '../../../src/store/backlog/sqlite.ts';
import { DeliveryTables } from '../../../src/store/deliveries/sqlite.ts';
import { Lanes } from '../../../src/store/deliveries/sqlite-lanes.ts';
import { Leases } from '../../../src/store/deliveries/sqlite-leases.ts';
import { DeliveryLists } from '../../../src/store/deliveries/sqlite-lists.ts';
import { Settlements } from '../../../src/store/deliveries/sqlite-settlements.ts';
import { Connection } from '../../../src/store/sqlite/connection.ts';
import { createClock } from '../../support/store.ts';
import type { Clock } from '../../support/store.ts';

const accountId = 5;
const destinationIds = [1, 2] as const;
/** No fewer than come at once. */
const maxAlone = 6;
const actor = { kind: 'system', id: 'test' } as const;

interface Row {
  readonly id: number;
  readonly destination_id: number;
  readonly lane: number;
  readonly laned: number;
  readonly place: number;
  readonly state: number;
}

interface Opened {
  readonly db: Connection;
  readonly deliveries: DeliveryTables;
  readonly settlements: Settlements;
  readonly backlog: BacklogTables;
}

async function open(file: string, clock: Clock): Promise<Opened> {
  // No process begins within the second in which another ended.
  clock.advance(1000);
  const db = await Connection.open({ file, ...clock, emit: () => undefined });
  const lanes = new Lanes(db, maxAlone);
  const note = (): void => undefined;
  return {
    db,
    deliveries: new DeliveryTables(db, note, new DeliveryLists(db), lanes),
    settlements: new Settlements(db, new Leases(), lanes),
    backlog: new BacklogTables(db, note, lanes),
  };
}

async function openNew(file: string, clock: Clock): Promise<Opened> {
  const opened = await open(file, clock);
  opened.db.prepare("INSERT INTO account (id, name, first, created_at) VALUES (?, 'A', 1, 0)").run(accountId);
  const insert = opened.db.prepare(
    `INSERT INTO destination (id, account_id, url, settings, state, state_reason, state_since, secrets, created_at)
     VALUES (?, ?, ?, '{"scheduleMs":[0]}', 'active', '', 0, x'00', 0)`,
  );
  for (const id of destinationIds) insert.run(id, accountId, `https://receiver.example/${id}`);
  return opened;
}

/** Where a delivery goes; the first of its subject where its lane has had none. */
interface Comer {
  readonly to: number;
  readonly lane: number;
}

/** Lanes from here on are those of a subject, whose first receipt is known to be the first. */
const firstSubject = 20;

function come({ db, deliveries }: Opened, comers: readonly Comer[], fails = false): Promise<void> {
  return db.write((tx) => {
    const ofSubject = db.prepare<{ id: number }>(
      'SELECT id FROM delivery WHERE lane = ? ORDER BY id LIMIT 2',
    );
    const receipt = db.prepare(
      `INSERT INTO receipt (id, account_id, key, type, channel_id, channel_type, occurred_at, recorded_at, raw_event_id, raw_index,
         superseded, unmatched, facts) VALUES (?, ?, ?, 'ChatAppInbound', 'c', 'sandbox', 0, 0, 0, 0, 0, 0, '{}')`,
    );
    const added = new Map<number, Parameters<DeliveryTables['add']>[1][number]>();
    for (const { to, lane } of comers) {
      const id = db.nextId();
      const ids = [
        ...ofSubject.all(lane).map((row) => row.id),
        ...[...added.values()].filter((one) => one.lane === lane).map((one) => one.id),
      ];
      const [first, second] = ids;
      if (lane >= firstSubject && first !== undefined && second === undefined) {
        const own = added.get(first);
        if (own === undefined) deliveries.enlist(first);
        else added.set(first, { ...own, isFirst: false });
      }
      receipt.run(id, accountId, Buffer.from(String(id).padStart(32, '0'), 'hex'));
      added.set(id, {
        accountId,
        destinationId: to,
        id,
        lane,
        isFirst: lane >= firstSubject && first === undefined,
      });
    }
    deliveries.add(tx, [...added.values()], db.now());
    if (fails) throw new Error('It fails.');
  });
}

const openRows =
  'SELECT id, destination_id, lane, laned, place, state FROM delivery WHERE state <= 1 ORDER BY place';
const overRows = openRows.replace('state <= 1', 'state >= 2');

function settle(
  { db, settlements }: Opened,
  rows: readonly Row[],
  kind: 'done' | 'dead' | 'retry',
): Promise<void> {
  const attempt = { at: db.now(), durationMs: 1, status: 500, outcome: 'rejected', answer: '' } as const;
  const next = kind === 'retry' ? ({ kind, dueAt: db.now(), cause: 'retry' } as const) : { kind };
  const settled: Settlement[] = rows.map((row) => ({
    accountId,
    destinationId: row.destination_id,
    deliveryId: row.id,
    attempt,
    next,
  }));
  return db.write((tx) => settlements.settle(tx, settled));
}

/** Holds what every moment between two transactions has to show. */
function hold({ db }: Opened): void {
  const rows = db.prepare<Row>(openRows).all();
  const unwanted = new Set(
    db
      .prepare<{ id: number }>('SELECT delivery_id AS id FROM unwanted')
      .all()
      .map(({ id }) => id),
  );
  for (const members of Map.groupBy(rows, (row) => `${row.destination_id}/${row.lane}`).values()) {
    const [first, ...others] = members;
    assert.ok(
      others.every(({ state }) => state === 1),
      'only the first of a lane waits',
    );
    if (first !== undefined && !unwanted.has(first.id))
      assert.equal(first.state, 0, 'the first of a lane waits');
    if (others.length > 0)
      assert.ok(
        members.every(({ laned }) => laned === 1),
        'who is not alone is in the index',
      );
  }
  const alone = db
    .prepare<{ id: number }>('SELECT id FROM alone ORDER BY id')
    .all()
    .map(({ id }) => id);
  const there = new Set(
    db
      .prepare<{ id: number }>('SELECT id FROM delivery')
      .all()
      .map(({ id }) => id),
  );
  const wanted = rows.flatMap(({ id, laned }) => (laned === 2 ? [id] : []));
  assert.deepEqual(
    alone.filter((id) => there.has(id)),
    wanted.toSorted((a, b) => a - b),
    'who is alone is known',
  );
  assert.ok(alone.length <= maxAlone, `${alone.length} are known`);
}

const comers = fc.array(
  fc.record({ to: fc.constantFrom(...destinationIds), lane: fc.nat(firstSubject + 10) }),
  { minLength: 1, maxLength: maxAlone, size: 'max' },
);
/** Which of those that are there, by chance. */
const some = fc.array(fc.nat(1000), { minLength: 1, maxLength: 6, size: 'max' });
const steps = fc.array(
  fc.oneof(
    { weight: 10, arbitrary: fc.record({ do: fc.constantFrom('come' as const, 'fail' as const), comers }) },
    {
      weight: 12,
      arbitrary: fc.record({
        do: fc.constantFrom(
          'done' as const,
          'done' as const,
          'dead' as const,
          'retry' as const,
          'replay' as const,
        ),
        some,
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constantFrom(
          'setAside' as const,
          'takeUp' as const,
          'giveUp' as const,
          'handOver' as const,
          'erase' as const,
          'enlist' as const,
        ),
        some,
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('reopen' as const, 'crash' as const) }) },
  ),
  { minLength: 40, maxLength: 150, size: 'max' },
);

function setAside({ db, backlog }: Opened, rows: readonly Row[]): Promise<number> {
  const items = rows.map(({ id, destination_id: destinationId }) => ({
    deliveryId: id,
    destinationId,
    isUnwanted: true,
    channelId: 'c',
    senderId: null,
    kind: 'ChatAppInbound' as const,
  }));
  return db.write(() => backlog.setAside(accountId, items));
}

/** Does to some deliveries what a step says. */
async function change(opened: Opened, what: string, some: readonly number[]): Promise<void> {
  const { db, backlog, deliveries } = opened;
  const pick = (rows: readonly Row[]): Row[] =>
    rows.length === 0 ? [] : [...new Set(some.map((at) => rows[at % rows.length] as Row))];
  const rows = db.prepare<Row>(openRows).all();
  const waiting = pick(rows.filter(({ state }) => state === 0));
  const ids = pick(rows).map(({ id }) => id);
  if (what === 'done' || what === 'dead' || what === 'retry') await settle(opened, waiting, what);
  if (what === 'replay') {
    const over = pick(db.prepare<Row>(overRows).all()).map(({ id }) => id);
    await db.write((tx) => deliveries.replay(tx, accountId, { deliveryIds: over }, { limit: 100 }, actor));
  }
  if (what === 'setAside') await setAside(opened, waiting);
  if (what === 'takeUp') await db.write((tx) => backlog.takeUp(tx, accountId, ids));
  if (what === 'giveUp') await db.write((tx) => backlog.giveUp(tx, accountId, ids, actor));
  if (what === 'handOver')
    await db.write((tx) =>
      backlog.handOver(tx, accountId, ids, destinationIds[(some[0] ?? 0) % 2] ?? 1, actor),
    );
  if (what === 'enlist') await db.write(() => ids.forEach((id) => deliveries.enlist(id)));
  if (what === 'erase')
    for (const { id } of pick(rows.filter(({ laned }) => laned === 2)))
      db.prepare('DELETE FROM delivery WHERE id = ?').run(id);
}

/** The file as a process leaves it that is killed. */
function copyAsKilled(from: string, to: string): void {
  for (const end of ['', '-wal']) if (existsSync(from + end)) copyFileSync(from + end, to + end);
}

function makeFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-lanes-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('of a lane the first alone waits, and who is alone in one is known, whatever becomes of deliveries and processes', async (t) => {
  const folder = makeFolder(t);
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (run) => {
      runs += 1;
      let file = join(folder, `${runs}.sqlite`);
      const clock = createClock();
      let opened = await openNew(file, clock);
      for (const [at, step] of run.entries()) {
        if ('some' in step) await change(opened, step.do, step.some);
        else if ('comers' in step && step.do === 'come') await come(opened, step.comers);
        else if ('comers' in step) await assert.rejects(come(opened, step.comers, true), /It fails/);
        else {
          if (step.do === 'crash') copyAsKilled(file, (file = join(folder, `${runs}-${at}.sqlite`)));
          await opened.db.close();
          opened = await open(file, clock);
        }
        hold(opened);
      }
      await opened.db.close();
    }),
    { numRuns: 30 },
  );
});
