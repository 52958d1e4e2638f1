import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attemptOutcomes, inWords } from '../../src/domain/delivery.ts';
import { reasoned, standstillTexts, stoodStill, toParamWord } from '../../src/domain/findings.ts';
import type { StandstillCode } from '../../src/domain/findings.ts';

test('why a destination is in its state is a code, what that speaks of, and both as a text', () => {
  const params = { host: 'shop.example', failures: 10, outcome: 'timeout' } as const;
  const { code, params: kept, text } = reasoned('opened', params);
  assert.deepEqual([code, kept], ['opened', params]);
  assert.match(text, /^The callback at shop\.example failed 10 times in a row \(last: no answer in time\)\./);
  assert.deepEqual(inWords('By hand.'), { code: null, params: {}, text: 'By hand.' });
});

test('how a try ended is told in words, and nothing else is told otherwise than it is', () => {
  const toText = (outcome: string): string => reasoned('opened', { host: 'h', failures: 9, outcome }).text;
  for (const outcome of attemptOutcomes) assert.match(toText(outcome), /\(last: [A-Za-z0-9, ]+\)/);
  assert.match(toText('not_acknowledged'), /\(last: answered, but the body says no\)/);
  assert.equal(toParamWord('outcome', 'timeout', { timeout: '超时' }), '超时');
  assert.equal(toParamWord('outcome', 'toString', {}), 'toString');
  assert.equal(toParamWord('host', 'timeout', { timeout: 'no' }), 'timeout');
  assert.equal(toParamWord('tries', 3, {}), '3');
});

test('why a delivery is left as it is says what to do', () => {
  for (const code of Object.keys(standstillTexts) as StandstillCode[]) {
    const told = stoodStill(code);
    assert.deepEqual([told.code, told.params], [code, {}]);
    assert.match(told.text, code === 'delivery_absent' ? /\.$/ : /[.:;,] .+\.$/, code);
  }
});
