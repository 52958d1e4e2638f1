import { join } from 'node:path';
import { openPostgres } from './postgres.ts';
import type { Postgres } from './postgres.ts';

/** A server that follows another one by streaming, as that one is by now and will be. */
export async function openStandby(primary: Postgres): Promise<Postgres> {
  const base = join(primary.folder, 'base');
  await primary.copyBase(base);
  return openPostgres({
    durable: false,
    base,
    standby: true,
    settings: { primary_conninfo: `host=127.0.0.1 port=${primary.port} user=postgres` },
  });
}
