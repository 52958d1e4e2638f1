import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FieldError, RetryError } from '../../src/domain/errors.ts';
import { invalid, isOfParameter, missing, Refusal, refusalCodes } from '../../src/domain/refusal.ts';
import type { RefusalReason } from '../../src/domain/refusal.ts';
import { CamsError, fromForeseen, gatewayErrorTable } from '../../src/protocols/cams/errors.ts';
import { toProblem } from '../../src/http/problem.ts';

const reasons = Object.keys(refusalCodes) as RefusalReason[];

test('no two reasons have one code', () => {
  assert.equal(new Set(Object.values(refusalCodes)).size, reasons.length);
});

test('a refusal is a problem that tells its code and its text', () => {
  const problem = toProblem(new Refusal('text_empty', 'Content needs a text.'));
  assert.equal(problem.status, 400);
  assert.equal(problem.code, 'operation_refused');
  assert.equal(problem.detail, 'InvalidParameter.TextNotEmpty: Content needs a text.');
});

test('CAMS gives a status of its own to what is wrong with a parameter, and none to a rule of the business', () => {
  for (const reason of reasons) {
    const refusal = new Refusal(reason, 'Why.');
    const error = fromForeseen(refusal);
    assert.ok(error instanceof CamsError);
    assert.equal(error.code, refusalCodes[reason]);
    assert.equal(error.message, 'Why.');
    const known: Readonly<Record<string, { readonly status: number }>> = gatewayErrorTable;
    assert.equal(error.status, known[error.code]?.status ?? null, reason);
    if (isOfParameter(refusal)) assert.equal(error.status, 400);
  }
});

test('what is missing and what will not do is said by its name', () => {
  assert.equal(missing('To').message, 'MissingParameter: To is required.');
  assert.equal(invalid('Ttl', 'has to be a number').text, 'Ttl has to be a number.');
  assert.ok(isOfParameter(missing('To')) && isOfParameter(invalid('To', 'x')));
  assert.ok(!isOfParameter(new Refusal('content', 'x')));
});

test('errors of one member and of a wait say what their answer needs', () => {
  assert.equal(toProblem(new FieldError('bad_request', 'name', 'name: is missing.')).field, 'name');
  const { code, message, retryAfterMs } = new RetryError(1200);
  assert.deepEqual(
    [code, message, retryAfterMs],
    ['too_many_tries', 'Too many tries failed. Try again in 2 s.', 1200],
  );
});
