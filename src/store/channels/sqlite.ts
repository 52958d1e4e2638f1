import type { AccountId, Actor } from '../../domain/account.ts';
import { mergeCredentials, noChannelWebhook } from '../../domain/channel.ts';
import type { Channel, ChannelType, ChannelWebhook } from '../../domain/channel.ts';
import type { NewDestination } from '../../domain/delivery.ts';
import type { ReceiptType } from '../../domain/receipt.ts';
import { isNowhere } from '../../domain/subscription.ts';
import { requireExpected, versionOfChannel, versionOfWebhook } from '../../domain/version.ts';
import type { Expected } from '../../domain/version.ts';
import type { Seal } from '../seal.ts';
import type { ChannelChange, Channels, NewChannel } from '../store.ts';
import type { BoundChannel } from './port.ts';
import type { Connection, Transaction } from '../sqlite/connection.ts';
import type { Recorder } from '../journal/sqlite.ts';
import { isSame, toChannel, toChannelDetail, withChange } from './rows.ts';
import type { SenderTables } from './sqlite-senders.ts';
import { channelStatements } from './sqlite-statements.ts';
import type { WebhookTargets } from './sqlite-targets.ts';

/** What is done with the table of channels, each inside a transaction that the caller has. */
export class ChannelTables {
  readonly #db: Connection;
  readonly #seal: Seal;
  readonly #recordChange: Recorder;
  readonly #senders: SenderTables;
  readonly #targets: WebhookTargets;
  readonly #sql;

  constructor(
    db: Connection,
    seal: Seal,
    recordChange: Recorder,
    senders: SenderTables,
    targets: WebhookTargets,
  ) {
    this.#db = db;
    this.#seal = seal;
    this.#recordChange = recordChange;
    this.#senders = senders;
    this.#targets = targets;
    this.#sql = channelStatements(db);
  }

  /** Adds a channel that is not there, without an entry in the journal. */
  add(
    accountId: AccountId,
    { id, type, name = id, wabaId = null, credentials = {}, options = {} }: NewChannel,
  ): void {
    this.#sql.insert.run(
      id,
      accountId,
      type,
      name,
      wabaId,
      this.#seal.seal(JSON.stringify(mergeCredentials({}, credentials))),
      JSON.stringify(noChannelWebhook),
      this.#db.now(),
      JSON.stringify(options),
    );
  }

  put(
    tx: Transaction,
    accountId: AccountId,
    channel: NewChannel,
    actor: Actor,
    expected?: Expected,
  ): 'created' | 'replaced' | 'taken' {
    const row = this.#sql.byId.get(channel.id);
    if (row !== undefined && row.account_id !== accountId) return 'taken';
    const known = row && toChannel(row, this.#seal);
    requireExpected(expected, known && versionOfChannel(known));
    if (known === undefined) this.add(accountId, channel);
    else this.#replace(withChange(known, channel));
    this.#recordChange(accountId, actor, 'channel.put', `channel/${channel.id}`, toChannelDetail(channel));
    tx.signal({ kind: 'directory', accountId });
    return known === undefined ? 'created' : 'replaced';
  }

  bindWaba(
    tx: Transaction,
    accountId: AccountId,
    channel: NewChannel & { readonly wabaId: string },
    actor: Actor,
  ): BoundChannel | 'taken' {
    const bound = this.#sql.ofWaba.get(accountId, channel.wabaId);
    if (bound !== undefined) return { id: bound.id, isNew: false };
    if (this.#sql.byId.get(channel.id) !== undefined) return 'taken';
    this.put(tx, accountId, channel, actor);
    return { id: channel.id, isNew: true };
  }

  change(
    tx: Transaction,
    accountId: AccountId,
    channelId: string,
    change: ChannelChange,
    actor: Actor,
    expected?: Channel['credentials'],
  ): boolean {
    const channel = this.#findOwn(accountId, channelId);
    if (channel === undefined) return false;
    if (expected !== undefined && !isSame(channel.credentials, expected)) return false;
    this.#replace(withChange(channel, change));
    this.#recordChange(accountId, actor, 'channel.put', `channel/${channelId}`, toChannelDetail(change));
    tx.signal({ kind: 'directory', accountId });
    return true;
  }

  setWebhook(
    tx: Transaction,
    accountId: AccountId,
    channelId: string,
    change: Partial<ChannelWebhook>,
    preset: NewDestination,
    actor: Actor,
    expected?: Expected,
  ): ChannelWebhook | 'no_url' | 'missing' {
    const known = this.#findOwn(accountId, channelId);
    if (known === undefined) return 'missing';
    requireExpected(expected, versionOfWebhook(known));
    const webhook = { ...known.webhook, ...change };
    if (isNowhere(webhook)) return 'no_url';
    this.#sql.updateWebhook.run(JSON.stringify(webhook), this.#db.now(), accountId, channelId);
    const types: ReceiptType[] = webhook.queue ? ['ChatAppAudit'] : [];
    this.#targets.prepare(tx, accountId, [webhook.auditUrl], types, preset, actor);
    this.#recordChange(accountId, actor, 'webhook.set', `channel/${channelId}`, { ...webhook });
    tx.signal({ kind: 'directory', accountId });
    tx.signal({ kind: 'webhook', accountId, channelId, senderId: null });
    return webhook;
  }

  remove(
    tx: Transaction,
    accountId: AccountId,
    channelId: string,
    actor: Actor,
    expected?: Expected,
  ): boolean {
    const known = this.#findOwn(accountId, channelId);
    if (known === undefined) return false;
    requireExpected(expected, versionOfChannel(known));
    this.#senders.noteRemoved(accountId, channelId, null);
    this.#sql.remove.run(accountId, channelId);
    this.#recordChange(accountId, actor, 'channel.deleted', `channel/${channelId}`, {});
    tx.signal({ kind: 'directory', accountId });
    return true;
  }

  list(accountId: AccountId): Channel[] {
    return this.#sql.allOf.all(accountId).map((row) => toChannel(row, this.#seal));
  }

  find(channelId: string): Channel | undefined {
    const row = this.#sql.byId.get(channelId);
    return row && toChannel(row, this.#seal);
  }

  findByWaba(type: ChannelType, wabaId: string): Channel[] {
    return this.#sql.byWaba.all(type, wabaId).map((row) => toChannel(row, this.#seal));
  }

  /** The account's own channel; another's is as good as none. */
  #findOwn(accountId: AccountId, channelId: string): Channel | undefined {
    const row = this.#sql.byId.get(channelId);
    return row?.account_id === accountId ? toChannel(row, this.#seal) : undefined;
  }

  #replace({ accountId, id, type, name, wabaId, credentials, options }: Channel): void {
    const sealed = this.#seal.seal(JSON.stringify(credentials));
    const now = this.#db.now();
    this.#sql.update.run(type, name, wabaId, sealed, JSON.stringify(options), now, accountId, id);
  }
}

export function channelVerbs(db: Connection, channels: ChannelTables, senders: SenderTables): Channels {
  return {
    putChannel: (accountId, channel, actor, expected) =>
      db.write((tx) => channels.put(tx, accountId, channel, actor, expected)),
    bindWaba: (accountId, channel, actor) =>
      db.write((tx) => channels.bindWaba(tx, accountId, channel, actor)),
    changeChannel: (accountId, channelId, change, actor, expected) =>
      db.write((tx) => channels.change(tx, accountId, channelId, change, actor, expected)),
    deleteChannel: (accountId, channelId, actor, expected) =>
      db.write((tx) => channels.remove(tx, accountId, channelId, actor, expected)),
    findChannel: (channelId) => db.read(() => channels.find(channelId)),
    listChannels: (accountId) => db.read(() => channels.list(accountId)),
    putSender: (accountId, channelId, sender, actor, expected) =>
      db.write((tx) => senders.put(tx, accountId, channelId, sender, actor, expected)),
    setSenderVerification: (accountId, channelId, senderId, verification) =>
      db.write(() => senders.setVerification(accountId, channelId, senderId, verification)),
    deleteSender: (accountId, channelId, senderId, actor, expected) =>
      db.write((tx) => senders.remove(tx, accountId, channelId, senderId, actor, expected)),
    claimRemovedSenders: (limit, now, leaseMs) => db.write(() => senders.claimRemoved(limit, now, leaseMs)),
    settleRemovedSender: (removed, dueAt) => db.write(() => senders.settleRemoved(removed, dueAt)),
    listSenders: (accountId, channelId) => db.read(() => senders.list(accountId, channelId)),
    findSender: (channelId, senderId) => db.read(() => senders.find(channelId, senderId)),
    findSenderByRoute: (type, routeId) => db.read(() => senders.findByRoute(type, routeId)),
    findChannelsByWaba: (type, wabaId) => db.read(() => channels.findByWaba(type, wabaId)),
    setSenderWebhook: (accountId, channelId, senderId, change, preset, actor, expected) =>
      db.write((tx) =>
        senders.setWebhook(tx, accountId, channelId, senderId, change, preset, actor, expected),
      ),
    setChannelWebhook: (accountId, channelId, change, preset, actor, expected) =>
      db.write((tx) => channels.setWebhook(tx, accountId, channelId, change, preset, actor, expected)),
  };
}
