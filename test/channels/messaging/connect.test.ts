import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { createInstagramConnector } from '../../../src/channels/instagram/connector.ts';
import { createMessengerConnector } from '../../../src/channels/messenger/connector.ts';
import { noSenderWebhook } from '../../../src/domain/channel.ts';
import type { Channel, Sender } from '../../../src/domain/channel.ts';
import { channel as whatsapp } from '../../support/graph.ts';
import type { Reply } from '../../support/graph.ts';
import { openReceiver } from '../../support/receiver.ts';
import type { Receiver } from '../../support/receiver.ts';
import { openLocalClient } from '../../support/client.ts';
import { monotonicNow } from '../../../src/runtime/clock.ts';

const client = openLocalClient();
const fields = ['messages', 'message_deliveries', 'message_reads', 'message_echoes', 'messaging_postbacks'];

let graph: Receiver;
let hook: Receiver;
let hookUrl = '';
let debugged: Record<string, unknown>;
let app: { callback_url: string; fields: { name: string }[] } | undefined;
let replies: readonly (readonly [RegExp, Reply])[];

function answer(path: string, authorization: string): Reply {
  const own = replies.find(([pattern]) => pattern.test(path))?.[1];
  if (own !== undefined) return own;
  if (path.includes('debug_token')) return { body: { data: debugged } };
  if (path.includes('300/subscriptions')) {
    if (authorization !== 'Bearer 300|app-secret')
      return { status: 400, body: { error: { message: 'An app token is needed', code: 15 } } };
    const data = ['page', 'instagram'].map((object) => ({ object, active: true, ...app }));
    return { body: { data: app === undefined ? [] : data } };
  }
  if (path.includes('subscribed_apps')) return { body: { data: [{ id: '300', subscribed_fields: fields }] } };
  if (path.includes('me/accounts')) {
    const page = { id: '501', name: 'Shop', access_token: 'EAApage' };
    return { body: { data: [{ ...page, instagram_business_account: { id: '1784', username: 'shop' } }] } };
  }
  if (path.includes('/me?')) return { body: { user_id: '1784', username: 'shop' } };
  return { body: { id: '501', access_token: 'EAApage' } };
}

before(async () => {
  graph = await openReceiver((call, response) => {
    const { status = 200, body } = answer(call.path, String(call.headers['authorization'] ?? ''));
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  hook = await openReceiver((call, response) => {
    const query = new URL(call.path, 'http://x').searchParams;
    const isGood = query.get('hub.verify_token') === 'verify-me';
    response.writeHead(isGood ? 200 : 403).end(isGood ? query.get('hub.challenge') : '');
  });
});
beforeEach(() => {
  hookUrl = `${hook.url}/hooks/any/shop`;
  app = { callback_url: hookUrl, fields: fields.map((name) => ({ name })) };
  debugged = {
    app_id: '300',
    is_valid: true,
    expires_at: 0,
    scopes: ['pages_messaging', 'pages_manage_metadata', 'instagram_manage_messages'],
  };
  replies = [];
});
after(async () => {
  await graph.close();
  await hook.close();
  await client.close();
});

type Type = 'messenger' | 'instagram';
const senderIds = { messenger: '501', instagram: '1784' };

function toChannel(type: Type): Channel {
  return { ...whatsapp, id: 'shop', type, wabaId: null };
}

const toConnector = (type: Type) =>
  (type === 'messenger' ? createMessengerConnector : createInstagramConnector)({
    client,
    now: Date.now,
    monotonic: monotonicNow,
    graphUrl: graph.url,
    graphVersion: 'v25.0',
    instagramUrl: graph.url,
  });

function toSender(type: Type): Sender {
  const id = senderIds[type];
  return {
    accountId: 1,
    channelId: 'shop',
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

async function check(type: Type, channel = toChannel(type)) {
  return (await toConnector(type).check?.(channel, [toSender(type)], hookUrl)) ?? [];
}

async function wrong(type: Type, channel?: Channel): Promise<string[]> {
  return (await check(type, channel)).filter(({ ok }) => !ok).map(({ name, text }) => `${name}: ${text}`);
}

const faults: readonly (readonly [string, () => void, RegExp])[] = [
  [
    'an expired token',
    () => {
      const body = { error: { message: 'Session has expired', code: 190, error_subcode: 463 } };
      replies = [[/me\/accounts/, { status: 401, body }]];
    },
    /^token: The access token is expired or revoked/,
  ],
  [
    'a permission that the token lacks',
    () => {
      debugged['scopes'] = ['pages_messaging', 'instagram_manage_messages'];
    },
    /^permissions: The token lacks pages_manage_metadata/,
  ],
  [
    'a wrong app secret',
    () => {
      const message = 'Invalid appsecret_proof provided in the API argument';
      replies = [[/appsecret_proof/, { status: 400, body: { error: { message, code: 100 } } }]];
    },
    /^token: The app secret is not that of the token's app/,
  ],
  [
    'a Page that is not subscribed',
    () => {
      replies = [[/subscribed_apps/, { body: { data: [] } }]];
    },
    /^webhook: \d+: The channel is not subscribed to messages/,
  ],
  [
    'an app that posts elsewhere',
    () => {
      app = { callback_url: 'https://else.example/hook', fields: [{ name: 'messages' }] };
    },
    /^app: The app posts its events to another address\. Enter http/,
  ],
  [
    'an app that posts nothing',
    () => {
      app = undefined;
    },
    /^app: The app posts its events nowhere/,
  ],
  [
    'an app without the field messages',
    () => {
      app = { callback_url: hookUrl, fields: [{ name: 'messaging_postbacks' }] };
    },
    /^app: The app does not have the field messages posted/,
  ],
];

for (const type of ['messenger', 'instagram'] as const)
  describe(`a check of a channel of ${type}`, () => {
    it('asks nothing of Meta where there is no token to ask with', async () => {
      const { accessToken: _token, ...credentials } = toChannel('messenger').credentials;
      replies = [[/./, { status: 401, body: { error: { message: 'Session has expired', code: 190 } } }]];
      const checks = await check('messenger', { ...toChannel('messenger'), credentials });
      assert.deepEqual(
        checks.map(({ name, ok }) => [name, ok]),
        [['callback', true]],
      );
    });

    it('finds nothing wrong with one that is connected', async () => {
      assert.deepEqual(
        (await check(type)).map(({ name, ok }) => [name, ok]),
        ['token', 'permissions', 'callback', 'app', 'webhook'].map((name) => [name, true]),
      );
    });

    for (const [what, set, expected] of faults)
      it(`says in words: ${what}`, async () => {
        set();
        const [first, ...more] = await wrong(type);
        assert.match(first ?? '', expected);
        assert.deepEqual(more, []);
      });

    it('says in words: a callback that does not answer the handshake, or that nobody answers', async () => {
      const other = { ...toChannel(type), credentials: { ...whatsapp.credentials, verifyToken: 'another' } };
      assert.match((await wrong(type, other)).join(), /^callback: .* answered 403 to the handshake/);
      hookUrl = 'https://nowhere.invalid/hooks/any/shop';
      app = { callback_url: hookUrl, fields: [{ name: 'messages' }] };
      assert.match((await wrong(type)).join(), /^callback: .*cannot be reached/);
    });

    it('does not guess where the app posts when Meta does not tell', async () => {
      delete debugged['app_id'];
      const names = (await check(type)).map(({ name }) => name);
      assert.deepEqual(names, ['token', 'permissions', 'callback', 'webhook']);
    });
  });

describe('what an Instagram channel asks for beside messages', () => {
  const options = { comments: true, mentions: true };
  const byInstagram = { ...toChannel('instagram').credentials, accessToken: 'IGQtoken' };

  it('is subscribed with an Instagram login, and missed by the check until it is', async () => {
    const channel = { ...toChannel('instagram'), credentials: byInstagram, options };
    const before = graph.calls.length;
    replies = [[/POST|subscribed_fields/, { body: { success: true } }]];
    assert.equal(await toConnector('instagram').subscribe?.(channel, [toSender('instagram')], hookUrl), null);
    const asked = graph.calls.slice(before).find(({ path }) => path.includes('subscribed_fields'));
    const query = new URL(asked?.path ?? '', 'http://x').searchParams.get('subscribed_fields') ?? '';
    for (const field of ['messages', 'comments', 'live_comments', 'mentions'])
      assert.ok(query.split(',').includes(field), field);
    replies = [];
    const wrongWith = (await check('instagram', channel)).filter(({ ok }) => !ok);
    assert.match(wrongWith.map(({ text }) => text).join(), /comments, live_comments, mentions/);
    const plain = { ...channel, options: {} };
    assert.deepEqual(
      (await check('instagram', plain)).filter(({ ok }) => !ok),
      [],
    );
  });

  it('has to be ticked for the app with a Facebook login', async () => {
    const channel = { ...toChannel('instagram'), options };
    assert.match((await wrong('instagram', channel)).join(), /^app: .*comments, live_comments, mentions/);
    app = {
      callback_url: hookUrl,
      fields: [...fields, 'comments', 'live_comments', 'mentions'].map((name) => ({ name })),
    };
    assert.deepEqual(await wrong('instagram', channel), []);
  });
});
