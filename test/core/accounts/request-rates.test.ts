import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestRates } from '../../../src/core/accounts/request-rates.ts';
import type { Requester } from '../../../src/core/accounts/request-rates.ts';
import { LimitError } from '../../../src/domain/errors.ts';
import type { Limits } from '../../../src/domain/limits.ts';
import type { NewNotice } from '../../../src/domain/notice.ts';

/** Rates at a time that a test moves, with what was told. */
function open(limits: Limits = {}) {
  let now = 0.5;
  const told: string[] = [];
  const notices: NewNotice[] = [];
  const rates = new RequestRates({
    monotonic: () => now,
    limits,
    emit: (name, fields) => void told.push(`${name} ${JSON.stringify(fields)}`),
    raiseNotice: (notice) => void notices.push(notice),
  });
  /** How many of so many requests are let in. */
  const ask = (requester: Requester, times: number): number => {
    let taken = 0;
    for (let count = 0; count < times; count += 1)
      try {
        rates.take(requester);
        taken += 1;
      } catch (error) {
        assert.ok(error instanceof LimitError);
        assert.equal(error.code, 'rate_exceeded');
      }
    return taken;
  };
  return { rates, ask, told, notices, advance: (ms: number) => void (now += ms) };
}

const account = (accountId: number, accountLimits: Limits = {}): Requester => ({ accountId, accountLimits });
const key = (id: string, limits: Limits, accountLimits: Limits = {}): Requester => ({
  id,
  accountId: 1,
  limits,
  accountLimits,
});

test('what nobody limits is let in, and not counted', () => {
  const { rates, ask } = open();
  assert.deepEqual(rates.take(key('a', {})), []);
  assert.equal(ask(key('a', { requestsPerSecond: 0 }, { requestsPerSecond: 0 }), 10_000), 10_000);
  assert.equal(rates.used(1), undefined);
});

test('so many come at once, and then as many a second as may', () => {
  const { ask, advance } = open();
  const caller = account(1, { requestsPerSecond: 10 });
  assert.equal(ask(caller, 25), 10);
  advance(100);
  assert.equal(ask(caller, 25), 1);
  advance(550);
  assert.equal(ask(caller, 25), 5);
  // What nobody asked for is kept for one second, and no longer.
  advance(60_000);
  assert.equal(ask(caller, 25), 10);
});

test('a refusal says when the next request is let in, to the millisecond, and it is', () => {
  for (const perSecond of [1, 3, 7, 1000, 1_000_000]) {
    const { rates, ask, advance } = open();
    const caller = account(1, { requestsPerSecond: perSecond });
    assert.equal(ask(caller, perSecond), perSecond);
    const refusal = (): LimitError => {
      try {
        rates.take(caller);
      } catch (error) {
        if (error instanceof LimitError) return error;
      }
      return assert.fail('It was let in.');
    };
    const { retryAfterMs } = refusal();
    assert.ok(retryAfterMs >= 1 && retryAfterMs <= 1000, String(retryAfterMs));
    if (retryAfterMs > 1) {
      advance(retryAfterMs - 1.5);
      refusal();
      advance(1.5);
    } else advance(retryAfterMs);
    assert.ok(ask(caller, 1) === 1, `${perSecond} a second`);
  }
});

test('the default holds where nothing is set, and 0 sets an account free of it', () => {
  const { ask } = open({ requestsPerSecond: 2 });
  assert.equal(ask(account(1), 10), 2);
  assert.equal(ask(account(2, { requestsPerSecond: 5 }), 10), 5);
  assert.equal(ask(account(3, { requestsPerSecond: 0 }), 10), 10);
});

test('a key is limited by itself within its account, which all its keys share', () => {
  const { rates, ask, advance } = open();
  const ofAccount = { requestsPerSecond: 10 };
  const [slow, other] = [key('slow', { requestsPerSecond: 4 }, ofAccount), key('other', {}, ofAccount)];
  assert.equal(ask(slow, 9), 4);
  // What the key was refused counts for nobody.
  assert.equal(ask(other, 9), 6);
  advance(1000);
  assert.equal(ask(other, 20), 10);
  assert.equal(ask(slow, 1), 0);
  assert.equal(rates.used('slow'), 0);
  advance(1000);
  assert.deepEqual(
    rates.take(slow).map(({ of, perSecond, left, fullAfterMs }) => [of, perSecond, left, fullAfterMs]),
    [
      ['account', 10, 9, 100],
      ['key', 4, 3, 250],
    ],
  );
  assert.deepEqual([rates.used(1), rates.used('slow')], [1, 1]);
});

test('people of an account have as much for themselves, and its programs leave it to them', () => {
  const { rates, ask } = open();
  const limits = { requestsPerSecond: 3 };
  assert.equal(ask(account(1, limits), 10), 3);
  const person = account(1, limits);
  for (const left of [2, 1, 0]) assert.equal(rates.takeForPerson(person)[0]?.left, left);
  assert.throws(() => rates.takeForPerson(person), { code: 'rate_exceeded' });
});

test('a limit that is changed holds for the next request', () => {
  const { ask } = open();
  assert.equal(ask(account(1, { requestsPerSecond: 100 }), 50), 50);
  assert.equal(ask(account(1, { requestsPerSecond: 5 }), 50), 5);
  assert.equal(ask(account(1, {}), 50), 50);
});

test('a refusal is counted, and told by a notice of whose limit it was', () => {
  const { ask, told, notices } = open();
  ask(account(1, { requestsPerSecond: 1 }), 2);
  ask(key('slow', { requestsPerSecond: 1 }), 2);
  assert.deepEqual(told, [
    'limit.met {"limit":"requestsPerSecond","of":"account","accountId":1}',
    'limit.met {"limit":"requestsPerSecond","of":"key","accountId":1}',
  ]);
  assert.deepEqual(
    notices.map(({ code, accountId, subject, params }) => [code, accountId, subject, params]),
    [
      ['account_rate_reached', 1, 'account/1', { perSecond: 1 }],
      ['key_rate_reached', 1, 'key/slow', { perSecond: 1 }],
    ],
  );
});

test('the memory for it is bounded', () => {
  const { ask, rates } = open();
  for (let id = 1; id <= 60_000; id += 1) ask(account(id, { requestsPerSecond: 1 }), 1);
  const counted = Array.from({ length: 60_000 }, (_, index) => rates.used(index + 1)).filter(
    (used) => used !== undefined,
  );
  assert.equal(counted.length, 50_000);
  assert.equal(ask(account(60_000, { requestsPerSecond: 1 }), 1), 0);
});
