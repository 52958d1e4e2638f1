// What those who run conversations ask a channel to tell beside messages: each payload of test/fixtures, and what it becomes with
// the channel's option and without.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { system } from '../../src/domain/account.ts';
import type { ChannelOptions } from '../../src/domain/channel.ts';
import { appSecret, toWebhook } from '../support/hooks.ts';
import { tell } from '../support/told.ts';
import { openViberHooks } from '../support/viber.ts';
import type { ViberHooks } from '../support/viber.ts';

const folder = new URL('../fixtures/', import.meta.url);
const page = '300000000000001';
const account = '17840000000000001';
const user = '24000000000000001';
const number = '15550001111';

type Type = 'messenger' | 'instagram' | 'whatsapp' | 'viber';
const channelIds = { messenger: 'fb', instagram: 'ig', whatsapp: 'wa', viber: 'bot' } as const;

let hooks: ViberHooks;

beforeEach(async () => {
  hooks = await openViberHooks();
  await hooks.addPages('messenger', 'fb', [page]);
  await hooks.addPages('instagram', 'ig', [account]);
  await hooks.addNumber(number, '200000000000001');
});
afterEach(() => hooks.close());

async function setOptions(type: Type, options: ChannelOptions): Promise<void> {
  const channel = await hooks.store.findChannel(channelIds[type]);
  assert.ok(channel);
  const { accountId, id, name } = channel;
  await hooks.store.putChannel(accountId, { id, type, name, options }, system);
}

/** What a POST of a payload tells: its receipts, and the remarks that are kept of it. */
async function play(type: Type, file: string) {
  const body = readFileSync(new URL(`${type}/${file}.json`, folder));
  const id = channelIds[type];
  const status =
    type === 'viber' ? (await hooks.postBot(body)).status : await hooks.post(body, id, appSecret, type);
  assert.equal(status, 200);
  const channel = await hooks.store.findChannel(id);
  const connector = hooks.recording.connectors[type];
  assert.ok(channel && connector);
  const remarks = connector.parse(body, channel).remarks.map(({ reason, detail }) => `${reason} ${detail}`);
  const [inbound, statuses, audits] = [
    await hooks.drain('ChatAppInbound'),
    await hooks.drain('ChatAppStatus'),
    await hooks.drain('ChatAppAudit'),
  ];
  return { inbound, statuses, audits, remarks };
}

function toShown({ Type, From, To, MessageId, Context, Message }: Record<string, unknown>): object {
  const message = JSON.parse(String(Message)) as object;
  return { Type, From, To, MessageId, ...(Context === undefined ? {} : { Context }), message };
}

interface Row {
  readonly file: `${Type}/${string}`;
  readonly options: ChannelOptions;
  /** What is told, as far as it matters here; ids that are digests are left to the test of repeats. */
  readonly told: readonly object[];
  /** What is kept of it where the option is not set; the payload is told without any option when left out. */
  readonly kept?: string;
}

const echo = { Type: 'ECHO', From: page, To: user };
const inbox = { app_id: 26390203743090 };
const caller = { Type: 'CALL', From: '15550002222', To: number };
const ofGroup = { Type: 'GROUP', To: number, Context: { groupId: 'Y2FwaV9ncm91cDox' } };
const payer = { Type: 'PAYMENT', From: '15550002222', To: number, Context: { messageId: 'wamid.ORDER1' } };
const order = { messageId: 'wamid.ORDER1', reference_id: 'order-2041', currency: 'INR' };

const rows: readonly Row[] = [
  {
    file: 'messenger/echo-from-inbox',
    options: { echoes: true },
    told: [
      { ...echo, MessageId: 'm_inbox1', message: { type: 'text', text: 'It is on its way.', ...inbox } },
    ],
    kept: 'not_a_receipt echo',
  },
  {
    file: 'messenger/echo-from-another-app',
    options: { echoes: true, appId: '1517776481860111' },
    told: [
      {
        ...echo,
        message: {
          type: 'text',
          text: 'We got your ticket.',
          app_id: 99887766554433,
          metadata: 'ticket-7',
        },
      },
    ],
    kept: 'not_a_receipt echo',
  },
  {
    file: 'messenger/echo-text-and-files',
    options: { echoes: true },
    told: [
      { ...echo, MessageId: 'm_inbox2', message: { type: 'text', text: 'Two photos' } },
      { ...echo, MessageId: 'm_inbox2#2', message: { type: 'image', mimeType: 'image/png' } },
      { ...echo, MessageId: 'm_inbox2#3', message: { type: 'image', mimeType: 'image/jpeg' } },
    ],
    kept: 'not_a_receipt echo',
  },
  {
    file: 'messenger/echo-that-answers',
    options: { echoes: true },
    told: [{ ...echo, Context: { messageId: 'm_user1' } }],
    kept: 'not_a_receipt echo',
  },
  {
    file: 'messenger/echo-taken-back',
    options: { echoes: true },
    told: [{ ...echo, MessageId: 'm_inbox1#deleted', message: { type: 'revoke', messageId: 'm_inbox1' } }],
    kept: 'not_a_receipt echo',
  },
  {
    file: 'messenger/echo-in-standby',
    options: { echoes: true },
    told: [{ ...echo, Context: { standby: true } }],
    kept: 'not_a_receipt echo',
  },
  {
    file: 'instagram/echo-from-inbox',
    options: { echoes: true },
    told: [
      {
        Type: 'ECHO',
        From: account,
        To: user,
        MessageId: 'aWdfZAG1_echo1',
        message: { type: 'text', text: 'Blue or red?' },
      },
    ],
    kept: 'not_a_receipt echo',
  },
  {
    file: 'instagram/comment',
    options: { comments: true },
    told: [
      {
        Type: 'COMMENT',
        From: '900000000000001',
        To: account,
        MessageId: '17865799348089039',
        message: { type: 'comments', text: 'Price?', media: { id: '17900000000000001' } },
      },
    ],
    kept: 'not_a_receipt comments',
  },
  {
    file: 'instagram/comment-reply-to-ad',
    options: { comments: true },
    told: [
      { Type: 'COMMENT', message: { parent_id: '17865799348089039', media: { ad_id: '6000000000001' } } },
    ],
    kept: 'not_a_receipt comments',
  },
  {
    file: 'instagram/comment-live',
    options: { comments: true },
    told: [{ Type: 'COMMENT', From: '900000000000002', message: { type: 'live_comments' } }],
    kept: 'not_a_receipt live_comments',
  },
  {
    file: 'instagram/mention',
    options: { mentions: true },
    told: [{ Type: 'MENTION', From: '', To: account, message: { media_id: '17900000000000003' } }],
    kept: 'not_a_receipt mentions',
  },
  {
    file: 'instagram/mention-in-comment',
    options: { mentions: true },
    told: [{ Type: 'MENTION', message: { comment_id: '17865799348089043' } }],
    kept: 'not_a_receipt mentions',
  },
  {
    file: 'whatsapp/call-connect',
    options: { calls: true },
    told: [
      {
        ...caller,
        message: { event: 'connect', direction: 'USER_INITIATED', session: { sdp_type: 'offer' } },
      },
    ],
    kept: 'not_a_receipt calls',
  },
  {
    file: 'whatsapp/call-missed',
    options: { calls: true },
    told: [{ ...caller, message: { event: 'terminate', missed: true, id: 'wacid.HBgLMTU1NTAwMDIyMjI' } }],
    kept: 'not_a_receipt calls',
  },
  {
    file: 'whatsapp/call-missed-without-direction',
    options: { calls: true },
    told: [{ ...caller, message: { event: 'terminate', missed: true } }],
    kept: 'not_a_receipt calls',
  },
  {
    file: 'whatsapp/call-taken',
    options: { calls: true },
    told: [{ ...caller, message: { event: 'terminate', missed: false, duration: 120 } }],
    kept: 'not_a_receipt calls',
  },
  {
    file: 'whatsapp/call-of-business-failed',
    options: { calls: true },
    told: [
      {
        ...caller,
        message: {
          event: 'terminate',
          status: 'FAILED',
          biz_opaque_callback_data: 'ticket-7',
          errors: [{ code: 138021 }],
        },
      },
    ],
    kept: 'not_a_receipt calls',
  },
  {
    file: 'whatsapp/call-status-ringing',
    options: { calls: true },
    told: [{ ...caller, message: { event: 'status', status: 'RINGING', id: 'wacid.out' } }],
    kept: 'not_a_receipt calls',
  },
  {
    file: 'whatsapp/call-status-among-messages',
    options: { calls: true },
    told: [{ ...caller, message: { event: 'status', status: 'REJECTED' } }],
    kept: 'not_a_receipt status of a call',
  },
  {
    file: 'whatsapp/call-recording',
    options: { calls: true },
    told: [{ ...caller, message: { event: 'call_recording_available', call_recording: { type: 'audio' } } }],
    kept: 'not_a_receipt calls',
  },
  {
    file: 'whatsapp/group-created',
    options: { groups: true },
    told: [{ ...ofGroup, From: 'Y2FwaV9ncm91cDox', message: { type: 'group_create', subject: 'Book club' } }],
    kept: 'not_a_receipt group_lifecycle_update',
  },
  {
    file: 'whatsapp/group-not-created',
    options: { groups: true },
    told: [{ Type: 'GROUP', From: '', message: { request_id: 'REQ2', errors: [{ code: 131204 }] } }],
    kept: 'not_a_receipt group_lifecycle_update',
  },
  {
    file: 'whatsapp/group-joined-and-failed',
    options: { groups: true },
    told: [
      { ...ofGroup, From: '15550002222', message: { change: 'added_participants', reason: 'invite_link' } },
      { ...ofGroup, From: '15550003333', message: { change: 'added_participants' } },
      {
        ...ofGroup,
        From: '15550004444',
        message: { change: 'failed_participants', participant: { errors: [{ code: 131206 }] } },
      },
    ],
    kept: 'not_a_receipt group_participants_update',
  },
  {
    file: 'whatsapp/group-joined-by-some-nobody-knows',
    options: { groups: true },
    told: [
      {
        ...ofGroup,
        From: '15550002222',
        message: { added_participants: ['15550005555', { role: 'admin' }] },
      },
      { ...ofGroup, From: 'US.13491208655302741918', message: { change: 'added_participants' } },
    ],
    kept: 'not_a_receipt group_participants_update',
  },
  {
    file: 'whatsapp/group-join-request',
    options: { groups: true },
    told: [{ ...ofGroup, From: '15550005555', message: { join_request_id: 'JR1' } }],
    kept: 'not_a_receipt group_participants_update',
  },
  {
    file: 'whatsapp/group-settings',
    options: { groups: true },
    told: [{ ...ofGroup, message: { group_subject: { text: 'Film club' } } }],
    kept: 'not_a_receipt group_settings_update',
  },
  {
    file: 'whatsapp/group-suspended',
    options: { groups: true },
    told: [{ ...ofGroup, message: { type: 'group_suspend' } }],
    kept: 'not_a_receipt group_status_update',
  },
  {
    file: 'whatsapp/payment-captured',
    options: {},
    told: [
      {
        ...payer,
        message: { ...order, status: 'captured', transaction: { id: 'order_AbC123', status: 'success' } },
      },
    ],
  },
  {
    file: 'whatsapp/payment-pending',
    options: {},
    told: [{ ...payer, message: { ...order, status: 'pending', transaction: { status: 'pending' } } }],
  },
  {
    file: 'whatsapp/payment-failed',
    options: {},
    told: [
      {
        ...payer,
        message: {
          ...order,
          status: 'failed',
          transaction: { error: { reason: 'payment_cancelled' } },
          other: { errors: [{ code: 2049 }] },
        },
      },
    ],
  },
  {
    file: 'whatsapp/payment-refunded',
    options: {},
    told: [{ ...payer, message: { status: 'captured', transaction: { refunds: [{ id: 'rfnd_1' }] } } }],
  },
  {
    file: 'whatsapp/payment-without-recipient',
    options: {},
    told: [{ Type: 'PAYMENT', From: '15550002222', message: { reference_id: 'order-7' } }],
  },
  {
    file: 'whatsapp/status-of-unknown-type',
    options: {},
    told: [
      {
        Type: 'SYSTEM',
        From: '15550002222',
        Context: { messageId: 'wamid.ORDER1' },
        message: {
          type: 'status',
          messageId: 'wamid.ORDER1',
          status: { type: 'delivery_slot', status: 'failed', slot: { from: '1780003600' } },
        },
      },
    ],
  },
  {
    file: 'whatsapp/payment-without-type',
    options: {},
    told: [{ ...payer, message: { status: 'failed', reference_id: 'order-2041' } }],
  },
  {
    file: 'whatsapp/reply-of-another-shape',
    options: {},
    told: [
      {
        Type: 'INTERACTIVE',
        message: { interactive: { type: 'list_reply', list_reply: { rows: [{ id: 'a' }, { id: 'b' }] } } },
      },
    ],
  },
  {
    file: 'whatsapp/reaction-to-nothing',
    options: {},
    told: [
      { Type: 'UNSUPPORTED', message: { type: 'reaction', reaction: { status_id: '77', emoji: '👍' } } },
    ],
  },
  {
    file: 'whatsapp/revoke-of-a-thread',
    options: {},
    told: [{ Type: 'UNSUPPORTED', message: { type: 'revoke', revoke: { scope: 'thread' } } }],
  },
  {
    file: 'whatsapp/button-of-another-shape',
    options: {},
    told: [{ Type: 'UNSUPPORTED', message: { type: 'button', button: { index: 1 } } }],
  },
  {
    file: 'messenger/reaction-of-unknown-action',
    options: {},
    told: [{ Type: 'UNSUPPORTED', message: { type: 'reaction', messageId: 'm_1', action: 'hide' } }],
  },
  {
    file: 'messenger/postback-of-another-shape',
    options: {},
    told: [{ Type: 'UNSUPPORTED', MessageId: 'm_2', message: { type: 'postback', form: { size: 'L' } } }],
  },
  {
    file: 'viber/contact-without-a-name',
    options: {},
    told: [{ Type: 'UNSUPPORTED', message: { type: 'contact', contact: { card: 'BEGIN:VCARD' } } }],
  },
  {
    file: 'viber/client-status-payment',
    options: { clientStatus: true },
    told: [
      {
        Type: 'CLIENT_STATUS',
        From: '01234567890A=',
        message: { type: 'payment', code: 0, payload: 'order-7' },
      },
    ],
    kept: 'not_a_receipt client_status',
  },
  {
    file: 'viber/client-status-of-a-word',
    options: { clientStatus: true },
    told: [{ Type: 'CLIENT_STATUS', message: { status: 'installed' } }],
    kept: 'not_a_receipt client_status',
  },
];

describe('what a channel tells beside messages', () => {
  for (const { file, options, told, kept } of rows) {
    const [type, name] = file.split('/') as [Type, string];
    it(`${file}: told once${kept === undefined ? '' : ' where an option asks for it, kept raw otherwise'}`, async () => {
      if (kept !== undefined) {
        const { inbound, statuses, audits, remarks } = await play(type, name);
        assert.deepEqual(
          { inbound, statuses, audits, remarks },
          { inbound: [], statuses: [], audits: [], remarks: [kept] },
        );
        await setOptions(type, options);
      }
      const { inbound, statuses } = await play(type, name);
      assert.deepEqual(statuses, []);
      assert.equal(inbound.length, told.length);
      for (const [n, receipt] of told.entries())
        assert.partialDeepStrictEqual(toShown(inbound[n] ?? {}), receipt);
      const ids = inbound.map(({ MessageId }) => MessageId);
      assert.equal(new Set(ids).size, ids.length);
      assert.deepEqual((await play(type, name)).inbound, []);
    });
  }

  it('user names of the business are audits of their number, where the channel asks for them', async () => {
    for (const file of ['username-approved', 'username-deleted'])
      assert.deepEqual((await play('whatsapp', file)).audits, []);
    await setOptions('whatsapp', { usernames: true });
    const [approved] = (await play('whatsapp', 'username-approved')).audits;
    const shown = { Type: 'phoneUsernameUpdate', PhoneNumber: number, WabaId: '100000000000001' };
    assert.partialDeepStrictEqual(approved, { ...shown, Status: 'approved', UserName: 'example_shop' });
    const [deleted] = (await play('whatsapp', 'username-deleted')).audits;
    assert.partialDeepStrictEqual(deleted, { ...shown, Status: 'deleted' });
  });

  it('a type or a payment that is null says nothing: the word is of the message, or of the payment beside it', () => {
    const toTypes = (more: object): unknown[] => {
      const status = { id: 'wamid.1', status: 'failed', recipient_id: '15550002222', ...more };
      const { receipts, remarks } = tell('whatsapp', JSON.parse(toWebhook({ statuses: [status] })));
      assert.deepEqual(remarks, []);
      return receipts.map(({ Status, Type }) => Status ?? Type);
    };
    const payment = { reference_id: 'r' };
    assert.deepEqual(toTypes({ type: null, payment: null }), ['Failed']);
    assert.deepEqual(toTypes({ payment: null }), ['Failed']);
    assert.deepEqual(toTypes({ type: null, payment }), ['PAYMENT']);
    assert.deepEqual(toTypes({ type: '', payment }), ['PAYMENT']);
  });

  it('a payment that failed is no message that failed, and hides none that does', async () => {
    assert.deepEqual((await play('whatsapp', 'payment-failed')).statuses, []);
    const failure = {
      id: 'wamid.ORDER1',
      status: 'failed',
      timestamp: '1780000020',
      recipient_id: '15550002222',
    };
    const errors = [{ code: 131026, title: 'Message undeliverable' }];
    await hooks.post(toWebhook({ statuses: [{ ...failure, errors }] }));
    const [failed, ...more] = await hooks.drain('ChatAppStatus');
    assert.partialDeepStrictEqual(failed, {
      MessageId: 'wamid.ORDER1',
      Status: 'Failed',
      ErrorCode: '131026',
    });
    assert.deepEqual(more, []);
  });

  it('a status whose type is not known is remarked on as well, and is no status of the message', async () => {
    const { statuses, remarks } = await play('whatsapp', 'status-of-unknown-type');
    assert.deepEqual([statuses, remarks], [[], ['unknown_event status of type delivery_slot']]);
  });

  it('a status that says that it is of a message is one', async () => {
    const { inbound, statuses } = await play('whatsapp', 'status-of-type-message');
    assert.deepEqual(inbound, []);
    assert.partialDeepStrictEqual(statuses[0], { MessageId: 'wamid.ORDER1', Status: 'Delivered' });
  });

  it('what the account itself wrote below a post is no message to it', async () => {
    await setOptions('instagram', { comments: true });
    const { inbound, remarks } = await play('instagram', 'comment-own');
    assert.deepEqual([inbound, remarks], [[], ['not_a_receipt own comment']]);
  });

  it('every payload of the folder has a row here', () => {
    const rest = ['messenger/echo-from-own-app', 'instagram/comment-own', 'whatsapp/status-of-type-message'];
    const known = new Set<string>([...rest, ...rows.map(({ file }) => file)]);
    for (const type of Object.keys(channelIds))
      for (const name of readdirSync(new URL(`${type}/`, folder))) {
        const file = `${type}/${name.replace(/\.json$/, '')}`;
        if (/\/(echo|comment|mention|call|group|payment|status-of|client-status)/.test(file))
          assert.ok(known.has(file), file);
      }
  });
});
