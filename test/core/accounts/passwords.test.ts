import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Passwords } from '../../../src/core/accounts/passwords.ts';
import { isGatewayError } from '../../support/errors.ts';

test('a visitor who guesses without end keeps nobody else from signing in', async () => {
  const passwords = new Passwords();
  const hash = await passwords.hash('correct horse battery');
  const guesses = await Promise.allSettled([
    ...Array.from({ length: 60 }, (_, n) => passwords.verify(`guess ${n}`, undefined, '192.0.2.1')),
    passwords.verify('correct horse battery', hash, '192.0.2.2'),
  ]);
  const owner = guesses.pop();
  assert.deepEqual(owner, { status: 'fulfilled', value: true });
  const refused = guesses.filter((guess) => guess.status === 'rejected');
  assert.equal(refused.length, 52);
  assert.ok(refused.every(({ reason }) => isGatewayError('too_many')(reason)));
  assert.equal(await passwords.verify('wrong', hash, '192.0.2.1'), false, 'and may guess again later');
});
