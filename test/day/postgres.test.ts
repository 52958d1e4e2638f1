// The same day on two nodes over one PostgreSQL database, one of which is killed in the middle. A message that was being sent at
// the kill waits a minute for its claim to lapse, so only one channel is played; `npm run test:day` plays the others.
import { after, before, describe, it } from 'node:test';
import { openPostgres } from '../support/postgres.ts';
import type { Postgres } from '../support/postgres.ts';
import { dayChannels } from './channels.ts';
import { playDay } from './day.ts';

const count = 60;
const seed = process.env['CHASQUI_SEED'] ?? '1';

describe('a day on two nodes, one of which is killed', () => {
  let postgres: Postgres;
  before(async () => {
    postgres = await openPostgres();
  });
  after(() => postgres.close());

  for (const channel of dayChannels.filter(({ name }) => name === 'whatsapp'))
    it(
      `accounts for ${count} ${channel.name} messages each way, seed ${seed}`,
      { timeout: 900_000 },
      async (t) => {
        const databaseUrl = await postgres.createDatabase();
        t.diagnostic(JSON.stringify(await playDay(channel, { count, seed, databaseUrl })));
      },
    );
});
