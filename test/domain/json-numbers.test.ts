import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayHoldOthers, parseNumbersExactly } from '../../src/domain/json-numbers.ts';

test('a number that would become another one stays the text that it was', () => {
  for (const digits of [
    '9007199254740992',
    '-9007199254740993',
    '12345678901234567890',
    '12345678901234567890.0',
    '1.2345678901234567e+18',
    '1E21',
    '1e400',
    '-1e400',
    '1e-400',
    '0.5e-400',
  ])
    for (const text of [`{"id":${digits}}`, `{ "id" : ${digits} }`, `{"a":[],"id":\n${digits}}`])
      assert.equal((parseNumbersExactly(text) as { id: unknown }).id, digits, text);
});

test('any other number is a number', () => {
  for (const [digits, value] of [
    ['9007199254740991', 9_007_199_254_740_991],
    ['1784883729000', 1_784_883_729_000],
    ['-0', -0],
    ['0e400', 0],
    ['0.000', 0],
    ['1e2', 100],
    ['2.50E-3', 0.0025],
    ['37.4832534790041055', 37.483253479004105],
  ] as const)
    assert.deepEqual(parseNumbersExactly(`[${digits},"1e400",null,[${digits}]]`), [
      value,
      '1e400',
      null,
      [value],
    ]);
});

test('text without long numbers and exponents is looked at once', () => {
  for (const text of ['{"a":123456789012345}', '[1.5,-2]', '{"a":"1e4"}', '"12345678901234567"'])
    assert.equal(mayHoldOthers(text), false, text);
  for (const text of ['[1e4]', '{"a":1234567890123456}', '{"a": -1.5E3}'])
    assert.ok(mayHoldOthers(text), text);
});

test('what is no JSON is thrown', () => {
  for (const text of ['', '{', '{"a":1e}', '[01]', '{"a":12345678901234567890'])
    assert.throws(() => parseNumbersExactly(text), SyntaxError);
});
