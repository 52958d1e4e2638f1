// `npm run test:day -- [messages] [channel … | all] [sqlite | postgres | both]`: days, one after the other, with their ledgers
// printed. The words may stand in any order; without any, it is 60 messages each way on every channel on SQLite, and on WhatsApp
// on two nodes over PostgreSQL of which one is killed. `CHASQUI_SEED` plays another day.
import { openPostgres } from '../support/postgres.ts';
import type { Postgres } from '../support/postgres.ts';
import { dayChannels } from './channels.ts';
import type { DayChannel } from './channels.ts';
import { playDay } from './day.ts';
import type { DayReport } from './day.ts';

const stores = ['sqlite', 'postgres'] as const;
const seed = process.env['CHASQUI_SEED'] ?? '1';

interface Plan {
  readonly count: number;
  readonly channels: readonly DayChannel[];
  readonly stores: readonly (typeof stores)[number][];
}

/** A message that was being sent at a kill waits a minute for its claim to lapse, so one channel has to do there. */
const usual: readonly Plan[] = [
  { count: 60, channels: dayChannels, stores: ['sqlite'] },
  { count: 60, channels: dayChannels.filter(({ name }) => name === 'whatsapp'), stores: ['postgres'] },
];

const words = process.argv.slice(2);
const plans = words.length === 0 ? usual : [readPlan(words)];
for (const plan of plans)
  if (plan === undefined) process.exitCode = 1;
  else await play(plan);

/** Undefined, with a word on what is wrong, when the words cannot be understood. */
function readPlan(words: readonly string[]): Plan | undefined {
  const names = dayChannels.map(({ name }) => name);
  const known = [...names, 'all', ...stores, 'both'];
  const strange = words.filter((word) => !known.includes(word) && !/^[1-9]\d{0,6}$/.test(word));
  if (strange.length > 0) {
    console.error(`${strange.join(', ')}: neither a number of messages nor one of ${known.join(', ')}.`);
    return undefined;
  }
  const channels = dayChannels.filter(({ name }) => words.includes(name));
  const wanted = stores.filter((store) => words.includes(store) || words.includes('both'));
  return {
    count: Number(words.find((word) => /^\d/.test(word)) ?? 10_000),
    channels: channels.length === 0 || words.includes('all') ? dayChannels : channels,
    stores: wanted.length === 0 ? ['sqlite'] : wanted,
  };
}

async function play({ count, channels, stores: wanted }: Plan): Promise<void> {
  for (const store of wanted) {
    const postgres = store === 'postgres' ? await openPostgres() : undefined;
    try {
      for (const channel of channels) await playOne(channel, count, postgres);
    } finally {
      await postgres?.close();
    }
  }
}

async function playOne(channel: DayChannel, count: number, postgres: Postgres | undefined): Promise<void> {
  const where = postgres === undefined ? 'SQLite' : 'PostgreSQL, one node of two killed';
  console.log(`${channel.name}, ${where}: ${count} messages each way, seed ${seed}`);
  try {
    const databaseUrl = await postgres?.createDatabase();
    print(await playDay(channel, { count, seed, ...(databaseUrl === undefined ? {} : { databaseUrl }) }));
  } catch (error) {
    process.exitCode = 1;
    console.error(error);
  }
}

function print(report: DayReport): void {
  const { mt, mo, receipts, media, answersLost, givenUp, unanswered, seconds } = report;
  const repeats = Object.entries(report.repeats).map(([cause, number]) => `${number} ${cause}`);
  console.log(`  MT ${mt}, all with a final state; MO ${mo}, each once; receipts ${receipts}, lost 0`);
  console.log(`  repeats: ${repeats.length === 0 ? 'none' : repeats.join(', ')}; unexplained 0`);
  console.log(`  files: ${media.had} had, ${media.gone} dead at the vendor's`);
  console.log(
    `  answers lost by the vendor ${answersLost}, given up for it ${givenUp}; calls of the business that broke off ${unanswered}`,
  );
  console.log(`  the vendor: ${JSON.stringify(report.counts)}`);
  console.log(`  ${seconds} s`);
}
