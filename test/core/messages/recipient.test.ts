import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRecipient } from '../../../src/core/messages/recipient.ts';
import type { SenderType } from '../../../src/domain/channel.ts';
import type { Envelope } from '../../../src/domain/message.ts';

type Told = Pick<Envelope, 'toGroup' | 'toToken'> | string;

const digits = 'To has to be 5 to 15 digits with the country code, without a plus.';
const user = 'To has to be the digits of a user id.';

const cases: [channel: SenderType, to: string, type: string | undefined, told: Told][] = [
  ['whatsapp', '15550002220', undefined, {}],
  ['whatsapp', '15550002220', 'Individual', {}],
  ['whatsapp', '+15550002220', undefined, digits],
  ['whatsapp', '1555', undefined, digits],
  ['whatsapp', '1234567890123456', undefined, digits],
  ['whatsapp', 'US.13491208655302741918', undefined, {}],
  ['viber', 'US.13491208655302741918', undefined, digits],
  ['viber', '15550002220', undefined, {}],
  ['viber', '01234567890A=', undefined, {}],
  ['viber', 'abcdefghij==', undefined, {}],
  ['viber', 'abcdefghij', undefined, digits],
  ['whatsapp', '01234567890A=', undefined, digits],
  ['messenger', '24000000000000001', undefined, {}],
  ['messenger', '1234', undefined, user],
  ['instagram', '1'.repeat(30), undefined, {}],
  ['instagram', '1'.repeat(31), undefined, user],
  ['whatsapp', 'group-1', 'group', { toGroup: true }],
  ['whatsapp', 'group 1', 'group', 'To has to be the id of a group.'],
  ['whatsapp', 'g'.repeat(257), 'group', 'To has to be the id of a group.'],
  ['viber', 'group-1', 'group', 'RecipientType group is for WhatsApp; others have no groups.'],
  ['messenger', 'tok-1', 'user_ref', { toToken: 'user_ref' }],
  ['messenger', 't'.repeat(512), 'ONE_TIME_NOTIF_TOKEN', { toToken: 'one_time_notif_token' }],
  ['messenger', 't'.repeat(513), 'user_ref', 'To has to be a user_ref: 1 to 512 characters without spaces.'],
  ['instagram', 'tok-1', 'user_ref', 'RecipientType user_ref is for Messenger.'],
  [
    'whatsapp',
    '15550002220',
    'crowd',
    'RecipientType has to be individual, group, or on Messenger user_ref, notification_messages_token, one_time_notif_token.',
  ],
];

test('a recipient is read by the rules of the channel', () => {
  for (const [channel, to, recipientType, told] of cases) {
    const read = () => readRecipient(channel, { to, recipientType });
    const label = `${channel} ${to} ${recipientType}`;
    if (typeof told === 'string') assert.throws(read, { name: 'Refusal', text: told }, label);
    else assert.deepEqual(read(), { to, envelope: told }, label);
  }
});

test('a recipient of a list is named by his place', () => {
  assert.throws(() => readRecipient('whatsapp', { to: 'x' }, 'SenderList.3.'), {
    reason: 'recipient_not_numeric',
    text: /^SenderList\.3\.To has to be /,
  });
});
