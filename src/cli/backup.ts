import { resolve } from 'node:path';
import { askControl, hasControl } from '../operations/control-socket.ts';
import { GatewayError } from '../domain/errors.ts';
import type { Output } from './output.ts';
import { readSettings } from './start.ts';

/** Has the service that runs on the data folder write a copy of everything but the master key. */
export async function backUp(output: Output, folder: string, args: readonly string[]): Promise<void> {
  const { settings } = readSettings(args);
  if (settings.databaseUrl !== null)
    throw new GatewayError(
      'bad_command',
      'The data is in PostgreSQL: back it up with pg_dump (docs/operations.md).',
    );
  if (!(await hasControl(settings.dataDir)))
    throw new GatewayError(
      'service_unreachable',
      `No service answers for ${resolve(settings.dataDir)}. While none runs, copy the folder itself.`,
    );
  const report = await askControl(settings.dataDir, 'backup', { folder: resolve(folder) });
  output.result(
    `Backed up to ${report.folder}: a store of ${report.storeBytes} bytes and ${report.mediaFiles} media files.\nmaster.key is not in it; keep a copy of it elsewhere.${report.isExposed ? `\nOther users of this machine may look into ${report.folder}: give it the mode 700.` : ''}`,
    report,
  );
}
