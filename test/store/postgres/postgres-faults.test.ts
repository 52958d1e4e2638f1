import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { GatewayError } from '../../../src/domain/errors.ts';
import {
  isDefeat,
  isLost,
  isOwnFault,
  isReadOnly,
  toGatewayError,
} from '../../../src/store/postgres/faults.ts';

function answer(code: string): pg.DatabaseError {
  const error = new pg.DatabaseError('It did not work.', 0, 'error');
  error.code = code;
  return error;
}

function system(message: string): Error {
  return Object.assign(new Error(message), { syscall: 'read' });
}

/** What callers are told of an error. */
function told(error: unknown): string {
  const one = toGatewayError(error);
  return one instanceof GatewayError ? `${one.code}: ${one.message}` : 'as it is';
}

test('an error is told by what it means for the database, and a mistake of ours as it is', () => {
  const cases: [unknown, string][] = [
    [answer('53100'), 'store_unavailable: The database cannot be used: its disk is full.'],
    [
      answer('28P01'),
      'store_unavailable: The database cannot be used: its server does not take the password.',
    ],
    [answer('57P03'), 'store_unavailable: The database cannot be used: it is starting.'],
    [answer('08006'), 'store_unavailable: The database cannot be used: it answered 08006.'],
    [answer('25006'), 'store_unavailable: The database cannot be used: it is read-only.'],
    [answer('XX001'), 'store_corrupt: The database cannot be used: its data are damaged.'],
    [answer('42P01'), 'store_corrupt: The database cannot be used: a table is missing.'],
    [system('read ECONNRESET'), 'store_unavailable: The database cannot be used: it cannot be reached.'],
    [
      new Error('Connection terminated'),
      'store_unavailable: The database cannot be used: it cannot be reached.',
    ],
    [new AggregateError([]), 'store_unavailable: The database cannot be used: it cannot be reached.'],
    [answer('23505'), 'as it is'],
    [answer('22P02'), 'as it is'],
    [new TypeError('closed is not a function'), 'as it is'],
    [new Error('A batch has members.'), 'as it is'],
  ];
  for (const [error, expected] of cases) assert.equal(told(error), expected);
  const own = new GatewayError('not_found', 'There is no such destination.');
  assert.equal(toGatewayError(own), own);
});

test('it is known of each error whether the connection is gone, and whether what it did may be done again', () => {
  const cases: [string, unknown, { lost?: true; defeat?: true; readOnly?: true }][] = [
    ['a deadlock', answer('40P01'), { defeat: true }],
    ['a serialization failure', answer('40001'), { defeat: true }],
    ['a server that stops', answer('57P01'), { lost: true }],
    ['a connection that the server ends', answer('08006'), { lost: true }],
    ['a server that takes no writes', answer('25006'), { lost: true, readOnly: true }],
    ['a socket that breaks', system('read ECONNRESET'), { lost: true }],
    ['an answer that does not come', new Error('Query read timeout'), { lost: true }],
    ['a statement that took too long', answer('57014'), {}],
    ['a row that is there already', answer('23505'), {}],
    ['a mistake of ours', new TypeError('x is not a function'), {}],
    ['what was refused by a rule', new GatewayError('store_unavailable', 'The connection is closed.'), {}],
  ];
  for (const [name, error, { lost = false, defeat = false, readOnly = false }] of cases)
    assert.deepEqual(
      { lost: isLost(error), defeat: isDefeat(error), readOnly: isReadOnly(error) },
      { lost, defeat, readOnly },
      name,
    );
});

test('what is told as a store that is away has nobody to blame for it; what a rule refuses did nothing', () => {
  assert.equal(isOwnFault(toGatewayError(answer('57P01'))), false);
  assert.equal(isOwnFault(toGatewayError(answer('23505'))), true);
  assert.equal(isOwnFault(new GatewayError('changed_meanwhile', 'It was changed.')), true);
});
