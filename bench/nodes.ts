// Nodes at work on one database: what two and four carry against one, what that costs each process, and what they do while nobody
// asks them for anything.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bed } from './bed.ts';
import { median, sum, toRate } from './measure.ts';
import type { Load } from './measure.ts';
import { connect, push, setDestinations, statusUrlOf, withBed } from './scenario.ts';
import type { Row, Scenario, Size } from './scenario.ts';

const counts = [2, 4];
const idleSeconds = 15;

/** What some nodes did in one round. */
interface Round {
  readonly loads: Readonly<Record<Work, Load>>;
  readonly idle: Idle;
}

/** While nobody asks for anything. */
interface Idle {
  /** Transactions a second of the database. */
  readonly transactions: number;
  /** Share of one core, in percent, of all nodes and of the database. */
  readonly service: number;
  readonly database: number;
}

/** Pushes first: what intake records while callbacks are off would be among them. */
const works = ['push', 'intake', 'smq send'] as const;
type Work = (typeof works)[number];

/** One, two and four nodes in turns, each time on a database of their own. */
export const nodes: Scenario['run'] = async (store, size) => {
  const alone: Round[] = [];
  const together = new Map<number, Round[]>(counts.map((count) => [count, []]));
  const playWith = (count: number): Promise<Round> => withBed(store, (bed) => play(bed, size), count);
  for (let round = 0; round < size.rounds; round += 1) {
    alone.push(await playWith(1));
    for (const [count, rounds] of together) rounds.push(await playWith(count));
  }
  return [...together].flatMap(([count, rounds]) => [
    ...works.map((work) => toRow(work, count, rounds, alone)),
    toIdleRow(count, rounds, alone),
  ]);
};

async function play(bed: Bed, size: Size): Promise<Round> {
  // As many callbacks as let each of four nodes hold some.
  const ids = await connect(bed, 16, true, (n) => `${statusUrlOf(bed)}-${n}`);
  await bed.api('PUT', '/api/v1/queues/bench', {});
  const idle = await watchIdle(bed);
  await setDestinations(bed, { state: 'off' });
  const task = { connections: 64, seconds: size.seconds, phoneNumberIds: ids } as const;
  const runs: Readonly<Record<Work, () => Promise<Load>>> = {
    intake: () => bed.drive({ ...task, kind: 'webhook' }),
    'smq send': () => bed.drive({ ...task, kind: 'send', queue: 'bench' }),
    push: () => push(bed, ids, size.pushes),
  };
  const loads: Partial<Record<Work, Load>> = {};
  for (const work of works) {
    // The first run compiles; it counts for nothing.
    await runs[work]();
    loads[work] = await runs[work]();
  }
  return { loads: loads as Round['loads'], idle };
}

async function watchIdle(bed: Bed): Promise<Idle> {
  await sleep(5000);
  const read = async () => ({ ticks: await bed.readTicks(), transactions: await bed.readTransactions() });
  const before = await read();
  await sleep(idleSeconds * 1000);
  const after = await read();
  return {
    transactions: (after.transactions - before.transactions) / idleSeconds,
    // A tick is a hundredth of a second.
    service: (sum(after.ticks.nodes) - sum(before.ticks.nodes)) / idleSeconds,
    database: (after.ticks.database - before.ticks.database) / idleSeconds,
  };
}

function toRow(work: Work, count: number, rounds: readonly Round[], alone: readonly Round[]): Row {
  const ratios = rounds.map(
    ({ loads }, n) => toRate(loads[work]) / toRate(alone[n]?.loads[work] ?? loads[work]),
  );
  return {
    name: `${work}, ${count} nodes`,
    figure: 'events/s ÷ one node',
    value: median(ratios),
    spread: [Math.min(...ratios), Math.max(...ratios)],
    detail: `${describe(work, rounds)} ÷ ${describe(work, alone)}`,
    faults: rounds.reduce((sum, { loads }) => sum + loads[work].errors + loads[work].unexplained, 0),
  };
}

/** Rate, and processor time of each node and of the database. */
function describe(work: Work, rounds: readonly Round[]): string {
  const rate = median(rounds.map(({ loads }) => toRate(loads[work])));
  const database = median(rounds.map(({ loads }) => loads[work].databaseMicros ?? 0));
  const each = (rounds[0]?.loads[work].nodeMicros ?? []).map((_, n) =>
    median(rounds.map(({ loads }) => loads[work].nodeMicros?.[n] ?? 0)).toFixed(0),
  );
  return `${Math.round(rate)} a second, processor ${each.join(' + ')} and ${database.toFixed(0)} of the database us`;
}

function toIdleRow(count: number, rounds: readonly Round[], alone: readonly Round[]): Row {
  const ratios = rounds.map(
    ({ idle }, n) => idle.transactions / (alone[n]?.idle.transactions ?? idle.transactions),
  );
  const tell = (all: readonly Round[]): string =>
    `${median(all.map(({ idle }) => idle.transactions)).toFixed(1)} transactions a second, ` +
    `${median(all.map(({ idle }) => idle.service)).toFixed(1)} and ` +
    `${median(all.map(({ idle }) => idle.database)).toFixed(1)} of the database % of a core`;
  return {
    name: `idle, ${count} nodes`,
    figure: 'transactions/s ÷ one node',
    value: median(ratios),
    spread: [Math.min(...ratios), Math.max(...ratios)],
    detail: `${tell(rounds)} ÷ ${tell(alone)}`,
    // What a node does for itself doubles with their number; what is done for all does not.
    limit: `≤ ${count}`,
    faults: 0,
  };
}
