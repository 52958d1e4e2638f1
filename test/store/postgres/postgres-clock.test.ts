// The store's time on nodes whose machines have clocks of their own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DatabaseClock } from '../../../src/store/postgres/clock.ts';

/** A machine and a database, each with a clock that can be set; what passes, passes for both. */
function bench(wallAheadMs = 0) {
  const epoch = Date.UTC(2026, 10, 1);
  let passed = 0;
  let wallAhead = wallAheadMs;
  let databaseAhead = 0;
  const monotonic = (): number => passed;
  const clock = new DatabaseClock({ now: () => epoch + passed + wallAhead, monotonic });
  const bench = {
    clock,
    trueTime: () => epoch + passed,
    pass: (ms: number) => void (passed += ms),
    setWall: (ms: number) => void (wallAhead += ms),
    setDatabase: (ms: number) => void (databaseAhead += ms),
    /** The way there and the way back, in ms. */
    ask: (thereMs = 0.5, backMs = 0.5) => {
      const sentAt = passed;
      passed += thereMs;
      const databaseMs = epoch + passed + databaseAhead;
      passed += backMs;
      clock.take({ sentAt, heardAt: passed, databaseMs });
    },
  };
  bench.ask();
  return bench;
}

test("time is the database's, whatever the machine's clock says", () => {
  for (const wallAheadMs of [0, 10, -250, 2000, 300_000, -300_000]) {
    const { clock, trueTime, pass } = bench(wallAheadMs);
    assert.equal(clock.now(), trueTime(), `${wallAheadMs} ms ahead`);
    pass(60_000);
    assert.equal(clock.now(), trueTime());
  }
});

test('a machine whose clock differs by more than 5 s is in doubt until it is set right', () => {
  const { clock, setWall, trueTime } = bench(4900);
  assert.equal(clock.doubt(), null);
  setWall(200);
  assert.match(clock.doubt()?.text ?? '', /5 s ahead of the database's/);
  setWall(-300_000);
  assert.match(clock.doubt()?.text ?? '', /295 s behind the database's/);
  assert.equal(clock.now(), trueTime());
  setWall(294_900);
  assert.equal(clock.doubt(), null);
});

test('of answers the surest counts, and what it said is worth less the older it is', () => {
  const { clock, ask, trueTime, pass } = bench();
  // Half a second on the way there alone: the middle is wrong by a quarter of one.
  ask(500, 0);
  assert.ok(Math.abs(clock.now() - trueTime()) <= 1);
  pass(2 * 60 * 60_000);
  ask(20, 0);
  assert.equal(Math.round(Math.abs(clock.now() - trueTime())), 10);
  ask(1, 1);
  assert.ok(Math.abs(clock.now() - trueTime()) <= 1);
});

test("time goes on when the database's clock alone is set, and follows when the machine's is set with it", () => {
  for (const byMs of [600_000, -600_000, 6000]) {
    const alone = bench();
    alone.pass(2000);
    alone.setDatabase(byMs);
    alone.ask();
    assert.equal(alone.clock.now(), alone.trueTime());
    assert.equal(alone.clock.databaseAheadMs(), byMs);
    assert.equal(alone.clock.doubt(), null);
    assert.equal(alone.clock.steppedAt, Number.NEGATIVE_INFINITY);
    alone.setDatabase(-byMs);
    alone.ask();
    assert.equal(alone.clock.databaseAheadMs(), 0);

    const both = bench();
    both.pass(2000);
    both.setDatabase(byMs);
    both.setWall(byMs);
    // Until the database has been asked, nothing is taken on.
    assert.notEqual(both.clock.doubt(), null);
    both.ask();
    assert.equal(both.clock.doubt(), null);
    assert.equal(both.clock.now(), both.trueTime() + byMs);
    assert.ok(both.clock.steppedAt > 2000);
  }
});

test('a machine that was put to sleep is in doubt until it has asked for the time', () => {
  const { clock, setWall, setDatabase, ask, trueTime } = bench();
  // Its monotonic clock stood still meanwhile.
  setWall(60_000);
  setDatabase(60_000);
  assert.notEqual(clock.doubt(), null);
  ask();
  assert.equal(clock.doubt(), null);
  assert.equal(clock.now(), trueTime() + 60_000);
});

test('a database that keeps nothing and says a time of years after this version is not worked by, until a person says that it is right', () => {
  const monotonic = (): number => 0;
  const clock = new DatabaseClock({ now: () => Date.UTC(2040), monotonic });
  clock.take({ sentAt: 0, heardAt: 0, databaseMs: Date.UTC(2040) });
  clock.compare(null);
  assert.match(clock.doubt()?.text ?? '', /nothing is kept yet/);
  clock.confirm();
  assert.equal(clock.doubt(), null);
});
