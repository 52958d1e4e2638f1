import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  isObject,
  member,
  parseDocument,
  requireStorable,
  requireStorableText,
  textMember,
  toScalar,
  toTexts,
} from '../../src/domain/json.ts';
import { toTime } from '../../src/domain/time.ts';

const refused = (text: string) => ({ reason: 'parameter_invalid', text });

test('only what has members is an object', () => {
  for (const value of [null, undefined, 1, 'x', true, []]) assert.equal(isObject(value), false);
  assert.ok(isObject({}));
});

test('a member is found in any case, and empty ones are not there', () => {
  const cases: [object: Record<string, unknown>, found: unknown][] = [
    [{ To: 1 }, 1],
    [{ tO: 'x' }, 'x'],
    [{ to: '', TO: 'y' }, 'y'],
    [{ to: null }, undefined],
    [{ two: 2 }, undefined],
    [{ to: false }, false],
  ];
  for (const [object, found] of cases) assert.equal(member(object, 'To'), found, JSON.stringify(object));
});

test('numbers and booleans are texts, and nothing nested is', () => {
  const cases: [value: unknown, text: string | undefined][] = [
    ['x', 'x'],
    ['', ''],
    [1.5, '1.5'],
    [true, 'true'],
    [null, undefined],
    [{}, undefined],
    [[], undefined],
  ];
  for (const [value, text] of cases) assert.equal(toScalar(value), text);
  assert.equal(textMember({ A: 7 }, 'a'), '7');
  assert.equal(textMember({}, 'a'), undefined);
  assert.throws(() => textMember({ a: {} }, 'a'), refused('a has to be text.'));
  assert.deepEqual(toTexts('Params', { a: 1, b: null, c: 'x' }), { a: '1', b: '', c: 'x' });
  assert.deepEqual(toTexts('Params', undefined), {});
  assert.throws(() => toTexts('Params', { a: [] }), refused('Params has to hold text under a.'));
});

test('what a store cannot keep is refused wherever it stands', () => {
  const deep = (depth: number): unknown => (depth === 0 ? 1 : [deep(depth - 1)]);
  for (const bad of ['a\0', '\ud800', 'x\udc00y']) {
    const text = 'Content holds a NUL or half a character, which cannot be sent.';
    assert.throws(() => requireStorableText('Content', bad), refused(text));
    for (const value of [bad, [bad], { a: { b: [bad] } }, { [bad]: 1 }]) {
      assert.throws(() => requireStorable('Content', value), refused(text));
      assert.throws(() => parseDocument('Content', JSON.stringify(value)), refused(text));
    }
  }
  requireStorable('Content', { a: ['👍', 1, null, true] });
  requireStorable('Content', deep(32));
  assert.throws(() => requireStorable('Content', deep(33)), refused('Content is nested too deeply.'));
});

test('a document is JSON', () => {
  assert.deepEqual(parseDocument('Content', '{"a":[1]}'), { a: [1] });
  assert.deepEqual(parseDocument('Content', '{"a":12345678901234567890}'), { a: '12345678901234567890' });
  assert.throws(() => parseDocument('Content', '{a}'), refused('Content is not JSON.'));
});

test('a time is told as RFC 3339', () => {
  assert.equal(toTime(0), '1970-01-01T00:00:00.000Z');
  assert.equal(toTime(1_795_000_000_123), new Date(1_795_000_000_123).toISOString());
});
