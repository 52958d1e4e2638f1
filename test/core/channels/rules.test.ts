import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findUnresolved, readCallbackUrl } from '../../../src/core/channels/callback-urls.ts';
import {
  checkKind,
  checkName,
  checkNeeds,
  checkOptions,
  checkViberKind,
  checkWaba,
} from '../../../src/core/channels/rules.ts';
import { checkSenderId, toRouteId, toSenderType } from '../../../src/core/channels/sender-rules.ts';
import type { Channel, ChannelType, Sender, SenderType } from '../../../src/domain/channel.ts';

/** The member that an error names, or its code where it names none; null where the rule has nothing against it. */
function told(rule: () => unknown): string | null {
  try {
    rule();
    return null;
  } catch (error) {
    assert.ok(error instanceof Error);
    const { field, code } = error as Error & { readonly field?: string; readonly code?: string };
    return field ?? code ?? error.message;
  }
}

const channel = (change: Partial<Channel>): Channel =>
  ({ id: 'shop', accountId: 1, type: 'whatsapp', wabaId: null, credentials: {}, ...change }) as Channel;

test('a channel keeps its type, and a sandbox is made with its account', () => {
  const cases: [id: string, type: ChannelType, known: ChannelType | null, said: string | null][] = [
    ['shop', 'whatsapp', null, null],
    ['shop', 'whatsapp', 'whatsapp', null],
    ['shop', 'viber', 'whatsapp', 'type'],
    ['sandbox', 'sandbox', 'sandbox', null],
    ['mine', 'sandbox', null, 'conflict'],
    ['sandbox', 'whatsapp', null, 'conflict'],
    ['sandbox-7', 'viber', null, 'conflict'],
    ['sandboxes', 'viber', null, null],
  ];
  for (const [id, type, known, said] of cases)
    assert.equal(
      told(() => checkKind(id, type, known === null ? undefined : channel({ type: known }))),
      said,
      `${id} ${type} ${known}`,
    );
});

test('a name stands in one line, in whatever script', () => {
  for (const name of ['Shop', '', 'Café ☕ 你好', 'a b', '\u0080'])
    assert.equal(
      told(() => checkName(name)),
      null,
      JSON.stringify(name),
    );
  for (const name of ['a\nb', '\t', 'a\u0000', '\u001f', 'b\u007f'])
    assert.equal(
      told(() => checkName(name)),
      'name',
      JSON.stringify(name),
    );
});

test('hosts of callback URLs without an address are told with the members that name them, and what is no URL is not asked for', async () => {
  const asked: string[] = [];
  const find = async (url: string): Promise<string | null> => {
    asked.push(url);
    return url.includes('later') ? new URL(url).host : null;
  };
  const urls = { statusUrl: 'https://later.example/s', inboundUrl: 'https://here.example/', auditUrl: null };
  assert.deepEqual(await findUnresolved(find, urls), [{ member: 'statusUrl', host: 'later.example' }]);
  assert.deepEqual(asked, [urls.statusUrl, urls.inboundUrl]);
  assert.deepEqual(await findUnresolved(find, { inboundUrl: urls.inboundUrl }), []);
});

test('a token does not go on with another WABA by oversight', () => {
  const kept = channel({ wabaId: '11111', credentials: { accessToken: 't' } });
  const cases: [known: Channel, given: Parameters<typeof checkWaba>[1], said: string | null][] = [
    [kept, {}, null],
    [kept, { wabaId: '11111' }, null],
    [kept, { wabaId: '22222' }, 'wabaId'],
    [kept, { wabaId: '22222', credentials: { appSecret: 's' } }, 'wabaId'],
    [kept, { wabaId: '22222', credentials: { accessToken: 'u' } }, null],
    [kept, { wabaId: '22222', credentials: { accessToken: null } }, null],
    [channel({ wabaId: '11111' }), { wabaId: '22222' }, null],
    [channel({ credentials: { accessToken: 't' } }), { wabaId: '22222' }, null],
  ];
  for (const [known, given, said] of cases)
    assert.equal(
      told(() => checkWaba(known, given)),
      said,
      JSON.stringify(given),
    );
});

test('WhatsApp needs a WABA and what verifies its webhooks', () => {
  const whole = { appSecret: 's', verifyToken: 'v' };
  const cases: [
    type: ChannelType,
    wabaId: string | null,
    credentials: Record<string, string>,
    said: string | null,
  ][] = [
    ['whatsapp', '11111', whole, null],
    ['whatsapp', null, whole, 'wabaId'],
    ['whatsapp', '11111', { verifyToken: 'v' }, 'credentials.appSecret'],
    ['whatsapp', '11111', { appSecret: 's' }, 'credentials.verifyToken'],
    ['viber', null, {}, null],
    ['messenger', null, {}, null],
  ];
  for (const [type, wabaId, credentials, said] of cases)
    assert.equal(
      told(() => checkNeeds(type, wabaId, credentials)),
      said,
      `${type} ${wabaId}`,
    );
});

test('an option that does nothing on a channel is refused, unless it asks for nothing', () => {
  assert.equal(
    told(() => checkOptions('viber', {}, {})),
    null,
  );
  assert.equal(
    told(() => checkOptions('viber', { unheard: false }, {})),
    null,
  );
  assert.equal(
    told(() => checkOptions('viber', { unheard: true }, {})),
    'options.unheard',
  );
});

test('an option of one product of Viber is refused for the other', () => {
  const businessUrl = 'https://aggregator.example/vibersrvc/1';
  for (const [options, credentials, said] of [
    [{ clientStatus: true }, { authToken: 'a' }, null],
    [{ clientStatus: true }, { pathSecret: 'p' }, 'options.clientStatus'],
    [{ clientStatus: false }, { pathSecret: 'p' }, null],
    [{ businessUrl }, { pathSecret: 'p' }, null],
    [{ businessUrl }, { authToken: 'a' }, 'options.businessUrl'],
  ] as const)
    assert.equal(
      told(() => checkOptions('viber', options, credentials)),
      said,
      JSON.stringify([options, credentials]),
    );
});

test('a bot of Viber and a service do not become each other while they have senders', async () => {
  const bot = { authToken: 'a' };
  const cases: [
    known: Partial<Channel>,
    credentials: Record<string, string>,
    senders: number,
    ok: boolean,
  ][] = [
    [{ type: 'viber' }, bot, 0, true],
    [{ type: 'viber' }, bot, 1, false],
    [{ type: 'viber', credentials: bot }, {}, 1, false],
    [{ type: 'viber', credentials: bot }, { authToken: 'b' }, 1, true],
    [{ type: 'viber' }, {}, 1, true],
    [{ type: 'whatsapp' }, bot, 1, true],
  ];
  for (const [known, credentials, count, ok] of cases) {
    const store = { listSenders: async () => Array.from({ length: count }, () => ({}) as Sender) };
    const checked = checkViberKind(store, channel(known), credentials);
    if (ok) await checked;
    else await assert.rejects(checked, { code: 'wrong_state', field: 'credentials.authToken' });
  }
});

test('a sender is of its channel’s type, and a number is digits', () => {
  assert.equal(toSenderType('viber', undefined), 'viber');
  assert.equal(toSenderType('sandbox', { type: 'instagram' }), 'instagram');
  assert.equal(
    told(() => toSenderType('sandbox', undefined)),
    'wrong_state',
  );
  const cases: [type: SenderType, id: string, said: string | null][] = [
    ['whatsapp', '15550100001', null],
    ['whatsapp', '1234', 'senderId'],
    ['whatsapp', '1234567890123456', 'senderId'],
    ['whatsapp', 'shop', 'senderId'],
    ['viber', 'shop', null],
  ];
  for (const [type, id, said] of cases)
    assert.equal(
      told(() => checkSenderId(type, id)),
      said,
      `${type} ${id}`,
    );
});

test('WhatsApp and Viber’s bots know a sender by another name than people do', () => {
  const of = (type: ChannelType, credentials: Record<string, string> = {}) => channel({ type, credentials });
  const known = { routeId: '900' };
  assert.equal(toRouteId(of('whatsapp'), '15550100001', '900', undefined), '900');
  assert.equal(toRouteId(of('whatsapp'), '15550100001', undefined, known), '900');
  assert.equal(
    told(() => toRouteId(of('whatsapp'), '15550100001', undefined, undefined)),
    'phoneNumberId',
  );
  assert.equal(toRouteId(of('viber', { authToken: 'a' }), 'bot', undefined, known), 'shop');
  assert.equal(toRouteId(of('viber'), '10001', undefined, undefined), '10001');
  assert.equal(toRouteId(of('messenger'), '100', undefined, known), '900');
  assert.equal(
    told(() => toRouteId(of('messenger'), '100', '900', undefined)),
    'phoneNumberId',
  );
});

test('a callback URL is kept in the spelling of the destination that is there', async () => {
  const store = {
    listDestinations: async () => [{ url: 'HTTPS://Shop.example/in' }] as never,
  };
  const checkUrl = async (url: string) => (url.includes('inside') ? 'the address points inside.' : null);
  const read = (url: string) => readCallbackUrl({ store, checkUrl }, 1, url);
  assert.deepEqual(await read(' https://shop.example:443/in#x '), { url: 'HTTPS://Shop.example/in' });
  assert.deepEqual(await read('https://Other.example'), { url: 'https://other.example/' });
  assert.deepEqual(await read('https://inside.example/'), {
    fault: 'the address points inside.',
    why: { code: 'url_inside', params: {} },
  });
  assert.deepEqual(await read('shop'), {
    fault: 'It is not a URL.',
    why: { code: 'url_unread', params: {} },
  });
});
