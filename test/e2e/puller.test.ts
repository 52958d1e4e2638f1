import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pullWithNode } from '../support/puller.ts';

test('a puller over two restarts loses no receipt of the three types', { timeout: 600_000 }, async () => {
  const { isGood, text } = await pullWithNode(12_000, 200);
  assert.ok(isGood, text);
});
