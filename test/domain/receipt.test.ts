import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { toStatusIdentity } from '../../src/domain/identity.ts';
import {
  messageStatuses,
  toLane,
  toOwnSubject,
  toProgressKey,
  toRank,
  toReceiptId,
  toSubjectDigits,
  toSubjectLane,
} from '../../src/domain/receipt.ts';
import type { StatusFacts } from '../../src/domain/receipt.ts';

const route = { by: 'sender', id: '15550001111' } as const;
const toStatus = (messageId: string, status: StatusFacts['status'], participant?: string): StatusFacts => ({
  type: 'ChatAppStatus',
  messageId,
  status,
  user: { id: '15550002222' },
  ...(participant === undefined ? {} : { participant }),
});
const idOf = (facts: StatusFacts): string =>
  toReceiptId(
    1,
    'whatsapp',
    route,
    toStatusIdentity(facts.messageId, facts.status, facts.participant),
    facts,
  );

test('ranks rise from Sent to Read, and Failed gives way to Delivered', () => {
  assert.deepEqual(
    messageStatuses
      .map((status) => [status, toRank(status)])
      .filter(([, rank]) => rank !== 0)
      .toSorted(([, a], [, b]) => Number(a) - Number(b)),
    [
      ['sent', 1],
      ['failed', 2],
      ['delivered', 3],
      ['read', 4],
    ],
  );
});

test('receipts of one message share the beginning of their ids and a lane, those of one member more', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (messageId, participant) => {
      const [sent, read, other] = [
        toStatus(messageId, 'sent'),
        toStatus(messageId, 'read'),
        toStatus(messageId, 'read', participant),
      ].map((facts) => ({ id: idOf(facts), facts }));
      assert.ok(sent !== undefined && read !== undefined && other !== undefined);
      for (const { id, facts } of [sent, read, other]) {
        assert.match(id, /^[0-9a-f]{32}$/);
        assert.ok(id.startsWith(toSubjectDigits(facts.messageId)));
        assert.equal(toLane(id, route, facts), toSubjectLane(id));
        assert.ok(toLane(id, route, facts) < 2 ** 48);
      }
      assert.equal(toProgressKey(sent.id), toProgressKey(read.id));
      assert.notEqual(sent.id, read.id);
      if (participant !== '') assert.notEqual(read.id, other.id);
    }),
  );
});

test('what a receipt is searched by is its message, its template, its number or its account', () => {
  const audit = { type: 'ChatAppAudit', event: 'template', wabaId: 'w1' } as const;
  const withNumber = { ...audit, phoneNumber: 'p1' };
  for (const [facts, subject] of [
    [toStatus('m1', 'sent'), 'm1'],
    [audit, 'w1'],
    [withNumber, 'p1'],
    [{ ...withNumber, templateCode: 't1' }, 't1'],
  ] as const) {
    const digits = toSubjectDigits(subject);
    assert.ok(toReceiptId(1, 'whatsapp', route, ['event'], facts).startsWith(digits));
    assert.equal(toOwnSubject('0'.repeat(32), toStatus('other', 'sent'), facts), Number.parseInt(digits, 16));
  }
});

test('what is recorded under our own id is searched by that, and by what the ReceiptId begins with anything else', () => {
  const told = toStatus('wamid.1', 'sent');
  const id = idOf(told);
  assert.equal(toOwnSubject(id, told, told), null);
  assert.equal(toOwnSubject(id, told, { ...told, callbackData: 'ours' }), null);
  assert.equal(
    toOwnSubject(id, told, toStatus('ours', 'sent')),
    Number.parseInt(toSubjectDigits('ours'), 16),
  );
  assert.equal(toOwnSubject(idOf(toStatus('ours', 'sent')), told, toStatus('ours', 'sent')), null);
});

test('messages of one user to one sender share a lane, by the id that lasts longest', () => {
  const laneOf = (user: { id: string; userId?: string }, id: string = route.id): number =>
    toLane(
      '0'.repeat(32),
      { by: 'sender', id },
      { type: 'ChatAppInbound', messageId: 'm', kind: 'text', user },
    );
  assert.equal(laneOf({ id: '1', userId: 'US.1' }), laneOf({ id: '2', userId: 'US.1' }));
  assert.notEqual(laneOf({ id: '1' }), laneOf({ id: '2' }));
  assert.notEqual(laneOf({ id: '1' }), laneOf({ id: '1' }, 'other'));
});
