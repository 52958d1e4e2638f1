import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SenderWebhookBody } from '../../src/protocols/api/schemas-webhook-settings.ts';
import { findDifferences, toCopied, webhookPartNames } from '../../web/src/pages/channels/webhook-copies.ts';

type WebhookSettings = Parameters<typeof toCopied>[0];

const source: WebhookSettings = {
  http: true,
  queue: true,
  statusUrl: 'https://a.example/status',
  inboundUrl: null,
  types: ['ChatAppStatus'],
  lateStatuses: 'drop',
};
const target: WebhookSettings = {
  http: false,
  queue: false,
  statusUrl: null,
  inboundUrl: 'https://b.example/inbound',
  types: ['ChatAppStatus', 'ChatAppInbound'],
  lateStatuses: 'mark',
};

test('every setting of a sender belongs to a part that can be copied', () => {
  const copied = toCopied(source, target, webhookPartNames);
  const members = Object.keys(copied).filter(
    (name) => copied[name as keyof WebhookSettings] !== target[name as keyof WebhookSettings],
  );
  // How a new URL is pushed to: none is new where it is copied.
  const settable = Object.keys(SenderWebhookBody.properties).filter((name) => name !== 'preset');
  assert.deepEqual([...members].sort(), settable.sort());
});

test('what is copied takes its place, and the rest stays', () => {
  assert.deepEqual(toCopied(source, target, ['http']), {
    ...target,
    ...{ http: true, statusUrl: 'https://a.example/status', inboundUrl: null },
    types: ['ChatAppInbound', 'ChatAppStatus'],
  });
  assert.deepEqual(toCopied(source, target, webhookPartNames), source);
  assert.deepEqual(findDifferences(source, target, []), []);
});

test('only what would say something else is told as a change', () => {
  assert.deepEqual(findDifferences(source, target, webhookPartNames), ['types', 'http', 'queue', 'late']);
  assert.deepEqual(findDifferences(source, { ...target, queue: true }, ['queue', 'late']), ['late']);
  const turned = { ...target, types: ['ChatAppInbound', 'ChatAppStatus'] as const };
  assert.deepEqual(
    findDifferences({ ...target }, { ...turned, types: [...turned.types] }, webhookPartNames),
    [],
  );
});
