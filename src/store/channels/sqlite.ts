import type { AccountId, Actor } from '../../domain/account.ts';
import { mergeCredentials, noChannelWebhook, noSenderWebhook } from '../../domain/channel.ts';
import type { Channel, ChannelType } from '../../domain/channel.ts';
import { toDestinationSettings } from '../../domain/delivery.ts';
import type { NewDestination } from '../../domain/delivery.ts';
import { isNowhere, toReceiptQueueName } from '../../domain/subscription.ts';
import type { ReceiptType } from '../../domain/receipt.ts';
import {
  requireExpected,
  versionOfChannel,
  versionOfSender,
  versionOfWebhook,
} from '../../domain/version.ts';
import type { Seal } from '../seal.ts';
import type { Channels, NewChannel, NewSender } from '../store.ts';
import { isSame, toChannel, toChannelDetail, toRemovedSender, toSender, withChange } from './rows.ts';
import type { ChannelRow, RemovedSenderRow, SenderRow } from './rows.ts';
import type { Connection, Transaction } from '../sqlite/connection.ts';
import type { DestinationWrites } from '../destinations/sqlite.ts';
import type { Recorder } from '../journal/sqlite.ts';
import type { QueueWrites } from '../queues/sqlite-writes.ts';

/** What other verbs do to channels inside their own transaction. */
export interface ChannelWrites {
  addChannel(accountId: AccountId, channel: NewChannel): void;
  addSender(accountId: AccountId, channelId: string, channelType: ChannelType, sender: NewSender): void;
}

export function channelWrites(db: Connection, seal: Seal): ChannelWrites {
  const insertChannel = db.prepare(
    'INSERT INTO channel (id, account_id, type, name, waba_id, credentials, webhook, created_at, updated_at, options) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9)',
  );
  const insertSender = db.prepare(
    'INSERT INTO sender (account_id, channel_id, channel_type, id, type, name, route_id, webhook, created_at, updated_at, verification) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?10)',
  );
  const unremove = db.prepare(
    'DELETE FROM removed_sender WHERE account_id = ? AND channel_id = ? AND id = ?',
  );
  return {
    addChannel: (accountId, { id, type, name = id, wabaId = null, credentials = {}, options = {} }) => {
      const sealed = seal.seal(JSON.stringify(mergeCredentials({}, credentials)));
      insertChannel.run(
        id,
        accountId,
        type,
        name,
        wabaId,
        sealed,
        JSON.stringify(noChannelWebhook),
        db.now(),
        JSON.stringify(options),
      );
    },
    addSender: (accountId, channelId, channelType, { id, type, name, routeId, verification }) => {
      insertSender.run(
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
      );
      unremove.run(accountId, channelId, id);
    },
  };
}

export function channelVerbs(
  db: Connection,
  seal: Seal,
  recordChange: Recorder,
  writes: ChannelWrites,
  destinations: DestinationWrites,
  queues: QueueWrites,
): Channels {
  const channelById = db.prepare<ChannelRow>('SELECT * FROM channel WHERE id = ?');
  const channelsOf = db.prepare<ChannelRow>(
    'SELECT * FROM channel WHERE account_id = ? ORDER BY created_at, id',
  );
  const channelsByWaba = db.prepare<ChannelRow>(
    'SELECT * FROM channel WHERE type = ? AND waba_id = ? ORDER BY created_at, id',
  );
  const updateChannel = db.prepare(
    'UPDATE channel SET type = ?, name = ?, waba_id = ?, credentials = ?, options = ?, updated_at = max(?, updated_at + 1) WHERE account_id = ? AND id = ?',
  );
  const noteRemoved = db.prepare(
    `INSERT INTO removed_sender (account_id, channel_id, id, channel_type, waba_id, type, name, route_id, webhook, removed_at, due_at)
     SELECT s.account_id, s.channel_id, s.id, s.channel_type, c.waba_id, s.type, s.name, s.route_id, s.webhook, ?1, ?1
     FROM sender AS s JOIN channel AS c ON c.id = s.channel_id
     WHERE s.account_id = ?2 AND s.channel_id = ?3 AND s.id = coalesce(?4, s.id)`,
  );
  const dueRemoved = db.prepare<RemovedSenderRow>(
    'SELECT * FROM removed_sender WHERE due_at <= ? ORDER BY due_at LIMIT ?',
  );
  const planRemoved = db.prepare(
    'UPDATE removed_sender SET due_at = ? WHERE account_id = ? AND channel_id = ? AND id = ? AND removed_at = ?',
  );
  const forgetRemoved = db.prepare(
    'DELETE FROM removed_sender WHERE account_id = ? AND channel_id = ? AND id = ? AND removed_at = ?',
  );
  const updateChannelWebhook = db.prepare(
    'UPDATE channel SET webhook = ?, updated_at = max(?, updated_at + 1) WHERE account_id = ? AND id = ?',
  );
  const removeChannel = db.prepare('DELETE FROM channel WHERE account_id = ? AND id = ?');
  const senderById = db.prepare<SenderRow>('SELECT * FROM sender WHERE channel_id = ? AND id = ?');
  const senderByRoute = db.prepare<SenderRow>(
    'SELECT * FROM sender WHERE channel_type = ? AND route_id = ? ORDER BY number LIMIT 1',
  );
  const sendersOf = db.prepare<SenderRow>(
    'SELECT * FROM sender WHERE account_id = ? AND channel_id = ? ORDER BY number',
  );
  const updateSender = db.prepare(
    'UPDATE sender SET type = ?, name = ?, route_id = ?, updated_at = max(?, updated_at + 1), verification = coalesce(?, verification) WHERE channel_id = ? AND id = ?',
  );
  const updateVerification = db.prepare(
    'UPDATE sender SET verification = ? WHERE account_id = ? AND channel_id = ? AND id = ?',
  );
  const updateSenderWebhook = db.prepare(
    'UPDATE sender SET webhook = ?, updated_at = max(?, updated_at + 1) WHERE account_id = ? AND channel_id = ? AND id = ?',
  );
  const removeSender = db.prepare('DELETE FROM sender WHERE account_id = ? AND channel_id = ? AND id = ?');

  /** The account's own channel; another's is as good as none. */
  const ownChannel = (accountId: AccountId, channelId: string): ChannelRow | undefined => {
    const row = channelById.get(channelId);
    return row?.account_id === accountId ? row : undefined;
  };

  function replace({ accountId, id, type, name, wabaId, credentials, options }: Channel): void {
    const sealed = seal.seal(JSON.stringify(credentials));
    updateChannel.run(type, name, wabaId, sealed, JSON.stringify(options), db.now(), accountId, id);
  }

  /** Makes what the settings name and is not there yet: destinations for URLs, a queue for each type. */
  function prepareTargets(
    tx: Transaction,
    accountId: AccountId,
    urls: readonly (string | null)[],
    types: readonly ReceiptType[],
    preset: NewDestination,
    actor: Actor,
  ): void {
    for (const url of urls) {
      if (url !== null) destinations.ensureDestination(accountId, url, toDestinationSettings(preset), actor);
    }
    for (const type of types) queues.ensureReceiptQueue(tx, accountId, toReceiptQueueName(accountId, type));
  }

  return {
    putChannel: (accountId, channel, actor, expected) =>
      db.write((tx) => {
        const known = channelById.get(channel.id);
        if (known !== undefined && known.account_id !== accountId) return 'taken';
        requireExpected(expected, known && versionOfChannel(toChannel(known, seal)));
        if (known === undefined) writes.addChannel(accountId, channel);
        else replace(withChange(toChannel(known, seal), channel));
        recordChange(accountId, actor, 'channel.put', `channel/${channel.id}`, toChannelDetail(channel));
        tx.signal({ kind: 'directory', accountId });
        return known === undefined ? 'created' : 'replaced';
      }),
    changeChannel: (accountId, channelId, change, actor, expected) =>
      db.write((tx) => {
        const row = ownChannel(accountId, channelId);
        const channel = row && toChannel(row, seal);
        if (channel === undefined || (expected !== undefined && !isSame(channel.credentials, expected)))
          return false;
        replace(withChange(channel, change));
        recordChange(accountId, actor, 'channel.put', `channel/${channelId}`, toChannelDetail(change));
        tx.signal({ kind: 'directory', accountId });
        return true;
      }),
    deleteChannel: (accountId, channelId, actor, expected) =>
      db.write((tx) => {
        const known = ownChannel(accountId, channelId);
        if (known === undefined) return false;
        requireExpected(expected, versionOfChannel(toChannel(known, seal)));
        noteRemoved.run(db.now(), accountId, channelId, null);
        removeChannel.run(accountId, channelId);
        recordChange(accountId, actor, 'channel.deleted', `channel/${channelId}`, {});
        tx.signal({ kind: 'directory', accountId });
        return true;
      }),
    findChannel: (channelId) =>
      db.read(() => {
        const row = channelById.get(channelId);
        return row && toChannel(row, seal);
      }),
    listChannels: (accountId) => db.read(() => channelsOf.all(accountId).map((row) => toChannel(row, seal))),
    putSender: (accountId, channelId, sender, actor, expected) =>
      db.write((tx) => {
        const channel = ownChannel(accountId, channelId);
        if (channel === undefined) return 'no_channel';
        const { id, type, name, routeId, verification = null } = sender;
        if (channel.type !== 'sandbox') {
          const holder = senderByRoute.get(channel.type, routeId);
          if (holder !== undefined && (holder.channel_id !== channelId || holder.id !== id)) return 'taken';
        }
        const known = senderById.get(channelId, id);
        requireExpected(expected, known && versionOfSender(toSender(known)));
        if (known !== undefined) updateSender.run(type, name, routeId, db.now(), verification, channelId, id);
        else writes.addSender(accountId, channelId, channel.type, sender);
        recordChange(accountId, actor, 'sender.put', `channel/${channelId}/sender/${id}`, {
          type,
          name,
          routeId,
        });
        tx.signal({ kind: 'directory', accountId });
        return known === undefined ? 'created' : 'replaced';
      }),
    setSenderVerification: (accountId, channelId, senderId, verification) =>
      db.write(() => updateVerification.run(verification, accountId, channelId, senderId) > 0),
    deleteSender: (accountId, channelId, senderId, actor, expected) =>
      db.write((tx) => {
        const known = senderById.get(channelId, senderId);
        if (known?.account_id !== accountId) return false;
        requireExpected(expected, versionOfSender(toSender(known)));
        noteRemoved.run(db.now(), accountId, channelId, senderId);
        removeSender.run(accountId, channelId, senderId);
        recordChange(accountId, actor, 'sender.deleted', `channel/${channelId}/sender/${senderId}`, {});
        tx.signal({ kind: 'directory', accountId });
        return true;
      }),
    claimRemovedSenders: (limit, now, leaseMs) =>
      db.write(() =>
        dueRemoved.all(now, limit).map((row) => {
          planRemoved.run(now + leaseMs, row.account_id, row.channel_id, row.id, row.removed_at);
          return toRemovedSender(row);
        }),
      ),
    settleRemovedSender: ({ sender: { accountId, channelId, id }, removedAt }, dueAt) =>
      db.write(() => {
        if (dueAt === null) forgetRemoved.run(accountId, channelId, id, removedAt);
        else planRemoved.run(dueAt, accountId, channelId, id, removedAt);
      }),
    listSenders: (accountId, channelId) => db.read(() => sendersOf.all(accountId, channelId).map(toSender)),
    findSender: (channelId, senderId) =>
      db.read(() => {
        const row = senderById.get(channelId, senderId);
        return row && toSender(row);
      }),
    findSenderByRoute: (type, routeId) =>
      db.read(() => {
        const row = senderByRoute.get(type, routeId);
        return row && toSender(row);
      }),
    findChannelsByWaba: (type, wabaId) =>
      db.read(() => channelsByWaba.all(type, wabaId).map((row) => toChannel(row, seal))),
    setSenderWebhook: (accountId, channelId, senderId, change, preset, actor, expected) =>
      db.write((tx) => {
        const row = senderById.get(channelId, senderId);
        if (row?.account_id !== accountId) return 'missing';
        const known = toSender(row);
        requireExpected(expected, versionOfWebhook(known));
        const webhook = { ...known.webhook, ...change };
        if (isNowhere(webhook)) return 'no_url';
        updateSenderWebhook.run(JSON.stringify(webhook), db.now(), accountId, channelId, senderId);
        const { queue, types, statusUrl, inboundUrl } = webhook;
        prepareTargets(tx, accountId, [statusUrl, inboundUrl], queue ? types : [], preset, actor);
        const subject = `channel/${channelId}/sender/${senderId}`;
        recordChange(accountId, actor, 'webhook.set', subject, { ...webhook });
        tx.signal({ kind: 'directory', accountId });
        tx.signal({ kind: 'webhook', accountId, channelId, senderId });
        return webhook;
      }),
    setChannelWebhook: (accountId, channelId, change, preset, actor, expected) =>
      db.write((tx) => {
        const row = ownChannel(accountId, channelId);
        if (row === undefined) return 'missing';
        const known = toChannel(row, seal);
        requireExpected(expected, versionOfWebhook(known));
        const webhook = { ...known.webhook, ...change };
        if (isNowhere(webhook)) return 'no_url';
        updateChannelWebhook.run(JSON.stringify(webhook), db.now(), accountId, channelId);
        const types: ReceiptType[] = webhook.queue ? ['ChatAppAudit'] : [];
        prepareTargets(tx, accountId, [webhook.auditUrl], types, preset, actor);
        recordChange(accountId, actor, 'webhook.set', `channel/${channelId}`, { ...webhook });
        tx.signal({ kind: 'directory', accountId });
        tx.signal({ kind: 'webhook', accountId, channelId, senderId: null });
        return webhook;
      }),
  };
}
