import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import Client from '@alicloud/mns';
import { runPuller } from '../support/puller.ts';
import type { PulledReceipt, See } from '../support/puller.ts';
import { rootAccount } from '../support/service.ts';

interface Received {
  readonly body: readonly {
    readonly MessageBody: string;
    readonly ReceiptHandle: string;
    readonly DequeueCount: string;
  }[];
}

/** The loop as Alibaba's samples shape it: batches of 16 without a wait of its own, delete one by one, sleep after an error. */
async function pull(client: Client, queue: string, see: See, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    try {
      const { body } = (await client.batchReceiveMessage(queue, 16)) as Received;
      for (const message of body) {
        see(
          JSON.parse(Buffer.from(message.MessageBody, 'base64').toString('utf8')) as PulledReceipt,
          Number(message.DequeueCount),
        );
        await client.deleteMessage(queue, message.ReceiptHandle);
      }
    } catch (error) {
      if (error instanceof Error && error.name === 'MNSMessageNotExistError') continue;
      await sleep(200);
    }
  }
}

test('a puller over two restarts loses no receipt of the three types', { timeout: 180_000 }, async () => {
  const { isGood, text } = await runPuller(12_000, async (endpoint, see) => {
    let isOver = false;
    const config = { accessKeyId: rootAccount.keyId, accessKeySecret: rootAccount.keySecret, endpoint };
    const loops = ['ChatAppInbound', 'ChatAppStatus', 'ChatAppAudit'].map((type) =>
      pull(
        new Client(rootAccount.accountId, config),
        `Alicom-Queue-${rootAccount.accountId}-${type}`,
        see,
        () => isOver,
      ),
    );
    return {
      stop: async () => {
        isOver = true;
        // A long poll that is under way ends with the service.
        await Promise.race([Promise.all(loops), sleep(100)]);
      },
    };
  });
  assert.ok(isGood, text);
});
