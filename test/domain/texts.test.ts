// What strangers write, brought into a form that everybody can hold.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cutFrom } from '../../src/domain/cut.ts';
import { isEqual } from '../../src/domain/equality.ts';
import { toKeptId, toWellFormedJson } from '../../src/domain/foreign-text.ts';
import { cutDeep, isDeeper } from '../../src/domain/json-depth.ts';

const anyText = fc.string({ unit: 'binary' });

test('JSON keeps its value, but for what no store can hold', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const json = JSON.stringify(value);
      if (!/\\u0000|\\ud/.test(json)) assert.equal(toWellFormedJson(json), json);
      assert.doesNotThrow(() => JSON.parse(toWellFormedJson(json)) as unknown);
    }),
  );
  assert.equal(toWellFormedJson('"a\\u0000b"'), '"a\\ufffdb"');
  assert.equal(toWellFormedJson('"\\ud83d\\ude00 \\ud83d"'), '"\\ud83d\\ude00 \\ufffd"');
  assert.equal(toWellFormedJson('"\\\\u0000"'), '"\\\\u0000"');
});

test('an id that is kept fits an index, and two that differ stay two', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 900 }), fc.string({ maxLength: 900 }), (one, other) => {
      assert.ok(toKeptId(one).length <= 512);
      assert.equal(toKeptId(one) === toKeptId(other), one === other);
    }),
  );
});

test('an id of 512 characters is kept as it is, and a longer one by 440 of them and its digest', () => {
  const longest = 'a'.repeat(512);
  assert.equal(toKeptId(longest), longest);
  assert.match(toKeptId(`${longest}a`), /^a{440}#[0-9a-f]{64}$/);
});

test('JSON that is cut is as deep as it may be, and the same where it was not deeper', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.integer({ min: 1, max: 5 }), (value, max) => {
      const json = JSON.stringify(value);
      const cut = cutDeep(json, max);
      assert.ok(!isDeeper(cut, max));
      if (!isDeeper(json, max)) assert.equal(cut, json);
      assert.doesNotThrow(() => JSON.parse(cut) as unknown);
    }),
  );
  assert.equal(cutDeep('[[[1]],"[["]', 2), '[[null],"[["]');
  // A quote ends a string unless an odd number of backslashes stands before it; a string without an end goes on to the end.
  assert.equal(cutDeep(String.raw`["\"[[",[1]]`, 1), String.raw`["\"[[",null]`);
  assert.equal(cutDeep(String.raw`["\\",[1],"\\\"[[",[2]]`, 1), String.raw`["\\",null,"\\\"[[",null]`);
  assert.equal(cutDeep('["[[[', 1), '["[[[');
});

test('a long text is said back by its beginning, with its whole length', () => {
  assert.equal(cutFrom('abc', 3, 5), 'abc');
  assert.equal(cutFrom('abcdefgh', 900, 5), 'abcde… (cut; 900 characters in all)');
});

test('two secrets are equal when their texts are', () => {
  fc.assert(
    fc.property(anyText, anyText, (one, other) => {
      assert.ok(isEqual(one, one));
      assert.equal(isEqual(one, other), Buffer.from(one).equals(Buffer.from(other)));
    }),
  );
});
