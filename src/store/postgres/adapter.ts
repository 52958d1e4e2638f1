// The shared store: one PostgreSQL database, many nodes. What is hot is a function of the schema, called once a batch.
import type { Clock } from '../../runtime/clock.ts';
import { GatewayError } from '../../domain/errors.ts';
import { createSeal } from '../seal.ts';
import type { Seal } from '../seal.ts';
import type { MediaStore, Store, Upkeep } from '../store.ts';
import { AccountTables, accountVerbs } from '../accounts/postgres.ts';
import { aliasVerbs } from '../aliases/postgres.ts';
import { BacklogTables, backlogVerbs } from '../backlog/postgres.ts';
import { ChannelTables, channelVerbs } from '../channels/postgres.ts';
import { SenderTables } from '../channels/postgres-senders.ts';
import { WebhookTargets } from '../channels/postgres-targets.ts';
import { Connection } from './connection.ts';
import type { ConnectionOptions } from './connection.ts';
import { Replays, deliveryVerbs } from '../deliveries/postgres.ts';
import { Claims } from '../deliveries/postgres-claims.ts';
import { DeliveryLists } from '../deliveries/postgres-lists.ts';
import { Settlements } from '../deliveries/postgres-settlements.ts';
import { DestinationTables, destinationVerbs } from '../destinations/postgres.ts';
import { fallbackVerbs } from '../fallbacks/postgres.ts';
import { createRecorder, journalVerbs } from '../journal/postgres.ts';
import { ErasureTables, erasureVerbs } from '../erasures/postgres.ts';
import { leaseVerbs } from '../leases/postgres.ts';
import { portalLinkVerbs } from '../portals/postgres.ts';
import { settingVerbs } from '../settings/postgres.ts';
import { MediaTables, mediaVerbs } from '../media/postgres.ts';
import { openMediaChunks } from '../media/postgres-chunks.ts';
import { nonceVerbs } from '../nonces/postgres.ts';
import { NoticeTables, noticeVerbs } from '../notices/postgres.ts';
import { OutboundTables, outboundVerbs } from '../outbound/postgres.ts';
import { OutboundLists } from '../outbound/postgres-lists.ts';
import { QueueTables, queueVerbs } from '../queues/postgres.ts';
import { MessageTables } from '../queues/postgres-messages.ts';
import { dismissalVerbs } from '../dismissals/postgres.ts';
import { rateVerbs } from '../rates/postgres.ts';
import { ReceiptTables, receiptVerbs } from '../receipts/postgres.ts';
import { remarkVerbs } from '../remarks/postgres.ts';
import { TemplateTables, templateVerbs } from '../templates/postgres.ts';
import { uploadVerbs } from '../uploads/postgres.ts';
import { compactTallies, upkeepVerbs } from '../upkeep/postgres.ts';
import { UserTables, userVerbs } from '../users/postgres.ts';

interface PostgresStoreOptions extends Omit<ConnectionOptions, 'prove'> {
  /** 32 bytes, the same on every node; secrets in the database are sealed with a key made from it. */
  readonly masterKey: Buffer;
}

/**
 * Opens the store in the database that `url` names, making its schema when it is not there. Throws `store_unavailable` when
 * it cannot be reached, `wrong_master_key` when it is sealed with another, with nothing changed, `schema_too_new`.
 */
export async function openPostgresStore({ masterKey, ...options }: PostgresStoreOptions): Promise<{
  readonly store: Store;
  readonly media: MediaStore;
  readonly clock: Clock;
  /** The host of the database that is used at this moment, with its port. */
  readonly databaseHost: () => string;
  /** Adds up what was counted of queues, so that telling their depth stays quick; resolves to how many had much to add up. */
  readonly compactTallies: () => Promise<number>;
  /** Connections that are open, how many at most, and calls that wait for one. */
  readonly database: () => { readonly open: number; readonly max: number; readonly waiting: number };
}> {
  const seal = createSeal(masterKey);
  const prove = (sealed: Uint8Array): void => void seal.open(sealed);
  const db = await Connection.open({ ...options, prove });
  try {
    await checkMasterKey(db, seal);
    const store: Store = { ...compose(db, seal), ...upkeepVerbs(db) };
    return {
      store,
      media: openMediaChunks(db),
      clock: db.clock,
      databaseHost: () => db.host,
      compactTallies: () => compactTallies(db),
      database: () => db.countConnections(),
    };
  } catch (error) {
    await db.close();
    throw error;
  }
}

/** Lays the verbs of all subjects together, but those of the store as a whole. */
function compose(db: Connection, seal: Seal): Omit<Store, keyof Upkeep> {
  const recordChange = createRecorder(db);
  const destinations = new DestinationTables(db, seal, recordChange);
  const queues = new QueueTables(db, recordChange);
  const targets = new WebhookTargets(destinations, queues);
  const channels = new ChannelTables(db, seal, recordChange, targets);
  const senders = new SenderTables(db, recordChange, targets);
  const accounts = new AccountTables(db, seal, recordChange, channels, senders);
  const claims = new Claims(db);
  const deliveries = new DeliveryLists(db);
  const receipts = new ReceiptTables(db, deliveries);
  return {
    ...accountVerbs(db, accounts),
    ...channelVerbs(db, channels, senders),
    ...receiptVerbs(db, receipts),
    ...remarkVerbs(db),
    ...deliveryVerbs(
      db,
      claims,
      new Settlements(db, claims),
      deliveries,
      new Replays(db, recordChange, deliveries),
    ),
    ...destinationVerbs(db, destinations),
    ...aliasVerbs(db),
    ...outboundVerbs(new OutboundTables(db), new OutboundLists(db)),
    ...fallbackVerbs(db),
    ...templateVerbs(db, new TemplateTables(db, recordChange)),
    ...nonceVerbs(db),
    ...queueVerbs(db, queues, new MessageTables(db)),
    ...mediaVerbs(new MediaTables(db)),
    ...journalVerbs(db, recordChange),
    ...settingVerbs(db, recordChange),
    ...portalLinkVerbs(db, recordChange),
    ...noticeVerbs(db, new NoticeTables(db, seal, recordChange)),
    ...dismissalVerbs(db, recordChange),
    ...rateVerbs(db),
    ...leaseVerbs(db),
    ...userVerbs(db, new UserTables(db, seal, recordChange)),
    ...uploadVerbs(db),
    ...backlogVerbs(db, new BacklogTables(db, recordChange)),
    ...erasureVerbs(db, new ErasureTables(db, recordChange)),
  };
}

/** Seals a known text at the first start and opens it at every later one, so that a wrong key stops the start. */
async function checkMasterKey(db: Connection, seal: Seal): Promise<void> {
  await db.run("INSERT INTO meta (key, value) VALUES ('seal', $1) ON CONFLICT DO NOTHING", [
    seal.seal('chasqui'),
  ]);
  const stored = await db.get<{ value: Uint8Array }>("SELECT value FROM meta WHERE key = 'seal'");
  if (stored === undefined || seal.open(stored.value) !== 'chasqui')
    throw new GatewayError('wrong_master_key', 'The master key does not fit this store.');
}
