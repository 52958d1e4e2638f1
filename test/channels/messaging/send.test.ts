import assert from 'node:assert/strict';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import type { Connector, SendOutcome } from '../../../src/channels/channel.ts';
import { createInstagramConnector } from '../../../src/channels/instagram/connector.ts';
import { createMessengerConnector } from '../../../src/channels/messenger/connector.ts';
import { noChannelWebhook, noSenderWebhook } from '../../../src/domain/channel.ts';
import type { Channel, Sender } from '../../../src/domain/channel.ts';
import type { Envelope, OutboundMessage } from '../../../src/domain/message.ts';
import type { Template } from '../../../src/domain/template.ts';
import { toConsequence } from '../../../src/core/messages/consequence.ts';
import { openSimulator } from '../../../src/simulators/simulator.ts';
import type { Simulator } from '../../../src/simulators/simulator.ts';
import { instagram, messenger } from '../../../src/simulators/messaging/vendor.ts';
import { openReceiver } from '../../support/receiver.ts';
import type { Receiver } from '../../support/receiver.ts';
import { openLocalClient } from '../../support/client.ts';
import { monotonicNow } from '../../../src/runtime/clock.ts';

const client = openLocalClient();
after(() => client.close());

type Type = 'messenger' | 'instagram';

const accountIds = { messenger: '300000000000001', instagram: '17840000000000001' };
const psid = '24000000000000001';

function toChannel(type: Type, credentials: Readonly<Record<string, string>> = {}): Channel {
  return {
    id: type,
    accountId: 1,
    type,
    name: type,
    wabaId: null,
    credentials: {
      appSecret: 'simulated-app-secret',
      accessToken: 'EAAsimulatedAccessToken',
      ...credentials,
    },
    webhook: noChannelWebhook,
    options: {},
    createdAt: 0,
    updatedAt: 0,
  };
}

function toSender(type: Type): Sender {
  const id = accountIds[type];
  return {
    accountId: 1,
    channelId: type,
    id,
    type,
    name: id,
    routeId: id,
    verification: 'unknown',
    webhook: noSenderWebhook,
    createdAt: 0,
    updatedAt: 0,
  };
}

function toMessage(type: Type, envelope: Partial<Envelope>): OutboundMessage {
  return {
    accountId: 1,
    id: 1,
    messageId: '202611260000000000001',
    channelId: type,
    channelType: type,
    senderId: accountIds[type],
    to: psid,
    groupId: null,
    taskId: null,
    envelope: { frame: 'message', messageType: 'text', ...envelope },
    state: 'queued',
    status: null,
    channelMessageId: null,
    attempts: 0,
    step: 0,
    blocked: false,
    dueAt: null,
    expiresAt: 0,
    lane: 1,
    acceptedAt: 0,
  };
}

function toConnector(type: Type, url: string): Connector {
  const deps = {
    client,
    now: Date.now,
    monotonic: monotonicNow,
    graphUrl: url,
    graphVersion: 'v25.0',
    instagramUrl: `${url}/ig`,
  };
  return type === 'messenger' ? createMessengerConnector(deps) : createInstagramConnector(deps);
}

async function send(
  connector: Connector,
  type: Type,
  envelope: Partial<Envelope>,
  more: { readonly template?: Template; readonly quotedId?: string; readonly channel?: Channel } = {},
): Promise<SendOutcome> {
  const { template = null, quotedId = null, channel = toChannel(type) } = more;
  const outgoing = { message: toMessage(type, envelope), template, quotedId };
  const outcome = await connector.send?.(channel, toSender(type), outgoing);
  assert.ok(outcome !== undefined);
  return outcome;
}

describe('what the business sends', () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await openReceiver(({ path }, response) => {
      response.setHeader('content-type', 'application/json');
      const isMessage = path.includes('/messages');
      response.end(
        isMessage
          ? '{"recipient_id":"1","message_id":"m_1","attachment_id":"77"}'
          : '{"access_token":"EAAofThePage"}',
      );
    });
  });
  afterEach(() => receiver.close());

  /** The bodies of the send calls, without what all have. */
  const bodies = () =>
    receiver.calls
      .filter(({ path }) => path.includes('/messages'))
      .map(({ body }) => {
        const { recipient, message, ...rest } = JSON.parse(body) as Record<string, Record<string, unknown>>;
        assert.deepEqual(recipient, { id: psid });
        const sent: Record<string, Record<string, unknown> | undefined> = { ...rest, message };
        return sent;
      });
  const own = { metadata: '202611260000000000001' };
  const response = { messaging_type: 'RESPONSE' };

  const rows: readonly {
    readonly name: string;
    readonly envelope: Partial<Envelope>;
    readonly body: object;
  }[] = [
    {
      name: 'a text',
      envelope: { content: { text: 'hi' } },
      body: { ...response, message: { text: 'hi', ...own } },
    },
    {
      name: 'a document',
      envelope: { messageType: 'document', content: { link: 'https://e.example/a.pdf' } },
      body: {
        ...response,
        message: {
          attachment: { type: 'file', payload: { url: 'https://e.example/a.pdf', is_reusable: true } },
          ...own,
        },
      },
    },
    {
      name: 'a text within seven days by a person',
      envelope: { content: { text: 'hi' }, tag: 'HUMAN_AGENT' },
      body: { messaging_type: 'MESSAGE_TAG', tag: 'HUMAN_AGENT', message: { text: 'hi', ...own } },
    },
    {
      name: 'quick replies',
      envelope: {
        messageType: 'quickReply',
        content: { text: 'Size?', quickReplies: [{ title: 'S', payload: 's' }] },
      },
      body: {
        ...response,
        message: {
          text: 'Size?',
          quick_replies: [{ content_type: 'text', title: 'S', payload: 's' }],
          ...own,
        },
      },
    },
    {
      name: "WhatsApp's buttons",
      envelope: {
        messageType: 'interactive',
        content: {
          type: 'button',
          body: { text: 'Sure?' },
          action: { buttons: [{ type: 'reply', reply: { id: 'y', title: 'Yes' } }] },
        },
      },
      body: {
        ...response,
        message: {
          text: 'Sure?',
          quick_replies: [{ content_type: 'text', title: 'Yes', payload: 'y' }],
          ...own,
        },
      },
    },
    {
      name: 'buttons below a text',
      envelope: {
        messageType: 'buttonTemplate',
        content: { text: 'Go', buttons: [{ title: 'Shop', url: 'https://e.example' }, { title: 'Help' }] },
      },
      body: {
        ...response,
        message: {
          attachment: {
            type: 'template',
            payload: {
              template_type: 'button',
              text: 'Go',
              buttons: [
                { type: 'web_url', title: 'Shop', url: 'https://e.example' },
                { type: 'postback', title: 'Help', payload: 'Help' },
              ],
            },
          },
          ...own,
        },
      },
    },
    {
      name: 'cards',
      envelope: {
        messageType: 'regularTemplate',
        content: { title: 'Mug', subtitle: '12 €', imageUrl: 'https://e.example/m' },
      },
      body: {
        ...response,
        message: {
          attachment: {
            type: 'template',
            payload: {
              template_type: 'generic',
              elements: [{ title: 'Mug', subtitle: '12 €', image_url: 'https://e.example/m' }],
            },
          },
          ...own,
        },
      },
    },
    {
      name: "a coupon in Meta's own form",
      envelope: { messageType: 'couponTemplate', content: { title: 'Ten', coupon_code: '10OFF' } },
      body: {
        ...response,
        message: {
          attachment: {
            type: 'template',
            payload: { template_type: 'coupon', title: 'Ten', coupon_code: '10OFF' },
          },
          ...own,
        },
      },
    },
  ];
  for (const { name, envelope, body } of rows) {
    it(`${name}, to Messenger`, async () => {
      const outcome = await send(toConnector('messenger', receiver.url), 'messenger', envelope);
      assert.equal(outcome.kind, 'accepted');
      assert.ok(outcome.sentAt !== undefined && outcome.sentAt <= Date.now());
      assert.deepEqual(bodies(), [body]);
    });
  }

  for (const toToken of ['user_ref', 'notification_messages_token', 'one_time_notif_token'] as const)
    it(`a text to a ${toToken}, which is no answer to a message`, async () => {
      const outcome = await send(toConnector('messenger', receiver.url), 'messenger', {
        content: { text: 'hi' },
        toToken,
      });
      assert.equal(outcome.kind, 'accepted');
      const call = receiver.calls.find(({ path }) => path.includes('/messages'));
      const message = { text: 'hi', ...own };
      assert.deepEqual(JSON.parse(call?.body ?? ''), { recipient: { [toToken]: psid }, message });
    });

  it('a utility template, by its name and the values of its texts', async () => {
    const template: Template = {
      accountId: 1,
      channelId: 'messenger',
      code: 'c',
      language: 'en_US',
      name: 'order_update',
      type: 'WHATSAPP',
      category: 'UTILITY',
      components: [{ Type: 'BODY', Text: 'Order $(number) is on its way, $(name).' }],
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
    const envelope = { frame: 'template', templateParams: { name: 'Ana', number: '7' } } as const;
    await send(toConnector('messenger', receiver.url), 'messenger', envelope, { template });
    const parameters = [
      { type: 'text', text: '7' },
      { type: 'text', text: 'Ana' },
    ];
    const message = {
      name: 'order_update',
      language: { code: 'en_US' },
      components: [{ type: 'body', parameters }],
    };
    assert.deepEqual(bodies(), [{ messaging_type: 'UTILITY', message: { template: message, ...own } }]);
    const refused = await send(toConnector('instagram', receiver.url), 'instagram', envelope, { template });
    assert.partialDeepStrictEqual(refused, { kind: 'refused', failure: 'permanent', code: 'unsupported' });
  });

  it('an answer to a part of a message, which quotes the whole', async () => {
    await send(
      toConnector('messenger', receiver.url),
      'messenger',
      { content: { text: 'x' } },
      { quotedId: 'm_0#2' },
    );
    assert.deepEqual(bodies()[0]?.['reply_to'], { mid: 'm_0' });
  });

  it('the same file twice, which is uploaded once', async () => {
    const connector = toConnector('messenger', receiver.url);
    const image = { messageType: 'image', content: { link: 'https://e.example/a.png' } };
    await send(connector, 'messenger', image);
    await send(connector, 'messenger', image);
    assert.deepEqual(
      bodies().map(({ message }) => message?.['attachment']),
      [
        { type: 'image', payload: { url: 'https://e.example/a.png', is_reusable: true } },
        { type: 'image', payload: { attachment_id: '77' } },
      ],
    );
  });

  it('goes with the token of the Page, which is asked for once', async () => {
    const connector = toConnector('messenger', receiver.url);
    await send(connector, 'messenger', { content: { text: 'a' } });
    await send(connector, 'messenger', { content: { text: 'b' } });
    assert.deepEqual(
      receiver.calls.map(({ path, headers }) => [
        path.replace(/[?&]appsecret_proof=[0-9a-f]{64}/, ''),
        headers.authorization,
      ]),
      [
        [`/v25.0/${accountIds.messenger}?fields=access_token`, 'Bearer EAAsimulatedAccessToken'],
        [`/v25.0/${accountIds.messenger}/messages`, 'Bearer EAAofThePage'],
        [`/v25.0/${accountIds.messenger}/messages`, 'Bearer EAAofThePage'],
      ],
    );
  });

  it('waits, and is not sent with another token, while that of the Page cannot be had', async () => {
    let isDown = true;
    const graph = await openReceiver((call, answer) => {
      if (call.path.includes('/messages')) answer.end('{"message_id":"m_1"}');
      else if (isDown) answer.writeHead(500).end('{"error":{"code":2,"message":"Temporarily unavailable"}}');
      else answer.end('{"access_token":"EAAofThePage"}');
    });
    const connector = toConnector('messenger', graph.url);
    const refused = await send(connector, 'messenger', { content: { text: 'a' } });
    assert.partialDeepStrictEqual(refused, { kind: 'refused', failure: 'transient' });
    isDown = false;
    const sent = await Promise.all(
      ['a', 'b', 'c'].map((text) => send(connector, 'messenger', { content: { text } })),
    );
    assert.deepEqual(
      sent.map(({ kind }) => kind),
      ['accepted', 'accepted', 'accepted'],
    );
    const paths = graph.calls.map(({ path }) => path.replace(/[?].*/, ''));
    const page = `/v25.0/${accountIds.messenger}`;
    const posts = [`${page}/messages`, `${page}/messages`, `${page}/messages`];
    assert.deepEqual(paths, [page, page, ...posts], 'many messages at once ask once');
    await graph.close();
  });

  it("to Instagram by its own login goes to Instagram's own address, with no document and no metadata", async () => {
    const connector = toConnector('instagram', receiver.url);
    const channel = toChannel('instagram', { accessToken: 'IGAAtoken' });
    await send(connector, 'instagram', { content: { text: 'a' } }, { channel });
    assert.match(receiver.calls[0]?.path ?? '', /^\/ig\/v25\.0\/me\/messages\?/);
    assert.deepEqual(bodies(), [{ ...response, message: { text: 'a' } }]);
    const document = { messageType: 'document', content: { link: 'https://e.example/a.pdf' } };
    assert.equal((await send(connector, 'instagram', document, { channel })).kind, 'refused');
  });

  it('is unknown when the connection breaks, and surely not sent when there is none', async () => {
    const broken = await openReceiver((_call, answer, request) => {
      if (request.method === 'POST') request.socket.destroy();
      else answer.end('{}');
    });
    const text = { content: { text: 'a' } };
    assert.equal((await send(toConnector('messenger', broken.url), 'messenger', text)).kind, 'unknown');
    await broken.close();
    const outcome = await send(toConnector('messenger', broken.url), 'messenger', text);
    assert.partialDeepStrictEqual(outcome, { kind: 'refused', failure: 'transient', code: 'unreachable' });
  });
});

/** Every error that the documents name, and what follows. */
const errors: readonly (readonly [error: string, failure: string, then: 'retry' | 'pause' | 'fail'])[] = [
  ['190', 'auth', 'pause'],
  ['190/463', 'auth', 'pause'],
  ['10/2018278', 'window', 'fail'],
  ['10/2018065', 'window', 'fail'],
  ['10/2534022', 'window', 'fail'],
  ['10/2018108', 'permanent', 'fail'],
  ['10/7777777', 'ambiguous', 'retry'],
  ['10/2018336', 'account', 'pause'],
  ['10/1893063', 'account', 'pause'],
  ['10', 'account', 'pause'],
  ['100/2018001', 'permanent', 'fail'],
  ['100/2534014', 'permanent', 'fail'],
  ['100/2534015', 'permanent', 'fail'],
  ['100/2018047', 'permanent', 'fail'],
  ['100/2018074', 'permanent', 'fail'],
  ['100/2018294', 'permanent', 'fail'],
  ['100', 'permanent', 'fail'],
  ['100/2534037', 'permanent', 'fail'],
  ['100/2018008', 'media', 'retry'],
  ['100/2018109', 'media', 'retry'],
  ['200/1545041', 'permanent', 'fail'],
  ['200', 'ambiguous', 'retry'],
  ['100/33', 'account', 'pause'],
  ['3', 'account', 'pause'],
  ['210', 'ambiguous', 'retry'],
  ['230', 'account', 'pause'],
  ['283', 'account', 'pause'],
  ['299', 'account', 'pause'],
  ['102', 'auth', 'pause'],
  ['341', 'throttle', 'pause'],
  ['80000', 'throttle', 'pause'],
  ['80002', 'throttle', 'pause'],
  ['80006', 'throttle', 'pause'],
  ['80014', 'throttle', 'pause'],
  ['777001', 'unrecognized', 'retry'],
  ['803', 'account', 'pause'],
  ['506', 'permanent', 'fail'],
  ['1609005', 'permanent', 'fail'],
  ['190/459', 'auth', 'pause'],
  ['10/2018320', 'ambiguous', 'retry'],
  ['200/2018021', 'ambiguous', 'retry'],
  ['100/2018164', 'permanent', 'fail'],
  ['613/2018380', 'throttle', 'pause'],
  ['80011', 'throttle', 'pause'],
  ['230/2018207', 'account', 'pause'],
  ['2/2018344', 'account', 'pause'],
  ['551/1545041', 'permanent', 'fail'],
  ['200/2018028', 'permanent', 'fail'],
  ['200/2534041', 'permanent', 'fail'],
  ['551', 'permanent', 'fail'],
  ['613', 'throttle', 'pause'],
  ['613/2018338', 'throttle', 'pause'],
  ['613/2534040', 'throttle', 'pause'],
  ['4', 'throttle', 'pause'],
  ['4/2018354', 'pacing', 'fail'],
  ['9/2018352', 'pacing', 'fail'],
  ['9', 'throttle', 'pause'],
  ['105', 'permanent', 'fail'],
  ['110', 'permanent', 'fail'],
  ['194', 'permanent', 'fail'],
  ['17', 'throttle', 'pause'],
  ['32', 'throttle', 'pause'],
  ['1', 'transient', 'retry'],
  ['99', 'transient', 'retry'],
  ['2', 'transient', 'retry'],
  ['1200', 'transient', 'retry'],
  ['2022', 'permanent', 'fail'],
  ['2018300', 'permanent', 'fail'],
  ['9000001', 'permanent', 'fail'],
  ['368', 'account', 'pause'],
];

describe('what the platform refuses', () => {
  let simulator: Simulator;
  let connector: Connector;
  beforeEach(async () => {
    simulator = await openSimulator(messenger, {
      client,
      faults: silent(messenger.faults),
      options: { window: 'on' },
    });
    connector = toConnector('messenger', simulator.address);
  });
  afterEach(() => simulator.close());

  for (const [error, failure, then] of errors) {
    it(`with ${error} is of class ${failure}, and then: ${then}`, async () => {
      const [code, subcode] = error.split('/');
      const outcome = await send(connector, 'messenger', { content: { text: `#error ${error}` } });
      assert.partialDeepStrictEqual(outcome, { kind: 'refused', failure, code });
      assert.ok(outcome.kind === 'refused');
      if (subcode !== undefined) assert.ok(outcome.text.endsWith(`(subcode ${subcode}.)`), outcome.text);
      assert.equal(toConsequence(outcome.failure, 1, undefined, 0.5).kind, then);
    });
  }

  it('with what Meta says of messages that it has sent as well is unknown, and not sent again', async () => {
    const outcome = await send(connector, 'messenger', { content: { text: '#error 1/1357046' } });
    assert.equal(outcome.kind, 'unknown');
    assert.ok(!('code' in outcome), 'which is no code that nothing explains');
  });

  it('outside the 24 hours is of class window, and a message of a person or a template is not refused', async () => {
    const text = { content: { text: 'hi' } };
    assert.partialDeepStrictEqual(await send(connector, 'messenger', text), {
      failure: 'window',
      code: '10',
    });
    await simulator.act('say', { from: psid, text: 'hello' });
    assert.equal((await send(connector, 'messenger', text)).kind, 'accepted');
  });

  it('for a wrong app secret stops the Page, and fails no message', async () => {
    const channel = toChannel('messenger', { appSecret: 'another' });
    const message = toMessage('messenger', { content: { text: 'hi' } });
    const outcome = await connector.send?.(channel, toSender('messenger'), {
      message,
      template: null,
      quotedId: null,
    });
    assert.partialDeepStrictEqual(outcome, { kind: 'refused', failure: 'auth' });
  });

  it('is a text that is too long', async () => {
    const text = { content: { text: 'x'.repeat(2001) } };
    assert.partialDeepStrictEqual(await send(connector, 'messenger', text), {
      failure: 'permanent',
      code: '100',
    });
  });
});

describe('a channel', () => {
  for (const [type, vendor] of [
    ['messenger', messenger],
    ['instagram', instagram],
  ] as const) {
    it(`of ${type} is checked, subscribed and asked for its senders`, async () => {
      const simulator = await openSimulator(vendor, {
        client,
        faults: silent(vendor.faults),
        options: { 'webhook-url': 'http://127.0.0.1:9/hook' },
      });
      try {
        const connector = toConnector(type, simulator.address);
        const [channel, sender] = [toChannel(type), toSender(type)];
        const checks = await connector.check?.(channel, [sender], 'http://127.0.0.1:9/hook');
        assert.deepEqual(
          checks?.map(({ name, ok }) => [name, ok]),
          [
            ['token', true],
            ['permissions', true],
            // Nobody listens there.
            ['callback', false],
            ['app', true],
            ['webhook', true],
          ],
        );
        const found = await connector.findSenders?.(channel);
        assert.ok(Array.isArray(found));
        assert.partialDeepStrictEqual(found, [{ id: sender.id, type, routeId: sender.id }]);
        assert.equal(await connector.subscribe?.(channel, [sender], ''), null);
        const sign = { kind: 'typing', userId: psid, channelMessageId: null } as const;
        assert.equal(await connector.show?.(channel, sender, sign), null);

        const wrongSecret = toChannel(type, { appSecret: 'another' });
        const [fault] = (await connector.check?.({ ...wrongSecret, updatedAt: 1 }, [sender], '')) ?? [];
        assert.match(fault?.text ?? '', /app secret is not that/);
        await simulator.act('expire-token', {});
        const [expired] = (await connector.check?.(channel, [sender], '')) ?? [];
        assert.match(expired?.text ?? '', /expired or revoked/);
        assert.partialDeepStrictEqual(await connector.findSenders?.(channel), { fault: 'auth' });
        assert.partialDeepStrictEqual(await connector.show?.(channel, sender, sign), { fault: 'auth' });
      } finally {
        await simulator.close();
      }
    });
  }
});

/** No fault is played. */
function silent(faults: Readonly<Record<string, unknown>>): Record<string, number> {
  return Object.fromEntries(Object.keys(faults).map((name) => [name, 0]));
}
