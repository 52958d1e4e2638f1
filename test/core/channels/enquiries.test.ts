// What the settings of a channel tell of whether it can send, without a word of its vendor.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findObstacles } from '../../../src/core/channels/enquiries.ts';
import type { Channel, ChannelType } from '../../../src/domain/channel.ts';

function find(type: ChannelType, credentials: Record<string, string>, senders: number): readonly string[] {
  const channel = { id: 'shop', accountId: 1, type, credentials, options: {} } as unknown as Channel;
  return findObstacles(channel, senders, 0).map(({ name }) => name);
}

test('a channel sends by a sender and, at Meta, by a token; what it lacks to receive is not in the way', () => {
  const token = { accessToken: 'an-access' };
  assert.deepEqual(find('whatsapp', token, 1), []);
  assert.deepEqual(find('whatsapp', {}, 1), ['accessToken']);
  assert.deepEqual(find('messenger', {}, 0), ['senders', 'accessToken']);
  assert.deepEqual(find('whatsapp', token, 0), ['senders']);
  assert.deepEqual(find('viber', { authToken: 'a-token' }, 1), []);
  assert.deepEqual(find('sandbox', {}, 1), []);
});
