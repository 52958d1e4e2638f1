// Senders, and what is left of those that were taken away until the messages that wait for them are closed.
import type { AccountId, Actor } from '../../domain/account.ts';
import { noSenderWebhook } from '../../domain/channel.ts';
import type {
  ChannelType,
  RemovedSender,
  Sender,
  SenderVerification,
  SenderWebhook,
} from '../../domain/channel.ts';
import type { NewDestination } from '../../domain/delivery.ts';
import { isNowhere } from '../../domain/subscription.ts';
import { requireExpected, versionOfSender, versionOfWebhook } from '../../domain/version.ts';
import type { Expected } from '../../domain/version.ts';
import type { NewSender } from '../store.ts';
import type { Connection, Transaction } from '../sqlite/connection.ts';
import type { Recorder } from '../journal/sqlite.ts';
import { toRemovedSender, toSender } from './rows.ts';
import { senderStatements } from './sqlite-statements.ts';
import type { WebhookTargets } from './sqlite-targets.ts';

/** What is done with the tables of senders, each inside a transaction that the caller has. */
export class SenderTables {
  readonly #db: Connection;
  readonly #recordChange: Recorder;
  readonly #targets: WebhookTargets;
  readonly #sql;

  constructor(db: Connection, recordChange: Recorder, targets: WebhookTargets) {
    this.#db = db;
    this.#recordChange = recordChange;
    this.#targets = targets;
    this.#sql = senderStatements(db);
  }

  /** Adds a sender that is not there, without an entry in the journal; one that was taken away is back then. */
  add(
    accountId: AccountId,
    channelId: string,
    channelType: ChannelType,
    { id, type, name, routeId, verification = 'unknown' }: NewSender,
  ): void {
    this.#sql.insert.run(
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

  put(
    tx: Transaction,
    accountId: AccountId,
    channelId: string,
    sender: NewSender,
    actor: Actor,
    expected?: Expected,
  ): 'created' | 'replaced' | 'taken' | 'no_channel' {
    const channel = this.#sql.channelById.get(channelId);
    if (channel?.account_id !== accountId) return 'no_channel';
    const { id, type, name, routeId, verification = null } = sender;
    if (channel.type !== 'sandbox' && this.#isHeldByAnother(channel.type, channelId, sender)) return 'taken';
    const known = this.find(channelId, id);
    requireExpected(expected, known && versionOfSender(known));
    if (known === undefined) this.add(accountId, channelId, channel.type, sender);
    else this.#sql.update.run(type, name, routeId, this.#db.now(), verification, channelId, id);
    const subject = `channel/${channelId}/sender/${id}`;
    this.#recordChange(accountId, actor, 'sender.put', subject, { type, name, routeId });
    tx.signal({ kind: 'directory', accountId });
    return known === undefined ? 'created' : 'replaced';
  }

  setWebhook(
    tx: Transaction,
    accountId: AccountId,
    channelId: string,
    senderId: string,
    change: Partial<SenderWebhook>,
    preset: NewDestination,
    actor: Actor,
    expected?: Expected,
  ): SenderWebhook | 'no_url' | 'missing' {
    const known = this.find(channelId, senderId);
    if (known?.accountId !== accountId) return 'missing';
    requireExpected(expected, versionOfWebhook(known));
    const webhook = { ...known.webhook, ...change };
    if (isNowhere(webhook)) return 'no_url';
    this.#sql.updateWebhook.run(JSON.stringify(webhook), this.#db.now(), accountId, channelId, senderId);
    const { queue, types, statusUrl, inboundUrl } = webhook;
    this.#targets.prepare(tx, accountId, [statusUrl, inboundUrl], queue ? types : [], preset, actor);
    const subject = `channel/${channelId}/sender/${senderId}`;
    this.#recordChange(accountId, actor, 'webhook.set', subject, { ...webhook });
    tx.signal({ kind: 'directory', accountId });
    tx.signal({ kind: 'webhook', accountId, channelId, senderId });
    return webhook;
  }

  setVerification(
    accountId: AccountId,
    channelId: string,
    senderId: string,
    verification: SenderVerification,
  ): boolean {
    return this.#sql.updateVerification.run(verification, accountId, channelId, senderId) > 0;
  }

  remove(
    tx: Transaction,
    accountId: AccountId,
    channelId: string,
    senderId: string,
    actor: Actor,
    expected?: Expected,
  ): boolean {
    const known = this.find(channelId, senderId);
    if (known?.accountId !== accountId) return false;
    requireExpected(expected, versionOfSender(known));
    this.noteRemoved(accountId, channelId, senderId);
    this.#sql.remove.run(accountId, channelId, senderId);
    this.#recordChange(accountId, actor, 'sender.deleted', `channel/${channelId}/sender/${senderId}`, {});
    tx.signal({ kind: 'directory', accountId });
    return true;
  }

  list(accountId: AccountId, channelId: string): Sender[] {
    return this.#sql.allOf.all(accountId, channelId).map(toSender);
  }

  find(channelId: string, senderId: string): Sender | undefined {
    const row = this.#sql.byId.get(channelId, senderId);
    return row && toSender(row);
  }

  findByRoute(type: ChannelType, routeId: string): Sender | undefined {
    const row = this.#sql.byRoute.get(type, routeId);
    return row && toSender(row);
  }

  /** Notes a sender of a channel, or all of them (null), among those that were taken away, before they are. */
  noteRemoved(accountId: AccountId, channelId: string, senderId: string | null): void {
    this.#sql.noteRemoved.run(this.#db.now(), accountId, channelId, senderId);
  }

  claimRemoved(limit: number, now: number, leaseMs: number): RemovedSender[] {
    return this.#sql.dueRemoved.all(now, limit).map((row) => {
      this.#sql.planRemoved.run(now + leaseMs, row.account_id, row.channel_id, row.id, row.removed_at);
      return toRemovedSender(row);
    });
  }

  settleRemoved({ sender, removedAt }: RemovedSender, dueAt: number | null): void {
    const key = [sender.accountId, sender.channelId, sender.id, removedAt] as const;
    if (dueAt === null) this.#sql.forgetRemoved.run(...key);
    else this.#sql.planRemoved.run(dueAt, ...key);
  }

  /** Whether another sender on the server has what events of that type call this one. */
  #isHeldByAnother(type: ChannelType, channelId: string, { id, routeId }: NewSender): boolean {
    const holder = this.#sql.byRoute.get(type, routeId);
    return holder !== undefined && (holder.channel_id !== channelId || holder.id !== id);
  }
}
