import type { Channels } from '../store.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { ChannelTables } from './sqlite-tables.ts';
import type { WebhookTables } from './sqlite-webhooks.ts';

export function channelVerbs(db: Connection, channels: ChannelTables, webhooks: WebhookTables): Channels {
  return {
    putChannel: (accountId, channel, actor, expected) =>
      db.write((tx) => channels.putChannel(tx, accountId, channel, actor, expected)),
    changeChannel: (accountId, channelId, change, actor, expected) =>
      db.write((tx) => channels.changeChannel(tx, accountId, channelId, change, actor, expected)),
    deleteChannel: (accountId, channelId, actor, expected) =>
      db.write((tx) => channels.deleteChannel(tx, accountId, channelId, actor, expected)),
    findChannel: (channelId) => db.read(() => channels.findChannel(channelId)),
    listChannels: (accountId) => db.read(() => channels.listChannels(accountId)),
    putSender: (accountId, channelId, sender, actor, expected) =>
      db.write((tx) => channels.putSender(tx, accountId, channelId, sender, actor, expected)),
    setSenderVerification: (accountId, channelId, senderId, verification) =>
      db.write(() => channels.setVerification(accountId, channelId, senderId, verification)),
    deleteSender: (accountId, channelId, senderId, actor, expected) =>
      db.write((tx) => channels.deleteSender(tx, accountId, channelId, senderId, actor, expected)),
    claimRemovedSenders: (limit, now, leaseMs) =>
      db.write(() => channels.claimRemovedSenders(limit, now, leaseMs)),
    settleRemovedSender: (removed, dueAt) => db.write(() => channels.settleRemovedSender(removed, dueAt)),
    listSenders: (accountId, channelId) => db.read(() => channels.listSenders(accountId, channelId)),
    findSender: (channelId, senderId) => db.read(() => channels.findSender(channelId, senderId)),
    findSenderByRoute: (type, routeId) => db.read(() => channels.findSenderByRoute(type, routeId)),
    findChannelsByWaba: (type, wabaId) => db.read(() => channels.findChannelsByWaba(type, wabaId)),
    setSenderWebhook: (accountId, channelId, senderId, change, preset, actor, expected) =>
      db.write((tx) =>
        webhooks.setOfSender(tx, accountId, channelId, senderId, change, preset, actor, expected),
      ),
    setChannelWebhook: (accountId, channelId, change, preset, actor, expected) =>
      db.write((tx) => webhooks.setOfChannel(tx, accountId, channelId, change, preset, actor, expected)),
  };
}
