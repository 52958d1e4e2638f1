import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPostgresCluster, openSqliteCluster, victims } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { runKills } from './kill.ts';

async function check(cluster: Cluster, kills: number): Promise<void> {
  const report = await runKills(cluster, { kills, seed: 1 });
  assert.deepEqual(report.lost, []);
  assert.deepEqual(report.unexplained, []);
  assert.ok(report.acknowledged > 100, `only ${report.acknowledged} items were put in`);
}

test(
  'SQLite: nothing is lost and no repeat is unexplained over five kills',
  { timeout: 180_000 },
  async () => {
    await check(await openSqliteCluster(), 5);
  },
);

for (const victim of victims) {
  test(
    `PostgreSQL, three nodes: nothing is lost and no repeat is unexplained over hits on a ${victim}`,
    { timeout: 180_000 },
    async () => {
      // A stall takes as long as a hold does.
      await check(await openPostgresCluster(victim), victim === 'stall' ? 1 : 3);
    },
  );
}
