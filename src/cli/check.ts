import { existsSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { askControl, hasControl } from '../operations/control-socket.ts';
import { GatewayError } from '../domain/errors.ts';
import { listKept } from '../operations/damage-watch.ts';
import {
  checkDatabase,
  checkStoreCopy,
  checkStoreFile,
  clearCheckedCopies,
  finishRestore,
  mendDatabaseTimes,
  mendStoreFile,
  refuseForeign,
  toCheckedCopy,
} from '../compose/check.ts';
import type { FileState } from '../compose/check.ts';
import type { Output } from './output.ts';
import { readSettings } from './start.ts';

/** What people call what the tables hold. */
const subjects: Readonly<Record<string, string>> = {
  message: 'messages in queues',
  ready: 'messages ready to receive',
  waiting: 'messages delayed or held',
  queue: 'queues',
  receipt: 'receipts',
  content: 'what users wrote',
  raw_event: 'posts of channels',
  delivery: 'deliveries',
  outbound: 'messages to users',
  channel: 'channels',
  sender: 'senders',
  access_key: 'access keys',
  account: 'accounts',
};

/**
 * Tells what is damaged in the store and what is whole; returns whether it is whole. A store in use is checked by a copy
 * that its service writes beside it. `mend` saves what can be read into a new file, as a start does; the damaged one is kept.
 */
export async function check(
  output: Output,
  args: readonly string[],
  mend: boolean,
  now: number,
): Promise<boolean> {
  const { settings } = readSettings(args);
  if (settings.databaseUrl !== null) return checkShared(output, settings.databaseUrl, mend);
  const folder = resolve(settings.dataDir);
  const file = join(folder, 'chasqui.sqlite');
  // Asked first: it alone tells a folder that is not the caller's from one that holds no store.
  const isInUse = await hasControl(folder);
  finishRestore(folder);
  if (!existsSync(file)) throw new GatewayError('store_corrupt', `There is no ${file}.`);
  if (mend) return tellMended(output, folder, file, now);
  clearCheckedCopies(folder);
  return tell(output, folder, isInUse ? await checkInUse(folder, now) : checkStoreFile(file, now));
}

function tellMended(output: Output, folder: string, file: string, now: number): boolean {
  refuseForeign(folder);
  const state = checkStoreFile(file, now);
  const { brought, what } = mendStoreFile(file, now);
  const done = [
    ...(brought === 0
      ? []
      : [`${brought} ids that lay ahead of ${new Date(now).toISOString()} were brought back`]),
    ...(what === null ? [] : [what]),
  ];
  return tell(output, folder, state, done.join('; ') || 'nothing, for nothing is damaged');
}

async function checkShared(output: Output, url: string, mend: boolean): Promise<boolean> {
  const brought = mend ? await mendDatabaseTimes(url) : 0;
  if (mend && brought === 0)
    throw new GatewayError(
      'bad_settings',
      'The data is in PostgreSQL, which is mended by its administrator: from a replica or a backup, or by REINDEX.',
    );
  const state = await checkDatabase(url);
  const width = toWidth(state.tables);
  const text = [
    ...(brought === 0
      ? []
      : [`Mended: ${brought} ids that lay ahead of the database's time were brought back.`]),
    state.isWhole ? 'The database is whole.' : 'The database is damaged:',
    ...state.damage.map((what) => `  ${what}`),
    ...state.notes.map((what) => `Not looked at: ${what}.`),
    `Schema ${state.version}. What can be read, by table:`,
    ...state.tables.map(
      ({ table, rows }) => `  ${table.padEnd(width)} ${String(rows ?? '?').padStart(9)} rows`,
    ),
    ...Object.entries(state.apart).map(
      ([table, { rows, since }]) =>
        `${rows} rows of ${table} are kept apart since ${new Date(since).toISOString()}`,
    ),
  ];
  output.result(text.join('\n'), state);
  return state.isWhole;
}

/** Checks a copy that the service at work writes: its own user does, whoever asks. */
async function checkInUse(folder: string, now: number): Promise<FileState> {
  const copy = toCheckedCopy(folder);
  const take = (): void => rmSync(copy, { recursive: true, force: true });
  try {
    await endingWith(take, () => askControl(folder, 'backup', { folder: copy, media: false }));
    return checkStoreCopy(join(copy, 'chasqui.sqlite'), now);
  } finally {
    take();
  }
}

/** Has a signal that ends the process meanwhile do `last` before. */
async function endingWith(last: () => void, work: () => Promise<unknown>): Promise<void> {
  const end = (signal: NodeJS.Signals): void => {
    last();
    process.kill(process.pid, signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.once(signal, end);
  try {
    await work();
  } finally {
    for (const signal of signals) process.off(signal, end);
  }
}

/** How wide the column of the tables' names has to be. */
function toWidth(tables: readonly { readonly table: string }[]): number {
  return Math.max(0, ...tables.map(({ table }) => table.length));
}

function tell(output: Output, folder: string, state: FileState, mended?: string): boolean {
  const kept = listKept(folder);
  const width = toWidth(state.tables);
  const lines = state.tables.map(({ table, rows, lostPages, lostRows }) => {
    const lost = lostPages + lostRows === 0 ? 'whole' : `DAMAGED: ${lostPages} pages, ${lostRows} rows`;
    const subject = subjects[table];
    return `  ${table.padEnd(width)} ${String(rows).padStart(9)} rows  ${lost}${subject === undefined ? '' : `  (${subject})`}`;
  });
  const apart = Object.entries(state.apart).map(([table, rows]) => `${rows} rows of ${table} are kept apart`);
  const text = [
    state.isWhole ? 'The store is whole.' : 'The store is damaged:',
    ...state.damage.map((what) => `  ${what}`),
    'What can be read, by table:',
    ...lines,
    ...apart,
    ...kept.map((name) => `Put aside because it was damaged: ${name}`),
    ...(mended === undefined ? [] : [`Mended: ${mended}`]),
  ];
  output.result(text.join('\n'), { ...state, kept, ...(mended === undefined ? {} : { mended }) });
  return state.isWhole || mended !== undefined;
}
