import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { noticed } from '../../src/domain/findings.ts';
import type { NoticeMessage, Told } from '../../src/domain/notice-message.ts';
import { gatherMs, restMs } from '../../src/domain/notice-target.ts';
import type { NoticeTarget } from '../../src/domain/notice-target.ts';
import { schedules } from '../../src/domain/retry.ts';
import { createTelling, sendTest, tellAtOnce } from '../../src/operations/notice-telling.ts';
import type { TellingDeps } from '../../src/operations/notice-telling.ts';
import type { Events } from '../../src/telemetry/events.ts';
import { openTestStore } from '../support/store.ts';

const actor = { kind: 'system', id: 'test' } as const;

const operator: NoticeTarget = {
  accountId: null,
  id: 'slack',
  name: '',
  kind: 'slack',
  language: 'en',
  severity: 'info',
  codes: [],
  state: 'active',
  url: 'https://hooks.example/1',
  mail: [],
  secret: null,
  createdAt: 0,
  updatedAt: 0,
};

async function open(t: TestContext, deps: Partial<TellingDeps> = {}) {
  const test = await openTestStore();
  const { store, clock, accountId } = test;
  const messages: NoticeMessage[] = [];
  const answers: Told[] = [];
  const events: Events['notice.told'][] = [];
  const telling: TellingDeps = {
    ...clock,
    store,
    notifiers: {
      slack: async (_address, message) => {
        messages.push(message);
        return answers.shift() ?? { kind: 'told' };
      },
    },
    operatorTargets: [operator],
    link: null,
    emit: (name, fields) => {
      if (name === 'notice.told') events.push(fields as Events['notice.told']);
    },
    random: () => 0.5,
    setTimer: () => () => undefined,
    ...deps,
  };
  const worker = createTelling(telling);
  t.after(async () => {
    await worker.stop();
    await test.close();
  });
  const raise = (subject = 'destination/1', toOperator: readonly string[] = ['slack']) =>
    store.recordNotice(
      { accountId, subject, ...noticed('destination_off', { host: 'shop.example' }) },
      toOperator,
    );
  /** Looks after so much time. */
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms);
    await worker.look();
  };
  return { ...test, worker, telling, messages, answers, events, raise, pass };
}

test('what gathered is told at once, and what follows after a while', async (t) => {
  const { messages, events, raise, pass } = await open(t);
  for (let number = 0; number < 300; number += 1) await raise(`destination/${number}`);
  await pass(gatherMs - 1);
  assert.equal(messages.length, 0);
  await pass(1);
  assert.deepEqual(
    messages.map(({ groups }) => groups.map(({ code, count }) => `${code} ${count}`)),
    [['destination_off 300']],
  );
  for (let number = 0; number < 300; number += 1) await raise(`destination/${number}`);
  await pass(restMs - 1);
  assert.equal(messages.length, 1);
  await pass(1);
  assert.equal(messages.length, 2);
  assert.deepEqual(
    events.map(({ outcome, notices, kind, accountId }) => [outcome, notices, kind, accountId]),
    [
      ['told', 300, 'slack', null],
      ['told', 300, 'slack', null],
    ],
  );
});

test('a message is tried by the schedule, with one id, and then given up; the next one is told', async (t) => {
  const { messages, answers, store, events, raise, pass } = await open(t);
  await raise();
  const { waitsMs } = schedules.notice;
  answers.push(...waitsMs.map((): Told => ({ kind: 'later', reason: 'It answered 500.' })));
  await pass(gatherMs);
  for (const waitMs of waitsMs.slice(1)) {
    const before = messages.length;
    await pass(waitMs - 1);
    assert.equal(messages.length, before);
    await pass(1);
    assert.equal(messages.length, before + 1);
  }
  assert.equal(new Set(messages.map(({ id }) => id)).size, 1);
  assert.deepEqual(
    messages.map(({ attempt }) => attempt),
    waitsMs.map((_, index) => index + 1),
  );
  assert.deepEqual(events.at(-1)?.outcome, 'given_up');
  assert.deepEqual(
    (await store.listTellings(null)).map(({ error, givenUp, waiting }) => [error, givenUp, waiting]),
    [['It answered 500.', 1, 0]],
  );
  await raise('destination/2');
  await pass(restMs);
  assert.equal(events.at(-1)?.outcome, 'told');
  assert.equal((await store.listTellings(null))[0]?.failedAt, null);
});

test('a wait that the vendor asks for is kept, and what it refuses for good is not tried again', async (t) => {
  const { messages, answers, raise, pass } = await open(t);
  await raise();
  answers.push({ kind: 'later', reason: 'Too many.', askedMs: 600_000 }, { kind: 'refused', reason: 'Bad.' });
  await pass(gatherMs);
  await pass(599_999);
  assert.equal(messages.length, 1);
  await pass(1);
  assert.equal(messages.length, 2);
  await pass(24 * 60 * 60_000);
  assert.equal(messages.length, 2);
});

test('what a process that is gone was at is told again by the next, as the same message', async (t) => {
  const { store, messages, raise, clock, telling } = await open(t);
  await raise();
  clock.advance(gatherMs);
  const [left] = await store.claimTellings(1, 60_000);
  const next = createTelling(telling);
  t.after(() => next.stop());
  await next.look();
  assert.deepEqual(
    messages.map(({ id, attempt }) => [id, attempt]),
    [[left?.message, 2]],
  );
});

test('one node tells for all, and another goes on at once where that one was', async (t) => {
  const { store, messages, raise, clock, telling } = await open(t);
  let isOurs = false;
  let gain = (): void => undefined;
  const duty = {
    isOurs: () => isOurs,
    follow: (gained: () => void) => {
      gain = gained;
      return () => undefined;
    },
  };
  const other = createTelling({ ...telling, duty });
  t.after(() => other.stop());
  other.start();
  await raise();
  clock.advance(gatherMs);
  await other.look();
  assert.deepEqual(messages, []);
  await store.claimTellings(1, 60_000);
  isOurs = true;
  gain();
  await other.look();
  assert.equal(messages.length, 1);
});

test("an account's target is told in its language; one that the operator no longer has waits for nothing", async (t) => {
  const { store, accountId, messages, events, raise, pass } = await open(t);
  await store.createNoticeTarget({ ...operator, id: 'own', language: 'zh', accountId }, 5, actor);
  await raise('destination/1', ['gone']);
  await pass(gatherMs);
  assert.deepEqual(
    events.map(({ targetId, kind, outcome }) => [targetId, kind, outcome]),
    [
      ['gone', 'none', 'given_up'],
      ['own', 'slack', 'told'],
    ],
  );
  assert.match(messages[0]?.title ?? '', /^\[Chasqui\] 错误: shop\.example/);
});

test('e-mail without a mail server waits for one', async (t) => {
  const { store, raise, pass } = await open(t, {
    operatorTargets: [{ ...operator, id: 'email', kind: 'email' }],
  });
  await raise('destination/1', ['email']);
  await pass(gatherMs);
  const [state] = await store.listTellings(null);
  assert.match(state?.error ?? '', /CHASQUI_SMTP_URL/);
  assert.equal(state?.waiting, 1);
});

test('a test is sent at once, and neither kept nor counted', async (t) => {
  const { telling, messages, store, events } = await open(t);
  assert.deepEqual(await sendTest(telling, { ...operator, language: 'zh' }), { kind: 'told' });
  assert.match(messages[0]?.title ?? '', /测试/);
  assert.deepEqual(messages[0]?.groups, []);
  assert.deepEqual([await store.listTellings(null), events], [[], []]);
});

test('past the store each of the named targets is told once, and a failure is counted', async (t) => {
  const { telling, messages, answers, accountId, clock } = await open(t);
  const crashes: string[] = [];
  const notice = {
    accountId,
    id: 0,
    at: clock.now(),
    subject: 'store',
    findings: [],
    isOver: false,
    ...noticed('store_unavailable', {}),
  };
  answers.push({ kind: 'later', reason: 'No.' });
  const deps: TellingDeps = { ...telling, emit: (name) => void crashes.push(name) };
  await tellAtOnce(deps, ['slack', 'other'], notice);
  assert.deepEqual([messages.length, crashes], [1, ['unit.crashed']]);
});
