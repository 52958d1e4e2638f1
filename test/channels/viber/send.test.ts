import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { SendOutcome } from '../../../src/channels/channel.ts';
import { botStatuses } from '../../../src/channels/viber-bot/send.ts';
import { businessStatuses } from '../../../src/channels/viber-business/send.ts';
import { createViberConnector } from '../../../src/channels/viber/connector.ts';
import type { Channel, Sender } from '../../../src/domain/channel.ts';
import { noChannelWebhook, noSenderWebhook } from '../../../src/domain/channel.ts';
import type { Envelope, OutboundMessage } from '../../../src/domain/message.ts';
import type { Template } from '../../../src/domain/template.ts';
import { toConsequence } from '../../../src/core/messages/consequence.ts';
import { openReceiver } from '../../support/receiver.ts';
import type { Receiver } from '../../support/receiver.ts';
import { openLocalClient } from '../../support/client.ts';

const client = openLocalClient({ egressAllow: ['127.0.0.1'] });
const now = Date.UTC(2026, 10, 1);
const common = { accountId: 1, name: 'Shop', createdAt: 0, updatedAt: 0 };

function toChannel(credentials: Record<string, string>): Channel {
  return {
    ...common,
    id: 'vi',
    type: 'viber',
    wabaId: null,
    webhook: noChannelWebhook,
    credentials,
    options: {},
  };
}

const bot = toChannel({ authToken: 'bot-token' });
const service = toChannel({ pathSecret: 'a-secret-of-the-path' });

function toSender(id: string): Sender {
  const verification = 'unknown';
  return {
    ...common,
    id,
    channelId: 'vi',
    type: 'viber',
    routeId: id,
    verification,
    webhook: noSenderWebhook,
  };
}

function toMessage(envelope: Partial<Envelope>, to = 'userid=='): OutboundMessage {
  return {
    accountId: 1,
    id: 7_300_000_000_000_001,
    messageId: '202611010000000000001',
    channelId: 'vi',
    channelType: 'viber',
    senderId: '42',
    to,
    groupId: null,
    taskId: null,
    envelope: { frame: 'message', messageType: 'text', ...envelope },
    expiresAt: now + 3_600_000,
    state: 'queued',
    status: null,
    channelMessageId: null,
    attempts: 0,
    step: 0,
    blocked: false,
    dueAt: now,
    lane: 1,
    acceptedAt: now,
  };
}

/** A server in the place of Viber's; `answer` is what it says to the next calls. */
let viber: Receiver;
let answer: { status: number; body: string; headers?: Record<string, string> } = { status: 200, body: '' };

before(async () => {
  viber = await openReceiver((call, response) => {
    if (call.path.endsWith('.pdf')) {
      response.setHeader('content-length', 1234);
      response.end(Buffer.alloc(1234));
      return;
    }
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
});
beforeEach(() => {
  answer = { status: 200, body: '{"status":0,"status_message":"ok","message_token":5741311803571721087}' };
});
after(async () => {
  await viber.close();
  await client.close();
});

async function send(
  channel: Channel,
  envelope: Partial<Envelope>,
  template: Template | null = null,
): Promise<{ outcome: SendOutcome; sent: Record<string, unknown>; path: string; token: unknown }> {
  const connector = createViberConnector({
    client,
    now: () => now,
    botUrl: viber.url,
    businessUrl: `${viber.url}/vibersrvc/1`,
  });
  const isBot = channel === bot;
  const message = toMessage({ label: 'promotion', ...envelope }, isBot ? 'userid==' : '15550002222');
  const outcome = await connector.send?.(channel, toSender('42'), { message, template, quotedId: null });
  assert.ok(outcome);
  const call = viber.calls.at(-1);
  return {
    outcome,
    sent: call === undefined || call.body === '' ? {} : (JSON.parse(call.body) as Record<string, unknown>),
    path: call?.path ?? '',
    token: call?.headers['x-viber-auth-token'],
  };
}

const link = 'https://cdn.example/a';
const button = { caption: 'Shop', action: 'https://shop.example/' };
const video = { link: `${link}.mp4`, thumbnail: `${link}.jpg`, duration: 9, fileSize: 1048576 };

describe('sending by a Viber bot', () => {
  it('hands a text over with token, sender and tracking data, and takes the token of the answer', async () => {
    const { outcome, sent, path, token } = await send(bot, { content: { text: 'Привіт 👋' } });
    assert.equal(path, '/pa/send_message');
    assert.equal(token, 'bot-token');
    assert.deepEqual(sent, {
      receiver: 'userid==',
      min_api_version: 1,
      sender: { name: 'Shop' },
      tracking_data: '202611010000000000001',
      type: 'text',
      text: 'Привіт 👋',
    });
    assert.deepEqual(outcome, { kind: 'accepted', channelMessageId: '5741311803571721087', sentAt: now });
  });

  it('shows the channel’s name where its sender has none but its id, and cuts no character of a name', async () => {
    const connector = createViberConnector({
      client,
      now: () => now,
      botUrl: viber.url,
      businessUrl: viber.url,
    });
    const shownFor = async (name: string) => {
      const message = toMessage({ content: { text: 'x' } });
      const outgoing = { message, template: null, quotedId: null };
      await connector.send?.(bot, { ...toSender('75346594275468546724'), name }, outgoing);
      return (JSON.parse(viber.calls.at(-1)?.body ?? '{}') as { sender: { name: string } }).sender.name;
    };
    assert.equal(await shownFor('75346594275468546724'), 'Shop');
    assert.equal(await shownFor('Flowers'), 'Flowers');
    const family = '👨‍👩‍👧‍👦';
    assert.equal(await shownFor(family.repeat(4)), family.repeat(2));
  });

  it('has a request for every message type', async () => {
    const keyboard = (ActionBody: string) => ({
      Type: 'keyboard',
      Buttons: [{ ActionType: 'open-url', ActionBody, Text: 'Shop', Columns: 6, Rows: 1 }],
    });
    const cases: [string, object, object][] = [
      ['image', { link }, { type: 'picture', text: '', media: link }],
      ['text_image', { text: 'a', link }, { type: 'picture', text: 'a', media: link }],
      [
        'text_image_button',
        { text: 'a', link, ...button },
        { type: 'picture', text: 'a', media: link, keyboard: keyboard(button.action) },
      ],
      [
        'text_button',
        { text: 'a', ...button },
        { type: 'text', text: 'a', keyboard: keyboard(button.action) },
      ],
      [
        'video',
        video,
        { type: 'video', media: video.link, size: 1048576, thumbnail: video.thumbnail, duration: 9 },
      ],
      ['text_video', { text: 'a', ...video }, { type: 'text', text: `a\n${video.link}` }],
      [
        'text_video_button',
        { text: 'a', ...video, caption: 'Shop' },
        { type: 'text', text: `a\n${video.link}`, keyboard: keyboard(video.link) },
      ],
      [
        'document',
        { link: `${viber.url}/a.pdf`, fileName: 'a.pdf' },
        { type: 'file', media: `${viber.url}/a.pdf`, size: 1234, file_name: 'a.pdf' },
      ],
    ];
    for (const [messageType, content, expected] of cases) {
      const { outcome, sent } = await send(bot, { messageType, content });
      assert.equal(outcome.kind, 'accepted', messageType);
      const { receiver, min_api_version: version, sender, tracking_data: data, ...rest } = sent;
      assert.deepEqual(
        { rest, receiver, version, sender, data },
        {
          rest: expected,
          receiver: 'userid==',
          version: 1,
          sender: { name: 'Shop' },
          data: '202611010000000000001',
        },
        messageType,
      );
    }
  });

  it('puts a text that is too long for a picture into a text of its own', async () => {
    const { sent } = await send(bot, { messageType: 'text_image', content: { text: 'x'.repeat(769), link } });
    assert.deepEqual([sent['type'], sent['text']], ['text', `${'x'.repeat(769)}\n${link}`]);
  });

  it('fills in a template', async () => {
    const { sent } = await send(
      bot,
      { frame: 'template', messageType: 'template', templateParams: { name: 'Pat', id: '7' } },
      toTemplate('text_button', [
        { Type: 'BODY', Text: 'Hi $(name)' },
        { Type: 'BUTTONS', Buttons: [{ Type: 'URL', Text: 'Shop', Url: 'https://shop.example/$(id)' }] },
      ]),
    );
    assert.equal(sent['text'], 'Hi Pat');
    assert.match(JSON.stringify(sent['keyboard']), /"ActionBody":"https:\/\/shop\.example\/7"/);
  });

  it('refuses what a bot cannot send without asking Viber', async () => {
    const before = viber.calls.length;
    for (const envelope of [
      { messageType: 'audio', content: { link } },
      { content: { text: 'a' }, toGroup: true as const },
      { content: { text: 'ї'.repeat(20_000) } },
    ]) {
      const { outcome } = await send(bot, envelope);
      assert.ok(outcome.kind === 'refused' && outcome.failure === 'permanent');
    }
    assert.equal(viber.calls.length, before);
  });

  const consequences: Readonly<Record<string, string>> = {
    transient: 'retry',
    throttle: 'retry',
    auth: 'pause',
    account: 'pause',
    opt_out: 'fail',
    permanent: 'fail',
    window: 'fail',
    template: 'fail',
    media: 'retry',
    unrecognized: 'retry',
  };
  /** By status: class, as docs/protocols/viber.md has it, `config` being the account's. */
  const botClasses: Readonly<Record<number, string>> = Object.fromEntries<string>([
    ...[3, 4, 5, 11, 13, 14, 16, 17, 18, 21, 22].map((status): [number, string] => [status, 'permanent']),
    ...[1, 7, 8, 9, 10, 15, 19, 20, 23, 24].map((status): [number, string] => [status, 'account']),
    [2, 'auth'],
    [6, 'opt_out'],
    [12, 'throttle'],
    ...[25, 99, -1].map((status): [number, string] => [status, 'unrecognized']),
  ]);

  for (const [key, failure] of Object.entries(botClasses)) {
    const status = Number(key);
    it(`takes status ${status} with HTTP 200 as ${failure}`, async () => {
      answer = { status: 200, body: JSON.stringify({ status, status_message: 'said' }) };
      const { outcome } = await send(bot, { content: { text: 'a' } });
      assert.ok(outcome.kind === 'refused');
      assert.equal(outcome.failure, failure);
      assert.equal(outcome.code, botStatuses[status]?.name ?? `status_${status}`);
      assert.equal(outcome.text, `said (status ${status})`);
      // A bot is told to go slower for one user; the others need not wait.
      assert.equal(outcome.scope, failure === 'throttle' ? 'recipient' : undefined);
      const consequence = toConsequence(outcome.failure, 1, undefined, 0.5, outcome.scope);
      assert.equal(consequence.kind, consequences[failure]);
    });
  }

  it('has a row for every documented status', () => {
    assert.deepEqual(
      Object.keys(botStatuses).map(Number),
      Array.from({ length: 24 }, (_, index) => index + 1),
    );
  });

  it('does not know what became of a message whose answer is none of Viber’s', async () => {
    for (const [status, body, kind] of [
      [200, '<html>', 'unknown'],
      [200, '{}', 'unknown'],
      [200, '{"status":0}', 'unknown'],
      [500, '', 'unknown'],
      [500, '{"status":500,"error":"Internal Server Error"}', 'unknown'],
      [500, '{"status":0,"message_token":5741311803571722003}', 'unknown'],
      [503, 'down', 'refused'],
    ] as const) {
      answer = { status, body };
      assert.equal((await send(bot, { content: { text: 'a' } })).outcome.kind, kind, `${status} ${body}`);
    }
  });

  it('hears Viber’s own refusal beside whatever status of HTTP', async () => {
    answer = { status: 403, body: '{"status":2,"status_message":"invalidAuthToken"}' };
    const { outcome } = await send(bot, { content: { text: 'a' } });
    assert.partialDeepStrictEqual(outcome, { kind: 'refused', failure: 'auth', code: 'invalidAuthToken' });
  });

  for (const [status, failure] of [
    [400, 'unrecognized'],
    [401, 'auth'],
    [403, 'auth'],
    [404, 'unrecognized'],
    [408, 'transient'],
    [413, 'permanent'],
    [429, 'throttle'],
    [502, 'transient'],
    [503, 'transient'],
  ] as const)
    it(`takes HTTP ${status} of something in front of Viber as ${failure}, for both products`, async () => {
      for (const body of ['', '<html>', `{"timestamp":1,"status":${status},"error":"no","path":"/"}`])
        for (const channel of [bot, service]) {
          answer = { status, body };
          const { outcome } = await send(channel, { content: { text: 'a' } });
          assert.ok(outcome.kind === 'refused', body);
          assert.equal(outcome.failure, failure, body);
          if (channel === bot || status !== 401) assert.equal(outcome.code, `http_${status}`, body);
        }
    });

  it('waits as long as an answer asks for, whatever clock wrote it and in whatever form', async () => {
    const date = 'Sun, 06 Nov 1994 08:49:37 GMT';
    for (const [asked, waitMs] of [
      ['90', 90_000],
      ['Sun, 06 Nov 1994 08:51:37 GMT', 120_000],
      ['999999999', 86_400_000],
    ] as const)
      for (const [status, body, failure] of [
        [429, '<html>', 'throttle'],
        [503, 'down', 'transient'],
        [200, '{"status":12,"status_message":"tooManyRequests"}', 'throttle'],
      ] as const) {
        answer = { status, body, headers: { date, 'retry-after': asked } };
        const { outcome } = await send(bot, { content: { text: 'a' } });
        assert.partialDeepStrictEqual(outcome, { kind: 'refused', failure, retryAfterMs: waitMs });
        if (status === 200) continue;
        const other = await send(service, { content: { text: 'a' } });
        assert.partialDeepStrictEqual(other.outcome, { kind: 'refused', failure, retryAfterMs: waitMs });
      }
  });

  it('tries again when nobody listens', async () => {
    const connector = createViberConnector({
      client,
      now: () => now,
      botUrl: 'http://127.0.0.1:1',
      businessUrl: 'http://127.0.0.1:1',
    });
    for (const channel of [bot, service]) {
      const message = toMessage({ content: { text: 'a' } });
      const outcome = await connector.send?.(channel, toSender('42'), {
        message,
        template: null,
        quotedId: null,
      });
      assert.ok(outcome?.kind === 'refused' && outcome.failure === 'transient');
    }
  });
});

describe('sending by Viber Business Messages', () => {
  it('hands a transaction over as a two-way text', async () => {
    const { outcome, sent, path } = await send(service, {
      content: { text: 'Your order has shipped' },
      label: 'transaction',
      tag: 'order',
      trackingData: 'mt-7f3a',
    });
    assert.equal(path, '/vibersrvc/1/send_message');
    assert.deepEqual(sent, {
      service_id: 42,
      dest: '15550002222',
      seq: 7_300_000_000_000_001,
      type: 206,
      label: 'transactional',
      tag: 'order',
      ttl: 3600,
      message: { '#txt': 'Your order has shipped', '#tracking_data': 'mt-7f3a' },
    });
    assert.deepEqual(outcome, { kind: 'accepted', channelMessageId: '5741311803571721087', sentAt: now });
  });

  it('goes to the address of the channel, where it has one of its own', async () => {
    const channel = { ...service, options: { businessUrl: `${viber.url}/aggregator/1` } };
    const { path } = await send(channel, { content: { text: 'a' }, label: 'transaction' });
    assert.equal(path, '/aggregator/1/send_message');
  });

  it('has a type number for every content and label', async () => {
    const cases: [string, object, string, number, object][] = [
      ['text', { text: 'a' }, 'promotion', 225, { '#txt': 'a' }],
      ['text', { text: 'a' }, 'session', 306, { '#txt': 'a' }],
      ['image', { link }, 'session', 307, { '#img': link }],
      ['image', { link }, 'promotion', 207, { '#img': link }],
      ['text_image', { text: 'a', link }, 'promotion', 210, { '#txt': 'a', '#img': link }],
      [
        'text_image_button',
        { text: 'a', link, ...button },
        'promotion',
        208,
        { '#txt': 'a', '#img': link, '#caption': 'Shop', '#action': button.action },
      ],
      [
        'text_button',
        { text: 'a', ...button },
        'promotion',
        209,
        { '#txt': 'a', '#caption': 'Shop', '#action': button.action },
      ],
      ['document', { link, fileName: 'a.pdf' }, 'promotion', 220, { '#media': link, '#fileName': 'a.pdf' }],
      ['video', video, 'promotion', 230, { '#media': video.link, '#thumbnail': video.thumbnail }],
      [
        'text_video',
        { text: 'a', ...video },
        'promotion',
        231,
        { '#txt': 'a', '#media': video.link, '#thumbnail': video.thumbnail },
      ],
      [
        'text_video_button',
        { text: 'a', ...video, caption: 'Play' },
        'promotion',
        232,
        { '#txt': 'a', '#media': video.link, '#caption': 'Play', '#thumbnail': video.thumbnail },
      ],
    ];
    for (const [messageType, content, label, type, members] of cases) {
      const { sent } = await send(service, { messageType, content, label });
      assert.equal(sent['type'], type, `${messageType} ${label}`);
      assert.deepEqual(sent['message'], { ...members, '#tracking_data': '202611010000000000001' });
      if (messageType.includes('video'))
        assert.deepEqual([sent['file_size'], sent['duration']], [1048576, 9]);
    }
  });

  const classes: Readonly<Record<number, string>> = Object.fromEntries<string>([
    ...[1, 7].map((status): [number, string] => [status, 'transient']),
    ...[77, 402].map((status): [number, string] => [status, 'unrecognized']),
    ...[2, 13, 14, 43].map((status): [number, string] => [status, 'account']),
    ...[4, 5].map((status): [number, string] => [status, 'ambiguous']),
    ...[3, 6, 9, 10, 18, 20, 27, 40, 41].map((status): [number, string] => [status, 'permanent']),
    ...[11, 401].map((status): [number, string] => [status, 'auth']),
    ...[17, 21].map((status): [number, string] => [status, 'window']),
    ...[28, 29, 30, 31, 32].map((status): [number, string] => [status, 'media']),
    ...[38, 39].map((status): [number, string] => [status, 'template']),
    [8, 'opt_out'],
  ]);

  for (const [key, failure] of Object.entries(classes)) {
    const status = Number(key);
    it(`takes status ${status} as ${failure}`, async () => {
      answer = { status: 200, body: JSON.stringify({ seq: 7, status }) };
      const { outcome } = await send(service, { content: { text: 'a' } });
      assert.ok(outcome.kind === 'refused');
      assert.equal(outcome.failure, failure);
      assert.match(outcome.code, /^SRVC_[A-Z0-9_]+$/);
      assert.equal(outcome.code, businessStatuses[status]?.code ?? `SRVC_${status}`);
      const expected = ['transient', 'media', 'ambiguous', 'unrecognized'].includes(failure)
        ? 'retry'
        : failure === 'auth' || failure === 'account'
          ? 'pause'
          : 'fail';
      assert.equal(toConsequence(outcome.failure, 1, undefined, 0.5).kind, expected);
    });
  }

  it('has a row for every known status but those of success', () => {
    const tested = Object.keys(classes).filter((status) => classes[Number(status)] !== 'unrecognized');
    assert.deepEqual(Object.keys(businessStatuses), tested);
  });

  it('takes a repeat of its own as accepted, with the token or under its number', async () => {
    answer = { status: 200, body: '{"seq":7,"status":12}' };
    assert.deepEqual((await send(service, { content: { text: 'a' } })).outcome, {
      kind: 'accepted',
      channelMessageId: 'seq-7300000000000001',
      sentAt: now,
    });
    answer = { status: 200, body: '{"seq":7,"status":12,"message_token":5741311803571722003}' };
    const { outcome } = await send(service, { content: { text: 'a' } });
    assert.ok(outcome.kind === 'accepted' && outcome.channelMessageId === '5741311803571722003');
  });

  it('asks again with the same number when an answer is lost', async () => {
    for (const [status, body] of [
      [200, '<html>'],
      [500, ''],
      [500, '{"status":500,"error":"Internal Server Error"}'],
      [401, ''],
    ] as const) {
      answer = { status, body };
      const { outcome, sent } = await send(service, { content: { text: 'a' } });
      assert.ok(outcome.kind === 'refused');
      assert.equal(outcome.failure, status === 401 ? 'auth' : 'transient');
      assert.equal(sent['seq'], 7_300_000_000_000_001);
    }
  });
});

function toTemplate(category: string, components: Template['components']): Template {
  return {
    accountId: 1,
    channelId: 'vi',
    code: 'c',
    language: 'en',
    name: 'n',
    type: 'VIBER',
    category,
    components,
    example: {},
    status: 'pass',
    reason: '',
    allowSend: true,
    categoryChangePaused: false,
    ttlSeconds: null,
    quality: '',
    vendorId: null,
    parameterFormat: 'POSITIONAL',
    isEdited: false,
    offered: [],
    asked: null,
    reviewAt: null,
    createdAt: 0,
    updatedAt: 0,
  };
}
