import assert from 'node:assert/strict';
import { it } from 'node:test';
import { system } from '../../src/domain/account.ts';
import { defaultQueueAttributes } from '../../src/domain/queue.ts';
import type { NewNotice } from '../../src/domain/notice.ts';
import { LimitWatch } from '../../src/operations/limit-watch.ts';
import { openTestStore } from '../support/store.ts';

it('tells of accounts that are full though they sent nothing, and how full those are that have a limit', async (t) => {
  const notices: NewNotice[] = [];
  const ended: string[] = [];
  const test = await openTestStore({
    raiseNotice: (notice) => void notices.push(notice),
    endNotice: (owner, code) => void ended.push(`${code} ${owner}`),
  });
  t.after(test.close);
  const { store, accountId, clock, messageQuota, fileQuota } = test;
  await store.createAccount({ id: 2, name: 'Full' }, system);
  await store.createAccount({ id: 3, name: 'Free' }, system);
  const put = async (owner: number, count: number): Promise<void> => {
    await store.createQueue(owner, 'q', defaultQueueAttributes);
    const queue = (await store.findQueue(owner, 'q')) ?? assert.fail();
    const messages = Array.from({ length: count }, () => ({ body: 'x', priority: 8 }));
    await store.sendMessages(queue, messages, clock.now());
  };
  await put(accountId, 1);
  await put(2, 6);
  await put(3, 16);
  await store.setAccountLimits(accountId, { queuedMessages: 4, storedBytes: 100 }, system);
  await store.setAccountLimits(2, { queuedMessages: 4 }, system);
  let isOurs = true;
  const watch = new LimitWatch({
    ...clock,
    store,
    quotas: { queuedMessages: messageQuota, storedBytes: fileQuota },
    emit: () => undefined,
    duty: { isOurs: () => isOurs },
  });
  assert.deepEqual(watch.uses(), []);
  await watch.worker.look();
  assert.deepEqual(watch.uses(), [
    { accountId: 2, limit: 'queuedMessages', ratio: 1.5 },
    { accountId, limit: 'queuedMessages', ratio: 0.25 },
    { accountId, limit: 'storedBytes', ratio: 0 },
  ]);
  assert.deepEqual(
    notices.splice(0).map(({ code, accountId: owner, subject, params }) => [code, owner, subject, params]),
    [['queue_limit_reached', 2, 'account/2', { held: 6, limit: 4 }]],
  );
  assert.ok(!ended.includes('queue_limit_reached 2'));
  await store.setAccountLimits(2, { queuedMessages: 7 }, system);
  await watch.worker.look();
  assert.ok(ended.includes('queue_limit_reached 2'), '6 of 7');
  ended.splice(0);
  await store.setAccountLimits(2, { queuedMessages: 6 }, system);
  await watch.worker.look();
  assert.deepEqual([notices.splice(0).length, ended.includes('queue_limit_reached 2')], [1, false]);
  await store.setAccountLimits(2, { queuedMessages: null }, system);
  await watch.worker.look();
  assert.ok(ended.includes('queue_limit_reached 2'), 'it has no limit any more');
  await store.setAccountLimits(2, { queuedMessages: 4 }, system);
  isOurs = false;
  await watch.worker.look();
  assert.deepEqual([notices, watch.uses().length], [[], 3], 'another node tells');
});
