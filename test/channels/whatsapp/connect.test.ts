import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { channel, openGraphBed, sender } from '../../support/graph.ts';
import type { GraphBed, Reply } from '../../support/graph.ts';
import { openReceiver } from '../../support/receiver.ts';
import type { ReceivedCall, Receiver } from '../../support/receiver.ts';

let bed: GraphBed;
let hook: Receiver;
let hookUrl = '';
let token: Record<string, unknown>;
let replies: readonly (readonly [RegExp, Reply])[];

function answer(call: ReceivedCall): Reply {
  const own = replies.find(([path]) => path.test(call.path))?.[1];
  if (own !== undefined) return own;
  if (call.path.includes('debug_token')) return { body: { data: token } };
  if (call.path.includes('subscribed_apps'))
    return {
      body: { data: [{ whatsapp_business_api_data: { id: '300' }, override_callback_uri: hookUrl }] },
    };
  if (call.path.includes('phone_numbers'))
    return {
      body: {
        data: [
          { id: sender.routeId, display_phone_number: '+1 555-000-1111', verified_name: 'Shop' },
          {
            id: '201',
            display_phone_number: '+1 555-000-3333',
            verified_name: 'Second',
            code_verification_status: 'NOT_VERIFIED',
          },
        ],
      },
    };
  if (call.path.includes('300/subscriptions'))
    return { body: { data: [subscription('https://app.example')] } };
  return { body: { id: channel.wabaId } };
}

/** What Meta tells of the app's own webhook. */
function subscription(url: string, ...fields: readonly string[]): object {
  const names = fields.length === 0 ? ['messages', 'account_update'] : fields;
  return {
    object: 'whatsapp_business_account',
    callback_url: url,
    active: true,
    fields: names.map((name) => ({ name, version: 'v25.0' })),
  };
}

before(async () => {
  bed = await openGraphBed(answer);
  hook = await openReceiver((call, response) => {
    const query = new URL(call.path, 'http://x').searchParams;
    const isGood = query.get('hub.verify_token') === 'verify-me';
    response.writeHead(isGood ? 200 : 403).end(isGood ? query.get('hub.challenge') : '');
  });
});
beforeEach(() => {
  hookUrl = `${hook.url}/hooks/whatsapp/wa`;
  token = {
    app_id: '300',
    is_valid: true,
    expires_at: 0,
    scopes: ['whatsapp_business_messaging', 'whatsapp_business_management'],
  };
  replies = [];
});
after(async () => {
  await bed.close();
  await hook.close();
});

/** What a check finds wrong, in its words. */
async function wrong(): Promise<string[]> {
  const checks = await bed.connector.check(channel, [sender], hookUrl);
  return checks.filter(({ ok }) => !ok).map(({ name, text }) => `${name}: ${text}`);
}

describe('a check of a WhatsApp channel', () => {
  it('finds nothing wrong with one that is connected', async () => {
    assert.deepEqual(await wrong(), []);
  });

  it('says which fields the app lacks that an option of the channel needs', async () => {
    const asking = { ...channel, options: { calls: true, echoes: true } };
    const find = async (): Promise<string[]> =>
      (await bed.connector.check(asking, [sender], hookUrl)).filter(({ ok }) => !ok).map(({ text }) => text);
    assert.match((await find()).join(), /smb_message_echoes, calls\. Tick them/);
    const fields = ['messages', 'smb_message_echoes', 'calls'];
    replies = [[/300\/subscriptions/, { body: { data: [subscription('https://app.example', ...fields)] } }]];
    assert.deepEqual(await find(), []);
  });

  it('says when the token ends', async () => {
    token['expires_at'] = 1_800_000_000;
    const [first] = await bed.connector.check(channel, [sender], hookUrl);
    assert.equal(first?.endsAt, 1_800_000_000_000);
    assert.match(first.text, /2027-01-15/);
  });

  const faults: readonly (readonly [string, () => void, RegExp])[] = [
    [
      'an expired token',
      () => {
        token = { is_valid: false, error: { message: 'Session has expired' } };
      },
      /^token: .*Session has expired.* accessToken/,
    ],
    [
      'a token that Meta does not take at all',
      () => {
        replies = [
          [/debug_token/, { status: 401, body: { error: { message: 'Invalid OAuth', code: 190 } } }],
        ];
      },
      /^token: Invalid OAuth.*accessToken/,
    ],
    [
      'a missing permission',
      () => {
        token['scopes'] = ['whatsapp_business_messaging'];
      },
      /^permissions: .*whatsapp_business_management/,
    ],
    [
      'a wrong app secret',
      () => {
        const message = 'Invalid appsecret_proof provided in the API argument';
        replies = [[/appsecret_proof/, { status: 400, body: { error: { message, code: 100 } } }]];
      },
      /^appSecret: The app secret is not that/,
    ],
    [
      'an app that is not subscribed',
      () => {
        replies = [[/subscribed_apps/, { body: { data: [] } }]];
      },
      /^webhook: The app is not subscribed/,
    ],
    [
      'events that go elsewhere',
      () => {
        const data = [
          { whatsapp_business_api_data: { id: '300' }, override_callback_uri: 'https://else.example' },
        ];
        replies = [[/subscribed_apps/, { body: { data } }]];
      },
      /^webhook: .*another address/,
    ],
    [
      'an app whose own callback is another one',
      () => {
        replies = [
          [/subscribed_apps/, { body: { data: [{ whatsapp_business_api_data: { id: '300' } }] } }],
          [/300\/subscriptions/, { body: { data: [subscription('https://else.example')] } }],
        ];
      },
      /^webhook: The app posts its WhatsApp events to another address/,
    ],
    [
      'an app without the field messages',
      () => {
        replies = [
          [/subscribed_apps/, { body: { data: [{ whatsapp_business_api_data: { id: '300' } }] } }],
          [/300\/subscriptions/, { body: { data: [subscription(hookUrl, 'account_update')] } }],
        ];
      },
      /^fields: .*field messages/,
    ],
    [
      'an app without the field messages, though the WABA has an address of its own',
      () => {
        replies = [[/300\/subscriptions/, { body: { data: [] } }]];
      },
      /^fields: .*field messages/,
    ],
    [
      'an app that wants the proof of its secret',
      () => {
        const message = 'API calls from the server require an appsecret_proof argument';
        replies = [[/debug_token/, { status: 400, body: { error: { message, code: 100 } } }]];
      },
      /^token: .*option appSecretProof/,
    ],
    [
      'a number of another WABA',
      () => {
        replies = [[/phone_numbers/, { body: { data: [] } }]];
      },
      /^number 15550001111: The WABA has no number/,
    ],
    [
      'a number that is not connected',
      () => {
        const number = { id: sender.routeId, display_phone_number: '15550001111', status: 'FLAGGED' };
        replies = [[/phone_numbers/, { body: { data: [number] } }]];
      },
      /^number 15550001111: Meta says of it: FLAGGED/,
    ],
  ];
  for (const [what, set, expected] of faults) {
    it(`says in words: ${what}`, async () => {
      set();
      const [first, ...more] = await wrong();
      assert.match(first ?? '', expected);
      assert.deepEqual(more, []);
    });
  }

  it('says in words: a callback that does not answer the handshake, or nobody answers', async () => {
    hookUrl = `${bed.url}/v25.0/not-a-hook`;
    assert.match((await wrong()).join(), /callback: .*not with the challenge/);
    hookUrl = 'https://nowhere.invalid/hooks/whatsapp/wa';
    assert.match((await wrong()).join(), /callback: .*cannot be reached/);
  });
});

it('the numbers of the WABA are found', async () => {
  assert.deepEqual(await bed.connector.findSenders(channel), [
    { id: '15550001111', type: 'whatsapp', name: 'Shop', routeId: sender.routeId, verification: 'unknown' },
    { id: '15550003333', type: 'whatsapp', name: 'Second', routeId: '201', verification: 'pending' },
  ]);
  replies = [[/phone_numbers/, { status: 401, body: { error: { message: 'no', code: 190 } } }]];
  assert.partialDeepStrictEqual(await bed.connector.findSenders(channel), { fault: 'auth' });
});

it('a number is verified once it is connected, though its code has expired since', async () => {
  for (const [status, code, expected] of [
    ['CONNECTED', 'EXPIRED', 'verified'],
    ['PENDING', 'VERIFIED', 'verified'],
    ['PENDING', 'NOT_VERIFIED', 'pending'],
    ['PENDING', 'EXPIRED', 'failed'],
    ['PENDING', undefined, 'unknown'],
  ]) {
    const number = {
      id: '201',
      display_phone_number: '+1 555-000-3333',
      status,
      code_verification_status: code,
    };
    replies = [[/phone_numbers/, { body: { data: [number] } }]];
    assert.partialDeepStrictEqual(await bed.connector.findSenders(channel), [{ verification: expected }]);
  }
});

it('a channel is subscribed with its own address and verify token', async () => {
  replies = [[/subscribed_apps/, { body: { success: true } }]];
  assert.equal(await bed.connector.subscribe(channel, [], hookUrl), null);
  assert.deepEqual(JSON.parse(bed.calls.at(-1)?.body ?? ''), {
    override_callback_uri: hookUrl,
    verify_token: 'verify-me',
  });
  replies = [[/subscribed_apps/, { status: 400, body: { error: { message: 'handshake', code: 100 } } }]];
  assert.deepEqual(await bed.connector.subscribe(channel, [], hookUrl), {
    fault: 'refused',
    reason: 'handshake',
  });
});
