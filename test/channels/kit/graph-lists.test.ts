// Every list that is asked of Meta, in three pages of which the last holds what is looked for.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { createGraph } from '../../../src/channels/kit/graph.ts';
import { listAll, listBounds } from '../../../src/channels/kit/graph-lists.ts';
import { createInstagramConnector } from '../../../src/channels/instagram/connector.ts';
import { createMessengerConnector } from '../../../src/channels/messenger/connector.ts';
import { createWhatsappConnector } from '../../../src/channels/whatsapp/connector.ts';
import { noSenderWebhook } from '../../../src/domain/channel.ts';
import type { Channel, Sender } from '../../../src/domain/channel.ts';
import { openSimulator } from '../../../src/simulators/simulator.ts';
import { instagram, messenger } from '../../../src/simulators/messaging/vendor.ts';
import { whatsapp as whatsappVendor } from '../../../src/simulators/whatsapp/vendor.ts';
import { channel as whatsapp, sender as number, toOutgoing, toTemplate } from '../../support/graph.ts';
import { openReceiver } from '../../support/receiver.ts';
import type { Receiver } from '../../support/receiver.ts';
import { openLocalClient } from '../../support/client.ts';
import { monotonicNow } from '../../../src/runtime/clock.ts';

const client = openLocalClient();
let graph: Receiver;
let elsewhere: Receiver;
/** What the pages of a list hold, by a pattern of its path; what has no list is answered with `others`. */
let lists: readonly (readonly [RegExp, readonly (readonly object[])[]])[] = [];
let others: readonly (readonly [RegExp, object])[] = [];
/** How a page names the next. */
let naming: 'cursor' | 'address' | 'another host' | 'itself' = 'cursor';

function toPaging(path: string, n: number, count: number): object {
  const cursors = { before: `at-${n}`, after: `at-${n + 1}` };
  if (n + 1 >= count && naming !== 'itself') return { cursors };
  const url = new URL(path, naming === 'another host' ? elsewhere.url : graph.url);
  url.searchParams.set('access_token', 'EAAinTheAddress');
  url.searchParams.set(naming === 'address' ? 'offset' : 'after', `at-${n + 1}`);
  if (naming === 'address') return { next: url.href };
  return { cursors: naming === 'itself' ? { after: `at-${n % count}` } : cursors, next: url.href };
}

before(async () => {
  graph = await openReceiver(({ path }, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const pages = lists.find(([pattern]) => pattern.test(path))?.[1];
    if (pages === undefined)
      return response.end(JSON.stringify(others.find(([pattern]) => pattern.test(path))?.[1] ?? {}));
    const query = new URL(path, 'http://x').searchParams;
    const n = Number(/^at-(\d+)$/.exec(query.get('after') ?? query.get('offset') ?? '')?.[1] ?? 0);
    return response.end(
      JSON.stringify({ data: pages[n % pages.length], paging: toPaging(path, n, pages.length) }),
    );
  });
  elsewhere = await openReceiver((_call, response) => response.end('{"data":[]}'));
});
beforeEach(() => {
  naming = 'cursor';
  others = [
    [/debug_token/, { data: { app_id: '300', is_valid: true, expires_at: 0, scopes: [] } }],
    [/me\/accounts/, { data: [] }],
    [/.*/, { id: '501', access_token: 'EAApage', success: true, message_id: 'm_1', recipient_id: '7' }],
  ];
});
after(async () => {
  await graph.close();
  await elsewhere.close();
  await client.close();
});

const toDeps = () => ({
  client,
  now: Date.now,
  monotonic: monotonicNow,
  random: () => 0.5,
  graphUrl: graph.url,
  graphVersion: 'v25.0',
  instagramUrl: graph.url,
});
const shopOf = (type: 'messenger' | 'instagram'): Channel => ({
  ...whatsapp,
  id: 'shop',
  type,
  wabaId: null,
});
const senderOf = (type: 'messenger' | 'instagram', id: string): Sender => ({
  ...number,
  channelId: 'shop',
  id,
  type,
  routeId: id,
  webhook: noSenderWebhook,
});
const connectorOf = (type: 'messenger' | 'instagram') =>
  (type === 'messenger' ? createMessengerConnector : createInstagramConnector)(toDeps());
const pageOf = (n: number) => ({
  id: `50${n}`,
  name: `Shop ${n}`,
  access_token: `EAApage${n}`,
  instagram_business_account: { id: `178${n}`, username: `shop${n}` },
});
const foundCheck = async (type: 'messenger' | 'instagram', name: string) => {
  const found = await connectorOf(type).check?.(
    shopOf(type),
    [senderOf(type, '501')],
    'http://127.0.0.1:9/h',
  );
  return found?.find((one) => one.name === name)?.code;
};
const whatsappCheck = async (name: string) => {
  const found = await createWhatsappConnector(toDeps()).check?.(whatsapp, [number], 'https://here.example/h');
  return found?.find((one) => one.name === name)?.code;
};

interface Case {
  readonly list: string;
  readonly pattern: RegExp;
  readonly pages: readonly (readonly object[])[];
  readonly look: () => Promise<unknown>;
  readonly expected: unknown;
}

const needed = ['messages', 'message_deliveries', 'message_reads', 'message_echoes', 'messaging_postbacks'];
const wabaApp = (id: string) => ({
  whatsapp_business_api_data: { id },
  override_callback_uri: 'https://here.example/h',
});
const template = { name: 'order_update', language: 'en_US' };

const cases: readonly Case[] = [
  {
    list: 'Pages of a token',
    pattern: /me\/accounts/,
    pages: [[pageOf(1)], [pageOf(2)], [pageOf(3)]],
    look: async () => {
      const found = await connectorOf('messenger').findSenders?.(shopOf('messenger'));
      return found !== undefined && 'fault' in found ? found : found?.map(({ id }) => id);
    },
    expected: ['501', '502', '503'],
  },
  {
    list: 'professional accounts of a token',
    pattern: /me\/accounts/,
    pages: [[pageOf(1)], [pageOf(2)], [pageOf(3)]],
    look: async () => {
      const found = await connectorOf('instagram').findSenders?.(shopOf('instagram'));
      return found !== undefined && 'fault' in found ? found : found?.map(({ id }) => id);
    },
    expected: ['1781', '1782', '1783'],
  },
  {
    list: 'Pages, for the token of the one behind an account',
    pattern: /me\/accounts/,
    pages: [[pageOf(1)], [pageOf(2)], [pageOf(3)]],
    look: async () => {
      const outgoing = toOutgoing({ messageType: 'text', content: { text: 'Hi' } });
      await connectorOf('instagram').send?.(shopOf('instagram'), senderOf('instagram', '1783'), outgoing);
      const { path, headers } = graph.calls.at(-1) ?? {};
      return [path?.split('?')[0], headers?.['authorization']];
    },
    expected: ['/v25.0/503/messages', 'Bearer EAApage3'],
  },
  {
    list: 'apps of a Page',
    pattern: /501\/subscribed_apps/,
    pages: [[{ id: '1', subscribed_fields: ['messages'] }], [], [{ id: '300', subscribed_fields: needed }]],
    look: () => foundCheck('messenger', 'webhook'),
    expected: 'subscribed',
  },
  {
    list: 'webhooks of an app',
    pattern: /300\/subscriptions/,
    pages: [
      [{ object: 'user' }],
      [{ object: 'permissions' }],
      [{ object: 'page', callback_url: 'http://127.0.0.1:9/h', fields: [{ name: 'messages' }] }],
    ],
    look: () => foundCheck('messenger', 'app'),
    expected: 'app_here',
  },
  {
    list: 'numbers of a WABA',
    pattern: /phone_numbers/,
    pages: ['15550003331', '15550003332', '15550003333'].map((digits, n) => [
      { id: `20${n}`, display_phone_number: `+${digits}` },
    ]),
    look: async () => {
      const found = await createWhatsappConnector(toDeps()).findSenders?.(whatsapp);
      return found !== undefined && 'fault' in found ? found : found?.map(({ id }) => id);
    },
    expected: ['15550003331', '15550003332', '15550003333'],
  },
  {
    list: 'numbers of a WABA, for the check of one',
    pattern: /phone_numbers/,
    pages: [[{ id: '1' }], [{ id: '2' }], [{ id: number.routeId, display_phone_number: `+${number.id}` }]],
    look: () => whatsappCheck(`number ${number.id}`),
    expected: 'number_connected',
  },
  {
    list: 'apps of a WABA',
    pattern: /100000000000001\/subscribed_apps/,
    pages: [[wabaApp('1')], [wabaApp('2')], [wabaApp('300')]],
    look: () => whatsappCheck('webhook'),
    expected: 'waba_subscribed',
  },
  {
    list: 'templates of a WABA',
    pattern: /message_templates\?name=/,
    pages: [
      [{ ...template, id: '1', language: 'de' }],
      [{ ...template, id: '2', language: 'fr' }],
      [{ ...template, id: '903' }],
    ],
    look: async () => {
      await createWhatsappConnector(toDeps()).deleteTemplate?.(whatsapp, toTemplate({ vendorId: '903' }));
      return graph.calls.filter(({ path }) => path.includes('hsm_id=903')).length > 0;
    },
    expected: true,
  },
];

for (const { list, pattern, pages, look, expected } of cases)
  describe(`the list of ${list}`, () => {
    for (const how of ['cursor', 'address', 'another host'] as const)
      it(`is read to its third page, which is named by ${how === 'another host' ? 'an address of another host' : `its ${how}`}`, async () => {
        naming = how;
        lists = [[pattern, pages]];
        assert.deepEqual(await look(), expected);
        assert.equal(elsewhere.calls.length, 0);
        const asked = graph.calls.filter(({ path }) => pattern.test(path)).map(({ path }) => path);
        assert.ok(
          asked.every((path) => !path.includes('EAAinTheAddress')),
          'no token stands in an address',
        );
      });
  });

describe('a list that does not end', () => {
  const call = { method: 'GET', path: ['me', 'accounts'], token: 'EAAtoken' } as const;
  const listIds = (monotonic = monotonicNow) => {
    const ask = createGraph(toDeps());
    return listAll({
      monotonic,
      ask: (query) => ask({ ...call, query }),
      pick: ({ id }) => (typeof id === 'string' ? id : undefined),
    });
  };

  it('is left where its pages go in a circle, and what was read is no proof of what is absent', async () => {
    naming = 'itself';
    lists = [[/me\/accounts/, [[{ id: '1' }], [{ id: '2' }], [{ id: '3' }]]]];
    const before = graph.calls.length;
    const listed = await listIds();
    assert.partialDeepStrictEqual(listed, { kind: 'ok', isWhole: false });
    assert.ok(graph.calls.length - before <= 4, String(graph.calls.length - before));
  });

  it('is left at the bound of pages', async () => {
    lists = [[/me\/accounts/, Array.from({ length: listBounds.pages + 50 }, (_, n) => [{ id: String(n) }])]];
    const before = graph.calls.length;
    const listed = await listIds();
    assert.equal(graph.calls.length - before, listBounds.pages);
    assert.equal(listed.kind === 'ok' && listed.items.length, listBounds.pages);
    assert.equal(listed.kind === 'ok' && listed.isWhole, false);
  });

  it('is left once it has taken too long, whatever was read by then', async () => {
    lists = [[/me\/accounts/, [[{ id: '1' }], [{ id: '2' }], [{ id: '3' }], [{ id: '4' }]]]];
    let at = 0;
    const listed = await listIds(() => {
      at += listBounds.timeMs / 2;
      return at;
    });
    assert.deepEqual(listed, { kind: 'ok', items: ['1', '2', '3'], isWhole: false });
  });

  it('is no proof of what is absent where something stands in it that is no item, or pages are told otherwise', async () => {
    for (const [answer, isWhole] of [
      [{ data: [{ id: '1' }] }, true],
      [{ data: [{ id: '1' }], paging: null }, true],
      [{ data: [{ id: '1' }], paging: { cursors: {} } }, true],
      [{ data: [{ id: '1' }, null] }, false],
      [{ data: ['2', { id: '1' }] }, false],
      [{ data: [{ id: '1' }], paging: 'more' }, false],
      [{ data: [{ id: '1' }], paging: { next: { after: 'x' } } }, false],
    ] as const) {
      lists = [];
      others = [[/me\/accounts/, answer]];
      const listed = await listIds();
      assert.deepEqual(listed, { kind: 'ok', items: ['1'], isWhole }, JSON.stringify(answer));
    }
  });

  it('deletes nothing, and finds nothing gone', async () => {
    naming = 'itself';
    lists = [[/message_templates\?name=/, [[{ ...template, id: '1', language: 'de' }]]]];
    const connector = createWhatsappConnector(toDeps());
    const fault = await connector.deleteTemplate?.(whatsapp, {
      ...template,
      vendorId: null,
      offered: ['digest'],
    });
    assert.equal(fault?.fault, 'later');
  });
});

describe('a simulated vendor', () => {
  for (const [vendor, option] of [
    [messenger, 'other-pages'],
    [instagram, 'other-pages'],
    [whatsappVendor, 'other-numbers'],
  ] as const)
    it(`${vendor.name} gives its lists page by page`, async (t) => {
      const simulator = await openSimulator(vendor, { client, options: { [option]: '240' } });
      t.after(() => simulator.close());
      const deps = { ...toDeps(), graphUrl: simulator.address };
      const connector =
        vendor === whatsappVendor
          ? createWhatsappConnector(deps)
          : (vendor === messenger ? createMessengerConnector : createInstagramConnector)(deps);
      const found = await connector.findSenders?.({
        ...whatsapp,
        type: vendor.name as Channel['type'],
        credentials: { appSecret: 'simulated-app-secret', accessToken: 'EAAsimulatedAccessToken' },
      });
      assert.ok(Array.isArray(found), JSON.stringify(found));
      assert.equal(new Set(found.map(({ id }: { id: string }) => id)).size, 241);
    });
});
