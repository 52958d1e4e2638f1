// Senders, and what is left of those that were deleted until the messages that wait for them are closed.
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
import type { Expected } from '../../domain/version.ts';
import { requireExpected, versionOfSender, versionOfWebhook } from '../../domain/version.ts';
import { toRemovedSender, toSender } from './rows.ts';
import type { ChannelRow, RemovedSenderRow, SenderRow } from './rows.ts';
import type { NewSender } from '../store.ts';
import type { Connection, Queries, Transaction } from '../postgres/connection.ts';
import type { Recorder } from '../journal/postgres.ts';
import type { WebhookTargets } from './postgres-targets.ts';

const senderById = 'SELECT * FROM sender WHERE channel_id = $1 AND id = $2';

/** Nobody else changes the sender until the commit. */
const lockSender = `${senderById} FOR UPDATE`;

/** The sender of a type of channel that has a route; of several sandboxes the oldest. */
const senderByRoute =
  'SELECT * FROM sender WHERE channel_type = $1 AND route_id = $2 ORDER BY number LIMIT 1';

/** The channel stays as it is until the commit. */
const shareChannel = 'SELECT * FROM channel WHERE id = $1 FOR SHARE';

/** Makes a sender, unless its id or its route is taken. */
const insertSender = `INSERT INTO sender (account_id, channel_id, channel_type, id, type, name, route_id, webhook, created_at, updated_at, verification)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10) ON CONFLICT DO NOTHING`;

/** Changes what a sender is; its verification only when that is told. */
const updateSender = `UPDATE sender SET type = $1, name = $2, route_id = $3, updated_at = greatest($4, updated_at + 1),
    verification = coalesce($7, verification)
  WHERE channel_id = $5 AND id = $6`;

const updateWebhook = `UPDATE sender SET webhook = $4, updated_at = greatest($5, updated_at + 1)
  WHERE account_id = $1 AND channel_id = $2 AND id = $3`;

/** Empties a webhook that nobody can read. */
const resetWebhook = 'UPDATE sender SET webhook = $1 WHERE channel_id = $2 AND id = $3';

/** What is left of a sender, or of all of a channel, when it is deleted; a null id means all. */
const insertRemoved = `INSERT INTO removed_sender (account_id, channel_id, id, channel_type, waba_id, type, name, route_id, webhook, removed_at, due_at)
  SELECT s.account_id, s.channel_id, s.id, s.channel_type, c.waba_id, s.type, s.name, s.route_id, s.webhook, $4, $4
  FROM sender s JOIN channel c ON c.id = s.channel_id
  WHERE s.account_id = $1 AND s.channel_id = $2 AND s.id = coalesce($3, s.id) FOR UPDATE OF s`;

/**
 * Leases removed senders that are due. Materialized: run again for each row of a join, a locking select gives more than its limit.
 */
const leaseRemoved = `WITH due AS MATERIALIZED (
    SELECT account_id, channel_id, id FROM removed_sender WHERE due_at <= $1 ORDER BY due_at LIMIT $2
    FOR UPDATE SKIP LOCKED)
  UPDATE removed_sender r SET due_at = $3 FROM due
  WHERE r.account_id = due.account_id AND r.channel_id = due.channel_id AND r.id = due.id RETURNING r.*`;

/** A removed sender, unless it was put back and removed again since. */
const isThisRemoved = 'account_id = $1 AND channel_id = $2 AND id = $3 AND removed_at = $4';

/** Notes what is left of a sender, or of all of a channel (null), that is about to be deleted. */
export async function noteRemoved(
  tx: Queries,
  accountId: AccountId,
  channelId: string,
  senderId: string | null,
  now: number,
): Promise<void> {
  await tx.run(insertRemoved, [accountId, channelId, senderId, now]);
}

/** What is done with the tables of senders. */
export class SenderTables {
  readonly #db: Connection;
  readonly #recordChange: Recorder;
  readonly #targets: WebhookTargets;

  constructor(db: Connection, recordChange: Recorder, targets: WebhookTargets) {
    this.#db = db;
    this.#recordChange = recordChange;
    this.#targets = targets;
  }

  /** Makes a sender, which is none of the removed ones then; resolves to false when its id or its route is taken. */
  async add(
    tx: Transaction,
    accountId: AccountId,
    channelId: string,
    channelType: ChannelType,
    { id, type, name, routeId, verification = 'unknown' }: NewSender,
  ): Promise<boolean> {
    const key = [accountId, channelId, channelType, id];
    const webhook = JSON.stringify(noSenderWebhook);
    const values = [...key, type, name, routeId, webhook, this.#db.now(), verification];
    if ((await tx.run(insertSender, values)) === 0) return false;
    await tx.run('DELETE FROM removed_sender WHERE account_id = $1 AND channel_id = $2 AND id = $3', [
      accountId,
      channelId,
      id,
    ]);
    return true;
  }

  async put(
    tx: Transaction,
    accountId: AccountId,
    channelId: string,
    sender: NewSender,
    actor: Actor,
    expected?: Expected,
  ): Promise<'created' | 'replaced' | 'taken' | 'no_channel'> {
    const { id, type, name, routeId } = sender;
    const channel = await tx.get<ChannelRow>(shareChannel, [channelId]);
    if (channel?.account_id !== accountId) return 'no_channel';
    if (await isRouteTaken(tx, channel, sender)) return 'taken';
    const row = await tx.get<SenderRow>(lockSender, [channelId, id]);
    const known = row && this.#read(row);
    requireExpected(expected, known && versionOfSender(known));
    const done =
      row === undefined
        ? await this.add(tx, accountId, channelId, channel.type, sender)
        : await this.#replace(tx, channelId, sender, known === undefined);
    // Another node was quicker with the same route.
    if (!done) {
      const other = await tx.get<SenderRow>(senderById, [channelId, id]);
      requireExpected(expected, other && versionOfSender(toSender(other)));
      return 'taken';
    }
    const subject = `channel/${channelId}/sender/${id}`;
    await this.#recordChange(tx, accountId, actor, 'sender.put', subject, { type, name, routeId });
    tx.signal({ kind: 'directory', accountId });
    return known === undefined ? 'created' : 'replaced';
  }

  async setVerification(
    tx: Transaction,
    accountId: AccountId,
    channelId: string,
    senderId: string,
    verification: SenderVerification,
  ): Promise<boolean> {
    const sql = 'UPDATE sender SET verification = $1 WHERE account_id = $2 AND channel_id = $3 AND id = $4';
    return (await tx.run(sql, [verification, accountId, channelId, senderId])) > 0;
  }

  async remove(
    tx: Transaction,
    accountId: AccountId,
    channelId: string,
    senderId: string,
    actor: Actor,
    expected?: Expected,
  ): Promise<boolean> {
    const row = await tx.get<SenderRow>(lockSender, [channelId, senderId]);
    if (row?.account_id !== accountId) return false;
    const known = this.#read(row);
    requireExpected(expected, known && versionOfSender(known));
    await noteRemoved(tx, accountId, channelId, senderId, this.#db.now());
    const sql = 'DELETE FROM sender WHERE account_id = $1 AND channel_id = $2 AND id = $3';
    await tx.run(sql, [accountId, channelId, senderId]);
    const subject = `channel/${channelId}/sender/${senderId}`;
    await this.#recordChange(tx, accountId, actor, 'sender.deleted', subject, {});
    tx.signal({ kind: 'directory', accountId });
    return true;
  }

  async claimRemoved(limit: number, now: number, leaseMs: number): Promise<readonly RemovedSender[]> {
    const rows = await this.#db.call<RemovedSenderRow>(leaseRemoved, [now, limit, now + leaseMs]);
    return this.#db.rows.read('removed_sender', rows, toRemovedSender);
  }

  async settleRemoved({ sender, removedAt }: RemovedSender, dueAt: number | null): Promise<void> {
    const key = [sender.accountId, sender.channelId, sender.id, removedAt];
    if (dueAt === null) await this.#db.call(`DELETE FROM removed_sender WHERE ${isThisRemoved}`, key);
    else await this.#db.call(`UPDATE removed_sender SET due_at = $5 WHERE ${isThisRemoved}`, [...key, dueAt]);
  }

  async list(accountId: AccountId, channelId: string): Promise<readonly Sender[]> {
    const sql = 'SELECT * FROM sender WHERE account_id = $1 AND channel_id = $2 ORDER BY number';
    return this.#db.rows.read('sender', await this.#db.all<SenderRow>(sql, [accountId, channelId]), toSender);
  }

  async find(channelId: string, senderId: string): Promise<Sender | undefined> {
    const row = await this.#db.get<SenderRow>(senderById, [channelId, senderId]);
    return row && this.#read(row);
  }

  async findByRoute(type: ChannelType, routeId: string): Promise<Sender | undefined> {
    const row = await this.#db.get<SenderRow>(senderByRoute, [type, routeId]);
    return row && this.#read(row);
  }

  async setWebhook(
    tx: Transaction,
    accountId: AccountId,
    channelId: string,
    senderId: string,
    change: Partial<SenderWebhook>,
    preset: NewDestination,
    actor: Actor,
    expected?: Expected,
  ): Promise<SenderWebhook | 'no_url' | 'missing'> {
    const row = await tx.get<SenderRow>(lockSender, [channelId, senderId]);
    if (row?.account_id !== accountId) return 'missing';
    const known = toSender(row);
    requireExpected(expected, versionOfWebhook(known));
    const webhook = { ...known.webhook, ...change };
    if (isNowhere(webhook)) return 'no_url';
    const key = [accountId, channelId, senderId];
    await tx.run(updateWebhook, [...key, JSON.stringify(webhook), this.#db.now()]);
    const { queue, types, statusUrl, inboundUrl } = webhook;
    const urls = [statusUrl, inboundUrl];
    await this.#targets.prepare(tx, accountId, urls, queue ? types : [], preset, actor);
    const subject = `channel/${channelId}/sender/${senderId}`;
    await this.#recordChange(tx, accountId, actor, 'webhook.set', subject, { ...webhook });
    tx.signal({ kind: 'directory', accountId });
    tx.signal({ kind: 'webhook', accountId, channelId, senderId });
    return webhook;
  }

  /** One whose webhook cannot be read is not there: what comes for it waits until it is set anew. */
  #read(row: SenderRow): Sender | undefined {
    return this.#db.rows.read('sender', [row], toSender)[0];
  }

  /** Changes a sender that is there; one whose webhook cannot be read gets an empty one, as one that is made. */
  async #replace(
    tx: Transaction,
    channelId: string,
    { id, type, name, routeId, verification }: NewSender,
    isUnreadable: boolean,
  ): Promise<boolean> {
    if (isUnreadable) await tx.run(resetWebhook, [JSON.stringify(noSenderWebhook), channelId, id]);
    const values = [type, name, routeId, this.#db.now(), channelId, id, verification ?? null];
    return (await tx.run(updateSender, values)) > 0;
  }
}

/** Whether another sender has the route; sandboxes may share theirs. */
async function isRouteTaken(tx: Queries, channel: ChannelRow, { id, routeId }: NewSender): Promise<boolean> {
  if (channel.type === 'sandbox') return false;
  const holder = await tx.get<SenderRow>(senderByRoute, [channel.type, routeId]);
  return holder !== undefined && (holder.channel_id !== channel.id || holder.id !== id);
}
