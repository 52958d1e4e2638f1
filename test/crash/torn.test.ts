import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from './random.ts';
import { tearTails } from './torn.ts';

test('of a torn log everything before the damage is there, or the file is refused in words', async () => {
  const { opened, shortened, refused, faults, variants } = await tearTails(20, createRandom(3));
  assert.deepEqual(faults, []);
  assert.equal(opened + refused, variants);
  // The damage was real: some of the copies lack what stood behind it.
  assert.ok(shortened > 5);
});
