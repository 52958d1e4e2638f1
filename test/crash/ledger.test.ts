import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ledger } from './ledger.ts';

const seen = (carrier: string, cause: string | null = null, epoch = 0) => ({
  carrier,
  cause,
  epoch,
  taken: true,
});

function filled(): Ledger {
  const ledger = new Ledger();
  for (const item of ['a', 'b', 'c']) {
    ledger.offer(item);
    ledger.acknowledge(item, ['queue']);
  }
  ledger.see('queue', 'a', seen('1'));
  ledger.see('queue', 'b', seen('2'));
  return ledger;
}

test('a planted loss is found', () => {
  assert.deepEqual(filled().settle().lost, ['queue: c']);
});

test('a planted repeat without a cause is found', () => {
  const ledger = filled();
  ledger.see('queue', 'c', seen('3'));
  ledger.see('queue', 'b', seen('2', null, 1));
  const verdict = ledger.settle();
  assert.deepEqual(verdict.lost, []);
  assert.equal(verdict.repeated, 1);
  assert.deepEqual(verdict.unexplained, ['queue: b came again without a cause']);
});

test('a receipt that came twice under different names is found', () => {
  const ledger = filled();
  ledger.see('queue', 'b', seen('9', 'recovery', 1));
  assert.match(ledger.settle().unexplained.join(), /came again as 9/);
});

test('a repeat after it was taken is found when nothing was killed between', () => {
  const ledger = filled();
  ledger.see('queue', 'b', seen('2', 'retry'));
  assert.match(ledger.settle().unexplained.join(), /with no kill between/);
});

test('a repeat that says its cause after a kill is explained', () => {
  const ledger = filled();
  ledger.see('queue', 'c', seen('3'));
  ledger.see('queue', 'b', seen('2', 'recovery', 1));
  assert.deepEqual(ledger.settle(), { acknowledged: 3, seen: 3, lost: [], repeated: 1, unexplained: [] });
});

test('an item that nobody put in is found', () => {
  const ledger = filled();
  ledger.see('queue', 'z', seen('4'));
  assert.match(ledger.settle().unexplained.join(), /z was never put in/);
});
