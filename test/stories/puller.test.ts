import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pullWithNodeTokens } from '../support/puller.ts';

test(
  'a puller with tokens, over two hours of its clock and two restarts, loses and doubles nothing',
  { timeout: 600_000 },
  async () => {
    const { isGood, text } = await pullWithNodeTokens(20_000);
    assert.ok(isGood, text);
  },
);
