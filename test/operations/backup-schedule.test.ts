// When a backup is made by itself, and what is told, by a clock that the test moves.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { parseBackupName, toBackupName } from '../../src/domain/backup.ts';
import type { BackupManifest } from '../../src/domain/backup.ts';
import type { NewNotice } from '../../src/domain/notice.ts';
import { Backups } from '../../src/operations/backup.ts';
import { BackupSchedule } from '../../src/operations/backup-schedule.ts';
import type { BackupPlace } from '../../src/store/backups/port.ts';
import { createClock } from '../support/store.ts';

const [minute, hour] = [60_000, 3_600_000];
const storeId = '1a2b3c4d';

const manifest = (at: number): BackupManifest => ({
  format: 1,
  mark: String(at),
  madeAt: new Date(at).toISOString(),
  durationMs: 7,
  version: '1.0.0',
  schema: 1,
  store: { bytes: 100, sha256: '0'.repeat(64) },
  rows: {},
  media: { files: 1, bytes: 11 },
});

/** A place in memory; `fault` is what it says of whatever it is asked. */
function openPlace() {
  const kept = new Map<string, BackupManifest>();
  const place = {
    kept,
    fault: undefined as Error | undefined,
    removeFault: undefined as Error | undefined,
  };
  const ask = <T>(answer: () => T): Promise<T> =>
    place.fault === undefined ? Promise.resolve(answer()) : Promise.reject(place.fault);
  const port: BackupPlace = {
    address: '/backup',
    list: () => ask(() => [...kept.keys()].toSorted()),
    read: (name) => ask(() => kept.get(name)),
    begin: () => ask(() => ({ folder: '/backup/partial', formerMedia: null })),
    keep: (name, one) => ask(() => void kept.set(name, one)),
    clear: () => ask(() => undefined),
    remove: (name) =>
      place.removeFault === undefined ? ask(() => void kept.delete(name)) : Promise.reject(place.removeFault),
  };
  return { ...place, port, place };
}

function open(place = openPlace(), { keep = 3, clock = createClock() } = {}) {
  const notices: NewNotice[] = [];
  const events: string[] = [];
  const doubt = { is: false };
  const backups = new Backups({
    ...clock,
    storeId,
    write: async () => manifest(clock.now()),
    copyStore: async () => undefined,
  });
  const schedule = new BackupSchedule({
    ...clock,
    backups,
    openPlace: async () => place.port,
    storeId,
    everyMs: 6 * hour,
    keep,
    isInDoubt: () => doubt.is,
    raiseNotice: (notice) => void notices.push(notice),
    endNotice: () => undefined,
    emit: (name) => void events.push(name),
  });
  const told = () => notices.splice(0).map(({ code }) => code);
  const look = () => schedule.worker.look();
  /** So many minutes, with the looks that fall into them. */
  const pass = async (minutes: number) => {
    for (let one = 0; one < minutes; one += 1) {
      clock.advance(minute);
      await look();
    }
  };
  const ages = () =>
    [...place.kept.keys()].map((name) => clock.now() - (parseBackupName(name, storeId) ?? 0));
  return { clock, backups, schedule, place, doubt, told, events, look, pass, ages };
}

it('one is made at once where none is kept, then each interval, and so many are kept', async () => {
  const { schedule, place, look, pass, told, events } = open();
  assert.equal(schedule.figures().last, null);
  await look();
  assert.equal(place.kept.size, 1);
  await pass(6 * 60 - 1);
  assert.equal(place.kept.size, 1);
  await pass(1);
  assert.equal(place.kept.size, 2);
  const [first] = place.kept.keys();
  await pass(12 * 60);
  assert.equal(place.kept.size, 3);
  assert.ok(!place.kept.has(first ?? ''), 'the oldest has gone');
  assert.deepEqual(schedule.figures().last?.bytes, 111);
  assert.deepEqual([told(), new Set(events)], [[], new Set(['backup.made'])]);
});

it('after a restart the age of the newest that is kept decides', async () => {
  const place = openPlace();
  const clock = createClock();
  const at = clock.now() - 4 * hour;
  place.kept.set(toBackupName(storeId, at), manifest(at));
  const { schedule, look, pass } = open(place, { clock });
  await look();
  assert.equal(place.kept.size, 1);
  assert.ok(Math.abs((schedule.figures().last?.ageMs ?? 0) - 4 * hour) < 1000);
  await pass(119);
  assert.equal(place.kept.size, 1);
  await pass(2);
  assert.equal(place.kept.size, 2);
});

it('a clock that is set moves none of it, and a new one is never named as the older', async () => {
  const clock = createClock();
  const set = { aheadMs: 0 };
  const moved = { ...clock, now: () => clock.now() + set.aheadMs };
  const { place, look, pass } = open(undefined, { keep: 1, clock: moved });
  await look();
  const [first = ''] = place.kept.keys();
  set.aheadMs = -24 * hour;
  await pass(359);
  assert.deepEqual([...place.kept.keys()], [first], 'neither sooner nor later');
  await pass(1);
  const [second = ''] = place.kept.keys();
  assert.ok(second > first);
  assert.equal(place.kept.size, 1, 'it is the older one that went');
});

it('while the clock is in doubt none is begun', async () => {
  const { place, doubt, look } = open();
  doubt.is = true;
  await look();
  assert.equal(place.kept.size, 0);
  doubt.is = false;
  await look();
  assert.equal(place.kept.size, 1);
});

it('one that fails is told once a day, tried again by the schedule, and told when it is over', async () => {
  const { schedule, place, events, look, pass, told } = open();
  await look();
  await pass(6 * 60 - 1);
  events.length = 0;
  place.place.fault = new Error('away');
  await pass(2);
  assert.deepEqual(told(), ['backup_failed']);
  // After a minute, five, fifteen, and then each hour.
  await pass(4 * 60);
  assert.deepEqual([told(), events.length, new Set(events)], [[], 7, new Set(['backup.failed'])]);
  assert.equal(schedule.figures().isOverdue, false);
  await pass(3 * 60);
  assert.deepEqual([told(), schedule.figures().isOverdue], [['backup_overdue'], true]);
  await pass(18 * 60);
  assert.deepEqual(told(), ['backup_failed']);
  place.place.fault = undefined;
  await pass(60);
  assert.deepEqual([told(), schedule.figures().isOverdue, place.kept.size], [['backup_made'], false, 2]);
  assert.equal(schedule.worker.status().failures > 0, true);
});

it('a place that is away at the start is told, and overdue after twice the interval', async () => {
  const place = openPlace();
  place.place.fault = new Error('away');
  const { look, pass, told } = open(place);
  await look();
  assert.deepEqual(told(), ['backup_failed']);
  await pass(12 * 60 + 1);
  assert.deepEqual(told(), ['backup_overdue']);
});

it('an old one that cannot be taken away is told, and no reason to make more', async () => {
  const { place, look, pass, told } = open(undefined, { keep: 1 });
  await look();
  place.place.removeFault = new Error('read-only');
  await pass(6 * 60);
  assert.deepEqual([told(), place.kept.size], [['backup_failed'], 2]);
  await pass(3 * 60);
  assert.equal(place.kept.size, 2);
  place.place.removeFault = undefined;
  await pass(3 * 60);
  assert.deepEqual([told(), place.kept.size], [['backup_made'], 1]);
});

it('a new one is named after the newest that is kept, also where that cannot be read, and is the one that stays', async () => {
  const clock = createClock();
  const place = openPlace();
  const damaged = toBackupName(storeId, Math.floor((clock.now() + hour) / 1000) * 1000);
  place.kept.set(damaged, undefined as never);
  const { look, told } = open(place, { keep: 1, clock });
  await look();
  assert.deepEqual([[...place.kept.keys()].map((name) => name > damaged), told()], [[true], []]);
});

it('one that is due while somebody has another made waits for that, and nobody is told', async () => {
  const { backups, place, look, pass, told } = open();
  const gate = Promise.withResolvers<undefined>();
  const other = backups.toPlace(
    { ...openPlace().port, keep: () => gate.promise },
    { after: 0, checkIn: () => undefined },
  );
  await look();
  assert.deepEqual([told(), place.kept.size], [[], 0]);
  gate.resolve(undefined);
  await other;
  await pass(1);
  assert.deepEqual([told(), place.kept.size], [[], 1]);
});

it('two are never written at once', async () => {
  const gate = Promise.withResolvers<BackupManifest>();
  const clock = createClock();
  const backups = new Backups({
    ...clock,
    storeId,
    write: () => gate.promise,
    copyStore: async () => undefined,
  });
  const { port } = openPlace();
  const how = { after: 0, checkIn: () => undefined };
  const first = backups.toPlace(port, how);
  await assert.rejects(backups.toPlace(port, how), { code: 'too_many' });
  await assert.rejects(backups.toFolder('/nowhere/backup'), { code: 'too_many' });
  gate.resolve(manifest(1));
  await first;
});
