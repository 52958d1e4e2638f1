// What the commands of an operator who has locked himself out work with: the service that runs on a folder, or the store itself.
import { existsSync, statSync } from 'node:fs';
import { readMasterKey, toDataPaths } from '../config/master-key.ts';
import type { Settings } from '../config/table.ts';
import { Passwords } from '../core/accounts/passwords.ts';
import { createWayBack } from '../core/accounts/way-back.ts';
import type { WayBack } from '../core/accounts/way-back.ts';
import { GatewayError } from '../domain/errors.ts';
import { askControl, hasControl } from '../operations/control-socket.ts';
import { machineTime } from '../runtime/clock.ts';
import { finishRestore } from '../store/sqlite/restore.ts';
import { refuseForeign } from './data-folder.ts';
import { openStoreAlone } from './stores.ts';

interface OpenedWayBack extends WayBack {
  readonly close: () => Promise<void>;
}

/** Asks the service that runs on the data folder; where none does, and with PostgreSQL, opens the store. Throws as {@link openAsItIs}. */
export async function openWayBack(settings: Settings): Promise<OpenedWayBack> {
  const { databaseUrl, dataDir } = settings;
  if (databaseUrl !== null || !(await hasControl(dataDir))) return openAsItIs(settings);
  return {
    find: (sought) => askControl(dataDir, 'findPerson', sought),
    makeKey: (wanted) => askControl(dataDir, 'makeKey', wanted),
    resetUser: (wanted) => askControl(dataDir, 'resetUser', wanted),
    close: async () => undefined,
  };
}

/**
 * Opens the store that the settings name under the lock that a service takes, as it is: a folder or a database by mistake, and one of
 * another version, stay as they are. Throws `not_found`, `forbidden` for another user's folder, `wrong_state` for another version's
 * schema, `store_in_use`, and what opening a store throws.
 */
async function openAsItIs(settings: Settings): Promise<OpenedWayBack> {
  if (settings.databaseUrl === null) refuseFolder(settings);
  const { store, clock } = await openStoreAlone({
    settings: { ...settings, databaseConnections: 2 },
    masterKey: readMasterKey(settings),
    emit: () => undefined,
    monotonic: machineTime.monotonic,
    visit: 'as_is',
  }).catch((error: unknown) => {
    throw toRefusal(settings, error);
  });
  if ((await store.listAccounts()).length === 0) {
    await store.close();
    throw new GatewayError(
      'not_found',
      'The store has no account yet: the first start of a service makes it.',
    );
  }
  // Whoever is locked out may not be able to say that the clock is right either, so this asks no clock for leave.
  const wayBack = createWayBack({ store, passwords: new Passwords(), now: clock.now });
  return { ...wayBack, close: () => store.close() };
}

function refuseFolder(settings: Settings): void {
  const { folder, file } = toDataPaths(settings);
  if (!existsSync(folder))
    throw new GatewayError(
      'not_found',
      `There is no folder ${folder}. Name the service's own by --data-dir.`,
    );
  refuseForeign(folder);
  finishRestore(folder);
  if (!existsSync(file) || statSync(file).size === 0)
    throw new GatewayError(
      'not_found',
      `There is no store in ${folder}: no chasqui.sqlite. Name the service's own folder by --data-dir, or its database by DATABASE_URL.`,
    );
}

/** Says of what opening a store throws what it means to somebody who was let in by no service. */
function toRefusal(settings: Settings, error: unknown): unknown {
  if (!(error instanceof GatewayError)) return error;
  const { folder, keyFile } = toDataPaths(settings);
  if (error.code === 'store_in_use')
    return new GatewayError(
      'store_in_use',
      `A service, or another command, is at work on ${folder} and does not answer at its control socket. Stop it, and call the command again.`,
      { cause: error },
    );
  if (error.code === 'wrong_master_key' && settings.masterKey !== null)
    return new GatewayError(
      'wrong_master_key',
      `${error.message} MASTER_KEY has to be the one that the service is started with${settings.databaseUrl === null ? `, or unset where that is ${keyFile}` : ''}.`,
      { cause: error },
    );
  return error;
}
