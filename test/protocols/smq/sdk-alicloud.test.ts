// The full round with the unmodified official SDK for Node, over a real connection.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import Client from '@alicloud/mns';
import { openSmqApp } from '../../support/smq-app.ts';
import type { SmqApp } from '../../support/smq-app.ts';
import { monotonicNow } from '../../../src/runtime/clock.ts';

interface Answer<T = Record<string, unknown>> {
  readonly code: number;
  readonly body: T;
}

interface Received {
  readonly MessageId: string;
  readonly MessageBody: string;
  readonly MessageBodyMD5: string;
  readonly ReceiptHandle: string;
  readonly DequeueCount: string;
}

describe('@alicloud/mns 1.2.0', () => {
  let smq: SmqApp;
  let url: string;
  let client: Client;
  const open = (id: string, secret: string) =>
    new Client('1001', { accessKeyId: id, accessKeySecret: secret, endpoint: url });

  before(async () => {
    smq = await openSmqApp({ clock: { now: Date.now, monotonic: monotonicNow, advance: () => undefined } });
    url = await smq.listen();
    client = open(smq.key.id, smq.key.secret);
  });
  after(() => smq.close());

  it('creates, describes, lists and deletes a queue', async () => {
    assert.equal(((await client.createQueue('first', { VisibilityTimeout: 5 })) as Answer).code, 201);
    assert.equal(((await client.createQueue('first', { VisibilityTimeout: 5 })) as Answer).code, 204);
    await assert.rejects(client.createQueue('first', { VisibilityTimeout: 6 }), {
      name: 'MNSQueueAlreadyExistError',
    });
    const { body } = (await client.getQueueAttributes('first')) as Answer;
    assert.equal(body['VisibilityTimeout'], '5');
    assert.equal(body['LoggingEnabled'], 'False');
    assert.equal(((await client.setQueueAttributes('first', { VisibilityTimeout: 7 })) as Answer).code, 204);
    const listed = (await client.listQueue('', 10, 'fir')) as Answer<{ QueueName: string }[]>;
    assert.match(JSON.stringify(listed.body), /first/);
    assert.equal(((await client.deleteQueue('first')) as Answer).code, 204);
    await assert.rejects(client.getQueueAttributes('first'), { name: 'MNSQueueNotExistError' });
  });

  it('sends, peeks, receives, changes visibility and deletes', async () => {
    await client.createQueue('second', {});
    const sent = (await client.sendMessage('second', {
      MessageBody: 'hello',
      Priority: 3,
    })) as Answer<Received>;
    assert.equal(sent.code, 201);
    assert.equal(sent.body.MessageBodyMD5, '5D41402ABC4B2A76B9719D911017C592');
    const peeked = (await client.peekMessage('second')) as Answer<Received>;
    assert.equal(peeked.body.MessageId, sent.body.MessageId);
    const received = (await client.receiveMessage('second', 1)) as Answer<Received>;
    assert.equal(received.body.MessageBody, 'hello');
    assert.equal(received.body.DequeueCount, '1');
    const changed = (await client.changeMessageVisibility(
      'second',
      received.body.ReceiptHandle,
      60,
    )) as Answer<Received>;
    assert.notEqual(changed.body.ReceiptHandle, received.body.ReceiptHandle);
    assert.equal(((await client.deleteMessage('second', changed.body.ReceiptHandle)) as Answer).code, 204);
    await assert.rejects(client.deleteMessage('second', received.body.ReceiptHandle), {
      name: 'MNSMessageNotExistError',
    });
    await assert.rejects(client.deleteMessage('second', '1-ODU4OTkzLTItNg=='), {
      name: 'MNSReceiptHandleErrorError',
    });
  });

  it('works in batches', async () => {
    await client.createQueue('third', {});
    const bodies = Array.from({ length: 16 }, (_, index) => ({ MessageBody: `message ${index}` }));
    const sent = (await client.batchSendMessage('third', bodies)) as Answer<Received[]>;
    assert.equal(sent.body.length, 16);
    const peeked = (await client.batchPeekMessage('third', 16)) as Answer<Received[]>;
    assert.equal(peeked.body.length, 16);
    const received = (await client.batchReceiveMessage('third', 16)) as Answer<Received[]>;
    assert.deepEqual(
      received.body.map((message) => message.MessageBody),
      bodies.map((message) => message.MessageBody),
    );
    const handles = received.body.map((message) => message.ReceiptHandle);
    assert.equal(((await client.batchDeleteMessage('third', handles)) as Answer).code, 204);
    await assert.rejects(client.batchReceiveMessage('third', 16), { name: 'MNSMessageNotExistError' });
  });

  it('is woken from a long poll by a send', async () => {
    await client.createQueue('fourth', {});
    const waiting = client.receiveMessage('fourth', 30) as Promise<Answer<Received>>;
    await open(smq.key.id, smq.key.secret).sendMessage('fourth', { MessageBody: 'at last' });
    assert.equal((await waiting).body.MessageBody, 'at last');
  });

  it('is told what is wrong with its key', async () => {
    await assert.rejects(open('nobody', 'x').receiveMessage('fourth', 0), {
      name: 'MNSInvalidAccessKeyIdError',
      message: /The access Id you provided does not exist\./,
    });
    await assert.rejects(open(smq.key.id, 'wrong').receiveMessage('fourth', 0), {
      name: 'MNSSignatureDoesNotMatchError',
      message:
        /The request signature we calculated does not match the signature you provided\. Check your key and signing method\./,
    });
  });
});
