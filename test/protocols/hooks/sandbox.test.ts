import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import { noSenderWebhook } from '../../../src/domain/channel.ts';
import type { SenderType } from '../../../src/domain/channel.ts';
import { inboundKinds } from '../../../src/domain/receipt.ts';
import type { InboundKind } from '../../../src/domain/receipt.ts';
import { openHookApp } from '../../support/hooks.ts';
import type { HookApp } from '../../support/hooks.ts';

const senders: Readonly<Record<SenderType, string>> = {
  whatsapp: '15550100001',
  messenger: '100000000000001',
  instagram: '17840000000000001',
  viber: '10001',
};

let hooks: HookApp;

beforeEach(async () => {
  hooks = await openHookApp();
  for (const id of Object.values(senders))
    await hooks.store.setSenderWebhook(
      hooks.accountId,
      'sandbox',
      id,
      { ...noSenderWebhook, queue: true },
      'standard',
      system,
    );
});
afterEach(() => hooks.close());

async function play(path: string, body: unknown, authorization = toBasic(hooks.key.id, hooks.key.secret)) {
  const answer = await hooks.app.inject({
    method: 'POST',
    url: `/sandbox/${path}`,
    headers: { 'content-type': 'application/json', ...(authorization === '' ? {} : { authorization }) },
    payload: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: answer.statusCode, json: JSON.parse(answer.body) as Record<string, unknown> };
}

const toBasic = (id: string, secret: string): string =>
  `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;

/** What a user of each kind sends, and what the receipt's Type and Message are then. */
const kinds: Readonly<
  Record<InboundKind, { members: object; type: string; message: string | Record<string, unknown> }>
> = {
  text: { members: { text: 'hello' }, type: 'TEXT', message: 'hello' },
  image: { members: { caption: 'look' }, type: 'IMAGE', message: { caption: 'look', mimeType: 'image/png' } },
  video: { members: { caption: 'look' }, type: 'VIDEO', message: { name: 'look', mimeType: 'video/mp4' } },
  audio: { members: { voice: true }, type: 'AUDIO', message: { voice: true, mimeType: 'audio/wav' } },
  document: {
    members: { fileName: 'a.pdf' },
    type: 'DOCUMENT',
    message: { filename: 'a.pdf', mimeType: 'application/pdf' },
  },
  sticker: { members: { animated: true }, type: 'STICKER', message: { animated: true } },
  location: {
    members: { latitude: 1.5, longitude: -2, place: 'Home' },
    type: 'LOCATION',
    message: { latitude: '1.5', longitude: '-2', name: 'Home', address: '' },
  },
  contacts: {
    members: { contacts: [{ name: { formatted_name: 'Ana' } }] },
    type: 'CONTACTS',
    message: { contacts: [{ name: { formatted_name: 'Ana' } }] },
  },
  reply: { members: { text: 'Yes', payload: 'y' }, type: 'REPLY', message: { text: 'Yes', payload: 'y' } },
  interactive: {
    members: { interactive: { type: 'nfm_reply' } },
    type: 'INTERACTIVE',
    message: { interactive: { type: 'nfm_reply' } },
  },
  order: { members: { product_items: [] }, type: 'ORDER', message: { product_items: [] } },
  reaction: {
    members: { messageId: 'm0', emoji: '👍' },
    type: 'REACTION',
    message: { messageId: 'm0', emoji: '👍' },
  },
  edit: {
    members: { messageId: 'm0', text: 'new' },
    type: 'EDIT',
    message: { messageId: 'm0', text: 'new' },
  },
  revoke: { members: { messageId: 'm0' }, type: 'REVOKE', message: { messageId: 'm0' } },
  share: { members: { link: 'https://e.example' }, type: 'SHARE', message: { link: 'https://e.example' } },
  referral: { members: { ref: 'r' }, type: 'REFERRAL', message: { ref: 'r' } },
  optin: { members: { payload: 'TOPIC' }, type: 'OPTIN', message: { payload: 'TOPIC' } },
  feedback: {
    members: { feedback_screens: [] },
    type: 'FEEDBACK',
    message: { feedback_screens: [] },
  },
  system: { members: { body: 'changed' }, type: 'SYSTEM', message: { body: 'changed' } },
  echo: {
    members: { text: 'from the shop' },
    type: 'ECHO',
    message: { text: 'from the shop' },
  },
  payment: {
    members: { status: 'captured', reference_id: 'order-1' },
    type: 'PAYMENT',
    message: { status: 'captured', reference_id: 'order-1' },
  },
  call: { members: { event: 'terminate', missed: true }, type: 'CALL', message: { missed: true } },
  group: { members: { subject: 'Book club' }, type: 'GROUP', message: { subject: 'Book club' } },
  comment: { members: { text: 'Price?' }, type: 'COMMENT', message: { text: 'Price?' } },
  mention: { members: { media_id: '1' }, type: 'MENTION', message: { media_id: '1' } },
  client_status: { members: { code: 0 }, type: 'CLIENT_STATUS', message: { code: 0 } },
  unsupported: { members: { what: 'poll' }, type: 'UNSUPPORTED', message: { what: 'poll' } },
};

describe('the sandbox plays a user', () => {
  for (const kind of inboundKinds) {
    it(`who sends a message of type ${kind}`, async () => {
      const { members, type, message } = kinds[kind];
      const answer = await play('15550100001/inbound', {
        from: '+15550002222',
        name: 'Ana',
        type: kind,
        ...members,
      });
      assert.equal(answer.status, 201);
      const [receipt, ...more] = await hooks.drain('ChatAppInbound');
      assert.deepEqual(more, []);
      assert.equal(receipt?.['Type'], type);
      const ends = [receipt['From'], receipt['To']];
      // An echo is what the business wrote to the user elsewhere.
      assert.deepEqual(kind === 'echo' ? ends.toReversed() : ends, ['15550002222', '15550100001']);
      assert.equal(receipt['Name'], 'Ana');
      assert.equal(receipt['MessageId'], answer.json['messageId']);
      assert.equal(receipt['ReceiptId'], answer.json['receiptId']);
      if (typeof message === 'string') assert.equal(receipt['Message'], message);
      else assert.partialDeepStrictEqual(JSON.parse(String(receipt['Message'])), message);
    });
  }

  for (const [type, id] of Object.entries(senders)) {
    it(`of ${type}`, async () => {
      assert.equal((await play(`${id}/inbound`, { from: 'user-1', type: 'text', text: 'hi' })).status, 201);
      const [receipt] = await hooks.drain('ChatAppInbound');
      assert.equal(receipt?.['To'], id);
      assert.equal(receipt['From'], 'user-1');
      assert.equal(receipt['WabaId'] === '', type !== 'whatsapp');
    });
  }

  it('who sends the same message twice, which is one receipt', async () => {
    const message = { id: 'm1', from: '15550002222', type: 'text', text: 'hi' };
    const first = await play('15550100001/inbound', message);
    const second = await play('15550100001/inbound', message);
    assert.equal(first.json['outcome'], 'fresh');
    assert.equal(second.json['outcome'], 'repeat');
    assert.equal(second.json['receiptId'], first.json['receiptId']);
    assert.equal((await hooks.drain('ChatAppInbound')).length, 1);
  });
});

describe('the sandbox plays the channel', () => {
  it('which tells what became of a message', async () => {
    const names: unknown[] = [];
    for (const status of ['sent', 'delivered', 'read', 'deleted'])
      assert.equal((await play('10001/status', { messageId: 'm1', to: 'u', status })).status, 201);
    const failed = {
      messageId: 'm2',
      to: 'u',
      status: 'failed',
      errorCode: '131026',
      errorDescription: 'No.',
    };
    assert.equal((await play('10001/status', failed)).status, 201);
    for (const receipt of await hooks.drain('ChatAppStatus')) {
      names.push(receipt['Status']);
      if (receipt['Status'] === 'Failed') {
        assert.equal(receipt['ErrorCode'], '131026');
        assert.equal(receipt['ErrorDescription'], 'No.');
      }
    }
    assert.deepEqual(names, ['Sent', 'Delivered', 'Read', 'Deleted', 'Failed']);
  });
});

describe('what the sandbox cannot play', () => {
  const inbound = { from: '15550002222', type: 'text', text: 'hi' };
  const refusals: readonly [string, string, unknown, RegExp][] = [
    ['no object', 'inbound', [], /one JSON object/],
    ['no JSON', 'inbound', '{"from":', /JSON/],
    ['no user', 'inbound', { ...inbound, from: undefined }, /from: has to be text/],
    ['a user that is a number', 'inbound', { ...inbound, from: 15550002222 }, /from: has to be text/],
    ['an unknown type', 'inbound', { ...inbound, type: 'poll' }, /type: has to be one of text, image/],
    ['a text without text', 'inbound', { ...inbound, text: undefined }, /text: is missing/],
    ['a text that is no text', 'inbound', { ...inbound, text: 5 }, /text: has to be text/],
    ['a url of another scheme', 'inbound', { ...inbound, type: 'image', url: 'file:///etc/passwd' }, /http/],
    ['a status without a message', 'status', { to: 'u', status: 'sent' }, /messageId: has to be text/],
    ['an unknown status', 'status', { messageId: 'm', to: 'u', status: 'seen' }, /status: has to be one of/],
  ];
  for (const [what, path, body, reason] of refusals) {
    it(`${what} is refused with the reason, and leaves nothing`, async () => {
      const { status, json } = await play(`15550100001/${path}`, body);
      assert.equal(status, 400);
      assert.match(String(json['detail']), reason);
      assert.deepEqual(await hooks.drain('ChatAppInbound'), []);
      assert.deepEqual(await hooks.drain('ChatAppStatus'), []);
    });
  }

  it('an unknown sender is not found', async () => {
    assert.equal((await play('19999999999/inbound', inbound)).status, 404);
  });

  it('a caller without a good key is refused', async () => {
    assert.equal((await play('15550100001/inbound', inbound, '')).status, 401);
    assert.equal((await play('15550100001/inbound', inbound, toBasic(hooks.key.id, 'wrong'))).status, 401);
  });
});
