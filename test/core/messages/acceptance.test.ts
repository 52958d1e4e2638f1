// Messages taken over a real store, as both protocols hand them in.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { acceptMass, acceptMessage } from '../../../src/core/messages/acceptance.ts';
import type { AcceptanceDeps } from '../../../src/core/messages/acceptance.ts';
import type { GivenMass, GivenMessage } from '../../../src/core/messages/given-message.ts';
import { parseOutboundId } from '../../../src/domain/ids.ts';
import type { OutboundMessage } from '../../../src/domain/message.ts';
import type { RefusalReason } from '../../../src/domain/refusal.ts';
import { openTestStore } from '../../support/store.ts';
import type { TestStore } from '../../support/store.ts';

const ttlMs = 86_400_000;
const given: GivenMessage = {
  sender: { from: '15550100001', channelType: 'whatsapp' },
  frame: 'message',
  recipient: { to: '15550002220' },
  messageType: 'TEXT',
  content: { Text: 'Hello' },
  template: {},
  values: {},
  fallBack: {},
};
const wish = { content: 'Call us.', rule: 'sentFailed' } as const;

let opened: TestStore;
let deps: AcceptanceDeps;
let viber: string;

before(async () => {
  opened = await openTestStore();
  const { store, directory, clock, accountId } = opened;
  deps = {
    store,
    directory,
    now: clock.now,
    uploads: {
      findMissing: async (_account, value) =>
        JSON.stringify(value).includes('lost.example') ? 'https://lost.example/a.png' : undefined,
    },
    settings: { ttlMs, oncePerTask: false, hasSmsGateway: true },
  };
  viber = (await store.listSenders(accountId, 'sandbox')).find(({ type }) => type === 'viber')?.id ?? '';
});
after(() => opened.close());

const accept = (change: Partial<GivenMessage>, more: Partial<AcceptanceDeps['settings']> = {}) =>
  acceptMessage({ ...deps, settings: { ...deps.settings, ...more } }, opened.accountId, {
    ...given,
    ...change,
  });

async function find(messageId: string): Promise<OutboundMessage> {
  const [found] = await opened.store.findOutbound(opened.accountId, {
    ids: [parseOutboundId(messageId) ?? 0],
  });
  assert.ok(found);
  return found;
}

test('a message is kept in one spelling, with its time and its sender', async () => {
  const message = await find(
    await accept({ taskId: 't', tag: 'g', trackingData: 'd', contextMessageId: 'wamid.Q', ttlSeconds: 60 }),
  );
  assert.partialDeepStrictEqual(message, {
    channelId: 'sandbox',
    channelType: 'whatsapp',
    senderId: '15550100001',
    to: '15550002220',
    groupId: null,
    taskId: 't',
    expiresAt: opened.clock.now() + 60_000,
    envelope: {
      frame: 'message',
      messageType: 'text',
      content: { text: 'Hello' },
      tag: 'g',
      trackingData: 'd',
      contextMessageId: 'wamid.Q',
    },
  });
  assert.equal((await find(await accept({}))).expiresAt, opened.clock.now() + ttlMs);
});

test('content is taken as a value and as the text that it came in', async () => {
  const contents = [{ text: 'Hello' }, '{"text":"Hello"}', { TEXT: 'Hello' }];
  for (const content of contents)
    assert.deepEqual((await find(await accept({ content }))).envelope.content, { text: 'Hello' });
});

test('a rule that is broken says so in its own words', async () => {
  const onViber = { sender: { from: viber, channelType: 'viber' as const } };
  const long = { text: 'x'.repeat(64 * 1024) };
  const cases: [change: Partial<GivenMessage>, reason: RefusalReason, text: RegExp][] = [
    [{ sender: { from: '+1', channelType: 'whatsapp' } }, 'sender_not_numeric', /^From has to be digits/],
    [{ sender: { from: '1', channelType: 'whatsapp' } }, 'sender_unknown', /no whatsapp sender 1\.$/],
    [{ sender: { from: viber, channelType: 'whatsapp' } }, 'sender_unknown', /no whatsapp sender/],
    [{ recipient: { to: 'x' } }, 'recipient_not_numeric', /^To has to be/],
    [{ tag: 'x'.repeat(257) }, 'parameter_invalid', /^Tag is longer than 256 characters\.$/],
    [{ trackingData: 'x'.repeat(4001) }, 'parameter_invalid', /^TrackingData is longer than 4000/],
    [{ contextMessageId: 'x'.repeat(513) }, 'parameter_invalid', /^ContextMessageId is longer than 512/],
    [{ taskId: 'x'.repeat(129) }, 'parameter_invalid', /^TaskId is longer than 128/],
    [{ taskId: 'a\0' }, 'parameter_invalid', /^TaskId holds a NUL/],
    [{ ttlSeconds: 29 }, 'parameter_invalid', /^Ttl has to be a whole number from 30 to 1209600\.$/],
    [{ ttlSeconds: 1_209_601 }, 'parameter_invalid', /^Ttl /],
    [{ ttlSeconds: Number.NaN }, 'parameter_invalid', /^Ttl /],
    [{ messageType: undefined }, 'message_type_empty', /^MessageType is required/],
    [{ messageType: 'song' }, 'message_type_unknown', /^MessageType song is not one of whatsapp/],
    [{ content: undefined }, 'content_empty', /^Content is required/],
    [{ content: '{' }, 'content', /^Content is not JSON\.$/],
    [{ content: [] }, 'content', /is a JSON object\.$/],
    [{ content: { text: ' ' } }, 'text_empty', /not blank/],
    [{ content: { text: 'x\0' } }, 'content', /^Content holds a NUL/],
    [{ content: long }, 'content', /^Content is larger than 64 KiB\.$/],
    [{ content: JSON.stringify(long) }, 'content', /^Content is larger than 64 KiB\.$/],
    [
      { messageType: 'image', content: { link: 'https://lost.example/a.png' } },
      'content',
      /^No file has been/,
    ],
    [onViber, 'parameter_missing', /^Label is required\.$/],
    [{ ...onViber, label: 'gift' }, 'parameter_invalid', /^Label has to be promotion/],
    [
      { ...onViber, label: 'session', contextMessageId: 'x' },
      'parameter_invalid',
      /^ContextMessageId has to be/,
    ],
    [
      { ...onViber, label: 'transaction', messageType: 'image', content: { link: 'https://a.example/b' } },
      'content',
      /^A transaction on Viber may be plain text only\.$/,
    ],
    [
      { ...onViber, label: 'session', messageType: 'video', content: { link: 'https://a.example/b' } },
      'content',
      /^Within a session Viber takes text and image only\.$/,
    ],
    [{ frame: 'template' }, 'template_code_empty', /^TemplateCode or TemplateName/],
    [{ frame: 'template', template: { code: 'c' } }, 'language_empty', /^Language is required/],
    [
      { frame: 'template', template: { code: 'c', language: 'en' } },
      'template_not_found',
      /no template c in en/,
    ],
    [{ fallBack: { id: 'x'.repeat(129) } }, 'parameter_invalid', /^FallBackId is longer than 128/],
    [
      { fallBack: { content: 'x'.repeat(2001) } },
      'parameter_invalid',
      /^FallBackContent is longer than 2000/,
    ],
    [
      { fallBack: { durationSeconds: 9 } },
      'parameter_invalid',
      /^FallBackDuration has to be .* 10 to 43200\.$/,
    ],
  ];
  for (const [change, reason, text] of cases)
    await assert.rejects(
      accept(change),
      { name: 'Refusal', reason, text },
      JSON.stringify(change).slice(0, 120),
    );
});

test('a label is taken in the spellings of the official text', async () => {
  for (const [label, kept] of [
    ['Pormotion', 'promotion'],
    ['transation', 'transaction'],
    ['session', 'session'],
  ] as const) {
    const id = await accept({ sender: { from: viber, channelType: 'viber' }, label });
    assert.equal((await find(id)).envelope.label, kept);
  }
});

test('a fallback is wanted where somebody sends it', async () => {
  await assert.rejects(accept({ fallBack: { id: 'p' } }, { hasSmsGateway: false }), {
    reason: 'fallback_unavailable',
  });
  const id = await accept({ fallBack: { id: 'p', durationSeconds: 30 } });
  assert.deepEqual((await find(id)).envelope.fallBack, { id: 'p', afterMs: 30_000, rule: 'undelivered' });
  assert.equal(
    (await find(await accept({ fallBack: { durationSeconds: 30 } }))).envelope.fallBack,
    undefined,
  );
});

test('a fallback takes the place of what a rule refuses, and of no bad parameter', async () => {
  const template = { code: 'c', language: 'en' };
  const { envelope } = await find(await accept({ frame: 'template', template, fallBack: wish }));
  assert.deepEqual(envelope, {
    frame: 'template',
    messageType: 'template',
    templateCode: 'c',
    language: 'en',
    refusal: { code: 'InvalidParameter.TemplateNotExist', text: 'sandbox has no template c in en.' },
    fallBack: { content: 'Call us.', afterMs: null, rule: 'sentFailed' },
  });
  const named = { code: 'x'.repeat(513), language: 'en' };
  await assert.rejects(accept({ frame: 'template', template: named, fallBack: wish }), {
    reason: 'parameter_invalid',
  });
  await assert.rejects(accept({ messageType: 'song', fallBack: wish }), { reason: 'message_type_unknown' });
});

test('a task has one message for a recipient where that is asked for', async () => {
  const ids = async (oncePerTask: boolean | number[]) => [
    await accept({ taskId: `once ${String(oncePerTask)}` }, { oncePerTask }),
    await accept({ taskId: `once ${String(oncePerTask)}` }, { oncePerTask }),
  ];
  for (const [oncePerTask, isOne] of [
    [true, true],
    [false, false],
    [[opened.accountId], true],
    [[1], false],
  ] as const) {
    const [first, second] = await ids(typeof oncePerTask === 'boolean' ? oncePerTask : [...oncePerTask]);
    assert.equal(first === second, isOne, String(oncePerTask));
  }
});

test('a mass of messages is taken as a whole, under one id', async () => {
  const { accountId, store } = opened;
  const template = { code: 'c', language: 'en' };
  const mass: GivenMass = { ...given, template, recipients: [{ to: '15550002221', values: {} }] };
  const send = (change: Partial<GivenMass>) => acceptMass(deps, accountId, { ...mass, ...change });
  await assert.rejects(send({ template: {} }), { reason: 'template_code_empty' });
  await assert.rejects(send({ template: { code: 'c' } }), { reason: 'language_empty' });
  await assert.rejects(send({ recipients: [] }), { text: 'SenderList is required.' });
  const many = Array.from({ length: 1001 }, () => ({ to: '15550002221', values: {} }));
  await assert.rejects(send({ recipients: many }), {
    text: 'SenderList holds 1001 recipients; one call takes at most 1000.',
  });
  await assert.rejects(send({}), { reason: 'template_not_found' });
  const bad = [...mass.recipients, { to: 'x', values: {} }];
  await assert.rejects(send({ fallBack: wish, recipients: bad }), { text: /^SenderList\.2\.To has to be/ });
  const groupId = await send({ fallBack: wish, recipients: many.slice(0, 3) });
  assert.match(groupId, /^\d{20}$/);
  const { items } = await store.listOutbound(accountId, {}, { limit: 100 });
  const sent = items.filter((message) => message.groupId === groupId);
  assert.equal(sent.length, 3);
  assert.ok(sent.every(({ envelope }) => envelope.refusal?.code === 'InvalidParameter.TemplateNotExist'));
});
