import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { Directory } from '../../src/store/directory.ts';
import { openPostgresStore } from '../../src/store/postgres/adapter.ts';
import { openSqliteStore } from '../../src/store/sqlite/adapter.ts';
import type { Store, TemporaryKeys } from '../../src/store/store.ts';
import { Quota } from '../../src/core/accounts/quotas.ts';
import { RequestRates } from '../../src/core/accounts/request-rates.ts';
import type { Limits } from '../../src/domain/limits.ts';
import type { EndNotice, RaiseNotice } from '../../src/domain/notice.ts';
import { createTemporaryKeys } from '../../src/core/accounts/temporary-keys.ts';
import type { Emit } from '../../src/telemetry/events.ts';
import { machineTime } from '../../src/runtime/clock.ts';
import type { Time } from '../../src/runtime/clock.ts';

/** Time that stands still until a test moves it. */
export interface Clock {
  now: () => number;
  monotonic: () => number;
  advance: (ms: number) => void;
}

export interface TestStore {
  readonly store: Store;
  readonly directory: Directory;
  readonly temporaryKeys: TemporaryKeys;
  readonly rates: RequestRates;
  readonly messageQuota: Quota;
  readonly fileQuota: Quota;
  readonly clock: Clock;
  readonly now: Clock['now'];
  readonly monotonic: Clock['monotonic'];
  readonly accountId: number;
  readonly key: { readonly id: string; readonly secret: string };
  /** Calls of the store under way: while there are any, what a test waits for may still come. */
  readonly countCalls: () => number;
  close: () => Promise<void>;
}

export interface TestStoreOptions {
  readonly file?: string;
  /** The address of a database that is opened as it is. */
  readonly database?: string;
  readonly clock?: Clock;
  readonly emit?: Emit;
  /** What accounts may use where nothing else is set; anything when left out. */
  readonly limits?: Limits;
  readonly raiseNotice?: RaiseNotice;
  readonly endNotice?: EndNotice;
}

interface Shared {
  readonly masterKey: Buffer;
  readonly time: Time;
  readonly emit: Emit;
}

/** 2026-11-01T00:00:00Z, where every test's time begins. */
export const testEpoch = Date.UTC(2026, 10, 1);

export function createClock(at = testEpoch): Clock {
  let now = at;
  let readings = 0;
  return {
    now: () => now,
    // As a machine's: of its own beginning, and a bit later at each reading, so that neither it nor what is between two of them is a whole
    // number, which no column of a time takes.
    monotonic: () => now - at + (readings += 1) / 1000,
    advance: (ms) => {
      now += ms;
    },
  };
}

/** The address of a database with the schema, each test getting a copy of it; the embedded store where there is none. */
const template = process.env['CHASQUI_TEST_DATABASE'];

/** Opens a store of its own with account 1000000000000001, its key `testkey` and its sandbox channel. */
export async function openTestStore(options: TestStoreOptions = {}): Promise<TestStore> {
  const clock = options.clock ?? createClock();
  const emit = options.emit ?? (() => undefined);
  const masterKey = Buffer.alloc(32, 7);
  const opened = await openAsAsked(options, { masterKey, time: clock, emit });
  const { store, countCalls } = countCallsOf(opened);
  const accountId = 1_000_000_000_000_001;
  const key = { id: 'testkey', secret: 'testsecret' };
  await store.createFirstAccount({ account: { id: accountId, name: 'Test' }, key });
  const directory = new Directory(store, clock);
  const temporaryKeys = createTemporaryKeys({ masterKey, store, directory, now: clock.now });
  const { limits = {}, raiseNotice = () => undefined, endNotice = () => undefined } = options;
  const limiting = { store, emit, raiseNotice, endNotice, monotonic: clock.monotonic, limits };
  return {
    store,
    directory,
    temporaryKeys,
    rates: new RequestRates(limiting),
    messageQuota: new Quota('queuedMessages', limiting),
    fileQuota: new Quota('storedBytes', limiting),
    clock,
    now: clock.now,
    monotonic: clock.monotonic,
    accountId,
    key,
    countCalls,
    close: async () => {
      directory.close();
      await store.close();
    },
  };
}

async function openAsAsked({ file, database }: TestStoreOptions, shared: Shared): Promise<Store> {
  if (database !== undefined)
    return (await openPostgresStore({ url: database, maxConnections: 5, machine: machineTime, ...shared }))
      .store;
  const { time, ...others } = shared;
  if (template === undefined || file !== undefined)
    return openSqliteStore({ file: file ?? ':memory:', ...time, ...others });
  return openCopy(template, shared);
}

/** The same store, with how many of its calls have not been answered yet. */
function countCallsOf(opened: Store): { store: Store; countCalls: () => number } {
  let calls = 0;
  const store = new Proxy(opened, {
    get: (target, name): unknown => {
      const verb: unknown = Reflect.get(target, name);
      if (typeof verb !== 'function') return verb;
      return (...values: unknown[]): unknown => {
        const answer: unknown = Reflect.apply(verb, target, values);
        if (!(answer instanceof Promise)) return answer;
        calls += 1;
        const end = (): void => void (calls -= 1);
        answer.then(end, end);
        return answer;
      };
    },
  });
  return { store, countCalls: () => calls };
}

/**
 * A store on a copy of the database. The copy goes when the store is closed: a thousand of them, of five hundred files each, would take
 * the disk's room, and half a minute to be removed with their server.
 */
async function openCopy(url: string, shared: Shared): Promise<Store> {
  const copy = new URL(url);
  const [source, target] = [copy.pathname.slice(1), `copy_${randomUUID().replaceAll('-', '')}`];
  copy.pathname = '/postgres';
  const server = copy.href;
  await run(server, `CREATE DATABASE ${target} TEMPLATE ${source} STRATEGY FILE_COPY`);
  copy.pathname = `/${target}`;
  const { store } = await openPostgresStore({
    url: copy.href,
    maxConnections: 5,
    machine: machineTime,
    ...shared,
  });
  let isGone = false;
  return {
    ...store,
    close: async () => {
      await store.close();
      if (!isGone) await run(server, `DROP DATABASE ${target} WITH (FORCE)`);
      isGone = true;
    },
  };
}

async function run(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statement);
  await client.end();
}
