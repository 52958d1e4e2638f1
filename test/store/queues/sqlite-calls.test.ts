import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultQueueAttributes } from '../../../src/domain/queue.ts';
import type { Queue } from '../../../src/domain/queue.ts';
import { byQueue, deal } from '../../../src/store/queues/sqlite-calls.ts';

const tx = { afterCommit: () => undefined, signal: () => undefined };

function queue(id: number): Queue {
  return {
    accountId: 1,
    id,
    name: `q${id}`,
    attributes: defaultQueueAttributes,
    createdAt: 0,
    modifiedAt: 0,
  };
}

test('each call gets up to what it wants, in order, and the last of them what is left', () => {
  const cases: [string, number[], string[]][] = [
    ['abcd', [2, 2], ['ab', 'cd']],
    ['abc', [2, 2], ['ab', 'c']],
    ['a', [2, 2], ['a', '']],
    ['', [1], ['']],
    ['ab', [0, 2], ['', 'ab']],
    ['', [], []],
  ];
  for (const [items, counts, dealt] of cases)
    assert.deepEqual(
      deal([...items], counts).map((part) => part.join('')),
      dealt,
    );
});

test('calls about one queue are done at once, at the time of the latest, and each is told its own', () => {
  const rounds: string[] = [];
  const work = byQueue<{ wanted: string }, string>((_tx, { id }, calls, now) => {
    rounds.push(`${id} at ${now}: ${calls.map(({ wanted }) => wanted).join(' ')}`);
    return calls.map(({ wanted }) => `${wanted} of ${id}`);
  });
  const results = work(tx, [
    { queue: queue(1), wanted: 'a', now: 10 },
    { queue: queue(2), wanted: 'b', now: 30 },
    { queue: queue(1), wanted: 'c', now: 20 },
    // As it was read again meanwhile: another object for the same queue.
    { queue: queue(1), wanted: 'd', now: 15 },
  ]);
  assert.deepEqual(results, ['a of 1', 'b of 2', 'c of 1', 'd of 1']);
  assert.deepEqual(rounds, ['1 at 20: a c d', '2 at 30: b']);
});

test('two calls that want the same of a queue are two calls', () => {
  const work = byQueue<object, number>((_tx, _queue, calls) => calls.map((_, index) => index));
  const call = () => ({ queue: queue(1), now: 1 });
  assert.deepEqual(work(tx, [call(), call()]), [0, 1]);
});
