// The short form; `npm run test:crash` kills more often, and breaks more.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPostgresCluster, openSqliteCluster } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { runKills } from './kill.ts';

async function check(cluster: Cluster, kills: number): Promise<void> {
  const report = await runKills(cluster, { kills, seed: 1 });
  assert.deepEqual(report.lost, []);
  assert.deepEqual(report.unexplained, []);
  assert.ok(report.acknowledged > 100, `only ${report.acknowledged} items were put in`);
}

test(
  'SQLite: nothing is lost and no repeat is unexplained over two kills',
  { timeout: 300_000 },
  async () => {
    await check(await openSqliteCluster(), 2);
  },
);

test(
  'PostgreSQL, three nodes: nothing is lost and no repeat is unexplained over the kill of one',
  { timeout: 300_000 },
  async () => {
    await check(await openPostgresCluster('node'), 1);
  },
);
