import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inWords } from '../../src/domain/delivery.ts';
import { reasoned, standstillTexts, stoodStill } from '../../src/domain/findings.ts';
import type { StandstillCode } from '../../src/domain/findings.ts';

test('why a destination is in its state is a code, what that speaks of, and both as a text', () => {
  const params = { host: 'shop.example', failures: 10, outcome: 'timeout' } as const;
  const { code, params: kept, text } = reasoned('opened', params);
  assert.deepEqual([code, kept], ['opened', params]);
  assert.match(text, /^The callback at shop\.example failed 10 times in a row \(last: no answer in time\)\./);
  assert.deepEqual(inWords('By hand.'), { code: null, params: {}, text: 'By hand.' });
});

test('why a delivery is left as it is says what to do', () => {
  for (const code of Object.keys(standstillTexts) as StandstillCode[]) {
    const told = stoodStill(code);
    assert.deepEqual([told.code, told.params], [code, {}]);
    assert.match(told.text, code === 'delivery_absent' ? /\.$/ : /[.:;,] .+\.$/, code);
  }
});
