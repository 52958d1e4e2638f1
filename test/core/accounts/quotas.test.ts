import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Quota } from '../../../src/core/accounts/quotas.ts';
import type { Requester } from '../../../src/core/accounts/request-rates.ts';
import type { Limits } from '../../../src/domain/limits.ts';
import type { NewNotice } from '../../../src/domain/notice.ts';

/** A quota over a store whose figure a test sets, and whose answers it may hold back. */
function open(limits: Limits = {}) {
  let now = 0;
  const held = { messages: 0, asked: 0, gate: Promise.resolve() };
  const notices: NewNotice[] = [];
  const [told, ended]: [unknown[], string[]] = [[], []];
  const quota = new Quota('queuedMessages', {
    store: {
      countQueuedMessages: async () => {
        held.asked += 1;
        const { messages } = held;
        await held.gate;
        return messages;
      },
      sumFileBytes: () => assert.fail('nobody asks for it'),
    },
    monotonic: () => now,
    limits,
    emit: (_name, fields) => void told.push(fields),
    raiseNotice: (notice) => void notices.push(notice),
    endNotice: (_accountId, code, subject) => void ended.push(`${code} ${subject}`),
  });
  return { quota, held, notices, told, ended, advance: (ms: number) => void (now += ms) };
}

const account = (queuedMessages: number): Requester => ({ accountId: 1, accountLimits: { queuedMessages } });

test('who has no limit is let in at once, and the store is not asked', () => {
  const { quota, held } = open();
  assert.equal(quota.reserve({ accountId: 1, accountLimits: {} }, 1_000_000), undefined);
  assert.equal(quota.reserve(account(0), 1_000_000), undefined);
  assert.equal(held.asked, 0);
});

test('the store is asked once a second at most while there is room', async () => {
  const { quota, held, advance } = open();
  const send = async (): Promise<void> => {
    (await quota.reserve(account(1_000_000), 1))?.end();
  };
  for (let count = 0; count < 1000; count += 1) await send();
  assert.equal(held.asked, 1);
  advance(1000);
  await Promise.all(Array.from({ length: 100 }, send));
  assert.equal(held.asked, 2);
});

test('what is let in is never more than there is room for, however many come at once', async () => {
  const { quota, held } = open();
  held.messages = 7;
  const asked = await Promise.allSettled(
    Array.from({ length: 20 }, () => quota.reserve(account(10), 1) ?? assert.fail()),
  );
  assert.equal(asked.filter(({ status }) => status === 'fulfilled').length, 3);
});

test('what is under way counts while the store is asked, and what is in the store by then counts once', async () => {
  const { quota, held, advance } = open();
  const first = (await quota.reserve(account(3), 1)) ?? assert.fail();
  // It may be committed any moment, so a look does not tell whether it is counted.
  advance(5000);
  const second = (await quota.reserve(account(3), 1)) ?? assert.fail();
  await assert.rejects(quota.reserve(account(3), 2) ?? assert.fail(), { code: 'quota_reached' });
  held.messages = 2;
  first.end();
  second.end();
  const third = (await quota.reserve(account(3), 1)) ?? assert.fail();
  third.end();
  held.messages = 3;
  await assert.rejects(quota.reserve(account(3), 1) ?? assert.fail(), { code: 'quota_reached' });
});

test('room that is made is found at once: nobody is refused by what was heard before', async () => {
  const { quota, held } = open();
  held.messages = 5;
  const ask = async () => (await quota.reserve(account(5), 1))?.end();
  await assert.rejects(ask(), {
    code: 'quota_reached',
    message:
      'There are 5 of at most 5 messages in the queues of the account. Have some received and deleted first.',
    retryAfterMs: 1000,
  });
  held.messages = 4;
  await ask();
});

test('more than is held while nobody sent leaves no room, and none for what brings more later', async () => {
  const { quota, held } = open();
  held.messages = 1000;
  await assert.rejects(quota.requireRoom(account(10)), { code: 'quota_reached' });
  held.messages = 9;
  await quota.requireRoom(account(10));
});

test('the smaller of the limits of a key and its account holds, the default where nothing is set', async () => {
  const { quota, held, told, notices, advance } = open({ queuedMessages: 8 });
  const key = { id: 'small', accountId: 1, limits: { queuedMessages: 3 }, accountLimits: {} };
  assert.deepEqual(
    [key, { accountLimits: {} }, { ...key, accountLimits: { queuedMessages: 2 } }].map((one) =>
      quota.boundOf(one),
    ),
    [3, 8, 2],
  );
  held.messages = 3;
  await assert.rejects(quota.requireRoom(key), {
    message: /^There are 3 of at most 3 messages in the queues of the account for this key\./,
  });
  held.messages = 8;
  advance(1000);
  await assert.rejects(quota.requireRoom({ accountId: 1, accountLimits: {} }), { code: 'quota_reached' });
  assert.deepEqual(told, [
    { limit: 'queuedMessages', of: 'key', accountId: 1 },
    { limit: 'queuedMessages', of: 'account', accountId: 1 },
  ]);
  assert.deepEqual(
    notices.map(({ code, subject, params }) => [code, subject, params]),
    [
      ['queue_limit_reached', 'key/small', { held: 3, limit: 3 }],
      ['queue_limit_reached', 'account/1', { held: 8, limit: 8 }],
    ],
  );
});

test('a key that was refused is told to have room again once there is a good deal of it', async () => {
  const { quota, held, ended, advance } = open();
  const key = { id: 'small', accountId: 1, limits: { queuedMessages: 10 }, accountLimits: {} };
  for (const messages of [9, 8]) {
    held.messages = messages;
    advance(1000);
    await quota.requireRoom(key);
  }
  assert.deepEqual(ended, ['queue_limit_reached key/small']);
});

test('an amount that becomes known piece by piece is taken as far as there is room', async () => {
  const { quota, held } = open();
  held.messages = 90;
  const first = (await quota.reserve(account(100), 0)) ?? assert.fail();
  const second = (await quota.reserve(account(100), 0)) ?? assert.fail();
  first.take(6);
  second.take(4);
  assert.throws(() => second.take(1), { code: 'quota_reached' });
});

test('a store that does not answer is told to whoever asks, and asked again', async () => {
  const { quota, held } = open();
  held.gate = Promise.reject(new Error('away'));
  await assert.rejects(quota.reserve(account(5), 1) ?? assert.fail(), { message: 'away' });
  held.gate = Promise.resolve();
  await quota.requireRoom(account(5));
});
