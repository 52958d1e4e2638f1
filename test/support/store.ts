import { Directory } from '../../src/store/directory.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import type { Emit } from '../../src/telemetry/events.ts';

/** Time that stands still until a test moves it. */
export interface Clock {
  now: () => number;
  advance: (ms: number) => void;
}

export interface TestStore {
  readonly store: Store;
  readonly directory: Directory;
  readonly clock: Clock;
  readonly accountId: number;
  readonly key: { readonly id: string; readonly secret: string };
  close: () => Promise<void>;
}

export interface TestStoreOptions {
  readonly file?: string;
  readonly clock?: Clock;
  readonly emit?: Emit;
}

/** 2026-11-01T00:00:00Z, where every test's time begins. */
export const testEpoch = Date.UTC(2026, 10, 1);

export function createClock(at = testEpoch): Clock {
  let now = at;
  return {
    now: () => now,
    advance: (ms) => {
      now += ms;
    },
  };
}

/** Opens a store in memory (or in `file`) with account 1000000000000001, its key `testkey` and its sandbox channel. */
export async function openTestStore(options: TestStoreOptions = {}): Promise<TestStore> {
  const clock = options.clock ?? createClock();
  const emit = options.emit ?? (() => undefined);
  const store = await openSqliteStore({
    file: options.file ?? ':memory:',
    masterKey: Buffer.alloc(32, 7),
    now: clock.now,
    emit,
  });
  const accountId = 1_000_000_000_000_001;
  const key = { id: 'testkey', secret: 'testsecret' };
  await store.createFirstAccount({ account: { id: accountId, name: 'Test' }, key });
  const directory = new Directory(store, clock.now);
  return {
    store,
    directory,
    clock,
    accountId,
    key,
    close: async () => {
      directory.close();
      await store.close();
    },
  };
}
