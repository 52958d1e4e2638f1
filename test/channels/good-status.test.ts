// A good status of a vendor is no success by itself: what it documents of the body has to be there.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createInstagramConnector } from '../../src/channels/instagram/connector.ts';
import { createMessengerConnector } from '../../src/channels/messenger/connector.ts';
import { toStatus } from '../../src/channels/viber/answer-status.ts';
import { createViberConnector } from '../../src/channels/viber/connector.ts';
import type { Channel } from '../../src/domain/channel.ts';
import { channel as whatsapp, openGraphBed, sender, toTemplate } from '../support/graph.ts';
import type { GraphBed, Reply } from '../support/graph.ts';
import { monotonicNow } from '../../src/runtime/clock.ts';

let bed: GraphBed;
let reply: Reply = {};
before(async () => {
  bed = await openGraphBed(({ path }) => {
    if (path.includes('/me/accounts'))
      return { body: { data: [{ id: '501', name: 'Shop', access_token: 'EAApage' }] } };
    // The Page and its token, which are asked for before anything else.
    if (/\/v25\.0\/501\?/.test(path)) return { body: { id: '501', access_token: 'EAApage' } };
    return reply;
  });
});
after(() => bed.close());

const hookUrl = 'https://chasqui.example/hooks/any';
const page = { ...sender, id: '501', routeId: '501', type: 'messenger' as const };
const meta = () => ({
  client: bed.client,
  now: Date.now,
  monotonic: monotonicNow,
  graphUrl: bed.url,
  graphVersion: 'v25.0',
  instagramUrl: bed.url,
});
const messenger: Channel = { ...whatsapp, id: 'shop', type: 'messenger', wabaId: null };
const instagram: Channel = { ...messenger, type: 'instagram', credentials: { accessToken: 'IGtoken' } };

const sign = { kind: 'read', userId: '1', channelMessageId: null } as const;

const calls: readonly (readonly [
  string,
  () => Promise<{ fault: string; reason: string } | null | undefined>,
])[] = [
  ['subscribing a WABA', () => bed.connector.subscribe(whatsapp, [], hookUrl)],
  [
    'subscribing a Page',
    async () => createMessengerConnector(meta()).subscribe?.(messenger, [page], hookUrl),
  ],
  [
    'subscribing a professional account',
    async () =>
      createInstagramConnector(meta()).subscribe?.(instagram, [{ ...page, type: 'instagram' }], hookUrl),
  ],
  ['deleting a template', () => bed.connector.deleteTemplate(whatsapp, toTemplate({}))],
  [
    'showing that a message was read',
    () => bed.connector.show(whatsapp, sender, { kind: 'read', userId: '1', channelMessageId: 'wamid.1' }),
  ],
];

describe('a good status of Meta', () => {
  for (const [what, ask] of calls) {
    it(`means success when it says so: ${what}`, async () => {
      reply = { body: { success: true } };
      assert.equal(await ask(), null);
    });
    for (const body of [{}, { success: false }, { success: 'yes' }, { success: 1 }, { data: [] }, []]) {
      it(`means nothing with ${JSON.stringify(body)}: ${what}`, async () => {
        reply = { body };
        const fault = await ask();
        assert.equal(fault?.fault, 'later');
        assert.match(fault.reason, /"success": true|without JSON/);
      });
    }
  }

  for (const [type, show] of [
    ['Messenger', () => createMessengerConnector(meta()).show?.(messenger, page, sign)],
    [
      'Instagram',
      () => createInstagramConnector(meta()).show?.(instagram, { ...page, type: 'instagram' }, sign),
    ],
  ] as const)
    it(`means that a sign was shown on ${type} when it names the recipient`, async () => {
      reply = { body: { recipient_id: '1' } };
      assert.equal(await show(), null);
      for (const body of [{}, { success: true }, { recipient_id: null }, []]) {
        reply = { body };
        assert.partialDeepStrictEqual(await show(), { fault: 'later' });
      }
    });

  it('does not tell that a template is gone when it names no list', async () => {
    const lost = toTemplate({ vendorId: null, offered: ['digest'] });
    reply = { body: { data: [] } };
    assert.equal(await bed.connector.deleteTemplate(whatsapp, lost), null);
    reply = { body: { answer: 'none' } };
    const fault = await bed.connector.deleteTemplate(whatsapp, lost);
    assert.equal(fault?.fault, 'later');
  });
});

describe('a status of Viber', () => {
  const bot: Channel = { ...messenger, type: 'viber', credentials: { authToken: 'bot-token' } };
  const subscribe = async () =>
    createViberConnector({
      client: bed.client,
      now: Date.now,
      botUrl: bed.url,
      businessUrl: bed.url,
    }).subscribe?.(bot, [], hookUrl);

  for (const status of [null, '', false, [], {}, [0], ' 0', '00', 0.5, undefined]) {
    it(`is none: ${JSON.stringify(status)}`, async () => {
      reply = { body: { status, status_message: 'ok' } };
      assert.equal((await subscribe())?.fault, 'later');
    });
  }
  it('is the number that it is', async () => {
    reply = { body: { status: 0, status_message: 'ok' } };
    assert.equal(await subscribe(), null);
    assert.deepEqual(['0', 12, '12'].map(toStatus), [0, 12, 12]);
  });
});
