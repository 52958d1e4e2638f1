import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noChannelWebhook, noSenderWebhook } from '../../src/domain/channel.ts';
import type { SenderWebhook } from '../../src/domain/channel.ts';
import {
  isNowhere,
  isPushed,
  matchChannel,
  matchSender,
  toReceiptQueueName,
  toSubscribed,
} from '../../src/domain/subscription.ts';

const sender: SenderWebhook = {
  ...noSenderWebhook,
  http: true,
  queue: true,
  statusUrl: 'https://a.example/mt',
  inboundUrl: 'https://a.example/mo',
};
const channel = { ...noChannelWebhook, http: true, queue: true, auditUrl: 'https://a.example/audit' };
const template = { type: 'ChatAppAudit', event: 'template' } as const;
const number = { type: 'ChatAppAudit', event: 'phoneNameUpdate' } as const;

test('a receipt goes where the settings of its sender say, by its type', () => {
  assert.deepEqual(matchSender(sender, 'ChatAppStatus'), { callbackUrl: sender.statusUrl, queue: true });
  assert.deepEqual(matchSender(sender, 'ChatAppInbound'), { callbackUrl: sender.inboundUrl, queue: true });
  assert.deepEqual(matchSender({ ...sender, http: false }, 'ChatAppStatus'), {
    callbackUrl: null,
    queue: true,
  });
  const nowhere = { callbackUrl: null, queue: false };
  assert.deepEqual(matchSender(sender, 'ChatAppAudit'), nowhere);
  assert.deepEqual(matchSender({ ...sender, types: ['ChatAppInbound'] }, 'ChatAppStatus'), nowhere);
});

test('an audit goes where the settings of its channel say; those of V1 have templates alone', () => {
  const there = { callbackUrl: channel.auditUrl, queue: true };
  assert.deepEqual(matchChannel(channel, template), there);
  assert.deepEqual(matchChannel(channel, number), { callbackUrl: null, queue: false });
  assert.deepEqual(matchChannel({ ...channel, auditVersion: 'V2' }, number), there);
  assert.deepEqual(matchChannel(channel, { type: 'ChatAppStatus' }), { callbackUrl: null, queue: false });
});

test('settings choose by sender and type, and audits by their channel', () => {
  const place = { channelId: 'c1', senderId: 's1' };
  assert.deepEqual(toSubscribed({ ...place, facts: { type: 'ChatAppStatus' } }), {
    ...place,
    kind: 'ChatAppStatus',
  });
  const own = { channelId: 'c1', senderId: null };
  assert.deepEqual(toSubscribed({ ...place, facts: template }), { ...own, kind: 'ChatAppAudit' });
  assert.deepEqual(toSubscribed({ ...place, facts: number }), { ...own, kind: 'ChatAppAuditV2' });
});

test('whether a kind is pushed, and whether HTTP is on without an address, is seen in settings alone', () => {
  assert.ok(isPushed('ChatAppStatus', sender));
  assert.ok(!isPushed('ChatAppAuditV2', sender));
  assert.ok(isPushed('ChatAppAudit', channel));
  assert.ok(!isPushed('ChatAppAuditV2', channel));
  assert.ok(isPushed('ChatAppAuditV2', { ...channel, auditVersion: 'V2' }));
  assert.ok(isNowhere({ ...sender, statusUrl: null, inboundUrl: null }));
  assert.ok(!isNowhere({ ...sender, statusUrl: null }));
  assert.ok(isNowhere({ ...channel, auditUrl: null }));
  assert.ok(!isNowhere(noSenderWebhook));
});

test('a receipt queue is named by its account and type', () => {
  assert.equal(toReceiptQueueName(42, 'ChatAppInbound'), 'Alicom-Queue-42-ChatAppInbound');
});
