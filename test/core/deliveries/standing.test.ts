// What a process knows of a destination, and what it makes of the state that it reads of it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { failure } from '../../../src/core/deliveries/judge.ts';
import type { Judgement } from '../../../src/core/deliveries/judge.ts';
import { Standing } from '../../../src/core/deliveries/standing.ts';
import type { ClaimedBatch, Destination } from '../../../src/domain/delivery.ts';
import type { Receipt } from '../../../src/domain/receipt.ts';

const wall = 1_700_000_000_000;
const minute = 60_000;

type FactsOf = Receipt['facts']['type'];

type Read = Pick<Destination, 'state' | 'url' | 'stateSince' | 'createdAt' | 'pause'>;

const active: Read = {
  state: 'active',
  url: 'https://one.example/',
  stateSince: 1,
  createdAt: 1,
  pause: null,
};
const opened: Read = { ...active, state: 'opened', stateSince: 2 };

function open(first: Read = active) {
  const standing = new Standing({ failures: 3, spanMs: 0, probeIntervalMs: minute });
  let tick = 1000;
  const read = (destination: Read, writes = standing.writes) =>
    standing.follow(destination, writes, { now: wall + tick, tick });
  const health = read(first);
  return { standing, read, health, tick: () => tick, pass: (ms: number) => (tick += ms) };
}

function batchOf(type: FactsOf): ClaimedBatch {
  const receipt = { receiptId: 'r', facts: { type } } as Receipt;
  return { accountId: 1, destinationId: 1, attempt: 1, cause: null, members: [{ deliveryId: 1, receipt }] };
}

describe('a destination that was read', () => {
  it('is opened and closed as another node or a person set it', () => {
    const { read, health } = open();
    assert.equal(read(opened), health);
    assert.ok(health.breaker.isOpen);
    read({ ...active, stateSince: 3 });
    assert.ok(!health.breaker.isOpen);
  });

  it('says nothing of its state while a change is written here, nor when it was read before that was', () => {
    const { standing, read, health } = open(opened);
    const before = standing.writes;
    standing.beginWriting();
    read(active);
    assert.ok(health.breaker.isOpen, 'while it is being written');
    standing.endWriting();
    read(active, before);
    assert.ok(health.breaker.isOpen, 'read before it was written');
    read(active);
    assert.ok(!health.breaker.isOpen);
  });

  it('under another address has taught nothing yet', () => {
    const { standing, read, health } = open(opened);
    const moved = read({ ...active, url: 'https://two.example/' });
    assert.notEqual(moved, health);
    assert.equal(standing.health, moved);
    assert.ok(!moved.breaker.isOpen);
  });

  it('waits for the end of a pause that another process was told', () => {
    const { health, tick } = open({
      ...active,
      pause: { until: wall + 1000 + minute, status: 429, askedMs: minute },
    });
    assert.equal(health.pace.pausedUntil, tick() + minute);
  });

  it('is asked at once when a person switches it on, and not when its own change is read', () => {
    const { standing, read, health, tick } = open();
    const pause = (): number => health.pace.throttled(minute, tick(), 1, tick());
    pause();
    read(active);
    assert.ok(health.pace.isPaused(tick()));
    read({ ...active, stateSince: 5 });
    assert.ok(!health.pace.isPaused(tick()));
    pause();
    standing.beginWriting();
    standing.endWriting();
    read({ ...active, stateSince: 6 });
    assert.ok(health.pace.isPaused(tick()));
  });
});

describe('an answer of 2xx that says no', () => {
  const no = { ...failure('not_acknowledged', 'no', 200), why: 'the code is 1' };
  const away = failure('failed', 'refused');

  function answers(...first: readonly (readonly [Judgement, FactsOf])[]) {
    const opened = open();
    const heed = (judgement: Judgement, type: FactsOf = 'ChatAppStatus'): string | null =>
      opened.health.heed(judgement, batchOf(type), {
        begunAt: opened.tick(),
        inFlight: 1,
        now: opened.tick(),
      }).change;
    return { ...opened, heed, changes: first.map(([judgement, type]) => heed(judgement, type)) };
  }
  const threeTimes = (judgement: Judgement) => [1, 2, 3].map(() => [judgement, 'ChatAppStatus'] as const);

  it('closes what was opened by a receiver that was away, and using up no try of what it said no to', () => {
    const { health, heed, changes } = answers(...threeTimes(away));
    assert.deepEqual(changes, [null, null, 'opened']);
    assert.equal(heed(no), 'closed');
    assert.ok(!health.breaker.isOpen);
    assert.equal(heed(no), null);
    assert.equal(heed(away), 'opened', 'it has taken nothing yet, so that one more failure is enough');
  });

  it('closes it whatever the preset makes of the status', () => {
    const { heed } = answers(...threeTimes(away));
    assert.equal(heed(failure('rejected', 'Accepted', 202)), 'closed');
  });

  it('does not close it when its connection ended before it did', () => {
    const { heed } = answers(...threeTimes(away));
    assert.equal(heed({ ...failure('failed', 'cut off', 200), isCutOff: true }), null);
  });

  it('does not close what noes to several types opened', () => {
    const { heed, changes } = answers([no, 'ChatAppStatus'], [no, 'ChatAppInbound'], [no, 'ChatAppStatus']);
    assert.deepEqual(changes, [null, null, 'opened']);
    assert.equal(heed(no), null);
    assert.equal(heed(failure('accepted', 'ok', 200)), 'closed');
  });
});

describe('the grace in which no delivery ends', () => {
  const graceMs = 5 * minute;

  for (const [what, agoMs, left] of [
    ['goes on for what was left of it', minute, graceMs - minute],
    ['is over when it closed long before', graceMs + 1, -1],
    ['is no longer than it is, when a clock was wrong as it closed', -1_000_000 * minute, graceMs],
  ] as const)
    it(`after another process closed it ${what}`, () => {
      const { health, tick } = open({ ...active, stateSince: wall + 1000 - agoMs });
      assert.equal(health.breaker.graceUntil, tick() + left);
      assert.equal(health.isAtEase(tick() + minute), left < minute);
    });

  it('is not there for one that was never anything but active, nor for one that is opened', () => {
    const since = { stateSince: wall, createdAt: wall };
    for (const state of ['active', 'opened'] as const)
      assert.equal(open({ ...active, ...since, state }).health.breaker.graceUntil, -Infinity);
  });

  it('begins when a person switches it on', () => {
    const { read, health, tick, pass } = open();
    read({ ...active, state: 'off', stateSince: 3 });
    pass(minute);
    read({ ...active, stateSince: 4 });
    assert.equal(health.breaker.graceUntil, tick() + graceMs);
  });
});

describe('a pause', () => {
  it('is written down once for many answers that say the same, and again when it grew or could not be written', () => {
    const { standing, health, tick, pass } = open();
    assert.equal(standing.takePause(tick()), undefined);
    health.pace.throttled(minute, tick(), 1, tick());
    assert.equal(standing.takePause(tick()), minute);
    pass(500);
    health.pace.throttled(minute, tick(), 1, tick());
    assert.equal(standing.takePause(tick()), undefined);
    standing.dropPause();
    assert.equal(standing.takePause(tick()), minute);
    pass(2000);
    health.pace.throttled(minute, tick(), 1, tick());
    assert.equal(standing.takePause(tick()), minute);
  });

  it('of a moment is none to write down', () => {
    const { standing, health, tick } = open();
    health.pace.throttled(900, tick(), 1, tick());
    assert.equal(standing.takePause(tick()), undefined);
  });
});
