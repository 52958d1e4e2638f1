import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  isAskedReview,
  toEchoIdentity,
  toEventIdentity,
  toMessageIdentity,
  toNeverSentIdentity,
  toReviewIdentity,
  toStatusIdentity,
  toSubscriptionIdentity,
} from '../../src/domain/identity.ts';
import { toReceiptId } from '../../src/domain/receipt.ts';

test('each kind of event is named in the words that receipts were recorded by', () => {
  const review = toReviewIdentity(
    { code: 'T1', language: 'en' },
    { status: 'pass', updatedAt: 1_790_000_000_000 },
  );
  assert.deepEqual(
    [
      toStatusIdentity('wamid.1', 'sent'),
      toStatusIdentity('wamid.1', 'read', 'US.2'),
      toStatusIdentity('5741', 'delivered', null),
      toSubscriptionIdentity('5741', 'subscribed'),
      toMessageIdentity('m.1'),
      toMessageIdentity('m.1', 'part', '2'),
      toEchoIdentity(toMessageIdentity('m.1', 'part', '2')),
      toEventIdentity('call', 'wacid.1', 'connect', 'd1'),
      toNeverSentIdentity('202611011200000000007'),
      review,
    ],
    [
      ['status', 'wamid.1', 'sent', ''],
      ['status', 'wamid.1', 'read', 'US.2'],
      ['status', '5741', 'delivered'],
      ['subscription', '5741', 'subscribed'],
      ['mo', 'm.1'],
      ['mo', 'm.1', 'part', '2'],
      ['echo', 'm.1', 'part', '2'],
      ['call', 'wacid.1', 'connect', 'd1'],
      ['never_sent', '202611011200000000007'],
      ['review', 'T1', 'en', '1790000000000', 'pass'],
    ],
  );
  assert.ok(isAskedReview(review));
  assert.ok(!isAskedReview(toEventIdentity('audit', 'T1')));
});

test('two identities give one ReceiptId only when they are the same, however their words are cut', () => {
  const route = { by: 'sender', id: '15550001111' } as const;
  const facts = { type: 'ChatAppStatus', messageId: 'm', status: 'sent', user: { id: 'u' } } as const;
  const words = fc.array(fc.string({ maxLength: 6 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(words, words, (one, other) => {
      const [a, b] = [one, other].map((identity) => toReceiptId(1, 'whatsapp', route, identity, facts));
      assert.equal(a === b, JSON.stringify(one) === JSON.stringify(other));
    }),
  );
});
