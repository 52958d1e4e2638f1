import type { AccountId, Actor } from '../../domain/account.ts';
import { mergeCredentials, noChannelWebhook } from '../../domain/channel.ts';
import type { Channel, ChannelType, ChannelWebhook } from '../../domain/channel.ts';
import type { NewDestination } from '../../domain/delivery.ts';
import { isNowhere } from '../../domain/subscription.ts';
import type { Expected } from '../../domain/version.ts';
import { requireExpected, versionOfChannel, versionOfWebhook } from '../../domain/version.ts';
import { isSame, toChannel, toChannelDetail, withChange } from './rows.ts';
import type { ChannelRow } from './rows.ts';
import { noteRemoved } from './postgres-senders.ts';
import type { SenderTables } from './postgres-senders.ts';
import type { WebhookTargets } from './postgres-targets.ts';
import type { Seal } from '../seal.ts';
import type { ChannelChange, Channels, NewChannel } from '../store.ts';
import type { BoundChannel } from './port.ts';
import type { Connection, Transaction } from '../postgres/connection.ts';
import type { Recorder } from '../journal/postgres.ts';

/** Makes a channel, unless its id is taken on the server. */
const insertChannel = `INSERT INTO channel (id, account_id, type, name, waba_id, credentials, webhook, created_at, updated_at, options)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9) ON CONFLICT DO NOTHING`;

/** Writes all that may be changed of a channel but its webhook. */
const updateChannel = `UPDATE channel SET type = $1, name = $2, waba_id = $3, credentials = $4, options = $5,
    updated_at = greatest($6, updated_at + 1)
  WHERE account_id = $7 AND id = $8`;

const updateWebhook =
  'UPDATE channel SET webhook = $1, updated_at = greatest($2, updated_at + 1) WHERE account_id = $3 AND id = $4';

/** Two who bind one WABA at once have to get one channel: who binds it is alone with it until the commit. */
const holdWaba = 'SELECT pg_advisory_xact_lock(hashtextextended($2, $1))';

const channelOfWaba =
  'SELECT id FROM channel WHERE account_id = $1 AND waba_id = $2 ORDER BY created_at, id LIMIT 1';

/** The account's own channel, which nobody else changes until the commit. */
const lockChannel = 'SELECT * FROM channel WHERE account_id = $1 AND id = $2 FOR UPDATE';

/** What is done with the table of channels. */
export class ChannelTables {
  readonly #db: Connection;
  readonly #seal: Seal;
  readonly #recordChange: Recorder;
  readonly #targets: WebhookTargets;

  constructor(db: Connection, seal: Seal, recordChange: Recorder, targets: WebhookTargets) {
    this.#db = db;
    this.#seal = seal;
    this.#recordChange = recordChange;
    this.#targets = targets;
  }

  /** Makes a channel; resolves to false when its id is taken on the server. */
  async add(
    tx: Transaction,
    accountId: AccountId,
    { id, type, name = id, wabaId = null, credentials = {}, options = {} }: NewChannel,
  ): Promise<boolean> {
    const made = await tx.run(insertChannel, [
      id,
      accountId,
      type,
      name,
      wabaId,
      this.#seal.seal(JSON.stringify(mergeCredentials({}, credentials))),
      JSON.stringify(noChannelWebhook),
      this.#db.now(),
      JSON.stringify(options),
    ]);
    return made > 0;
  }

  async put(
    tx: Transaction,
    accountId: AccountId,
    channel: NewChannel,
    actor: Actor,
    expected?: Expected,
  ): Promise<'created' | 'replaced' | 'taken'> {
    const made = await this.add(tx, accountId, channel);
    // What is thrown takes the row back again.
    if (made) requireExpected(expected, undefined);
    else {
      const known = await this.#lock(tx, accountId, channel.id);
      if (known === undefined) return 'taken';
      requireExpected(expected, versionOfChannel(known));
      await this.#replace(tx, withChange(known, channel));
    }
    await this.#notePut(tx, accountId, channel, actor);
    return made ? 'created' : 'replaced';
  }

  async bindWaba(
    tx: Transaction,
    accountId: AccountId,
    channel: NewChannel & { readonly wabaId: string },
    actor: Actor,
  ): Promise<BoundChannel | 'taken'> {
    const { id, wabaId } = channel;
    await tx.run(holdWaba, [accountId, `waba/${wabaId}`]);
    const bound = await tx.get<Pick<ChannelRow, 'id'>>(channelOfWaba, [accountId, wabaId]);
    if (bound !== undefined) return { id: bound.id, isNew: false };
    if (!(await this.add(tx, accountId, channel))) return 'taken';
    await this.#notePut(tx, accountId, channel, actor);
    return { id, isNew: true };
  }

  async change(
    tx: Transaction,
    accountId: AccountId,
    channelId: string,
    change: ChannelChange,
    actor: Actor,
    expected?: Channel['credentials'],
  ): Promise<boolean> {
    const known = await this.#lock(tx, accountId, channelId);
    if (known === undefined || (expected !== undefined && !isSame(known.credentials, expected))) return false;
    await this.#replace(tx, withChange(known, change));
    const subject = `channel/${channelId}`;
    await this.#recordChange(tx, accountId, actor, 'channel.put', subject, toChannelDetail(change));
    tx.signal({ kind: 'directory', accountId });
    return true;
  }

  async remove(
    tx: Transaction,
    accountId: AccountId,
    channelId: string,
    actor: Actor,
    expected?: Expected,
  ): Promise<boolean> {
    const known = await this.#lock(tx, accountId, channelId);
    if (known === undefined) return false;
    requireExpected(expected, versionOfChannel(known));
    await noteRemoved(tx, accountId, channelId, null, this.#db.now());
    await tx.run('DELETE FROM channel WHERE account_id = $1 AND id = $2', [accountId, channelId]);
    await this.#recordChange(tx, accountId, actor, 'channel.deleted', `channel/${channelId}`, {});
    tx.signal({ kind: 'directory', accountId });
    return true;
  }

  async find(channelId: string): Promise<Channel | undefined> {
    const row = await this.#db.get<ChannelRow>('SELECT * FROM channel WHERE id = $1', [channelId]);
    return row && toChannel(row, this.#seal);
  }

  async list(accountId: AccountId): Promise<readonly Channel[]> {
    const sql = 'SELECT * FROM channel WHERE account_id = $1 ORDER BY created_at, id';
    return this.#read(await this.#db.all<ChannelRow>(sql, [accountId]));
  }

  async findByWaba(type: ChannelType, wabaId: string): Promise<readonly Channel[]> {
    const sql = 'SELECT * FROM channel WHERE type = $1 AND waba_id = $2 ORDER BY created_at, id';
    return this.#read(await this.#db.all<ChannelRow>(sql, [type, wabaId]));
  }

  async setWebhook(
    tx: Transaction,
    accountId: AccountId,
    channelId: string,
    change: Partial<ChannelWebhook>,
    preset: NewDestination,
    actor: Actor,
    expected?: Expected,
  ): Promise<ChannelWebhook | 'no_url' | 'missing'> {
    const known = await this.#lock(tx, accountId, channelId);
    if (known === undefined) return 'missing';
    requireExpected(expected, versionOfWebhook(known));
    const webhook = { ...known.webhook, ...change };
    if (isNowhere(webhook)) return 'no_url';
    await tx.run(updateWebhook, [JSON.stringify(webhook), this.#db.now(), accountId, channelId]);
    const types = webhook.queue ? (['ChatAppAudit'] as const) : [];
    await this.#targets.prepare(tx, accountId, [webhook.auditUrl], types, preset, actor);
    await this.#recordChange(tx, accountId, actor, 'webhook.set', `channel/${channelId}`, { ...webhook });
    tx.signal({ kind: 'directory', accountId });
    tx.signal({ kind: 'webhook', accountId, channelId, senderId: null });
    return webhook;
  }

  async #notePut(tx: Transaction, accountId: AccountId, channel: NewChannel, actor: Actor): Promise<void> {
    const subject = `channel/${channel.id}`;
    await this.#recordChange(tx, accountId, actor, 'channel.put', subject, toChannelDetail(channel));
    tx.signal({ kind: 'directory', accountId });
  }

  async #lock(tx: Transaction, accountId: AccountId, channelId: string): Promise<Channel | undefined> {
    const row = await tx.get<ChannelRow>(lockChannel, [accountId, channelId]);
    return row && toChannel(row, this.#seal);
  }

  async #replace(
    tx: Transaction,
    { accountId, id, type, name, wabaId, credentials, options }: Channel,
  ): Promise<void> {
    const sealed = this.#seal.seal(JSON.stringify(credentials));
    const content = [type, name, wabaId, sealed, JSON.stringify(options)];
    await tx.run(updateChannel, [...content, this.#db.now(), accountId, id]);
  }

  #read(rows: readonly ChannelRow[]): readonly Channel[] {
    return this.#db.rows.read('channel', rows, (row) => toChannel(row, this.#seal));
  }
}

export function channelVerbs(db: Connection, channels: ChannelTables, senders: SenderTables): Channels {
  return {
    putChannel: (accountId, channel, actor, expected) =>
      db.tx((tx) => channels.put(tx, accountId, channel, actor, expected)),
    bindWaba: (accountId, channel, actor) => db.tx((tx) => channels.bindWaba(tx, accountId, channel, actor)),
    changeChannel: (accountId, channelId, change, actor, expected) =>
      db.tx((tx) => channels.change(tx, accountId, channelId, change, actor, expected)),
    deleteChannel: (accountId, channelId, actor, expected) =>
      db.tx((tx) => channels.remove(tx, accountId, channelId, actor, expected)),
    findChannel: (channelId) => channels.find(channelId),
    listChannels: (accountId) => channels.list(accountId),
    findChannelsByWaba: (type, wabaId) => channels.findByWaba(type, wabaId),
    setChannelWebhook: (accountId, channelId, change, preset, actor, expected) =>
      db.tx((tx) => channels.setWebhook(tx, accountId, channelId, change, preset, actor, expected)),
    putSender: (accountId, channelId, sender, actor, expected) =>
      db.tx((tx) => senders.put(tx, accountId, channelId, sender, actor, expected)),
    setSenderVerification: (accountId, channelId, senderId, verification) =>
      db.tx((tx) => senders.setVerification(tx, accountId, channelId, senderId, verification)),
    deleteSender: (accountId, channelId, senderId, actor, expected) =>
      db.tx((tx) => senders.remove(tx, accountId, channelId, senderId, actor, expected)),
    claimRemovedSenders: (limit, now, leaseMs) => senders.claimRemoved(limit, now, leaseMs),
    settleRemovedSender: (removed, dueAt) => senders.settleRemoved(removed, dueAt),
    listSenders: (accountId, channelId) => senders.list(accountId, channelId),
    findSender: (channelId, senderId) => senders.find(channelId, senderId),
    findSenderByRoute: (type, routeId) => senders.findByRoute(type, routeId),
    setSenderWebhook: (accountId, channelId, senderId, change, preset, actor, expected) =>
      db.tx((tx) => senders.setWebhook(tx, accountId, channelId, senderId, change, preset, actor, expected)),
  };
}
