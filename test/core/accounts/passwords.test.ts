import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Passwords } from '../../../src/core/accounts/passwords.ts';
import { isGatewayError } from '../../support/errors.ts';

test('a visitor who guesses without end keeps nobody else from signing in', async () => {
  const passwords = new Passwords();
  const hash = await passwords.hash('correct horse battery');
  const guesses = await Promise.allSettled([
    ...Array.from({ length: 60 }, (_, n) => passwords.verify(`guess ${n}`, undefined, '192.0.2.1', false)),
    passwords.verify('correct horse battery', hash, '192.0.2.2', false),
  ]);
  const owner = guesses.pop();
  assert.deepEqual(owner, { status: 'fulfilled', value: true });
  const refused = guesses.filter((guess) => guess.status === 'rejected');
  assert.equal(refused.length, 52);
  assert.ok(refused.every(({ reason }) => isGatewayError('too_many')(reason)));
  assert.equal(await passwords.verify('wrong', hash, '192.0.2.1', false), false, 'and may guess again later');
});

test('who is known goes ahead of a full line of guessers, and finds a place beside it', async () => {
  const passwords = new Passwords();
  const hash = await passwords.hash('correct horse battery');
  // One that takes next to no time, since a full line of real ones takes eight seconds.
  const quick = `scrypt$16$1$1$${Buffer.alloc(16).toString('base64')}$${Buffer.alloc(32).toString('base64')}`;
  let checked = 0;
  const first = passwords.verify('guess', hash, '192.0.2.1', false);
  const guesses = Array.from({ length: 40 }, (_, n) =>
    passwords.verify(`guess ${n}`, quick, `192.0.2.${n + 2}`, false).then(() => (checked += 1)),
  );
  const settled = Promise.allSettled(guesses);
  assert.equal(await passwords.verify('correct horse battery', hash, '198.51.100.1', true), true);
  assert.ok(checked <= 1, `${checked} of those before went first`);
  assert.equal(await first, false);
  const refused = (await settled).filter(({ status }) => status === 'rejected');
  assert.equal(refused.length, 8);
});
