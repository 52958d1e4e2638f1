// What webhooks tell of other ids of a user, and what follows from it.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import { formatOutboundId } from '../../../src/domain/ids.ts';
import type { Envelope } from '../../../src/domain/message.ts';
import { toLane } from '../../../src/domain/receipt.ts';
import { recordSent } from '../../../src/core/receipts/send-answer.ts';
import { appSecret, openHookApp } from '../../support/hooks.ts';
import type { HookApp } from '../../support/hooks.ts';

const number = '15550001111';
const page = '300000000000001';
const psid = '24000000000000001';
const userId = 'BR.1349000000000001';

/** Pairs of spellings of one number that Meta is known to answer with, and one that nobody has seen. */
const pairs = [
  ['5511987650001', '551187650001'],
  ['5215550000001', '525550000001'],
  ['5491155500001', '541155500001'],
  ['15550000001', '15550009991'],
] as const;

let hooks: HookApp;

beforeEach(async () => {
  hooks = await openHookApp();
  await hooks.addNumber(number, '200000000000001');
});
afterEach(() => hooks.close());

async function send(to: string, members: Partial<Envelope> = {}, channelId = 'wa', senderId = number) {
  const { store, clock, accountId } = hooks;
  const [added] = await store.addOutbound(accountId, [
    {
      channelId,
      channelType: channelId === 'wa' ? 'whatsapp' : 'messenger',
      senderId,
      to,
      groupId: null,
      taskId: null,
      envelope: { frame: 'message', messageType: 'text', content: { text: 'hello' }, ...members },
      expiresAt: clock.now() + 60_000,
      oncePerTask: false,
    },
  ]);
  assert.ok(added);
  return added.id;
}

async function post(value: object, field = 'messages'): Promise<void> {
  const metadata = { display_phone_number: number, phone_number_id: '200000000000001' };
  const body = JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [
      {
        id: '100000000000001',
        changes: [{ field, value: { messaging_product: 'whatsapp', metadata, ...value } }],
      },
    ],
  });
  assert.equal(await hooks.post(body), 200);
}

const status = (id: number, recipient: object, word = 'delivered') => ({
  statuses: [
    {
      id: `wamid.${id}`,
      status: word,
      timestamp: '1780000001',
      biz_opaque_callback_data: formatOutboundId(id),
      ...recipient,
    },
  ],
});

const message = (id: string, members: object) => ({
  messages: [{ id, timestamp: '1780000002', type: 'text', text: { body: 'hello' }, ...members }],
});

const idsOf = async (id: string, channelId = 'wa'): Promise<string[]> => {
  const found = await hooks.store.findSpellings(hooks.accountId, { userId: id, channelId });
  return found.map((one) => one.id).toSorted();
};

describe('the recipient of a status', () => {
  for (const [written, told] of pairs)
    it(`that is ${told} for a message to ${written} is the same user, to be found and erased by either`, async () => {
      const { store, accountId } = hooks;
      const id = await send(written);
      await post(status(id, { recipient_id: told }));
      await post(status(id, { recipient_id: told }));
      for (const one of [written, told]) assert.deepEqual(await idsOf(one), [written, told].toSorted());
      await post(message('wamid.reply', { from: told }));
      const { items } = await store.listOutbound(accountId, { to: told }, { limit: 10 });
      assert.deepEqual(
        items.map((sent) => sent.id),
        [id],
      );
      const erased = await store.eraseContent(accountId, { userId: written }, { limit: 100 }, system);
      assert.deepEqual([erased.receipts, erased.messages], [1, 1]);
    });

  it('is nobody else’s where the message went to a group, is not ours, or has no recipient', async () => {
    const group = await send('GROUP-1', { toGroup: true });
    await post(
      status(group, {
        recipient_type: 'group',
        recipient_id: 'GROUP-1',
        recipient_participant_id: '15550000002',
      }),
    );
    await post({
      statuses: [{ id: 'wamid.x', status: 'read', timestamp: '1780000001', recipient_id: '15550000003' }],
    });
    const id = await send('15550000004');
    await post(status(id, {}));
    for (const one of ['GROUP-1', '15550000002', '15550000003', '15550000004', ''])
      assert.deepEqual(await idsOf(one), [one]);
  });

  it('is one user with the ids that are told of it', async () => {
    const id = await send('5511987650001');
    await post(
      status(id, {
        recipient_id: '551187650001',
        recipient_user_id: userId,
        recipient_parent_user_id: 'BR.ENT.99',
      }),
    );
    const all = ['5511987650001', '551187650001', userId, 'BR.ENT.99'].toSorted();
    for (const one of all) assert.deepEqual(await idsOf(one), all, one);
    assert.deepEqual(await idsOf(userId, 'another'), [userId]);
  });
});

describe('a contact that stands alone', () => {
  const text = (id: string, members: object) => message(id, members).messages;

  it('is of the one user beside it, whatever number the event has', async () => {
    await post({
      contacts: [{ wa_id: '5511987650001', profile: { name: 'Ana Example' } }],
      messages: [
        ...text('wamid.1', { from: '551187650001' }),
        ...text('wamid.2', { from: '551187650001', from_user_id: userId }),
      ],
    });
    const all = ['5511987650001', '551187650001', userId];
    for (const one of all) assert.deepEqual(await idsOf(one), all.toSorted(), one);
  });

  it('joins no two users of one webhook, each of whom is found and erased alone', async () => {
    const { store, accountId } = hooks;
    const [ana, bob] = ['15550000005', '15550000006'];
    const contacts = [{ wa_id: ana, user_id: userId, profile: { name: 'Ana Example' } }];
    await post({
      contacts,
      messages: [...text('wamid.1', { from: ana }), ...text('wamid.2', { from: bob })],
    });
    await post({
      contacts,
      statuses: [ana, bob].map((to) => ({ id: `wamid.to-${to}`, status: 'read', recipient_id: to })),
    });
    await post(
      {
        contacts,
        user_preferences: [ana, bob].map((wa_id) => ({ wa_id, value: 'stop', timestamp: 1_780_000_000 })),
      },
      'user_preferences',
    );
    assert.deepEqual(await idsOf(bob), [bob]);
    assert.deepEqual(await idsOf(userId), [ana, userId].toSorted());
    const told = await hooks.drain('ChatAppInbound');
    assert.deepEqual(
      told.map(({ From, Name, FromUserId }) => [From, Name, FromUserId]),
      [
        [ana, 'Ana Example', userId],
        [bob, '', undefined],
        [ana, 'Ana Example', userId],
        [bob, '', undefined],
      ],
    );
    const erased = await store.eraseContent(accountId, { userId: ana }, { limit: 100 }, system);
    assert.equal(erased.receipts, 3);
  });

  it('joins nobody where it is of neither of two users, of another id, or of the business', async () => {
    const contacts = [{ wa_id: '15550000009', user_id: 'US.9', profile: { name: 'Eve Example' } }];
    const [ana, bob] = ['15550000007', '15550000008'];
    await post({
      contacts,
      messages: [...text('wamid.1', { from: ana }), ...text('wamid.2', { from: bob })],
    });
    await post({ contacts, messages: text('wamid.3', { from: ana, from_user_id: 'US.7' }) });
    await post({
      contacts,
      statuses: [ana, bob].map((participant) => ({
        id: 'wamid.group',
        status: 'read',
        recipient_type: 'group',
        recipient_id: 'GROUP-1',
        recipient_participant_id: participant,
      })),
    });
    await post({ contacts: [{ wa_id: number }], messages: text('wamid.4', { from: bob }) });
    assert.deepEqual(await idsOf(ana), [ana, 'US.7']);
    for (const one of [bob, '15550000009', number]) assert.deepEqual(await idsOf(one), [one], one);
    assert.ok(hooks.notices.some(({ params }) => params['detail'] === 'contact of no event'));
  });
});

describe('a message of a user', () => {
  it('tells that a number and a business-scoped id are one user’s', async () => {
    const { store, accountId } = hooks;
    const told = '15550000005';
    await post({
      contacts: [{ wa_id: told, user_id: userId, profile: { name: 'Ana Example' } }],
      ...message('wamid.1', { from: told, from_user_id: userId }),
    });
    // The number is hidden from now on.
    await post(message('wamid.2', { from_user_id: userId }));
    const id = await send(told);
    await post(status(id, { recipient_id: told }));
    const erased = await store.eraseContent(accountId, { userId: told }, { limit: 100 }, system);
    assert.deepEqual([erased.receipts, erased.messages], [2, 1]);
    assert.deepEqual(await idsOf(told), [told]);
  });

  it('is of one user with the number that its contact has', async () => {
    const { store, accountId } = hooks;
    const [from, told] = ['5511987650001', '551187650001'];
    const contact = (id: string) => ({ contacts: [{ wa_id: id, profile: { name: 'Ana Example' } }] });
    await post({ ...contact(told), ...message('wamid.1', { from }) });
    await post({ ...contact(told), ...message('wamid.2', { from: told }) });
    await post({ ...contact(`+${told}`), ...message('wamid.3', { from: told }) });
    assert.deepEqual(await idsOf(told), [from, told].toSorted());
    const [first, second, third] = await hooks.drain('ChatAppInbound');
    assert.deepEqual(
      [first, second, third].map((receipt) => receipt?.['From']),
      [from, told, told],
    );
    const erased = await store.eraseContent(accountId, { userId: told }, { limit: 100 }, system);
    assert.equal(erased.receipts, 3);
  });

  it('stands in one lane whether or not it tells the number', () => {
    const facts = { type: 'ChatAppInbound', messageId: 'm', kind: 'text' } as const;
    const route = { by: 'sender', id: '1' } as const;
    const lane = (user: { id: string; userId?: string }) => toLane('', route, { ...facts, user });
    assert.equal(lane({ id: '15550000005', userId }), lane({ id: userId, userId }));
    assert.notEqual(lane({ id: '15550000005' }), lane({ id: '15550000006' }));
  });

  it('tells of a new id of a user that it is the user of the id before', async () => {
    const next = 'BR.1349000000000009';
    const told = '15550000005';
    await post(message('wamid.1', { from: told, from_user_id: userId }));
    hooks.clock.advance(60_000);
    await post(
      {
        user_id_update: [
          {
            wa_id: told,
            user_id: { previous: userId, current: next },
            timestamp: String(Math.floor(hooks.clock.now() / 1000)),
          },
        ],
      },
      'user_id_update',
    );
    for (const one of [told, next]) assert.deepEqual(await idsOf(one), [told, userId, next].toSorted(), one);
  });
});

describe('a message of the system', () => {
  const [left, taken] = ['15550000005', '15550000006'];
  const at = (ms: number): string => String(Math.floor(ms / 1000));
  const system = (id: string, members: object, more: object = {}) => ({
    messages: [
      { id, timestamp: at(hooks.clock.now() - 1000), type: 'system', from: left, system: members, ...more },
    ],
  });
  const text = (id: string, members: object) => ({
    messages: [{ id, timestamp: at(hooks.clock.now()), type: 'text', text: { body: 'hello' }, ...members }],
  });

  for (const name of ['wa_id', 'new_wa_id'])
    it(`that tells of another number as ${name} makes what was before the user’s, and nothing that follows`, async () => {
      const { store, accountId } = hooks;
      await post(text('wamid.1', { from: left }));
      hooks.clock.advance(60_000);
      await post(system('wamid.2', { type: 'user_changed_number', body: 'changed', [name]: taken }));
      hooks.clock.advance(60_000);
      await post(text('wamid.3', { from: taken }));
      await post(text('wamid.4', { from: left }));
      assert.deepEqual(await idsOf(taken), [left, taken]);
      // Whoever has the old number by now is another.
      assert.deepEqual(await idsOf(left), [left]);
      const erased = await store.eraseContent(
        accountId,
        { userId: taken },
        { limit: 100 },
        { kind: 'system', id: 'test' },
      );
      // The text before, what tells of the change, and the text after.
      assert.equal(erased.receipts, 3);
    });

  it('that names no number, the same one or another kind of id joins nothing', async () => {
    for (const wa_id of [
      undefined,
      null,
      '',
      left,
      `+${left}`,
      'US.1349',
      ['15550000007'],
      { a: 1 },
      'a number',
    ])
      await post(system(`wamid.${JSON.stringify(wa_id)}`, { type: 'user_changed_number', wa_id }));
    assert.deepEqual(await idsOf(left), [left]);
    assert.deepEqual(await idsOf('15550000007'), ['15550000007']);
  });

  it('that an identity has changed joins and parts nothing', async () => {
    await post(text('wamid.1', { from: left, from_user_id: userId }));
    for (const type of ['customer_identity_changed', 'user_identity_changed'])
      await post(
        system(
          `wamid.${type}`,
          { type, body: 'changed', wa_id: taken },
          { identity: { hash: 'abc', acknowledged: false } },
        ),
      );
    assert.deepEqual(await idsOf(left), [left, userId].toSorted());
    assert.deepEqual(await idsOf(taken), [taken]);
  });

  it('of a new parent id joins it with the one before', async () => {
    const [before, now] = ['BR.ENT.11', 'BR.ENT.12'];
    await post(text('wamid.1', { from_user_id: userId, from_parent_user_id: before }));
    await post(
      {
        user_id_update: [
          {
            user_id: { previous: userId, current: 'BR.1349000000000009' },
            parent_user_id: { previous: before, current: now },
            timestamp: at(hooks.clock.now() - 1000),
          },
        ],
      },
      'user_id_update',
    );
    const all = [userId, 'BR.1349000000000009', before, now].toSorted();
    for (const one of all) assert.deepEqual(await idsOf(one), all, one);
  });
});

describe('on Messenger', () => {
  beforeEach(() => hooks.addPages('messenger', 'fb', [page]));

  it('a user whom a plugin’s reference was written to is found by both once a message tells so', async () => {
    const prior = { source: 'checkbox_plugin', identifier: 'ref-1' };
    const event = {
      sender: { id: psid },
      recipient: { id: page },
      timestamp: 1_780_000_000_000,
      message: { mid: 'm_1', text: 'hello' },
      prior_message: prior,
    };
    const entry = { id: page, time: 1_780_000_000_000, messaging: [event] };
    const body = JSON.stringify({ object: 'page', entry: [entry] });
    assert.equal(await hooks.post(body, 'fb', appSecret, 'messenger'), 200);
    assert.deepEqual(await idsOf('ref-1', 'fb'), [psid, 'ref-1'].toSorted());
  });

  it('the answer to a send call tells the user of a reference, in one transaction with the Sent receipt', async () => {
    const { store, recording, accountId, clock } = hooks;
    const id = await send('ref-2', {}, 'fb', page);
    const channel = await store.findChannel('fb');
    const sender = (await store.findSender('fb', page)) ?? null;
    const [sent] = await store.findOutbound(accountId, { ids: [id] });
    assert.ok(channel && sent);
    const attempt = { at: clock.now(), durationMs: 1, outcome: 'accepted', code: '', text: '' } as const;
    const aliases = [{ channelId: 'fb', spelling: 'ref-2', told: psid, rank: 2, at: clock.now() }] as const;
    const answer = { channelMessageId: 'm_2', sentAt: clock.now(), attempt, aliases };
    await recordSent(recording, { channel, sender }, sent, answer);
    assert.deepEqual(await idsOf(psid, 'fb'), [psid, 'ref-2'].toSorted());
  });
});
