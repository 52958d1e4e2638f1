// A program that pulls the three receipt types as the vendor's own samples do, with the official SDKs for Node: a token for each
// queue, asked for again when it ends within two minutes, batches of 16, each message handled and then deleted, a pause after an
// error. Prints `renewed TYPE` for each token, `seen MESSAGEID DEQUEUECOUNT JSON` for every message that comes, and
// `taken MESSAGEID` once its deletion is acknowledged. Runs until it is killed.
import Dybase from '@alicloud/dybaseapi';
import Client from '@alicloud/mns';
import { pause } from './pace.ts';

const endpoint = process.env['CHASQUI'] ?? '';
const accountId = process.env['ACCOUNT'] ?? '';
const accessKeyId = process.env['KEY_ID'] ?? '';
const secretAccessKey = process.env['KEY_SECRET'] ?? '';
const pauseMs = 200;
const earlyMs = 120_000;
/** The SDKs look at the clock to see how long an answer takes, and it may go fast. */
const timeoutMs = 3_600_000;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

interface Batch {
  readonly body: readonly {
    readonly MessageId: string;
    readonly MessageBody: string;
    readonly ReceiptHandle: string;
    readonly DequeueCount: string;
  }[];
}

interface Lease {
  readonly client: Client;
  readonly endsAt: number;
}

async function renew(type: string, queueName: string): Promise<Lease> {
  const dybase = new Dybase({ accessKeyId, secretAccessKey, endpoint });
  const { MessageTokenDTO: token } = await dybase.queryTokenForMnsQueue(
    { MessageType: type, QueueName: queueName },
    { timeout: timeoutMs },
  );
  say(`renewed ${type}`);
  return {
    client: new Client(accountId, {
      accessKeyId: token['AccessKeyId'] ?? '',
      accessKeySecret: token['AccessKeySecret'] ?? '',
      securityToken: token['SecurityToken'] ?? '',
      endpoint,
      readTimeout: timeoutMs,
    }),
    // The times of tokens are of GMT+8.
    endsAt: Date.parse(`${(token['ExpireTime'] ?? '').replace(' ', 'T')}+08:00`),
  };
}

async function pull(type: string): Promise<never> {
  const queueName = `Alicom-Queue-${accountId}-${type}`;
  let lease: Lease | undefined;
  for (;;)
    try {
      if (lease === undefined || Date.now() >= lease.endsAt - earlyMs) lease = await renew(type, queueName);
      const { client } = lease;
      const { body } = (await client.batchReceiveMessage(queueName, 16)) as Batch;
      for (const { MessageId, MessageBody, ReceiptHandle, DequeueCount } of body) {
        say(`seen ${MessageId} ${DequeueCount} ${Buffer.from(MessageBody, 'base64').toString('utf8')}`);
        await client.deleteMessage(queueName, ReceiptHandle);
        say(`taken ${MessageId}`);
      }
    } catch {
      // An empty queue, a service that is away, a visibility that ended: all the same to the sample, which goes on.
      await pause(pauseMs, 'the sample sleeps after an error');
    }
}

for (const type of ['ChatAppInbound', 'ChatAppStatus', 'ChatAppAudit']) void pull(type);
