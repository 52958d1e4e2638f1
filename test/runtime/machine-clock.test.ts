// When a machine's clock is believed, and what is told where it is not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heldMs, MachineClock, standstillLimitMs, stepLimitMs } from '../../src/runtime/machine-clock.ts';
import { isGatewayError } from '../support/errors.ts';
import { testEpoch } from '../support/store.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** A machine whose clock can be set, and which can sleep. */
class Machine {
  #wall: number;
  #monotonic = 10 * minute;
  #uptime = 3 * day;
  readonly clock: MachineClock;

  constructor(at = testEpoch) {
    this.#wall = at;
    this.clock = new MachineClock({
      wall: () => this.#wall,
      monotonic: () => this.#monotonic,
      uptime: () => this.#uptime,
    });
  }

  get wall(): number {
    return this.#wall;
  }

  /** Lets time pass, with somebody who looks at the clock each second of the first minute and then each minute. */
  pass(ms: number): void {
    for (let passed = 0; passed < ms;) {
      const step = Math.min(ms - passed, passed < minute ? second : minute);
      this.#wall += step;
      this.#monotonic += step;
      this.#uptime += step;
      passed += step;
      this.clock.doubt();
    }
  }

  set(byMs: number): void {
    this.#wall += byMs;
  }

  /** Lets time pass of which the clock knows nothing. */
  standStill(ms: number): void {
    this.#monotonic += ms;
    this.#uptime += ms;
  }

  sleep(ms: number, isClockLate = false): void {
    this.#uptime += ms;
    if (!isClockLate) this.#wall += ms;
  }
}

test('a clock that goes on, drifts or makes a small step is followed at once', () => {
  const machine = new Machine();
  machine.clock.compare(testEpoch - hour);
  for (const step of [0, second, -second, 30 * second, -30 * second, stepLimitMs, -stepLimitMs]) {
    machine.set(step);
    machine.pass(minute);
    assert.equal(machine.clock.doubt(), null);
    assert.equal(machine.clock.now(), machine.wall);
  }
});

for (const [name, byMs, told] of [
  ['an hour ahead', hour, /60 minutes ahead/],
  ['an hour back', -hour, /60 minutes back/],
  ['eight days ahead', 8 * day, /8 days ahead/],
  ['to 2040', Date.UTC(2040) - testEpoch, /days ahead/],
  ['to 1970', -testEpoch, /1970.*cannot be/],
] as const)
  test(`a clock that is set ${name} is in doubt until it is right, and time goes on meanwhile`, () => {
    const machine = new Machine();
    machine.clock.compare(testEpoch);
    machine.pass(minute);
    machine.set(byMs);
    machine.pass(30 * second);
    assert.match(machine.clock.doubt()?.text ?? '', told);
    assert.equal(machine.clock.now(), testEpoch + minute + 30 * second);
    assert.equal(machine.clock.aheadMs(), byMs);
    machine.set(-byMs);
    assert.equal(machine.clock.doubt(), null);
    assert.equal(machine.clock.now(), machine.wall);
  });

for (const byMs of [hour, -hour, 20 * hour])
  test(`a step of ${byMs / hour} hours is believed once the clock has gone on from it`, () => {
    const machine = new Machine();
    machine.set(byMs);
    machine.pass(heldMs - minute);
    assert.equal(machine.clock.doubt()?.kind, 'step');
    // Another step begins the wait anew.
    machine.set(2 * minute);
    machine.pass(heldMs - minute);
    assert.equal(machine.clock.doubt()?.kind, 'step');
    machine.pass(heldMs);
    assert.equal(machine.clock.doubt(), null);
    assert.equal(machine.clock.now(), machine.wall);
  });

test('a step of days is believed when a person says so, and not before', () => {
  const machine = new Machine();
  machine.clock.compare(testEpoch);
  machine.set(8 * day);
  machine.pass(2 * hour);
  assert.equal(machine.clock.doubt()?.kind, 'step');
  machine.clock.confirm();
  assert.equal(machine.clock.doubt(), null);
  assert.equal(machine.clock.now(), machine.wall);
});

test('a machine that slept for hours or days is not one whose clock is wrong', () => {
  for (const ms of [3 * hour, 9 * day]) {
    const machine = new Machine();
    machine.pass(minute);
    machine.sleep(ms);
    assert.equal(machine.clock.doubt(), null);
    machine.pass(minute);
    // One that is set right only after it woke.
    machine.sleep(ms, true);
    assert.equal(machine.clock.doubt(), null);
    machine.pass(2 * second);
    assert.equal(machine.clock.now(), machine.wall);
  }
});

test('a start far from what is kept is in doubt: told with what to do, and over when the clock is right', () => {
  for (const [kept, isBehind] of [
    [Date.UTC(2040), true],
    [testEpoch + 2 * day, true],
    [testEpoch - standstillLimitMs - day, false],
  ] as const) {
    const machine = new Machine();
    machine.clock.compare(kept);
    assert.equal(machine.clock.doubt()?.kind, 'kept');
    assert.equal(machine.clock.now(), kept);
    if (isBehind) {
      assert.match(machine.clock.doubt()?.text ?? '', /check --mend/);
      assert.throws(() => machine.clock.confirm(), isGatewayError('wrong_state'));
      machine.set(kept - testEpoch);
    } else {
      assert.match(machine.clock.doubt()?.text ?? '', /clock confirm/);
      machine.clock.confirm();
    }
    assert.equal(machine.clock.doubt(), null);
    assert.equal(machine.clock.now(), machine.wall);
  }
});

test('a start after weeks, or with a clock a little behind, is none in doubt', () => {
  for (const kept of [null, testEpoch, testEpoch + hour, testEpoch - 21 * day]) {
    const machine = new Machine();
    machine.clock.compare(kept);
    assert.equal(machine.clock.doubt(), null);
    assert.equal(machine.clock.now(), machine.wall);
  }
});

test('a first start with a clock of years after this version is in doubt, until it is right or a person says that it is', () => {
  const machine = new Machine(Date.UTC(2040));
  machine.clock.compare(null);
  assert.equal(machine.clock.doubt()?.kind, 'kept');
  assert.match(machine.clock.doubt()?.text ?? '', /says 2040-.*nothing is kept yet.*clock confirm/);
  assert.equal(new Date(machine.clock.now()).getUTCFullYear(), 2020);
  machine.clock.compare(null);
  assert.notEqual(machine.clock.doubt(), null);
  machine.set(testEpoch - Date.UTC(2040));
  assert.equal(machine.clock.doubt(), null);
  assert.equal(machine.clock.now(), machine.wall);

  const believed = new Machine(Date.UTC(2040));
  believed.clock.compare(null);
  believed.clock.confirm();
  assert.equal(believed.clock.doubt(), null);
  assert.equal(believed.clock.now(), believed.wall);
});

test('what was kept of a start in doubt speaks against no clock at the next one', () => {
  const first = new Machine(0);
  first.clock.compare(null);
  first.pass(hour);
  const kept = first.clock.now();
  const second = new Machine();
  second.clock.compare(kept);
  assert.equal(second.clock.doubt(), null);
});

test('no time that cannot be is believed, whatever anybody says', () => {
  const machine = new Machine(0);
  machine.clock.compare(null);
  assert.equal(machine.clock.doubt()?.kind, 'impossible');
  assert.throws(() => machine.clock.confirm(), isGatewayError('wrong_state'));
  machine.set(testEpoch);
  assert.equal(machine.clock.doubt(), null);
});

test('a clock that stands still is in doubt once somebody looks, and time goes on without it', () => {
  const machine = new Machine();
  machine.clock.compare(testEpoch);
  assert.equal(machine.clock.now(), machine.wall);
  machine.standStill(2 * minute);
  assert.equal(machine.clock.doubt()?.kind, 'step');
  assert.equal(machine.clock.now(), testEpoch + 2 * minute);
});

test('what is kept is taken in though the clock said the same moment before', () => {
  const machine = new Machine();
  assert.equal(machine.clock.now(), machine.wall);
  machine.clock.compare(Date.UTC(2040));
  assert.equal(machine.clock.now(), Date.UTC(2040));
});
