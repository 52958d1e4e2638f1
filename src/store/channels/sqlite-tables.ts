import type { AccountId, Actor } from '../../domain/account.ts';
import { mergeCredentials, noChannelWebhook, noSenderWebhook } from '../../domain/channel.ts';
import type {
  Channel,
  ChannelType,
  RemovedSender,
  Sender,
  SenderVerification,
} from '../../domain/channel.ts';
import { requireExpected, versionOfChannel, versionOfSender } from '../../domain/version.ts';
import type { Expected } from '../../domain/version.ts';
import type { Seal } from '../seal.ts';
import type { ChannelChange, NewChannel, NewSender } from '../store.ts';
import { isSame, toChannel, toChannelDetail, toRemovedSender, toSender, withChange } from './rows.ts';
import type { ChannelRow } from './rows.ts';
import type { Connection, Transaction } from '../sqlite/connection.ts';
import type { Recorder } from '../journal/sqlite.ts';
import { channelStatements } from './sqlite-statements.ts';

/** What is done with the tables of channels and their senders, each inside a transaction that the caller has. */
export class ChannelTables {
  readonly #db: Connection;
  readonly #seal: Seal;
  readonly #recordChange: Recorder;
  readonly #sql;

  constructor(db: Connection, seal: Seal, recordChange: Recorder) {
    this.#db = db;
    this.#seal = seal;
    this.#recordChange = recordChange;
    this.#sql = channelStatements(db);
  }

  /** Adds a channel that is not there, without an entry in the journal. */
  addChannel(
    accountId: AccountId,
    { id, type, name = id, wabaId = null, credentials = {}, options = {} }: NewChannel,
  ): void {
    this.#sql.insertChannel.run(
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

  putChannel(
    tx: Transaction,
    accountId: AccountId,
    channel: NewChannel,
    actor: Actor,
    expected?: Expected,
  ): 'created' | 'replaced' | 'taken' {
    const row = this.#sql.channelById.get(channel.id);
    if (row !== undefined && row.account_id !== accountId) return 'taken';
    const known = row && toChannel(row, this.#seal);
    requireExpected(expected, known && versionOfChannel(known));
    if (known === undefined) this.addChannel(accountId, channel);
    else this.#replace(withChange(known, channel));
    this.#recordChange(accountId, actor, 'channel.put', `channel/${channel.id}`, toChannelDetail(channel));
    tx.signal({ kind: 'directory', accountId });
    return known === undefined ? 'created' : 'replaced';
  }

  changeChannel(
    tx: Transaction,
    accountId: AccountId,
    channelId: string,
    change: ChannelChange,
    actor: Actor,
    expected?: Channel['credentials'],
  ): boolean {
    const channel = this.findOwn(accountId, channelId);
    if (channel === undefined) return false;
    if (expected !== undefined && !isSame(channel.credentials, expected)) return false;
    this.#replace(withChange(channel, change));
    this.#recordChange(accountId, actor, 'channel.put', `channel/${channelId}`, toChannelDetail(change));
    tx.signal({ kind: 'directory', accountId });
    return true;
  }

  deleteChannel(
    tx: Transaction,
    accountId: AccountId,
    channelId: string,
    actor: Actor,
    expected?: Expected,
  ): boolean {
    const known = this.findOwn(accountId, channelId);
    if (known === undefined) return false;
    requireExpected(expected, versionOfChannel(known));
    this.#sql.noteRemoved.run(this.#db.now(), accountId, channelId, null);
    this.#sql.removeChannel.run(accountId, channelId);
    this.#recordChange(accountId, actor, 'channel.deleted', `channel/${channelId}`, {});
    tx.signal({ kind: 'directory', accountId });
    return true;
  }

  findChannel(channelId: string): Channel | undefined {
    const row = this.#sql.channelById.get(channelId);
    return row && toChannel(row, this.#seal);
  }

  /** The account's own channel; another's is as good as none. */
  findOwn(accountId: AccountId, channelId: string): Channel | undefined {
    const row = this.#ownRow(accountId, channelId);
    return row && toChannel(row, this.#seal);
  }

  listChannels(accountId: AccountId): Channel[] {
    return this.#sql.channelsOf.all(accountId).map((row) => toChannel(row, this.#seal));
  }

  findChannelsByWaba(type: ChannelType, wabaId: string): Channel[] {
    return this.#sql.channelsByWaba.all(type, wabaId).map((row) => toChannel(row, this.#seal));
  }

  /** Adds a sender that is not there, without an entry in the journal; one that was taken away is back then. */
  addSender(
    accountId: AccountId,
    channelId: string,
    channelType: ChannelType,
    { id, type, name, routeId, verification = 'unknown' }: NewSender,
  ): void {
    this.#sql.insertSender.run(
      accountId,
      channelId,
      channelType,
      id,
      type,
      name,
      routeId,
      JSON.stringify(noSenderWebhook),
      this.#db.now(),
      verification,
    );
    this.#sql.unremove.run(accountId, channelId, id);
  }

  putSender(
    tx: Transaction,
    accountId: AccountId,
    channelId: string,
    sender: NewSender,
    actor: Actor,
    expected?: Expected,
  ): 'created' | 'replaced' | 'taken' | 'no_channel' {
    const channel = this.#ownRow(accountId, channelId);
    if (channel === undefined) return 'no_channel';
    const { id, type, name, routeId, verification = null } = sender;
    if (channel.type !== 'sandbox' && this.#isHeldByAnother(channel.type, channelId, sender)) return 'taken';
    const known = this.findSender(channelId, id);
    requireExpected(expected, known && versionOfSender(known));
    if (known === undefined) this.addSender(accountId, channelId, channel.type, sender);
    else this.#sql.updateSender.run(type, name, routeId, this.#db.now(), verification, channelId, id);
    const subject = `channel/${channelId}/sender/${id}`;
    this.#recordChange(accountId, actor, 'sender.put', subject, { type, name, routeId });
    tx.signal({ kind: 'directory', accountId });
    return known === undefined ? 'created' : 'replaced';
  }

  setVerification(
    accountId: AccountId,
    channelId: string,
    senderId: string,
    verification: SenderVerification,
  ): boolean {
    return this.#sql.updateVerification.run(verification, accountId, channelId, senderId) > 0;
  }

  deleteSender(
    tx: Transaction,
    accountId: AccountId,
    channelId: string,
    senderId: string,
    actor: Actor,
    expected?: Expected,
  ): boolean {
    const known = this.findSender(channelId, senderId);
    if (known?.accountId !== accountId) return false;
    requireExpected(expected, versionOfSender(known));
    this.#sql.noteRemoved.run(this.#db.now(), accountId, channelId, senderId);
    this.#sql.removeSender.run(accountId, channelId, senderId);
    this.#recordChange(accountId, actor, 'sender.deleted', `channel/${channelId}/sender/${senderId}`, {});
    tx.signal({ kind: 'directory', accountId });
    return true;
  }

  listSenders(accountId: AccountId, channelId: string): Sender[] {
    return this.#sql.sendersOf.all(accountId, channelId).map(toSender);
  }

  findSender(channelId: string, senderId: string): Sender | undefined {
    const row = this.#sql.senderById.get(channelId, senderId);
    return row && toSender(row);
  }

  findSenderByRoute(type: ChannelType, routeId: string): Sender | undefined {
    const row = this.#sql.senderByRoute.get(type, routeId);
    return row && toSender(row);
  }

  claimRemovedSenders(limit: number, now: number, leaseMs: number): RemovedSender[] {
    return this.#sql.dueRemoved.all(now, limit).map((row) => {
      this.#sql.planRemoved.run(now + leaseMs, row.account_id, row.channel_id, row.id, row.removed_at);
      return toRemovedSender(row);
    });
  }

  settleRemovedSender({ sender, removedAt }: RemovedSender, dueAt: number | null): void {
    const key = [sender.accountId, sender.channelId, sender.id, removedAt] as const;
    if (dueAt === null) this.#sql.forgetRemoved.run(...key);
    else this.#sql.planRemoved.run(dueAt, ...key);
  }

  #ownRow(accountId: AccountId, channelId: string): ChannelRow | undefined {
    const row = this.#sql.channelById.get(channelId);
    return row?.account_id === accountId ? row : undefined;
  }

  /** Whether another sender on the server has what events of that type call this one. */
  #isHeldByAnother(type: ChannelType, channelId: string, { id, routeId }: NewSender): boolean {
    const holder = this.#sql.senderByRoute.get(type, routeId);
    return holder !== undefined && (holder.channel_id !== channelId || holder.id !== id);
  }

  #replace({ accountId, id, type, name, wabaId, credentials, options }: Channel): void {
    const sealed = this.#seal.seal(JSON.stringify(credentials));
    const now = this.#db.now();
    this.#sql.updateChannel.run(type, name, wabaId, sealed, JSON.stringify(options), now, accountId, id);
  }
}
