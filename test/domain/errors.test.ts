import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isErrorCode, notFound } from '../../src/domain/errors.ts';

test('what is not there says what it is', () => {
  const { code, status, message } = notFound('raw event');
  assert.deepEqual([code, status, message], ['not_found', 404, 'There is no such raw event.']);
});

test('a code is one of the table’s own', () => {
  assert.equal(isErrorCode('not_found'), true);
  for (const text of ['', 'Not_Found', 'toString', '__proto__']) assert.equal(isErrorCode(text), false, text);
});
