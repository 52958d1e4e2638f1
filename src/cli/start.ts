import type { Loaded } from '../config/sources.ts';
import { loadSettings, readSettingsFile } from '../config/sources.ts';
import type { Settings } from '../config/table.ts';
import { toBanner } from './banner.ts';
import { parseFlags } from './flags.ts';
import type { Running } from '../main.ts';
import { holdYoungGeneration } from './young-generation.ts';

/** Reads the settings of a command that runs the service: what is on its command line, in the environment, in the file. */
export function readSettings(args: readonly string[]): Loaded {
  const { config, ...options } = parseFlags(args);
  const file = readSettingsFile(config ?? process.env['CHASQUI_CONFIG']);
  return loadSettings({ options, env: process.env, ...(file === undefined ? {} : { file }) });
}

/** The service, which takes longer to load than most commands take altogether: they do without. */
export const loadService = () => import('../main.ts');

/** Runs the service until it is told to end. SIGTERM or SIGINT ends it well; a second one ends it at once. */
export async function runStart(args: readonly string[]): Promise<void> {
  const { settings, sources } = readSettings(args);
  const unused = findUnusedProxy(process.env);
  if (unused !== undefined && settings.egressProxy === null)
    console.error(
      `${unused} is set in the environment and not used. If callbacks and vendors are to be reached through a proxy, set CHASQUI_EGRESS_PROXY.`,
    );
  // Before the service is loaded: that alone may have it grow to twice the size.
  holdYoungGeneration();
  const { start } = await loadService();
  const { promise, resolve } = Promise.withResolvers<Running>();
  const running = await start(settings, sources, () => heedSignals(promise, settings));
  resolve(running);
  console.log(toBanner(running, settings));
}

/** Does what signals ask for, also those that come when the service is reached already and not all of it has started. */
function heedSignals(starting: Promise<Running>, { tlsCertFile, logFile }: Settings): void {
  // Without a file there is nothing to open again, and a terminal that closes ends what runs in it.
  if (tlsCertFile !== null || logFile !== null)
    process.on('SIGHUP', () => void starting.then((running) => running.reload()));
  let isStopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (isStopping) process.exit(1);
      isStopping = true;
      // What is still open after that would be cut off by whoever sent the signal.
      setTimeout(() => process.exit(1), 9500).unref();
      starting
        .then((running) => running.stop(signal))
        .then(
          () => process.exit(0),
          () => process.exit(1),
        );
    });
  }
}

/** The variable by which other programs take a proxy; what it holds may be a secret. */
function findUnusedProxy(env: NodeJS.ProcessEnv): string | undefined {
  const names = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'];
  return names.find((name) => (env[name] ?? '') !== '');
}

export async function runMigrate(args: readonly string[]): Promise<void> {
  const { migrate } = await loadService();
  await migrate(readSettings(args).settings);
  console.log('The store is up to date.');
}
