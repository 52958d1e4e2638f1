import type { AccountId, Actor } from '../../domain/account.ts';
import { mergeCredentials, noChannelWebhook, noSenderWebhook } from '../../domain/channel.ts';
import type { Channel, ChannelType, Sender } from '../../domain/channel.ts';
import { toDestinationSettings } from '../../domain/delivery.ts';
import type { NewDestination } from '../../domain/delivery.ts';
import type { ReceiptType } from '../../domain/receipt.ts';
import { isNowhere, toReceiptQueueName } from '../../domain/subscription.ts';
import { isSame, toChannel, toChannelDetail, toRemovedSender, toSender, withChange } from './rows.ts';
import type { ChannelRow, RemovedSenderRow, SenderRow } from './rows.ts';
import {
  requireExpected,
  versionOfChannel,
  versionOfSender,
  versionOfWebhook,
} from '../../domain/version.ts';
import type { Seal } from '../seal.ts';
import type { Channels, NewChannel, NewSender } from '../store.ts';
import type { Connection, Transaction } from '../postgres/connection.ts';
import type { DestinationWrites } from '../destinations/postgres.ts';
import type { Recorder } from '../journal/postgres.ts';
import type { QueueWrites } from '../queues/postgres.ts';

/** What other verbs do to channels inside their own transaction. */
export interface ChannelWrites {
  addChannel(tx: Transaction, accountId: AccountId, channel: NewChannel): Promise<boolean>;
  addSender(
    tx: Transaction,
    accountId: AccountId,
    channelId: string,
    channelType: ChannelType,
    sender: NewSender,
  ): Promise<boolean>;
}

export function channelWrites(db: Connection, seal: Seal): ChannelWrites {
  return {
    addChannel: async (
      tx,
      accountId,
      { id, type, name = id, wabaId = null, credentials = {}, options = {} },
    ) => {
      const made = await tx.run(
        `INSERT INTO channel (id, account_id, type, name, waba_id, credentials, webhook, created_at, updated_at, options)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9) ON CONFLICT DO NOTHING`,
        [
          id,
          accountId,
          type,
          name,
          wabaId,
          seal.seal(JSON.stringify(mergeCredentials({}, credentials))),
          JSON.stringify(noChannelWebhook),
          db.now(),
          JSON.stringify(options),
        ],
      );
      return made > 0;
    },
    addSender: async (tx, accountId, channelId, channelType, { id, type, name, routeId, verification }) => {
      const made = await tx.run(
        `INSERT INTO sender (account_id, channel_id, channel_type, id, type, name, route_id, webhook, created_at, updated_at, verification)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10) ON CONFLICT DO NOTHING`,
        [
          accountId,
          channelId,
          channelType,
          id,
          type,
          name,
          routeId,
          JSON.stringify(noSenderWebhook),
          db.now(),
          verification ?? 'unknown',
        ],
      );
      if (made === 0) return false;
      await tx.run('DELETE FROM removed_sender WHERE account_id = $1 AND channel_id = $2 AND id = $3', [
        accountId,
        channelId,
        id,
      ]);
      return true;
    },
  };
}

const channelById = 'SELECT * FROM channel WHERE id = $1';
const senderById = 'SELECT * FROM sender WHERE channel_id = $1 AND id = $2';
const senderByRoute =
  'SELECT * FROM sender WHERE channel_type = $1 AND route_id = $2 ORDER BY number LIMIT 1';

/** What is left of a sender, or of all of a channel, when it is deleted; a null id means all. */
const noteRemoved = `INSERT INTO removed_sender (account_id, channel_id, id, channel_type, waba_id, type, name, route_id, webhook, removed_at, due_at)
  SELECT s.account_id, s.channel_id, s.id, s.channel_type, c.waba_id, s.type, s.name, s.route_id, s.webhook, $4, $4
  FROM sender s JOIN channel c ON c.id = s.channel_id
  WHERE s.account_id = $1 AND s.channel_id = $2 AND s.id = coalesce($3, s.id) FOR UPDATE OF s`;

export function channelVerbs(
  db: Connection,
  seal: Seal,
  recordChange: Recorder,
  writes: ChannelWrites,
  destinations: DestinationWrites,
  queues: QueueWrites,
): Channels {
  /** The account's own channel, which nobody else changes until the transaction ends. */
  async function lockChannel(
    tx: Transaction,
    accountId: AccountId,
    channelId: string,
  ): Promise<Channel | undefined> {
    const sql = 'SELECT * FROM channel WHERE account_id = $1 AND id = $2 FOR UPDATE';
    const row = await tx.get<ChannelRow>(sql, [accountId, channelId]);
    return row && toChannel(row, seal);
  }

  async function replace(
    tx: Transaction,
    { accountId, id, type, name, wabaId, credentials, options }: Channel,
  ): Promise<void> {
    const sealed = seal.seal(JSON.stringify(credentials));
    await tx.run(
      'UPDATE channel SET type = $1, name = $2, waba_id = $3, credentials = $4, options = $5, updated_at = greatest($6, updated_at + 1) WHERE account_id = $7 AND id = $8',
      [type, name, wabaId, sealed, JSON.stringify(options), db.now(), accountId, id],
    );
  }

  /** Makes what the settings name and is not there yet: destinations for URLs, a queue for each type. */
  async function prepareTargets(
    tx: Transaction,
    accountId: AccountId,
    urls: readonly (string | null)[],
    types: readonly ReceiptType[],
    preset: NewDestination,
    actor: Actor,
  ): Promise<void> {
    for (const url of urls) {
      if (url !== null)
        await destinations.ensureDestination(tx, accountId, url, toDestinationSettings(preset), actor);
    }
    for (const type of types)
      await queues.ensureReceiptQueue(tx, accountId, toReceiptQueueName(accountId, type));
  }

  /** One whose webhook cannot be read is not there: what comes for it waits until it is set anew. */
  const read = (row: SenderRow): Sender | undefined => db.rows.read('sender', [row], toSender)[0];

  return {
    putChannel: (accountId, channel, actor, expected) =>
      db.tx(async (tx) => {
        const made = await writes.addChannel(tx, accountId, channel);
        // What is thrown takes the row back again.
        if (made) requireExpected(expected, undefined);
        else {
          const known = await lockChannel(tx, accountId, channel.id);
          if (known === undefined) return 'taken';
          requireExpected(expected, versionOfChannel(known));
          await replace(tx, withChange(known, channel));
        }
        const subject = `channel/${channel.id}`;
        await recordChange(tx, accountId, actor, 'channel.put', subject, toChannelDetail(channel));
        tx.signal({ kind: 'directory', accountId });
        return made ? 'created' : 'replaced';
      }),
    changeChannel: (accountId, channelId, change, actor, expected) =>
      db.tx(async (tx) => {
        const channel = await lockChannel(tx, accountId, channelId);
        if (channel === undefined || (expected !== undefined && !isSame(channel.credentials, expected)))
          return false;
        await replace(tx, withChange(channel, change));
        const subject = `channel/${channelId}`;
        await recordChange(tx, accountId, actor, 'channel.put', subject, toChannelDetail(change));
        tx.signal({ kind: 'directory', accountId });
        return true;
      }),
    deleteChannel: (accountId, channelId, actor, expected) =>
      db.tx(async (tx) => {
        const known = await lockChannel(tx, accountId, channelId);
        if (known === undefined) return false;
        requireExpected(expected, versionOfChannel(known));
        await tx.run(noteRemoved, [accountId, channelId, null, db.now()]);
        const sql = 'DELETE FROM channel WHERE account_id = $1 AND id = $2';
        await tx.run(sql, [accountId, channelId]);
        await recordChange(tx, accountId, actor, 'channel.deleted', `channel/${channelId}`, {});
        tx.signal({ kind: 'directory', accountId });
        return true;
      }),
    findChannel: async (channelId) => {
      const row = await db.get<ChannelRow>(channelById, [channelId]);
      return row && toChannel(row, seal);
    },
    listChannels: async (accountId) => {
      const sql = 'SELECT * FROM channel WHERE account_id = $1 ORDER BY created_at, id';
      return db.rows.read('channel', await db.all<ChannelRow>(sql, [accountId]), (row) =>
        toChannel(row, seal),
      );
    },
    putSender: (accountId, channelId, sender, actor, expected) =>
      db.tx(async (tx) => {
        const channel = await tx.get<ChannelRow>(`${channelById} FOR SHARE`, [channelId]);
        if (channel?.account_id !== accountId) return 'no_channel';
        const { id, type, name, routeId, verification = null } = sender;
        if (channel.type !== 'sandbox') {
          const holder = await tx.get<SenderRow>(senderByRoute, [channel.type, routeId]);
          if (holder !== undefined && (holder.channel_id !== channelId || holder.id !== id)) return 'taken';
        }
        const known = await tx.get<SenderRow>(`${senderById} FOR UPDATE`, [channelId, id]);
        const whole = known && read(known);
        requireExpected(expected, whole && versionOfSender(whole));
        // Of one whose webhook cannot be read, nothing was found: it is as one that is made.
        if (known !== undefined && whole === undefined)
          await tx.run('UPDATE sender SET webhook = $1 WHERE channel_id = $2 AND id = $3', [
            JSON.stringify(noSenderWebhook),
            channelId,
            id,
          ]);
        const done =
          known !== undefined
            ? (await tx.run(
                'UPDATE sender SET type = $1, name = $2, route_id = $3, updated_at = greatest($4, updated_at + 1), verification = coalesce($7, verification) WHERE channel_id = $5 AND id = $6',
                [type, name, routeId, db.now(), channelId, id, verification],
              )) > 0
            : await writes.addSender(tx, accountId, channelId, channel.type, sender);
        // Another node was quicker with the same route.
        if (!done) {
          const other = await tx.get<SenderRow>(senderById, [channelId, id]);
          requireExpected(expected, other && versionOfSender(toSender(other)));
          return 'taken';
        }
        const detail = { type, name, routeId };
        await recordChange(tx, accountId, actor, 'sender.put', `channel/${channelId}/sender/${id}`, detail);
        tx.signal({ kind: 'directory', accountId });
        return whole === undefined ? 'created' : 'replaced';
      }),
    setSenderVerification: (accountId, channelId, senderId, verification) =>
      db.tx(async (tx) => {
        const sql =
          'UPDATE sender SET verification = $1 WHERE account_id = $2 AND channel_id = $3 AND id = $4';
        return (await tx.run(sql, [verification, accountId, channelId, senderId])) > 0;
      }),
    deleteSender: (accountId, channelId, senderId, actor, expected) =>
      db.tx(async (tx) => {
        const known = await tx.get<SenderRow>(`${senderById} FOR UPDATE`, [channelId, senderId]);
        if (known?.account_id !== accountId) return false;
        const whole = read(known);
        requireExpected(expected, whole && versionOfSender(whole));
        await tx.run(noteRemoved, [accountId, channelId, senderId, db.now()]);
        const sql = 'DELETE FROM sender WHERE account_id = $1 AND channel_id = $2 AND id = $3';
        await tx.run(sql, [accountId, channelId, senderId]);
        await recordChange(
          tx,
          accountId,
          actor,
          'sender.deleted',
          `channel/${channelId}/sender/${senderId}`,
          {},
        );
        tx.signal({ kind: 'directory', accountId });
        return true;
      }),
    claimRemovedSenders: async (limit, now, leaseMs) => {
      const rows = await db.call<RemovedSenderRow>(
        // Materialized: run again for each row of a join, a locking select gives more than its limit.
        `WITH due AS MATERIALIZED (
           SELECT account_id, channel_id, id FROM removed_sender WHERE due_at <= $1 ORDER BY due_at LIMIT $2
           FOR UPDATE SKIP LOCKED)
         UPDATE removed_sender r SET due_at = $3 FROM due
         WHERE r.account_id = due.account_id AND r.channel_id = due.channel_id AND r.id = due.id RETURNING r.*`,
        [now, limit, now + leaseMs],
      );
      return db.rows.read('removed_sender', rows, toRemovedSender);
    },
    settleRemovedSender: async ({ sender: { accountId, channelId, id }, removedAt }, dueAt) => {
      const key = [accountId, channelId, id, removedAt];
      const where = 'account_id = $1 AND channel_id = $2 AND id = $3 AND removed_at = $4';
      if (dueAt === null) await db.call(`DELETE FROM removed_sender WHERE ${where}`, key);
      else await db.call(`UPDATE removed_sender SET due_at = $5 WHERE ${where}`, [...key, dueAt]);
    },
    listSenders: async (accountId, channelId) => {
      const sql = 'SELECT * FROM sender WHERE account_id = $1 AND channel_id = $2 ORDER BY number';
      return db.rows.read('sender', await db.all<SenderRow>(sql, [accountId, channelId]), toSender);
    },
    findSender: async (channelId, senderId) => {
      const row = await db.get<SenderRow>(senderById, [channelId, senderId]);
      return row && read(row);
    },
    findSenderByRoute: async (type, routeId) => {
      const row = await db.get<SenderRow>(senderByRoute, [type, routeId]);
      return row && read(row);
    },
    findChannelsByWaba: async (type, wabaId) => {
      const sql = 'SELECT * FROM channel WHERE type = $1 AND waba_id = $2 ORDER BY created_at, id';
      return db.rows.read('channel', await db.all<ChannelRow>(sql, [type, wabaId]), (row) =>
        toChannel(row, seal),
      );
    },
    setSenderWebhook: (accountId, channelId, senderId, change, preset, actor, expected) =>
      db.tx(async (tx) => {
        const key = [accountId, channelId, senderId];
        const row = await tx.get<SenderRow>(
          'SELECT * FROM sender WHERE account_id = $1 AND channel_id = $2 AND id = $3 FOR UPDATE',
          key,
        );
        if (row === undefined) return 'missing';
        const known = toSender(row);
        requireExpected(expected, versionOfWebhook(known));
        const webhook = { ...known.webhook, ...change };
        if (isNowhere(webhook)) return 'no_url';
        await tx.run(
          'UPDATE sender SET webhook = $4, updated_at = greatest($5, updated_at + 1) WHERE account_id = $1 AND channel_id = $2 AND id = $3',
          [...key, JSON.stringify(webhook), db.now()],
        );
        const { queue, types, statusUrl, inboundUrl } = webhook;
        await prepareTargets(tx, accountId, [statusUrl, inboundUrl], queue ? types : [], preset, actor);
        const subject = `channel/${channelId}/sender/${senderId}`;
        await recordChange(tx, accountId, actor, 'webhook.set', subject, { ...webhook });
        tx.signal({ kind: 'directory', accountId });
        tx.signal({ kind: 'webhook', accountId, channelId, senderId });
        return webhook;
      }),
    setChannelWebhook: (accountId, channelId, change, preset, actor, expected) =>
      db.tx(async (tx) => {
        const channel = await lockChannel(tx, accountId, channelId);
        if (channel === undefined) return 'missing';
        requireExpected(expected, versionOfWebhook(channel));
        const webhook = { ...channel.webhook, ...change };
        if (isNowhere(webhook)) return 'no_url';
        const sql =
          'UPDATE channel SET webhook = $1, updated_at = greatest($2, updated_at + 1) WHERE account_id = $3 AND id = $4';
        await tx.run(sql, [JSON.stringify(webhook), db.now(), accountId, channelId]);
        const types: ReceiptType[] = webhook.queue ? ['ChatAppAudit'] : [];
        await prepareTargets(tx, accountId, [webhook.auditUrl], types, preset, actor);
        await recordChange(tx, accountId, actor, 'webhook.set', `channel/${channelId}`, { ...webhook });
        tx.signal({ kind: 'directory', accountId });
        tx.signal({ kind: 'webhook', accountId, channelId, senderId: null });
        return webhook;
      }),
  };
}
