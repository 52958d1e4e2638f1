import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runKills } from './kill.ts';

test(
  'nothing acknowledged is lost and no repeat is unexplained over five kills',
  { timeout: 180_000 },
  async () => {
    const report = await runKills({ kills: 5, seed: 1 });
    assert.deepEqual(report.lost, []);
    assert.deepEqual(report.unexplained, []);
    assert.ok(report.acknowledged > 100, `only ${report.acknowledged} items were put in`);
  },
);
