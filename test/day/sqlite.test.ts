// A day in the life of each channel: messages both ways through the simulated vendor with all its faults, and a ledger at the end.
// `CHASQUI_DAY=10000` plays so many, `CHASQUI_SEED=7` another day, `CHASQUI_DAY_CHANNEL=viber-bot` one channel alone.
import { describe, it } from 'node:test';
import { dayChannels } from './channels.ts';
import { playDay } from './day.ts';

const count = Number(process.env['CHASQUI_DAY'] ?? 60);
const seed = process.env['CHASQUI_SEED'] ?? '1';
const only = process.env['CHASQUI_DAY_CHANNEL'];
const timeout = 600_000 + count * 200;

describe('a day on SQLite', () => {
  for (const channel of dayChannels)
    it(
      `accounts for ${count} ${channel.name} messages each way, seed ${seed}`,
      { timeout, skip: only !== undefined && only !== channel.name },
      (t) => playDay(t, channel, { count, seed }),
    );
});
