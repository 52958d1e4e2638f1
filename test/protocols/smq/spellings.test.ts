// What each known client signs and what it then sends, and what nobody may send with a signature for something else.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { it } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import { defaultQueueAttributes } from '../../../src/domain/queue.ts';
import { signV4 } from '../../../src/protocols/smq/auth.ts';
import { listSpellings } from '../../../src/protocols/smq/target.ts';
import { openSmqApp } from '../../support/smq-app.ts';

type Method = 'GET' | 'PUT' | 'POST' | 'DELETE';

interface Ask {
  readonly method: Method;
  readonly signed: string;
  readonly sent: string;
  readonly body?: string;
  readonly version?: 2 | 4;
}

/** Sends one request on a socket of its own, its target as it stands. */
async function ask(base: string, now: number, { method, signed, sent, body = '', version = 2 }: Ask) {
  const { hostname, port } = new URL(base);
  const headers = {
    date: new Date(now).toUTCString(),
    'content-type': 'text/xml',
    'x-mns-version': '2015-06-06',
  };
  const day = new Date(now).toISOString().slice(0, 10).replaceAll('-', '');
  const toSign = `${method}\n\ntext/xml\n${headers.date}\nx-mns-version:2015-06-06\n${signed}`;
  const authorization =
    version === 2
      ? `MNS testkey:${createHmac('sha1', 'testsecret').update(toSign).digest('base64')}`
      : `MNS4-HMAC-SHA256 Credential=testkey/${day}/cn-hangzhou/mns/aliyun_v4_request,Signature=${signV4({ method, target: signed, headers }, 'testsecret', day, 'cn-hangzhou') ?? ''}`;
  const length = { 'content-length': String(Buffer.byteLength(body)) };
  const client = request({
    hostname,
    port,
    method,
    path: sent,
    headers: { ...headers, ...length, authorization },
  });
  client.end(body);
  const [answer] = (await once(client, 'response', { signal: AbortSignal.timeout(10_000) })) as [
    IncomingMessage,
  ];
  return { status: answer.statusCode, text: await text(answer) };
}

async function open(t: { after: (close: () => Promise<void>) => void }) {
  const smq = await openSmqApp();
  t.after(() => smq.close());
  await smq.store.createQueue(smq.accountId, 'orders', defaultQueueAttributes, system);
  const base = await smq.listen();
  return { ask: (asked: Ask) => ask(base, smq.clock.now(), asked) };
}

const messages = '/queues/orders/messages';
const body = '<Message><MessageBody>hi</MessageBody></Message>';
const handles = (handle: string) =>
  `<ReceiptHandles><ReceiptHandle>${handle}</ReceiptHandle></ReceiptHandles>`;

/** As in docs/smq.md; `{handle}` stands for a receipt handle as it came, `{escaped}` for the same percent-encoded. */
const clients: readonly (Omit<Ask, 'method'> & { readonly client: string })[] = [
  ...(
    [
      ['Java, Python, both Node clients, gogap: unescaped', `${messages}?ReceiptHandle={handle}`],
      ['PHP 1.4, Go: escaped', `${messages}?ReceiptHandle={escaped}`],
    ] as const
  ).map(([client, target]) => ({ client, signed: target, sent: target })),
  {
    client: 'C#: signs unescaped, sends escaped',
    signed: `${messages}?ReceiptHandle={handle}`,
    sent: `${messages}?ReceiptHandle={escaped}`,
  },
  {
    client: 'a PHP puller: sends the `?` of an empty query',
    signed: messages,
    sent: `${messages}?`,
    body: '{handles}',
  },
  { client: 'signs that `?` too', signed: `${messages}?`, sent: `${messages}?`, body: '{handles}' },
  {
    client: 'a PHP puller: its endpoint ends in a slash',
    signed: `${messages}?ReceiptHandle={escaped}`,
    sent: `/${messages}?ReceiptHandle={escaped}`,
  },
  {
    client: 'signs both slashes',
    signed: `/${messages}?ReceiptHandle={escaped}`,
    sent: `/${messages}?ReceiptHandle={escaped}`,
  },
  {
    client: 'its endpoint ends in `/.`',
    signed: `${messages}?ReceiptHandle={escaped}`,
    sent: `/.${messages}?ReceiptHandle={escaped}`,
  },
  { client: 'signs that dot too', signed: `/.${messages}`, sent: `/.${messages}`, body: '{handles}' },
  {
    client: 'a dot further on, and slashes',
    signed: messages,
    sent: '/./queues/.//orders/./messages',
    body: '{handles}',
  },
  { client: 'sends an `&` of nothing', signed: messages, sent: `${messages}?&`, body: '{handles}' },
  {
    client: 'sends one behind what it asks',
    signed: `${messages}?ReceiptHandle={escaped}`,
    sent: `${messages}?ReceiptHandle={escaped}&`,
  },
  {
    client: 'sends one before it, twice',
    signed: `${messages}?ReceiptHandle={escaped}`,
    sent: `${messages}?&&ReceiptHandle={escaped}`,
  },
  { client: 'both at once', signed: messages, sent: `/${messages}?`, body: '{handles}' },
  {
    client: 'by a proxy, from an endpoint with a slash',
    signed: messages,
    sent: `http://smq.example/${messages}?`,
    body: '{handles}',
  },
];

for (const version of [2, 4] as const)
  it(`deletes what each known client deletes, by the signature as it makes it: V${version}`, async (t) => {
    const smq = await open(t);
    for (const { client, signed, sent, body: form = '' } of clients) {
      const put = await smq.ask({ method: 'POST', signed: messages, sent: messages, body });
      assert.equal(put.status, 201, put.text);
      const got = await smq.ask({ method: 'GET', signed: messages, sent: messages });
      const handle = /<ReceiptHandle>([^<]+)/.exec(got.text)?.[1] ?? '';
      assert.ok(handle.length > 0, got.text);
      const fill = (pattern: string) =>
        pattern
          .replace('{handles}', handles(handle))
          .replace('{handle}', handle)
          .replace(
            '{escaped}',
            [...handle].map((c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`).join(''),
          );
      const gone = await smq.ask({
        method: 'DELETE',
        signed: fill(signed),
        sent: fill(sent),
        body: fill(form),
        version,
      });
      assert.equal(gone.status, 204, `${client}: ${gone.text}`);
    }
  });

it('takes no signature for one resource on another', async (t) => {
  const smq = await open(t);
  const cases: readonly (readonly [Method, string, string])[] = [
    ['GET', '/queues/orders', '/queues/orderss'],
    ['GET', '/queues/orders', '/queues/orders?x'],
    ['GET', '/queues/orders', '/queues/orders??'],
    ['GET', '/queues/orders?', '/queues/orders'],
    ['GET', '/queues/orders/messages', '/queues/orders'],
    ['GET', '/queues/orders', '/queues/orders/'],
    ['GET', '/queues/orders', '/queues/x/../orders'],
    ['GET', '/queues/orders', '/queues/x/%2e%2e/orders'],
    ['GET', `${messages}?x=1`, `${messages}?x=1&&y=2`],
    ['GET', `${messages}?x=&y`, `${messages}?x=&&z&y`],
    ['GET', '/queues/orders/messages', '/queues/orders%2Fmessages'],
    ['PUT', '/queues/orders?metaoverride=true', '/queues/orders%3Fmetaoverride=true'],
    ['GET', `${messages}?peekonly=true&numOfMessages=2`, `${messages}?peekonly=true%26numOfMessages=2`],
    ['GET', `${messages}?peekonly=true`, `${messages}?peekonly%3Dtrue`],
    ['GET', `${messages}?x=%20`, `${messages}?x=%2520`],
    ['GET', `${messages}?x=//y`, `${messages}?x=/y`],
    ['GET', `${messages}?x=/y`, `${messages}?x=//y`],
  ];
  for (const [method, signed, sent] of cases) {
    const answer = await smq.ask({ method, signed, sent });
    assert.equal(answer.status, 403, `${method} ${signed} as ${sent}: ${answer.text}`);
    assert.match(answer.text, /<Code>SignatureDoesNotMatch<\/Code>/);
  }
});

it('tries no more than eight spellings, whatever was sent', () => {
  for (const target of [
    '/',
    '//',
    '?',
    '/?',
    '//q%2F//%3F?',
    `//${'/%41/%2F//?&'.repeat(900)}?`,
    '//%61?',
    '%',
    '//%?',
  ])
    assert.ok(listSpellings(target).length <= 8, target.slice(0, 40));
  assert.deepEqual(listSpellings(messages), [messages]);
  assert.deepEqual(listSpellings(`/${messages}?`), [
    `/${messages}?`,
    messages + '?',
    `/${messages}`,
    messages,
  ]);
});
