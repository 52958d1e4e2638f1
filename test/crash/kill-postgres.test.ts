import { test } from 'node:test';
import { openPostgresCluster } from './cluster.ts';
import { checkKills } from './short.ts';

test(
  'PostgreSQL, three nodes: nothing is lost and no repeat is unexplained over the kill of one',
  { timeout: 300_000 },
  async () => {
    await checkKills(await openPostgresCluster('node'), 1);
  },
);
