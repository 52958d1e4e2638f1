// The embedded store: one SQLite file, one process. Every verb is synchronous work inside the connection's group commit.
import { createHash } from 'node:crypto';
import { GatewayError } from '../../domain/errors.ts';
import { createSeal } from '../seal.ts';
import type { Seal } from '../seal.ts';
import type { Store } from '../store.ts';
import { AccountTables, accountVerbs } from '../accounts/sqlite.ts';
import { AliasTables, aliasVerbs } from '../aliases/sqlite.ts';
import { BacklogTables, backlogVerbs } from '../backlog/sqlite.ts';
import { ChannelTables, channelVerbs } from '../channels/sqlite.ts';
import { SenderTables } from '../channels/sqlite-senders.ts';
import { WebhookTargets } from '../channels/sqlite-targets.ts';
import { Connection } from './connection.ts';
import type { ConnectionOptions, CopyOptions } from './connection.ts';
import { toOpens } from './damage/quarantine.ts';
import type { Opens } from './damage/quarantine.ts';
import { DeliveryTables, deliveryVerbs } from '../deliveries/sqlite.ts';
import { Lanes } from '../deliveries/sqlite-lanes.ts';
import { DeliveryLists } from '../deliveries/sqlite-lists.ts';
import { DestinationTables, destinationVerbs } from '../destinations/sqlite.ts';
import { fallbackVerbs } from '../fallbacks/sqlite.ts';
import { createRecorder, journalVerbs } from '../journal/sqlite.ts';
import { ErasureTables, erasureVerbs } from '../erasures/sqlite.ts';
import { leaseVerbs } from '../leases/sqlite.ts';
import { portalLinkVerbs } from '../portals/sqlite.ts';
import { settingVerbs } from '../settings/sqlite.ts';
import { MediaTables, mediaVerbs } from '../media/sqlite.ts';
import { nonceVerbs } from '../nonces/sqlite.ts';
import { NoticeTables, noticeVerbs } from '../notices/sqlite.ts';
import { OutboundTables, outboundVerbs } from '../outbound/sqlite.ts';
import { OutboundLists } from '../outbound/sqlite-lists.ts';
import { OutboundSettlements } from '../outbound/sqlite-settlements.ts';
import { queueVerbs } from '../queues/sqlite.ts';
import { QueueDepths } from '../queues/sqlite-depths.ts';
import { MessageTables } from '../queues/sqlite-messages.ts';
import { QueueTables } from '../queues/sqlite-queues.ts';
import { dismissalVerbs } from '../dismissals/sqlite.ts';
import { rateVerbs } from '../rates/sqlite.ts';
import { ReceiptTables, receiptVerbs } from '../receipts/sqlite.ts';
import { ReceiptKeys } from '../receipts/sqlite-keys.ts';
import { Recording } from '../receipts/sqlite-record.ts';
import { RemarkTables, remarkVerbs } from '../remarks/sqlite.ts';
import { TemplateTables, templateVerbs } from '../templates/sqlite.ts';
import { uploadVerbs } from '../uploads/sqlite.ts';
import { UpkeepTables, upkeepVerbs } from '../upkeep/sqlite.ts';
import { UserTables, userVerbs } from '../users/sqlite.ts';

export interface SqliteStoreOptions extends ConnectionOptions {
  /** 32 bytes; secrets in the file are sealed with a key made from it. */
  readonly masterKey: Buffer;
}

export interface EmbeddedStore extends Store {
  /** Tells this store from others, as long as it lives: 8 hex digits. */
  readonly id: string;
  /** Writes a copy of the file as it is at one moment, while the store goes on. Throws what `checkIn` throws, and then leaves a part. */
  copyTo(file: string, options?: CopyOptions): Promise<void>;
}

/**
 * Opens the store in `file` (or `:memory:`), making it and its schema when they are not there. Throws `store_in_use` when
 * another process has it, `store_corrupt` when it is damaged or sealed, or `wrong_master_key` when it is sealed with another key, `schema_too_new`, and
 * `store_unavailable` when it cannot be written.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<EmbeddedStore> {
  const seal = createSeal(options.masterKey);
  const db = await Connection.open(options);
  try {
    await checkMasterKey(db, seal, toOpens(options.masterKey));
    return { id: findId(db), copyTo: (file, copy) => db.copyTo(file, copy), ...storeVerbs(db, seal) };
  } catch (error) {
    await db.close();
    throw error;
  }
}

/** The tables of each subject, with what they do to those of others, and the verbs over them. */
function storeVerbs(db: Connection, seal: Seal): Store {
  const recordChange = createRecorder(db);
  const depths = new QueueDepths(db);
  const queues = new QueueTables(db, recordChange, depths);
  const messages = new MessageTables(db, queues, depths);
  const destinations = new DestinationTables(db, seal, recordChange);
  const targets = new WebhookTargets(destinations, queues);
  const senders = new SenderTables(db, recordChange, targets);
  const channels = new ChannelTables(db, seal, recordChange, senders, targets);
  const media = new MediaTables(db);
  const aliases = new AliasTables(db);
  const outbound = new OutboundSettlements(db, aliases);
  const templates = new TemplateTables(db, recordChange);
  const deliveryLists = new DeliveryLists(db);
  const lanes = new Lanes(db);
  const deliveries = new DeliveryTables(db, recordChange, deliveryLists, lanes);
  const remarks = new RemarkTables(db);
  const keys = new ReceiptKeys(db);
  const recording = new Recording(db, {
    aliases,
    deliveries,
    keys,
    media,
    messages,
    outbound,
    queues,
    remarks,
    templates,
  });
  return {
    ...accountVerbs(db, new AccountTables(db, seal, recordChange, channels, senders)),
    ...channelVerbs(db, channels, senders),
    ...receiptVerbs(db, new ReceiptTables(db, deliveryLists, media), recording),
    ...aliasVerbs(db, aliases),
    ...remarkVerbs(db, remarks),
    ...deliveryVerbs(db, deliveries, deliveryLists, lanes),
    ...destinationVerbs(db, destinations),
    ...outboundVerbs(db, new OutboundTables(db, aliases), outbound, new OutboundLists(db, aliases)),
    ...fallbackVerbs(db),
    ...templateVerbs(db, templates),
    ...nonceVerbs(db),
    ...queueVerbs(db, queues, messages, depths),
    ...mediaVerbs(db, media),
    ...journalVerbs(db, recordChange),
    ...settingVerbs(db, recordChange),
    ...portalLinkVerbs(db, recordChange),
    ...noticeVerbs(db, new NoticeTables(db, seal, recordChange)),
    ...dismissalVerbs(db, recordChange),
    ...rateVerbs(db),
    ...leaseVerbs(db),
    ...userVerbs(db, new UserTables(db, seal, recordChange)),
    ...uploadVerbs(db),
    ...backlogVerbs(db, new BacklogTables(db, recordChange, lanes)),
    ...erasureVerbs(db, new ErasureTables(db, recordChange, aliases)),
    ...upkeepVerbs(db, new UpkeepTables(db, messages, keys)),
  };
}

/** What was sealed at the first start is no other store's, and tells nothing of the key. */
function findId(db: Connection): string {
  const row = db.prepare<{ value: Uint8Array }>("SELECT value FROM meta WHERE key = 'seal'").get();
  return createHash('sha256')
    .update(row?.value ?? '')
    .digest('hex')
    .slice(0, 8);
}

/** Seals a known text at the first start and opens it at every later one, so that a wrong key stops the start. */
async function checkMasterKey(db: Connection, seal: Seal, opens: Opens): Promise<void> {
  const stored = db.prepare<{ value: Uint8Array }>("SELECT value FROM meta WHERE key = 'seal'").get();
  if (stored === undefined) {
    // Of a damaged store it may be lost.
    const sealed = db.prepare<{ secret: Uint8Array }>('SELECT secret FROM access_key').all();
    if (sealed.length > 0 && !sealed.some(({ secret }) => opens(secret)))
      throw new GatewayError('wrong_master_key', 'The master key does not fit this store.');
    const insert = db.prepare("INSERT INTO meta (key, value) VALUES ('seal', ?)");
    await db.write(() => insert.run(seal.seal('chasqui')));
    return;
  }
  if (seal.open(stored.value) !== 'chasqui')
    throw new GatewayError('wrong_master_key', 'The master key does not fit this store.');
}
