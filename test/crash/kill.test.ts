import { test } from 'node:test';
import { openSqliteCluster } from './cluster.ts';
import { checkKills } from './short.ts';

test(
  'SQLite: nothing is lost and no repeat is unexplained over two kills',
  { timeout: 300_000 },
  async () => {
    await checkKills(await openSqliteCluster(), 2);
  },
);
