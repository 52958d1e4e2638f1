// Whether a command asks a service over its API, or is called at the machine of the service.
/** Where the store is, as options of a command; the environment and the settings file say the rest. */
export interface StorePlace {
  readonly dataDir?: string;
  readonly databaseUrl?: string;
  readonly config?: string;
}

/** Whether a command is meant for this machine's own store: by what stands on it, or, where it has no key, by the environment. */
export function isAtMachine({ dataDir, databaseUrl, config }: StorePlace, hasKey: boolean): boolean {
  if (dataDir !== undefined || databaseUrl !== undefined || config !== undefined) return true;
  const { DATA_DIR = '', DATABASE_URL = '' } = process.env;
  return !hasKey && (DATA_DIR !== '' || DATABASE_URL !== '');
}
