// The same days on two nodes over one PostgreSQL database, one of which is killed in the middle. A message that was being sent at
// the kill waits a minute for its claim to lapse, so only one channel is played where `CHASQUI_DAY` does not ask for a long day.
import { after, before, describe, it } from 'node:test';
import { openPostgres } from '../support/postgres.ts';
import type { Postgres } from '../support/postgres.ts';
import { dayChannels } from './channels.ts';
import { playDay } from './day.ts';

const count = Number(process.env['CHASQUI_DAY'] ?? 60);
const seed = process.env['CHASQUI_SEED'] ?? '1';
const only =
  process.env['CHASQUI_DAY_CHANNEL'] ?? (process.env['CHASQUI_DAY'] === undefined ? 'whatsapp' : undefined);
const timeout = 600_000 + count * 200;

describe('a day on two nodes, one of which is killed', () => {
  let postgres: Postgres;
  before(async () => {
    postgres = await openPostgres();
  });
  after(() => postgres.close());

  for (const channel of dayChannels)
    it(
      `accounts for ${count} ${channel.name} messages each way, seed ${seed}`,
      { timeout, skip: only !== undefined && only !== channel.name },
      async (t) => playDay(t, channel, { count, seed, databaseUrl: await postgres.createDatabase() }),
    );
});
