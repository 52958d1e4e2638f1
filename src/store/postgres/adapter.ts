// The shared store: one PostgreSQL database, many nodes. What is hot is a function of the schema, called once a batch.
import type { Clock } from '../../runtime/clock.ts';
import { GatewayError } from '../../domain/errors.ts';
import { createSeal } from '../seal.ts';
import type { MediaStore, Store } from '../store.ts';
import { accountVerbs } from '../accounts/postgres.ts';
import { aliasVerbs } from '../aliases/postgres.ts';
import { backlogVerbs } from '../backlog/postgres.ts';
import { channelVerbs, channelWrites } from '../channels/postgres.ts';
import { Connection } from './connection.ts';
import type { ConnectionOptions } from './connection.ts';
import { deliveryVerbs } from '../deliveries/postgres.ts';
import { destinationVerbs, destinationWrites } from '../destinations/postgres.ts';
import { fallbackVerbs } from '../fallbacks/postgres.ts';
import { createRecorder, journalVerbs } from '../journal/postgres.ts';
import { erasureVerbs } from '../erasures/postgres.ts';
import { mediaVerbs } from '../media/postgres.ts';
import { openMediaChunks } from '../media/postgres-chunks.ts';
import { nonceVerbs } from '../nonces/postgres.ts';
import { outboundVerbs } from '../outbound/postgres.ts';
import { queueVerbs, queueWrites } from '../queues/postgres.ts';
import { rateVerbs } from '../rates/postgres.ts';
import { receiptVerbs } from '../receipts/postgres.ts';
import { remarkVerbs } from '../remarks/postgres.ts';
import { templateVerbs } from '../templates/postgres.ts';
import { uploadVerbs } from '../uploads/postgres.ts';
import { compactTallies, upkeepVerbs } from '../upkeep/postgres.ts';
import { userVerbs } from '../users/postgres.ts';

interface PostgresStoreOptions extends ConnectionOptions {
  /** 32 bytes, the same on every node; secrets in the database are sealed with a key made from it. */
  readonly masterKey: Buffer;
}

/** How often the tallies of queues are added up. */
const compactMs = 2000;

/**
 * Opens the store in the database that `url` names, making its schema when it is not there. Throws `store_unavailable` when
 * it cannot be reached, `store_corrupt` when it is sealed with another master key, `schema_too_new`.
 */
export async function openPostgresStore({ masterKey, ...options }: PostgresStoreOptions): Promise<{
  readonly store: Store;
  readonly media: MediaStore;
  readonly clock: Clock;
}> {
  const db = await Connection.open(options);
  try {
    const seal = createSeal(masterKey);
    await checkMasterKey(db, seal);
    const recordChange = createRecorder(db);
    const channels = channelWrites(db, seal);
    const { findForReceipt, ...deliveries } = deliveryVerbs(db, recordChange);
    const upkeep = upkeepVerbs(db);
    const timer = setInterval(() => {
      // A database that is away is told of by everyone else.
      compactTallies(db).catch(() => undefined);
    }, compactMs);
    timer.unref();
    const store: Store = {
      ...accountVerbs(db, seal, recordChange, channels),
      ...channelVerbs(
        db,
        seal,
        recordChange,
        channels,
        destinationWrites(db, seal, recordChange),
        queueWrites(db),
      ),
      ...receiptVerbs(db, findForReceipt),
      ...remarkVerbs(db),
      ...deliveries,
      ...destinationVerbs(db, seal, recordChange),
      ...aliasVerbs(db),
      ...outboundVerbs(db),
      ...fallbackVerbs(db),
      ...templateVerbs(db, recordChange),
      ...nonceVerbs(db),
      ...queueVerbs(db, recordChange),
      ...mediaVerbs(db),
      ...journalVerbs(db, recordChange),
      ...rateVerbs(db),
      ...userVerbs(db, seal, recordChange),
      ...uploadVerbs(db),
      ...backlogVerbs(db, recordChange),
      ...erasureVerbs(db, recordChange),
      ...upkeep,
      close: () => {
        clearInterval(timer);
        return upkeep.close();
      },
    };
    return { store, media: openMediaChunks(db), clock: db.clock };
  } catch (error) {
    await db.close();
    throw error;
  }
}

/** Seals a known text at the first start and opens it at every later one, so that a wrong key stops the start. */
async function checkMasterKey(db: Connection, seal: ReturnType<typeof createSeal>): Promise<void> {
  await db.run("INSERT INTO meta (key, value) VALUES ('seal', $1) ON CONFLICT DO NOTHING", [
    seal.seal('chasqui'),
  ]);
  const stored = await db.get<{ value: Uint8Array }>("SELECT value FROM meta WHERE key = 'seal'");
  if (stored === undefined || seal.open(stored.value) !== 'chasqui')
    throw new GatewayError('wrong_master_key', 'The master key does not fit this store.');
}
