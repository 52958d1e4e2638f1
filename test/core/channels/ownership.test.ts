import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  findChannel,
  findOnlyChannel,
  findSender,
  requireOwn,
  toBareDigits,
} from '../../../src/core/channels/ownership.ts';
import type { Channel, ChannelType, Sender } from '../../../src/domain/channel.ts';

const channel = { id: 'shop', accountId: 1 } as Channel;
const sender = { id: '15550100001', channelId: 'shop', accountId: 1 } as Sender;
const store = {
  findChannel: async (id: string) => (id === channel.id ? channel : undefined),
  findSender: async (channelId: string, id: string) =>
    channelId === channel.id && id === sender.id ? sender : undefined,
};
const noChannel = { code: 'not_found', message: 'There is no such channel.' };
const noSender = { code: 'not_found', message: 'There is no such sender.' };

test('another account’s channel is as good as none', async () => {
  assert.equal(requireOwn(channel, 1), channel);
  assert.throws(() => requireOwn(channel, 2), noChannel);
  assert.throws(() => requireOwn(undefined, 1), noChannel);
  assert.equal(await findChannel(store, 1, 'shop'), channel);
  await assert.rejects(findChannel(store, 2, 'shop'), noChannel);
  await assert.rejects(findChannel(store, 1, 'till'), noChannel);
});

test('a sender is found by its number however it is written, on its own account’s channel alone', async () => {
  for (const id of ['15550100001', '+15550100001'])
    assert.equal(await findSender(store, 1, 'shop', id), sender, id);
  await assert.rejects(findSender(store, 1, 'shop', '15550100002'), noSender);
  await assert.rejects(findSender(store, 2, 'shop', '15550100001'), noChannel);
});

test('a number is one however it is written, and what only looks like one stays as it is', () => {
  for (const text of ['15550100001', '+15550100001', ' +1 555-010-0001 ', '+1 (555) 010.0001'])
    assert.equal(toBareDigits(text), '15550100001', text);
  for (const text of ['+page', '+', '+ ()', '1555-010-0001', '+1555x', 'a+1555', '+01234567890A=='])
    assert.equal(toBareDigits(text), text, text);
});

test('where no channel is named, the only one of its type is meant, or the sandbox where there is none', async () => {
  const find = async (types: readonly ChannelType[], type: ChannelType) => {
    const channels = types.map((one, n) => ({ id: `${one}${n}`, type: one, accountId: 1 }) as Channel);
    return (await findOnlyChannel({ listChannels: async () => channels }, 1, type))?.id;
  };
  assert.equal(await find(['sandbox', 'whatsapp', 'viber'], 'whatsapp'), 'whatsapp1');
  assert.equal(await find(['sandbox', 'viber'], 'whatsapp'), 'sandbox0');
  assert.equal(await find(['sandbox', 'whatsapp', 'whatsapp'], 'whatsapp'), undefined);
  assert.equal(await find(['viber'], 'whatsapp'), undefined);
});
