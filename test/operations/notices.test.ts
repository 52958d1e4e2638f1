import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { openNotices } from '../../src/operations/notices.ts';
import type { NoticeDeps, Notices } from '../../src/operations/notices.ts';
import { noticed } from '../../src/domain/findings.ts';
import type { NewNotice } from '../../src/domain/notice.ts';
import type { EventName } from '../../src/telemetry/events.ts';
import { openTestStore } from '../support/store.ts';
import type { TestStore } from '../support/store.ts';

interface Opened extends TestStore {
  readonly notices: Notices;
  readonly events: EventName[];
  readonly posts: { url: string; body: unknown }[];
  readonly listed: () => Promise<readonly string[]>;
}

async function open(t: TestContext, deps: Partial<NoticeDeps> = {}): Promise<Opened> {
  const test = await openTestStore();
  const events: EventName[] = [];
  const posts: Opened['posts'] = [];
  const notices = openNotices({
    store: test.store,
    emit: (name) => void events.push(name),
    now: test.clock.now,
    monotonic: test.clock.monotonic,
    client: {
      post: async (url, { body }) => {
        posts.push({ url, body: JSON.parse(typeof body === 'string' ? body : '') });
        return { status: 200, headers: {}, body: Buffer.alloc(0) };
      },
    },
    operatorUrl: 'https://operator.example/notices',
    undeliveredAlarmMs: 60_000,
    ...deps,
  });
  t.after(async () => {
    await notices.close();
    await test.close();
  });
  const listed = async () =>
    (await test.store.listNotices(test.accountId, { limit: 50 })).items.map(({ subject }) => subject);
  return { ...test, notices, events, posts, listed };
}

function toNotice(accountId: number, subject = 'destination/1'): NewNotice {
  return { accountId, subject, ...noticed('destination_off', { host: 'shop.example' }) };
}

test('a notice is emitted, recorded and posted to the operator', async (t) => {
  const { notices, events, posts, listed, accountId, clock } = await open(t);
  notices.raise(toNotice(accountId));
  await notices.close();
  assert.deepEqual(events, ['notice.raised']);
  assert.deepEqual(await listed(), ['destination/1']);
  assert.deepEqual(posts, [
    {
      url: 'https://operator.example/notices',
      body: { at: new Date(clock.now()).toISOString(), ...toNotice(accountId) },
    },
  ]);
});

test('the same notice is told once in ten minutes, another subject at once', async (t) => {
  const { notices, listed, accountId, clock } = await open(t);
  notices.raise(toNotice(accountId));
  clock.advance(10 * 60_000 - 1);
  notices.raise(toNotice(accountId));
  notices.raise(toNotice(accountId, 'destination/2'));
  clock.advance(1);
  notices.raise(toNotice(accountId));
  await notices.close();
  assert.equal((await listed()).filter((subject) => subject === 'destination/1').length, 2);
  assert.equal((await listed()).length, 3);
});

test('an operator URL or a store that fails hurts nobody and is counted', async (t) => {
  const { notices, events, accountId, listed } = await open(t, {
    client: { post: async () => ({ outcome: 'refused', reason: 'refused', wasSent: false }) },
  });
  notices.raise(toNotice(accountId));
  await notices.close();
  assert.deepEqual(events, ['notice.raised', 'unit.crashed']);
  assert.equal((await listed()).length, 1);
  const broken = await open(t);
  await broken.store.close();
  broken.notices.raise(toNotice(accountId));
  await broken.notices.close();
  assert.deepEqual(broken.events, ['notice.raised', 'unit.crashed']);
  assert.equal(broken.posts.length, 1);
});

test('a delivery that has waited too long raises a notice', async (t) => {
  const { notices, listed, store, accountId, clock } = await open(t);
  const actor = { kind: 'system', id: 'test' } as const;
  const url = 'https://callback.example/';
  const webhook = { http: true, queue: false, auditUrl: url, auditVersion: 'V1' } as const;
  await store.setChannelWebhook(accountId, 'sandbox', webhook, 'standard', actor);
  const destinationId = (await store.findDestinationByUrl(accountId, url))?.id ?? 0;
  await store.recordIntake([
    {
      accountId,
      channelId: 'sandbox',
      receivedAt: clock.now(),
      body: Buffer.from('{}'),
      receipts: [
        {
          receiptId: 'ab'.repeat(16),
          index: 0,
          channelId: 'sandbox',
          channelType: 'sandbox',
          senderId: null,
          senderType: null,
          occurredAt: clock.now(),
          lane: 1,
          facts: { type: 'ChatAppAudit', event: 'template', wabaId: '1' },
          ownSubject: null,
          content: null,
          media: null,
          progress: null,
          destinationId,
          outboundId: null,
          template: null,
          queue: null,
        },
      ],
      unrouted: [],
      remarks: [],
    },
  ]);
  await notices.watch.look();
  assert.deepEqual(await listed(), []);
  clock.advance(61_000);
  await notices.watch.look();
  await notices.close();
  assert.deepEqual(await listed(), [`destination/${destinationId}`]);
});

test('a store that cannot commit is told to the operator, who may be the only one to hear of it', async (t) => {
  const { notices, store, posts } = await open(t);
  await store.close();
  await notices.watch.look();
  await notices.close();
  assert.equal((posts[0]?.body as { code: string }).code, 'store_unavailable');
});
