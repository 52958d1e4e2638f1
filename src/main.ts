// Starts the service and stops it: settings → store → channels → core → surfaces → workers. Who gets what is in compose/.
import { connectChannels } from './compose/channels.ts';
import { createCore } from './compose/core.ts';
import { createDoors } from './compose/doors.ts';
import { openHost } from './compose/host.ts';
import { openOperations } from './compose/operations.ts';
import { migrateStore, openStores } from './compose/stores.ts';
import type { Stores } from './compose/stores.ts';
import { openSurfaces } from './compose/surfaces.ts';
import { startWorkers } from './compose/workers.ts';
import type { Loaded } from './config/sources.ts';
import type { Settings } from './config/table.ts';
import type { FirstAccount } from './core/accounts/first-account.ts';
import { version } from './runtime/release.ts';

/** A service that is listening. */
export interface Running {
  /** Where it listens, as a URL without a trailing slash. */
  readonly address: string;
  /** Where the console, the API and health are, in the same form: apart with ADMIN_PORT. */
  readonly adminAddress: string;
  /** The first account, when this start made it: its secret is told this once. */
  readonly firstAccount: FirstAccount | null;
  /** Looks whether the files of the certificate hold another one, and opens the file of the log anew. */
  readonly reload: () => void;
  /** Takes no more work, finishes or gives back what it holds, and closes the store; within ten seconds. */
  readonly stop: (reason: string) => Promise<void>;
}

/** Brings the store's schema up to date, or makes it. Throws what opening the store throws. */
export async function migrate(settings: Settings): Promise<void> {
  await migrateStore(settings);
}

/** What the log tells of a store at the start. */
function toStore({ kind, databaseHost }: Stores) {
  return { store: kind, ...(databaseHost === undefined ? {} : { databaseHost: databaseHost() }) };
}

/**
 * Starts the whole service; what did not come from `sources` may be set while it runs. Calls `beforeListening` when the store is open and
 * nobody can reach it yet. Throws, with nothing left running, when any part of it cannot start.
 */
export async function start(
  settings: Settings,
  sources?: Loaded['sources'],
  beforeListening: () => void = () => undefined,
): Promise<Running> {
  const host = await openHost(settings, sources);
  const { emit, monotonic, releases, telemetry } = host;
  const startedAt = monotonic();
  try {
    const doors = createDoors(host);
    const stores = await openStores(host, doors);
    const core = createCore(connectChannels(await openOperations(stores)), doors);
    beforeListening();
    const addresses = await openSurfaces(core, doors);
    await startWorkers(core);
    emit('service.started', { address: addresses.address, version, ...toStore(stores) });

    return {
      ...addresses,
      firstAccount: stores.firstAccount,
      reload: () => {
        telemetry.reopen();
        core.certificate?.reload();
      },
      stop: async (reason) => {
        const stoppedAt = monotonic();
        await releases.run();
        telemetry.settle();
        emit('service.stopped', { reason, durationMs: monotonic() - stoppedAt });
        await telemetry.close();
      },
    };
  } catch (error) {
    await releases.run();
    telemetry.settle();
    emit('service.stopped', { reason: 'start failed', durationMs: monotonic() - startedAt });
    await telemetry.close();
    throw error;
  }
}
