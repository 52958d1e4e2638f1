import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { askControl, hasControl } from '../operations/control-socket.ts';
import { GatewayError } from '../domain/errors.ts';
import { listKept } from '../operations/damage-watch.ts';
import {
  checkDatabase,
  checkStoreCopy,
  checkStoreFile,
  finishRestore,
  mendDatabaseTimes,
  mendStoreFile,
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
  finishRestore(folder);
  if (!existsSync(file)) throw new GatewayError('store_corrupt', `There is no ${file}.`);
  if (mend) return tellMended(output, folder, file, now);
  return tell(output, folder, (await checkInUse(folder, file, now)) ?? checkStoreFile(file, now));
}

function tellMended(output: Output, folder: string, file: string, now: number): boolean {
  const state = checkStoreFile(file, now);
  const { brought, what } = mendStoreFile(file, now);
  const times =
    brought === 0
      ? ''
      : `${brought} ids that lay ahead of ${new Date(now).toISOString()} were brought back; `;
  return tell(output, folder, state, `${times}${what}`);
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

/** Checks a copy that the service at work writes; undefined when none is at work. */
async function checkInUse(folder: string, file: string, now: number): Promise<FileState | undefined> {
  if (!(await hasControl(folder))) return undefined;
  const copies = mkdtempSync(`${file}.check-`);
  try {
    await askControl(folder, 'backup', { folder: join(copies, 'copy'), media: false });
    return checkStoreCopy(join(copies, 'copy', 'chasqui.sqlite'), now);
  } finally {
    rmSync(copies, { recursive: true, force: true });
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
