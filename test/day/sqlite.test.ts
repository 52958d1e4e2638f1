// A day in the life of each channel: messages both ways through the simulated vendor with all its faults, and a ledger at the end.
// `npm run test:day` plays others, on two nodes over PostgreSQL of which one is killed too.
import { describe, it } from 'node:test';
import { dayChannels } from './channels.ts';
import { playDay } from './day.ts';

const count = 60;
const seed = process.env['CHASQUI_SEED'] ?? '1';

describe('a day on SQLite', () => {
  for (const channel of dayChannels)
    it(
      `accounts for ${count} ${channel.name} messages each way, seed ${seed}`,
      { timeout: 900_000 },
      async (t) => t.diagnostic(JSON.stringify(await playDay(channel, { count, seed }))),
    );
});
