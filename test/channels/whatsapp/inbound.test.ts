import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import { appSecret, openHookApp, toWebhook } from '../../support/hooks.ts';
import type { HookApp } from '../../support/hooks.ts';

let hooks: HookApp;
beforeEach(async () => {
  hooks = await openHookApp();
  await hooks.addNumber('15550001111', '200000000000001');
});
afterEach(() => hooks.close());

const metadata = { display_phone_number: '15550001111', phone_number_id: '200000000000001' };
const common = { from: '15550002222', id: 'wamid.1', timestamp: '1780000000' };
const text = (body: string) => ({ type: 'text', text: { body } });

function readMessage(message: unknown): unknown {
  return JSON.parse(String(message));
}

/** The receipts of one change. */
async function receive(field: string, value: object): Promise<Record<string, unknown>[]> {
  const changes = [{ field, value: { messaging_product: 'whatsapp', metadata, ...value } }];
  const body = JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [{ id: '100000000000001', changes }],
  });
  assert.equal(await hooks.post(body), 200);
  return hooks.drain('ChatAppInbound');
}

async function receiveOne(message: object): Promise<Record<string, unknown>> {
  const [receipt, ...more] = await receive('messages', { messages: [{ ...common, ...message }] });
  assert.deepEqual(more, []);
  assert.ok(receipt);
  return receipt;
}

async function ask(options: Readonly<Record<string, boolean>>): Promise<void> {
  const credentials = { appSecret, verifyToken: 'verify-me', accessToken: 'token' };
  const channel = { id: 'wa', type: 'whatsapp', name: 'WhatsApp', wabaId: '100000000000001' } as const;
  await hooks.store.putChannel(hooks.accountId, { ...channel, credentials, options }, system);
}

/** A message of Meta's, with the Type, the Message (text, or the object of its JSON) and the Context that it becomes. */
const cases: readonly (readonly [string, object, string, unknown, object?])[] = [
  [
    'an edit of a text',
    { type: 'edit', edit: { original_message_id: 'wamid.0', message: text('now') } },
    'EDIT',
    { messageId: 'wamid.0', type: 'text', text: 'now' },
  ],
  [
    'an edit of a caption',
    {
      type: 'edit',
      edit: {
        original_message_id: 'wamid.0',
        message: { type: 'image', image: { id: '7', caption: 'a cat' }, context: { id: 'M0' } },
      },
    },
    'EDIT',
    { messageId: 'wamid.0', type: 'image', text: 'a cat' },
  ],
  [
    'a message that was taken back',
    { type: 'revoke', revoke: { original_message_id: 'wamid.0' } },
    'REVOKE',
    { messageId: 'wamid.0' },
  ],
  [
    'an answer',
    { ...text('yes'), context: { from: '15550001111', id: 'wamid.0' } },
    'TEXT',
    'yes',
    { messageId: 'wamid.0' },
  ],
  [
    'what was forwarded',
    { ...text('look'), context: { forwarded: true } },
    'TEXT',
    'look',
    { forwarded: true },
  ],
  [
    'what was forwarded often',
    { ...text('look'), context: { frequently_forwarded: true } },
    'TEXT',
    'look',
    { forwarded: true },
  ],
  ['what was written in a group', { ...text('hi all'), group_id: 'G1' }, 'TEXT', 'hi all', { groupId: 'G1' }],
  [
    'a question about a product',
    {
      ...text('Is it blue?'),
      context: { referred_product: { catalog_id: '7', product_retailer_id: 'sku1' } },
    },
    'TEXT',
    'Is it blue?',
    { referred_product: { catalog_id: '7', product_retailer_id: 'sku1' } },
  ],
  [
    'what came from an advertisement',
    { ...text('hi'), referral: { source_type: 'ad', source_id: '9', ctwa_clid: 'c' } },
    'TEXT',
    'hi',
    { referral: { source_type: 'ad', source_id: '9', ctwa_clid: 'c' } },
  ],
  [
    'a reaction that was taken away',
    { type: 'reaction', reaction: { message_id: 'wamid.0' } },
    'REACTION',
    { messageId: 'wamid.0', emoji: '' },
  ],
  [
    'a form whose answer is no JSON',
    {
      type: 'interactive',
      interactive: {
        type: 'nfm_reply',
        nfm_reply: { name: 'flow', body: 'Sent', response_json: 'not JSON' },
      },
    },
    'INTERACTIVE',
    {
      interactive: {
        type: 'nfm_reply',
        nfm_reply: { name: 'flow', body: 'Sent', response_json: 'not JSON' },
      },
    },
  ],
  [
    'what WhatsApp cannot show',
    { type: 'unsupported', errors: [{ code: 131051, title: 'Unsupported' }] },
    'UNSUPPORTED',
    { type: 'unsupported', errors: [{ code: 131051, title: 'Unsupported' }] },
  ],
];

describe('a user of WhatsApp', () => {
  for (const [what, message, type, expected, context] of cases)
    it(`sends ${what}`, async () => {
      const receipt = await receiveOne(message);
      assert.equal(receipt['Type'], type);
      const told = String(receipt['Message']);
      assert.deepEqual(typeof expected === 'string' ? told : JSON.parse(told), expected);
      assert.deepEqual(receipt['Context'], context);
      assert.deepEqual([receipt['From'], receipt['To']], ['15550002222', '15550001111']);
    });

  it('wants no marketing, and wants it again', async () => {
    const preference = (value: string, timestamp: number) => ({
      wa_id: '15550002222',
      user_id: 'US.1',
      detail: 'User requested it',
      category: 'marketing_messages',
      value,
      timestamp,
    });
    const stop = preference('stop', 1_780_000_000);
    const told = await receive('user_preferences', {
      user_preferences: [stop, stop, preference('resume', 1_780_000_100)],
    });
    assert.deepEqual(
      told.map(({ Type, From, FromUserId, Message }) => [Type, From, FromUserId, readMessage(Message)]),
      ['stop', 'resume'].map((value) => [
        'SYSTEM',
        '15550002222',
        'US.1',
        {
          type: 'user_preferences',
          category: 'marketing_messages',
          value,
          detail: 'User requested it',
        },
      ]),
    );
  });
});

it('each member of a group tells of a message by statuses of its own', async () => {
  const status = (participant: string) => ({
    id: 'wamid.group',
    status: 'delivered',
    timestamp: '1780000001',
    recipient_id: 'G1',
    recipient_type: 'group',
    recipient_participant_id: participant,
  });
  const statuses = [status('15550002222'), status('15550003333'), status('15550002222')];
  assert.equal(await hooks.post(toWebhook({ statuses })), 200);
  const told = await hooks.drain('ChatAppStatus');
  assert.deepEqual(
    told.map(({ MessageId, Status, To, Context }) => [MessageId, Status, To, Context]),
    ['15550002222', '15550003333'].map((participant) => [
      'wamid.group',
      'Delivered',
      participant,
      { groupId: 'G1', participant },
    ]),
  );
});

describe('what the business wrote in its own app', () => {
  const echo = { from: '15550001111', to: '15550002222', id: 'wamid.own', timestamp: '1780000000' };
  const values = {
    message_echoes: [
      { ...echo, ...text('on its way') },
      {
        ...echo,
        id: 'wamid.edit',
        type: 'edit',
        edit: { original_message_id: 'wamid.own', message: text('here') },
      },
      { ...echo, id: 'wamid.revoke', type: 'revoke', revoke: { original_message_id: 'wamid.own' } },
    ],
  };

  it('is kept raw where nobody asked for it', async () => {
    assert.deepEqual(await receive('smb_message_echoes', values), []);
  });

  it('is told with its ends turned round, once, where the channel asks for it', async () => {
    await ask({ echoes: true });
    const told = await receive('smb_message_echoes', values);
    assert.deepEqual(
      told.map(({ Type, From, To, Message }) => [Type, From, To, readMessage(Message)]),
      [
        { type: 'text', text: 'on its way' },
        { type: 'edit', of: 'text', messageId: 'wamid.own', text: 'here' },
        { type: 'revoke', messageId: 'wamid.own' },
      ].map((message) => ['ECHO', '15550001111', '15550002222', message]),
    );
    assert.deepEqual(await receive('smb_message_echoes', values), []);
  });
});

describe('what was written before the number was connected', () => {
  const messages = [
    { ...common, ...text('hello') },
    { from: '15550001111', to: '15550002222', id: 'wamid.2', timestamp: '1780000001', ...text('good day') },
  ];
  const values = { history: [{ metadata: { phase: 0 }, threads: [{ id: '15550002222', messages }] }] };

  it('is kept raw where nobody asked for it', async () => {
    assert.deepEqual(await receive('history', values), []);
  });

  it('is told as history where the channel asks for it', async () => {
    await ask({ history: true });
    const told = await receive('history', values);
    assert.deepEqual(
      told.map(({ Type, From, To, Context }) => [Type, From, To, Context]),
      [
        ['TEXT', '15550002222', '15550001111', { history: true }],
        ['ECHO', '15550001111', '15550002222', { history: true }],
      ],
    );
  });
});

it('a change of a category is told when it is announced, and when it is made', async () => {
  const template = {
    message_template_id: 7,
    message_template_name: 'offer',
    message_template_language: 'en_US',
  };
  await receive('template_category_update', {
    ...template,
    new_category: 'UTILITY',
    correct_category: 'MARKETING',
    category_update_timestamp: 1_780_086_400,
  });
  await receive('template_category_update', {
    ...template,
    previous_category: 'UTILITY',
    new_category: 'MARKETING',
  });
  const told = await hooks.drain('ChatAppAudit');
  assert.deepEqual(
    told.map(({ Type, Status, Reason }) => [Type, Status, Reason]),
    [
      ['templateCategoryUpdate', 'UTILITY', 'MARKETING'],
      ['templateCategoryUpdate', 'MARKETING', ''],
    ],
  );
});

it('a webhook without entries is kept with a reason', async () => {
  const body = JSON.stringify({ object: 'whatsapp_business_account', entry: [] });
  const channel = await hooks.directory.channel('wa');
  assert.ok(channel !== undefined);
  assert.deepEqual(hooks.recording.connectors.whatsapp?.parse(Buffer.from(body), channel).remarks, [
    { index: 0, reason: 'not_a_receipt', detail: 'no entries', mayBeMessage: false },
  ]);
  assert.equal(await hooks.post(body), 200);
});
