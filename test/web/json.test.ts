import assert from 'node:assert/strict';
import { test } from 'node:test';
import { indent } from '../../web/src/ui/json.ts';

test('JSON is indented as JSON.stringify does it', () => {
  for (const value of [
    [{ a: 1, b: [true, null, -1.5e3], c: { d: {}, e: [] } }, 'x'],
    {},
    [],
    'text, with: {signs} [of] "JSON" \\ and \n lines',
    [[[]], [{}], { '': '' }],
    { 'key "quoted": {': '}' },
  ])
    assert.equal(indent(JSON.stringify(value)), JSON.stringify(value, null, 2));
});

test('values stay as they are written, and what is no JSON stays as it is', () => {
  assert.equal(
    indent('{"id":12345678901234567890,"n":1.0,"s":"\\u4f60"}'),
    '{\n  "id": 12345678901234567890,\n  "n": 1.0,\n  "s": "\\u4f60"\n}',
  );
  assert.equal(indent(' [ 1 ,\n 2 ] '), '[\n  1,\n  2\n]');
  for (const text of ['', '{"a":', 'plain text', '<html>']) assert.equal(indent(text), text);
});
