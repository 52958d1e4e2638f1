import assert from 'node:assert/strict';
import type { Cluster } from './cluster.ts';
import { runKills } from './kill.ts';

/** The short form of `npm run test:crash`, which kills more often, and breaks more. Throws when an item is lost or comes again without a cause. */
export async function checkKills(cluster: Cluster, kills: number): Promise<void> {
  const report = await runKills(cluster, { kills, seed: 1 });
  assert.deepEqual(report.lost, []);
  assert.deepEqual(report.unexplained, []);
  assert.ok(report.acknowledged > 100, `only ${report.acknowledged} items were put in`);
}
