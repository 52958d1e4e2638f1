import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import { defaultQueueAttributes, formatHandle } from '../../../src/domain/queue.ts';
import { openSmqApp } from '../../support/smq-app.ts';
import type { SmqApp } from '../../support/smq-app.ts';
import { callSmq } from '../../support/smq-request.ts';
import type { SmqCall, SmqReply } from '../../support/smq-request.ts';

let smq: SmqApp;
const call = (target: string, options: Omit<SmqCall, 'now'> = {}): Promise<SmqReply> =>
  callSmq(smq.app, target, { now: smq.clock.now(), ...options });
const send = (body: string, queue = 'orders'): Promise<SmqReply> =>
  call(`/queues/${queue}/messages`, { method: 'POST', body });
const message = (body: string, rest = ''): string =>
  `<Message><MessageBody>${body}</MessageBody>${rest}</Message>`;

beforeEach(async () => {
  smq = await openSmqApp();
  await call('/queues/orders', { method: 'PUT' });
});
afterEach(() => smq.close());

/** The error of an answer, in the protocol's own form with all that clients insist on. */
function assertError(reply: SmqReply, status: number, code: string, text?: RegExp): void {
  assert.equal(reply.status, status, reply.text);
  assert.equal(reply.element('Code'), code);
  assert.match(
    reply.text,
    /^<\?xml version="1\.0" \?>\n<Error xmlns="http:\/\/mns\.aliyuncs\.com\/doc\/v1">\n {2}<Code>/,
  );
  assert.match(reply.element('RequestId') ?? '', /^[0-9A-F]{24}$/);
  assert.equal(reply.element('RequestId'), reply.headers['x-mns-request-id']);
  assert.equal(reply.element('HostId'), 'http://smq.example:8080');
  assert.equal(reply.headers['content-type'], 'text/xml;charset=utf-8');
  if (text !== undefined) assert.match(reply.element('Message') ?? '', text);
}

describe('queues', () => {
  it('are made once, and again only with the same attributes', async () => {
    const body =
      '<Queue xmlns="http://mns.aliyuncs.com/doc/v1/"><VisibilityTimeout>45</VisibilityTimeout></Queue>';
    const made = await call('/queues/new', { method: 'PUT', body });
    assert.equal(made.status, 201);
    assert.equal(made.text, '');
    assert.equal(made.headers['location'], 'http://smq.example:8080/queues/new');
    const again = await call('/queues/new', { method: 'PUT', body });
    assert.equal(again.status, 204);
    assert.equal(again.headers['location'], 'http://smq.example:8080/queues/new');
    assertError(
      await call('/queues/new', { method: 'PUT' }),
      409,
      'QueueAlreadyExist',
      /The queue you want to create is already exist\./,
    );
  });

  it('take messages once they were deleted and made again by another node, before word of it comes', async (t) => {
    const former = await smq.store.findQueue(smq.accountId, 'orders');
    await smq.store.deleteQueue(smq.accountId, 'orders');
    t.mock.method(smq.directory, 'queue', async () => former);
    assertError(await send(message('lost')), 404, 'QueueNotExist');
    await smq.store.createQueue(smq.accountId, 'orders', defaultQueueAttributes);
    assert.equal((await send(message('first'))).status, 201);
    t.mock.restoreAll();
    assert.equal((await call('/queues/orders/messages')).element('MessageBody'), 'first');
  });

  it('tell all twelve attributes, times in seconds', async () => {
    const { status, text, element } = await call('/queues/orders');
    assert.equal(status, 200);
    const names = [...text.matchAll(/<([A-Z][A-Za-z]+)>/g)].map(([, name]) => name);
    assert.deepEqual(names.sort(), [
      'ActiveMessages',
      'CreateTime',
      'DelayMessages',
      'DelaySeconds',
      'InactiveMessages',
      'LastModifyTime',
      'LoggingEnabled',
      'MaximumMessageSize',
      'MessageRetentionPeriod',
      'PollingWaitSeconds',
      'QueueName',
      'VisibilityTimeout',
    ]);
    assert.equal(element('CreateTime'), String(smq.clock.now() / 1000));
    assert.equal(element('LoggingEnabled'), 'False');
  });

  it('change only the attributes that are given', async () => {
    const set = await call('/queues/orders?metaOverride=true', {
      method: 'PUT',
      body: '<Queue><LoggingEnabled>true</LoggingEnabled></Queue>',
    });
    assert.equal(set.status, 204);
    const { element } = await call('/queues/orders');
    assert.equal(element('LoggingEnabled'), 'True');
    assert.equal(element('VisibilityTimeout'), '30');
    assertError(
      await call('/queues/none?metaoverride=true', { method: 'PUT', body: '<Queue/>' }),
      404,
      'QueueNotExist',
    );
  });

  it('are listed by name with prefix, marker and meta, the last page without a marker', async () => {
    for (const name of ['list-c', 'list-a', 'list-b']) await call(`/queues/${name}`, { method: 'PUT' });
    const first = await call('/queues', { headers: { 'x-mns-prefix': 'list-', 'x-mns-ret-number': '2' } });
    assert.deepEqual(
      [...first.text.matchAll(/<QueueName>([^<]*)</g)].map(([, name]) => name),
      ['list-a', 'list-b'],
    );
    assert.match(first.text, /<QueueURL>http:\/\/smq\.example:8080\/queues\/list-a<\/QueueURL>/);
    const marker = first.element('NextMarker') ?? '';
    const last = await call('/queues', {
      headers: {
        'x-mns-prefix': 'list-',
        'x-mns-ret-number': '2',
        'x-mns-marker': marker,
        'x-mns-with-meta': 'true',
      },
    });
    assert.deepEqual(
      [...last.text.matchAll(/<QueueName>([^<]*)</g)].map(([, name]) => name),
      ['list-c'],
    );
    assert.equal(last.element('VisibilityTimeout'), '30');
    assert.doesNotMatch(last.text, /NextMarker/);
    assert.equal(
      (await call('/queues', { headers: { 'x-mns-prefix': 'nothing' } })).text,
      '<?xml version="1.0" ?>\n<Queues xmlns="http://mns.aliyuncs.com/doc/v1"/>',
    );
    assertError(
      await call('/queues', { headers: { 'x-mns-ret-number': '1001' } }),
      400,
      'InvalidArgument',
      /x-mns-ret-number/,
    );
  });

  it('vanish with what is in them, and a handle from before is none of the next one', async () => {
    await send(message('old'));
    const handle = (await call('/queues/orders/messages')).element('ReceiptHandle') ?? '';
    assert.equal((await call('/queues/orders', { method: 'DELETE' })).status, 204);
    assert.equal((await call('/queues/orders', { method: 'DELETE' })).status, 204);
    assertError(await call('/queues/orders/messages'), 404, 'QueueNotExist');
    await call('/queues/orders', { method: 'PUT' });
    assertError(await call('/queues/orders/messages'), 404, 'MessageNotExist');
    assertError(
      await call(`/queues/orders/messages?ReceiptHandle=${handle}`, { method: 'DELETE' }),
      400,
      'ReceiptHandleError',
    );
  });

  for (const [name, code] of [
    ['-hyphen', 'InvalidQueueName'],
    ['with_underscore', 'InvalidQueueName'],
    ['%E4%BD%A0', 'InvalidQueueName'],
    ['a'.repeat(121), 'QueueNameLengthError'],
  ] as const) {
    it(`are refused the name ${name.slice(0, 20)}`, async () =>
      assertError(await call(`/queues/${name}`, { method: 'PUT' }), 400, code));
  }

  for (const [element, value] of [
    ['PollingWaitSeconds', '60'],
    ['VisibilityTimeout', '0'],
    ['VisibilityTimeout', '43201'],
    ['MaximumMessageSize', '1023'],
    ['MaximumMessageSize', '65537'],
    ['MessageRetentionPeriod', '59'],
    ['DelaySeconds', '604801'],
    ['DelaySeconds', '-1'],
    ['DelaySeconds', 'soon'],
    ['LoggingEnabled', 'maybe'],
  ] as const) {
    it(`are refused ${element} ${value}, and nothing is made`, async () => {
      const body = `<Queue><${element}>${value}</${element}></Queue>`;
      assertError(
        await call('/queues/refused', { method: 'PUT', body }),
        400,
        'InvalidArgument',
        new RegExp(element),
      );
      assertError(await call('/queues/refused'), 404, 'QueueNotExist');
    });
  }
});

describe('messages', () => {
  it('go through a send, a receive and a delete in the exact form that clients read', async () => {
    const sent = await send(message('a', '<Priority>3</Priority>'));
    assert.equal(sent.status, 201);
    assert.match(
      sent.text,
      /^<\?xml version="1\.0" \?>\n<Message xmlns="http:\/\/mns\.aliyuncs\.com\/doc\/v1">\n {2}<MessageId>[0-9A-F]{32}<\/MessageId>\n {2}<MessageBodyMD5>0CC175B9C0F1B6A831C399E269772661<\/MessageBodyMD5>\n<\/Message>$/,
    );
    const now = smq.clock.now();
    const received = await call('/queues/orders/messages');
    const handle = received.element('ReceiptHandle') ?? '';
    assert.match(handle, /^[A-Za-z0-9-]+$/);
    assert.equal(
      received.text,
      `<?xml version="1.0" ?>\n<Message xmlns="http://mns.aliyuncs.com/doc/v1">\n  <MessageId>${sent.element('MessageId') ?? ''}</MessageId>\n  <MessageBodyMD5>0CC175B9C0F1B6A831C399E269772661</MessageBodyMD5>\n  <MessageBody>a</MessageBody>\n  <ReceiptHandle>${handle}</ReceiptHandle>\n  <EnqueueTime>${now}</EnqueueTime>\n  <FirstDequeueTime>${now}</FirstDequeueTime>\n  <NextVisibleTime>${now + 30_000}</NextVisibleTime>\n  <DequeueCount>1</DequeueCount>\n  <Priority>3</Priority>\n</Message>`,
    );
    assert.equal(
      (await call(`/queues/orders/messages?ReceiptHandle=${handle}`, { method: 'DELETE' })).status,
      204,
    );
    assertError(
      await call(`/queues/orders/messages?ReceiptHandle=${handle}`, { method: 'DELETE' }),
      404,
      'MessageNotExist',
      /^Message not exist\.$/,
    );
  });

  it('keep every character that XML can carry', async () => {
    await send(message('&lt;&amp;&gt; <![CDATA[<raw>]]>&#x4F60; 🎉\n tail '));
    const { text } = await call('/queues/orders/messages');
    assert.match(text, /<MessageBody>&lt;&amp;&gt; &lt;raw&gt;你 🎉\n tail <\/MessageBody>/);
  });

  it('come by priority, then in the order in which they were sent', async () => {
    for (const [body, priority] of [
      ['low', 16],
      ['one', 8],
      ['two', 8],
      ['high', 1],
      ['unset', 0],
    ] as const)
      await send(message(body, `<Priority>${priority}</Priority>`));
    const { text } = await call('/queues/orders/messages?numOfMessages=16');
    assert.deepEqual(
      [...text.matchAll(/<MessageBody>([^<]*)</g)].map(([, body]) => body),
      ['high', 'one', 'two', 'unset', 'low'],
    );
  });

  it('carry user and system properties and a group, and leave out what clients would not know', async () => {
    const property = (tag: string, name: string, value: string, type: string) =>
      `<${tag}><Name>${name}</Name><Value>${value}</Value><Type>${type}</Type></${tag}>`;
    const user = `<UserProperties>${property('PropertyValue', 'trace', 'abc', 'STRING')}${property('PropertyValue', 'n', '1', 'NUMBER')}</UserProperties>`;
    const sys = `<SystemProperties>${property('SystemPropertyValue', 'traceparent', '00-1', 'STRING')}${property('SystemPropertyValue', 'mine', 'x', 'STRING')}</SystemProperties>`;
    await send(message('a', `${user}${sys}<MessageGroupId>g1</MessageGroupId>`));
    const { text, element } = await call('/queues/orders/messages');
    assert.equal(element('MessageGroupId'), 'g1');
    assert.match(
      text,
      /<\/SystemProperties>\n {2}<UserProperties>\n {4}<PropertyValue>\n {6}<Name>trace<\/Name>\n {6}<Value>abc<\/Value>\n {6}<Type>STRING<\/Type>/,
    );
    assert.match(text, /traceparent/);
    assert.doesNotMatch(text, /mine/);
  });

  it('are not seen before their delay is over, but their sender may delete them', async () => {
    const sent = await send(message('later', '<DelaySeconds>10</DelaySeconds>'));
    const handle = sent.element('ReceiptHandle') ?? '';
    assert.notEqual(handle, '');
    assertError(await call('/queues/orders/messages'), 404, 'MessageNotExist');
    assert.equal((await call('/queues/orders')).element('DelayMessages'), '1');
    smq.clock.advance(10_000);
    assert.equal((await call('/queues/orders/messages?peekonly=true')).element('MessageBody'), 'later');
    const other = await send(message('never', '<DelaySeconds>10</DelaySeconds>'));
    assert.equal(
      (
        await call(`/queues/orders/messages?ReceiptHandle=${other.element('ReceiptHandle') ?? ''}`, {
          method: 'DELETE',
        })
      ).status,
      204,
    );
  });

  it('come again when their visibility ends, and the handle from before is stale', async () => {
    await send(message('again'));
    const first = (await call('/queues/orders/messages')).element('ReceiptHandle') ?? '';
    smq.clock.advance(30_000);
    const second = await call('/queues/orders/messages');
    assert.equal(second.element('DequeueCount'), '2');
    assertError(
      await call(`/queues/orders/messages?ReceiptHandle=${first}`, { method: 'DELETE' }),
      404,
      'MessageNotExist',
    );
    assert.equal(
      (
        await call(`/queues/orders/messages?ReceiptHandle=${second.element('ReceiptHandle') ?? ''}`, {
          method: 'DELETE',
        })
      ).status,
      204,
    );
  });

  it('can be held for longer, and both handles stay good for as long', async () => {
    await send(message('held'));
    const old = (await call('/queues/orders/messages')).element('ReceiptHandle') ?? '';
    const changed = await call(`/queues/orders/messages?receiptHandle=${old}&visibilityTimeout=100`, {
      method: 'PUT',
    });
    assert.equal(changed.status, 200);
    assert.equal(changed.element('NextVisibleTime'), String(smq.clock.now() + 100_000));
    smq.clock.advance(99_999);
    assertError(await call('/queues/orders/messages'), 404, 'MessageNotExist');
    assert.equal(
      (await call(`/queues/orders/messages?ReceiptHandle=${old}`, { method: 'DELETE' })).status,
      204,
    );
    assertError(
      await call(`/queues/orders/messages?ReceiptHandle=${changed.element('ReceiptHandle') ?? ''}`, {
        method: 'DELETE',
      }),
      404,
      'MessageNotExist',
    );
  });

  it('expire when the retention of the queue is over', async () => {
    await call('/queues/orders?metaoverride=true', {
      method: 'PUT',
      body: '<Queue><MessageRetentionPeriod>60</MessageRetentionPeriod></Queue>',
    });
    await send(message('old'));
    smq.clock.advance(60_000);
    assertError(await call('/queues/orders/messages'), 404, 'MessageNotExist');
  });

  it('are peeked at without a trace', async () => {
    await send(message('a'));
    const peeked = await call('/queues/orders/messages?peekonly=true&numOfMessages=16');
    assert.match(peeked.text, /<Messages /);
    assert.doesNotMatch(peeked.text, /ReceiptHandle|NextVisibleTime/);
    assert.equal(peeked.element('DequeueCount'), '0');
    assert.equal(peeked.element('FirstDequeueTime'), peeked.element('EnqueueTime'));
    assert.equal((await call('/queues/orders/messages')).element('DequeueCount'), '1');
  });

  it('go in batches, and a bad one of a batch says why while the others are sent', async () => {
    const good = await send(`<Messages>${message('one')}${message('two')}</Messages>`);
    assert.equal(good.status, 201);
    const mixed = await send(
      `<Messages>${message('three')}${message('four', '<Priority>17</Priority>')}</Messages>`,
    );
    assert.equal(mixed.status, 500);
    assert.match(
      mixed.text,
      /<Message>\n {4}<ErrorCode>InvalidArgument<\/ErrorCode>\n {4}<ErrorMessage>[^<]*Priority[^<]*<\/ErrorMessage>\n {2}<\/Message>/,
    );
    const { text } = await call('/queues/orders/messages?numOfMessages=16');
    assert.deepEqual(
      [...text.matchAll(/<MessageBody>([^<]*)</g)].map(([, body]) => body),
      ['one', 'two', 'three'],
    );
  });

  it('are deleted in batches, and only the handles that failed are told', async () => {
    await send(`<Messages>${message('one')}${message('two')}</Messages>`);
    const { text } = await call('/queues/orders/messages?numOfMessages=16');
    const [first = '', second = ''] = [...text.matchAll(/<ReceiptHandle>([^<]*)</g)].map(
      ([, handle]) => handle ?? '',
    );
    const remove = (...handles: string[]) =>
      call('/queues/orders/messages', {
        method: 'DELETE',
        body: `<ReceiptHandles>${handles.map((handle) => `<ReceiptHandle>${handle}</ReceiptHandle>`).join('')}</ReceiptHandles>`,
      });
    const mixed = await remove(first, '1-ODU4OTkzLTItNg');
    assert.equal(mixed.status, 404);
    assert.match(
      mixed.text,
      /^<\?xml version="1\.0" \?>\n<Errors [^>]*>\n {2}<Error>\n {4}<ErrorCode>ReceiptHandleError<\/ErrorCode>\n {4}<ErrorMessage>[^<]+<\/ErrorMessage>\n {4}<ReceiptHandle>1-ODU4OTkzLTItNg<\/ReceiptHandle>\n {2}<\/Error>\n<\/Errors>$/,
    );
    assert.equal((await remove(second)).status, 204);
  });
});

describe('bad input', () => {
  const cases: readonly [string, string, RegExp | string][] = [
    ['malformed XML', '<Message><MessageBody>', 'MalformedXML'],
    ['no XML at all', 'hello', 'MalformedXML'],
    ['a document type', '<!DOCTYPE Message><Message><MessageBody>a</MessageBody></Message>', 'MalformedXML'],
    [
      'an entity bomb',
      '<!DOCTYPE m [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Message><MessageBody>&b;</MessageBody></Message>',
      'MalformedXML',
    ],
    ['an entity that is not known', '<Message><MessageBody>&nbsp;</MessageBody></Message>', 'MalformedXML'],
    ['nesting without end', '<a>'.repeat(50) + '</a>'.repeat(50), 'MalformedXML'],
    ['a wrong root', '<Queue/>', 'InvalidArgument'],
    ['no body', '<Message/>', 'InvalidArgument'],
    ['an empty body', message(''), 'InvalidArgument'],
    ['a body of 65,537 bytes', message('x'.repeat(65_537)), 'InvalidArgument'],
    ['17 messages', `<Messages>${message('x').repeat(17)}</Messages>`, 'InvalidArgument'],
    ['no messages', '<Messages></Messages>', 'InvalidArgument'],
    [
      'a batch above 64 KiB',
      `<Messages>${message('x'.repeat(40_000)).repeat(2)}</Messages>`,
      'InvalidArgument',
    ],
    ['priority 17', message('x', '<Priority>17</Priority>'), 'InvalidArgument'],
    ['a priority that is no number', message('x', '<Priority>high</Priority>'), 'InvalidArgument'],
    ['a delay that is too long', message('x', '<DelaySeconds>604801</DelaySeconds>'), 'InvalidArgument'],
    [
      'a property of an unknown type',
      message(
        'x',
        '<UserProperties><PropertyValue><Name>a</Name><Value>b</Value><Type>DATE</Type></PropertyValue></UserProperties>',
      ),
      'InvalidArgument',
    ],
  ];
  for (const [name, body, code] of cases) {
    it(`is refused and changes nothing: ${name}`, async () => {
      assertError(await send(body), 400, String(code));
      assertError(await call('/queues/orders/messages'), 404, 'MessageNotExist');
    });
  }

  it('is read all the same where clients differ: byte order mark, prefix, comment, any namespace', async () => {
    const body =
      '\ufeff<?xml version="1.0"?><!-- a --><m:Message xmlns:m="http://mns.aliyuncs.com/doc/v1/"><m:MessageBody>ok</m:MessageBody></m:Message>';
    assert.equal((await send(body)).status, 201);
  });

  it('is refused when it is larger than any request may be', async () => {
    assertError(await send(message('x'.repeat(1_100_000))), 413, 'RequestTooLarge');
  });

  const requests: readonly [string, string, Omit<SmqCall, 'now'>, number, string][] = [
    ['a queue that is not there', '/queues/none/messages', {}, 404, 'QueueNotExist'],
    ['numOfMessages 0', '/queues/orders/messages?numOfMessages=0', {}, 400, 'InvalidArgument'],
    ['numOfMessages 17', '/queues/orders/messages?numOfMessages=17', {}, 400, 'InvalidArgument'],
    ['waitseconds 31', '/queues/orders/messages?waitseconds=31', {}, 400, 'InvalidArgument'],
    [
      'a delete without a handle',
      '/queues/orders/messages',
      { method: 'DELETE' },
      400,
      'MissingReceiptHandle',
    ],
    [
      'a handle that is none',
      '/queues/orders/messages?ReceiptHandle=1-ODU4OTkzLTItNg',
      { method: 'DELETE' },
      400,
      'ReceiptHandleError',
    ],
    [
      'no visibility',
      '/queues/orders/messages?ReceiptHandle=x',
      { method: 'PUT' },
      400,
      'MissingVisibilityTimeout',
    ],
    [
      'a visibility without a handle',
      '/queues/orders/messages?VisibilityTimeout=1',
      { method: 'PUT' },
      400,
      'MissingReceiptHandle',
    ],
    [
      'visibility 0',
      '/queues/orders/messages?ReceiptHandle=x&VisibilityTimeout=0',
      { method: 'PUT' },
      400,
      'InvalidArgument',
    ],
    [
      'visibility 43,201',
      '/queues/orders/messages?ReceiptHandle=x&VisibilityTimeout=43201',
      { method: 'PUT' },
      400,
      'InvalidArgument',
    ],
    ['topics', '/topics', {}, 501, 'UnsupportedOperation'],
    ['a topic', '/topics/news/messages', { method: 'POST', body: message('x') }, 501, 'UnsupportedOperation'],
    [
      'a bucket for logs',
      '/?accountmeta=true',
      { method: 'PUT', body: '<Account><LoggingBucket>logs</LoggingBucket></Account>' },
      501,
      'UnsupportedOperation',
    ],
    [
      'account attributes that are none',
      '/?accountmeta=true',
      { method: 'PUT', body: '<Queue/>' },
      400,
      'InvalidArgument',
    ],
    ['an address that is none', '/queues/orders/other', {}, 400, 'InvalidRequestURL'],
    [
      'a wrong Content-MD5',
      '/queues/orders/messages',
      { method: 'POST', body: message('x'), headers: { 'content-md5': 'AAAA' } },
      400,
      'InvalidDegist',
    ],
    [
      'no Authorization',
      '/queues/orders',
      { headers: { authorization: '' } },
      400,
      'MissingAuthorizationHeader',
    ],
    [
      'an Authorization that is none',
      '/queues/orders',
      { headers: { authorization: 'Basic abc' } },
      400,
      'InvalidAuthorizationHeader',
    ],
    ['no date', '/queues/orders', { headers: { date: '' } }, 400, 'MissingDateHeader'],
    ['a date that is none', '/queues/orders', { headers: { date: 'now' } }, 400, 'InvalidDateHeader'],
    [
      'an old date',
      '/queues/orders',
      { headers: { date: 'Mon, 02 Mar 2026 08:00:00 GMT' } },
      408,
      'TimeExpired',
    ],
    ['an unknown key', '/queues/orders', { key: { id: 'nobody', secret: 'x' } }, 403, 'InvalidAccessKeyId'],
    [
      'a wrong secret',
      '/queues/orders',
      { key: { id: 'testkey', secret: 'x' } },
      403,
      'SignatureDoesNotMatch',
    ],
  ];
  for (const [name, target, options, status, code] of requests) {
    it(`is refused: ${name}`, async () => assertError(await call(target, options), status, code));
  }

  it('is refused: a handle of another queue, and of another account', async () => {
    await call('/queues/other', { method: 'PUT' });
    await send(message('x'), 'other');
    const handle = (await call('/queues/other/messages')).element('ReceiptHandle') ?? '';
    assertError(
      await call(`/queues/orders/messages?ReceiptHandle=${handle}`, { method: 'DELETE' }),
      400,
      'ReceiptHandleError',
    );
    const forged = formatHandle(2, {
      priority: 8,
      queueId: 1,
      messageId: 1,
      visibleAt: smq.clock.now() + 1000,
      dequeueCount: 1,
    });
    assertError(
      await call(`/queues/orders/messages?ReceiptHandle=${forged}`, { method: 'DELETE' }),
      400,
      'ReceiptHandleError',
    );
  });
});

describe('keys', () => {
  it('of another account see none of this one', async () => {
    const other = { id: 'otherkey', secret: 'othersecret' };
    await smq.store.createAccount({ id: 2, name: 'Other' }, system);
    await smq.store.createKey({ ...other, accountId: 2 }, system);
    await send(message('mine'));
    assertError(await call('/queues/orders', { key: other }), 404, 'QueueNotExist');
    assertError(await call('/queues/orders/messages', { key: other }), 404, 'QueueNotExist');
    assert.doesNotMatch((await call('/queues', { key: other })).text, /orders/);
    assert.equal((await call('/queues/orders', { method: 'DELETE', key: other })).status, 204);
    assert.equal((await call('/queues/orders')).element('ActiveMessages'), '1');
  });

  it('that are disabled do not exist', async () => {
    await smq.store.setKeyState(smq.accountId, 'testkey', 'disabled', system);
    assertError(await call('/queues/orders'), 403, 'InvalidAccessKeyId');
  });

  it('that are temporary may consume their one queue and do nothing else, until their time is over', async () => {
    const key = { id: 'STS.1', secret: 'temporary' };
    await smq.store.createTemporaryKey({
      ...key,
      accountId: smq.accountId,
      securityToken: 'token',
      queueName: 'orders',
      createdAt: smq.clock.now(),
      expiresAt: smq.clock.now() + 3_600_000,
    });
    await call('/queues/other', { method: 'PUT' });
    await send(message('x'));
    const as = (target: string, options: Omit<SmqCall, 'now'> = {}, token = 'token') =>
      call(target, { ...options, key, headers: { 'security-token': token, ...options.headers } });
    const received = await as('/queues/orders/messages?numOfMessages=16');
    assert.equal(received.status, 200);
    const handle = received.element('ReceiptHandle') ?? '';
    assert.equal(
      (await as(`/queues/orders/messages?ReceiptHandle=${handle}&VisibilityTimeout=60`, { method: 'PUT' }))
        .status,
      200,
    );
    assert.equal(
      (await as(`/queues/orders/messages?ReceiptHandle=${handle}`, { method: 'DELETE' })).status,
      204,
    );
    assertError(
      await as('/queues/orders/messages', { method: 'POST', body: message('x') }),
      403,
      'AccessDenied',
    );
    assertError(await as('/queues/orders'), 403, 'AccessDenied');
    assertError(await as('/queues'), 403, 'AccessDenied');
    assertError(await as('/queues/other/messages'), 403, 'AccessDenied');
    assertError(await as('/queues/orders/messages', {}, 'wrong'), 403, 'InvalidAccessKeyId');
    assertError(await call('/queues/orders/messages', { key }), 403, 'InvalidAccessKeyId');
    smq.clock.advance(3_600_000);
    assertError(await as('/queues/orders/messages'), 403, 'InvalidAccessKeyId');
  });
});

describe('a store that is away', () => {
  it('is told in the form of the protocol, with 503', async () => {
    await smq.store.close();
    assertError(await send(message('x')), 503, 'ServiceUnavailable');
  });
});

describe('long polls that are too many', () => {
  it('are refused with 503 and in words', async () => {
    await smq.close();
    smq = await openSmqApp({
      settings: {
        batchSendFaultStatus: 500,
        batchDeleteFaultStatus: 404,
        missingAuthorizationStatus: 400,
        maxWaiting: 4,
        maxWaitingPerAccount: 0,
      },
    });
    await call('/queues/orders', { method: 'PUT' });
    const refused = await call('/queues/orders/messages?waitseconds=30');
    assertError(refused, 503, 'ServiceUnavailable', /^0 long polls of this account wait already\./);
  });
});
