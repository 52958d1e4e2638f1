// Runs in a process of its own: ali-mns has its host built in and reaches ours only through HTTP_PROXY.
const { Account, MNS, MQ, MQBatch, Msg } = require('ali-mns');

const [keyId, keySecret] = process.argv.slice(2);
const open = (id, secret) => {
  const account = new Account('1001', id, secret);
  account.setGA(false);
  return account;
};
const steps = [];
const step = async (name, run) => {
  await run();
  steps.push(name);
};
const expect = (condition, what) => {
  if (!condition) throw new Error(what);
};
const fails = async (promise, code) => {
  const error = await promise.then(
    () => undefined,
    (failure) => failure,
  );
  expect(JSON.stringify(error)?.includes(code), `expected ${code}, got ${JSON.stringify(error)}`);
};

const main = async () => {
  const account = open(keyId, keySecret);
  const mns = new MNS(account, 'hangzhou');
  const mq = new MQ('ali', account, 'hangzhou');
  const batch = new MQBatch('ali', account, 'hangzhou');
  await step('create', async () => {
    await mns.createP('ali', { VisibilityTimeout: 20 });
    await fails(mns.createP('ali', { VisibilityTimeout: 21 }), 'QueueAlreadyExist');
  });
  await step('list', async () => {
    const listed = await mns.listP('al', 10);
    expect(JSON.stringify(listed).includes('/queues/ali'), 'the queue is listed');
  });
  await step('send', async () => {
    const sent = await mq.sendP('hello ali-mns', 5, 0);
    expect(sent.Message.MessageId.length === 32, 'a message id');
  });
  await step('peek', async () => {
    const peeked = await mq.peekP();
    expect(peeked.Message.MessageBody === 'hello ali-mns', 'the body is peeked at');
  });
  await step('receive, reserve, delete', async () => {
    const received = await mq.recvP(5);
    expect(received.Message.MessageBody === 'hello ali-mns', 'the body comes back');
    const held = await mq.reserveP(received.Message.ReceiptHandle, 60);
    expect(held.ChangeVisibility.NextVisibleTime > Date.now(), 'it is held');
    await mq.deleteP(held.ChangeVisibility.ReceiptHandle);
    await fails(mq.deleteP(received.Message.ReceiptHandle), 'MessageNotExist');
    await fails(mq.deleteP('1-ODU4OTkzLTItNg'), 'ReceiptHandleError');
  });
  await step('batch', async () => {
    await batch.sendP([new Msg('one'), new Msg('two')], 8, 0);
    const received = await batch.recvP(5, 16);
    expect(received.Messages.Message.length === 2, 'both come back');
    await batch.deleteP(received.Messages.Message.map(({ ReceiptHandle }) => ReceiptHandle));
  });
  await step('long poll', async () => {
    const waiting = mq.recvP(20);
    await new MQ('ali', open(keyId, keySecret), 'hangzhou').sendP('at last');
    const received = await waiting;
    expect(received.Message.MessageBody === 'at last', 'the waiting receive is woken');
    await mq.deleteP(received.Message.ReceiptHandle);
  });
  await step('attributes', async () => {
    await mq.setAttrsP({ VisibilityTimeout: 25 });
    const attributes = await mq.getAttrsP();
    expect(String(attributes.Queue.VisibilityTimeout) === '25', 'the attribute is set');
  });
  await step('wrong key', async () => {
    await fails(new MQ('ali', open(keyId, 'wrong'), 'hangzhou').recvP(0), 'SignatureDoesNotMatch');
    await fails(new MQ('ali', open('nobody', 'x'), 'hangzhou').recvP(0), 'InvalidAccessKeyId');
  });
  await step('delete queue', () => mns.deleteP('ali'));
};

main().then(
  () => {
    console.log(`done: ${steps.join('; ')}`);
    process.exit(0);
  },
  (error) => {
    console.error(`after ${steps.join('; ')}:`, error);
    process.exit(1);
  },
);
