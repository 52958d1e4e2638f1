// What each vendor gets, and what each of its answers comes to; the answers are those of the vendors' documentation.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { toHeaders } from '../../src/core/deliveries/signature.ts';
import type { Notify, Told } from '../../src/domain/notice-message.ts';
import type { Client } from '../../src/http/client.ts';
import { createDingtalk } from '../../src/notifiers/dingtalk.ts';
import { createPagerduty } from '../../src/notifiers/pagerduty.ts';
import { createSlack } from '../../src/notifiers/slack.ts';
import { createTeams } from '../../src/notifiers/teams.ts';
import { createWebhook } from '../../src/notifiers/webhook.ts';
import { openLocalClient } from '../support/client.ts';
import { openReceiver } from '../support/receiver.ts';
import { accountId, at, toAddress, toGroup, toMessage, toNotice } from './messages.ts';

type Answer = readonly [status: number, body: string, headers?: Record<string, string>];
type Create = (deps: { client: Pick<Client, 'post'>; now: () => number }) => Notify;

const secret = `whsec_${Buffer.alloc(24, 9).toString('base64')}`;

const creates = {
  slack: createSlack,
  dingtalk: createDingtalk,
  teams: createTeams,
  pagerduty: (deps: Parameters<Create>[0]) =>
    createPagerduty({ ...deps, source: () => 'https://chasqui.example' }),
  webhook: (deps: Parameters<Create>[0]) =>
    createWebhook({
      ...deps,
      toHeaders: ({ secret: own, ...post }) =>
        toHeaders({
          ...post,
          secrets: own === null ? [] : [{ secret: own, expiresAt: null }],
          cause: post.attempt === 1 ? null : 'retry',
        }),
    }),
} as const satisfies Record<string, Create>;

async function open(t: TestContext, kind: keyof typeof creates, answers: readonly Answer[]) {
  let calls = 0;
  const receiver = await openReceiver((_call, response) => {
    const [status, body, headers = {}] = answers[Math.min(calls, answers.length - 1)] ?? [200, ''];
    calls += 1;
    response.writeHead(status, headers).end(body);
  });
  const client = openLocalClient();
  t.after(async () => {
    await client.close();
    await receiver.close();
  });
  return { receiver, notify: creates[kind]({ client, now: () => at }) };
}

/** Answers of a vendor, and what each comes to; with the wait that it asks for. */
const answers: Readonly<Record<keyof typeof creates, readonly (readonly [Answer, Told['kind'], number?])[]>> =
  {
    slack: [
      [[200, 'ok'], 'told'],
      [[200, ''], 'later'],
      [[200, '<html>Sign in</html>'], 'later'],
      [[400, 'invalid_payload'], 'refused'],
      [[403, 'action_prohibited'], 'later'],
      [[404, 'no_service'], 'later'],
      [[410, 'channel_is_archived'], 'later'],
      [[429, 'rate_limited', { 'retry-after': '30' }], 'later', 30_000],
      [[500, 'rollup_error'], 'later'],
      [[302, '', { location: 'https://elsewhere.example/' }], 'later'],
    ],
    dingtalk: [
      [[200, '{"errcode":0,"errmsg":"ok"}'], 'told'],
      [[200, '{"errcode":310000,"errmsg":"sign not match"}'], 'later'],
      [[200, '{"errcode":130101,"errmsg":"send too fast, exceed 20 times per minute"}'], 'later', 600_000],
      [[200, ''], 'later'],
      [[200, '{"errcode":"0"}'], 'later'],
      [[502, 'Bad gateway'], 'later'],
    ],
    teams: [
      [[202, ''], 'told'],
      [[200, '1'], 'told'],
      [
        [200, 'Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429'],
        'later',
      ],
      [[200, ''], 'later'],
      [[400, 'Bad payload received by generic incoming webhook.'], 'refused'],
      [[404, ''], 'later'],
      [[413, ''], 'refused'],
      [[429, '', { 'retry-after': '12' }], 'later', 12_000],
    ],
    pagerduty: [
      [[202, '{"status":"success","message":"Event processed","dedup_key":"a"}'], 'told'],
      [[200, ''], 'later'],
      [[400, '{"status":"invalid event","errors":["no routing_key"]}'], 'refused'],
      [[429, ''], 'later', 180_000],
      [[500, ''], 'later'],
    ],
    webhook: [
      [[200, ''], 'told'],
      [[204, ''], 'told'],
      [[400, ''], 'later'],
      [[410, ''], 'later'],
      [[503, '', { 'retry-after': '7' }], 'later', 7000],
    ],
  };

describe('an answer counts as success only where the vendor says so', () => {
  for (const [kind, cases] of Object.entries(answers) as [keyof typeof creates, (typeof answers)['slack']][])
    it(kind, async (t) => {
      const { receiver, notify } = await open(
        t,
        kind,
        cases.map(([answer]) => answer),
      );
      for (const [[status, body], expected, askedMs] of cases) {
        const told = await notify(
          toAddress({ url: receiver.url, secret: kind === 'webhook' ? secret : 'key' }),
          toMessage(),
        );
        assert.equal(told.kind, expected, `${status} ${body}`);
        if (expected === 'later')
          assert.equal(told.kind === 'later' && told.askedMs, askedMs, `${status} ${body}`);
      }
    });
});

it('a page that quotes what it was asked tells no secret', async (t) => {
  const quoted = [
    '/services/T0123456/B0123456/xoxSecretOfTheHook',
    'access_token=0123secret4567',
    'routing-key-1',
  ];
  const page = `${'-'.repeat(190)}Cannot POST ${quoted.join(' ')} &sign=a%2Fb`;
  for (const kind of Object.keys(creates) as (keyof typeof creates)[]) {
    const { receiver, notify } = await open(t, kind, [
      [404, page.slice(150)],
      [404, page],
    ]);
    const url = `${receiver.url}/services/T0123456/B0123456/xoxSecretOfTheHook?access_token=0123secret4567`;
    for (let n = 0; n < 2; n += 1) {
      const told = await notify(
        toAddress({ url, secret: kind === 'webhook' ? secret : 'routing-key-1' }),
        toMessage(),
      );
      const reason = told.kind === 'told' ? '' : told.reason;
      assert.match(reason, /^It answered 404: -/);
      // Where it is cut there may stand the beginning of one.
      assert.doesNotMatch(reason, /T0123|B0123|xoxS|0123s/);
      if (kind === 'dingtalk' || kind === 'pagerduty') assert.doesNotMatch(reason, /routing-key/);
    }
  }
});

it('nobody there, and an address inside, are for another try, and nothing was sent', async (t) => {
  const { receiver, notify } = await open(t, 'slack', [[200, 'ok']]);
  const guarded = creates.slack({ client: openLocalClient({ egressAllow: [] }), now: () => at });
  const told = await guarded(toAddress({ url: receiver.url }), toMessage());
  assert.match(told.kind === 'later' ? told.reason : '', /inside a private network/);
  assert.equal(receiver.calls.length, 0);
  assert.equal((await notify(toAddress({}), toMessage())).kind, 'later');
});

it('Slack gets plain text, in which nothing is a link or a mention', async (t) => {
  const { receiver, notify } = await open(t, 'slack', [[200, 'ok']]);
  const text = '<!channel> & <https://evil.example|here>';
  await notify(toAddress({ url: receiver.url }), toMessage([toGroup({ samples: [toNotice({ text })] })]));
  const { text: shown, blocks } = JSON.parse(receiver.calls[0]?.body ?? '') as {
    text: string;
    blocks: { text: { type: string; text: string } }[];
  };
  assert.match(shown, /&lt;!channel&gt; &amp; &lt;https/);
  assert.ok(blocks.every((block) => block.text.type === 'plain_text' && block.text.text.length <= 3000));
  assert.ok(blocks.some((block) => block.text.text.includes(text)));
});

it('DingTalk gets its signature over the time of the call', async (t) => {
  const { receiver, notify } = await open(t, 'dingtalk', [[200, '{"errcode":0}']]);
  await notify(
    toAddress({ url: `${receiver.url}/robot/send?access_token=t1`, secret: 'SECret' }),
    toMessage(),
  );
  const query = new URL(receiver.calls[0]?.path ?? '', 'http://localhost').searchParams;
  const expected = createHmac('sha256', 'SECret').update(`${at}\nSECret`).digest('base64');
  assert.deepEqual(Object.fromEntries(query), { access_token: 't1', timestamp: String(at), sign: expected });
  const body = JSON.parse(receiver.calls[0]?.body ?? '') as { msgtype: string; text: { content: string } };
  assert.equal(body.msgtype, 'text');
  assert.match(body.text.content, /shop\.example/);
  await notify(toAddress({ url: `${receiver.url}/robot/send?access_token=t1` }), toMessage());
  assert.equal(receiver.calls[1]?.path, '/robot/send?access_token=t1');
});

it('Teams gets one adaptive card that is small enough', async (t) => {
  const { receiver, notify } = await open(t, 'teams', [[202, '']]);
  const samples = Array.from({ length: 5 }, () => toNotice({ text: '通知'.repeat(400) }));
  const groups = Array.from({ length: 50 }, () => toGroup({ raised: 99, samples }));
  await notify(toAddress({ url: receiver.url }), toMessage(groups));
  const body = receiver.calls[0]?.body ?? '';
  assert.ok(Buffer.byteLength(body) < 28 * 1024, `${Buffer.byteLength(body)} bytes`);
  const { attachments } = JSON.parse(body) as {
    attachments: { contentType: string; content: { type: string } }[];
  };
  assert.deepEqual(
    attachments.map(({ contentType, content }) => [contentType, content.type]),
    [['application/vnd.microsoft.card.adaptive', 'AdaptiveCard']],
  );
});

it('PagerDuty gets one alert for each kind and account, which the end of all of them resolves', async (t) => {
  const { receiver, notify } = await open(t, 'pagerduty', [[202, '']]);
  const address = toAddress({ url: `${receiver.url}/v2/enqueue`, secret: 'R0UTINGKEY' });
  await notify(address, toMessage([toGroup({ raised: 3 })]));
  await notify(address, toMessage([toGroup({ raised: 0, ended: 1, standing: 2 })]));
  await notify(address, toMessage([toGroup({ raised: 0, ended: 2, standing: 0 })]));
  const events = receiver.calls.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  assert.deepEqual(
    events.map((event) => [event['event_action'], event['routing_key'], event['dedup_key']]),
    ['trigger', 'resolve'].map((action) => [
      action,
      'R0UTINGKEY',
      `https://chasqui.example/${accountId}/destination_opened`,
    ]),
  );
  const payload = events[0]?.['payload'] as Record<string, unknown>;
  assert.deepEqual([payload['severity'], payload['class']], ['error', 'destination_opened']);
  assert.match(String(payload['summary']), /3 times.*shop\.example/);
});

it('a refused event does not keep the others of its message back', async (t) => {
  const { receiver, notify } = await open(t, 'pagerduty', [
    [400, ''],
    [202, ''],
  ]);
  const told = await notify(
    toAddress({ url: receiver.url, secret: 'k' }),
    toMessage([toGroup(), toGroup({ code: 'delivery_died' })]),
  );
  assert.equal(told.kind, 'refused');
  assert.equal(receiver.calls.length, 2);
});

it('a signed webhook gets JSON by Standard Webhooks, with the same id at a repeat', async (t) => {
  const { receiver, notify } = await open(t, 'webhook', [[200, '']]);
  const address = toAddress({ url: receiver.url, secret });
  await notify(address, toMessage([toGroup({ raised: 4 })]));
  await notify(address, toMessage([toGroup({ raised: 4 })], 'en', 2));
  const [first, second] = receiver.calls;
  const { headers, body = '' } = first ?? {};
  const signed = `${String(headers?.['webhook-id'])}.${String(headers?.['webhook-timestamp'])}.${body}`;
  const expected = createHmac('sha256', Buffer.alloc(24, 9)).update(signed).digest('base64');
  assert.equal(headers?.['webhook-signature'], `v1,${expected}`);
  const repeat = second?.headers ?? {};
  assert.equal(repeat['webhook-id'], headers?.['webhook-id']);
  assert.deepEqual([repeat['chasqui-attempt'], repeat['chasqui-repeat-cause']], ['2', 'retry']);
  const { notices, ...told } = JSON.parse(body) as Record<string, unknown> & { notices: unknown[] };
  const { id: _id, findings: _findings, ...notice } = toNotice();
  assert.deepEqual(told, {
    ...notice,
    id: headers?.['webhook-id'],
    at: new Date(at).toISOString(),
    severity: 'error',
    state: 'raised',
    count: 4,
  });
  assert.equal(notices.length, 1);
});
