import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { system } from '../../src/domain/account.ts';
import { NoticeBoard } from '../../src/operations/notices.ts';
import type { NoticeDeps } from '../../src/operations/notices.ts';
import { GatewayError } from '../../src/domain/errors.ts';
import { noticed } from '../../src/domain/findings.ts';
import type { NewNotice, NoticeEnd } from '../../src/domain/notice.ts';
import { gatherMs } from '../../src/domain/notice-target.ts';
import type { NoticeTarget } from '../../src/domain/notice-target.ts';
import type { EventName } from '../../src/telemetry/events.ts';
import { openTestStore } from '../support/store.ts';
import type { TestStore } from '../support/store.ts';
import { inWords } from '../../src/domain/delivery.ts';

interface Opened extends TestStore {
  readonly notices: NoticeBoard;
  readonly events: EventName[];
  readonly atOnce: string[];
  readonly listed: () => Promise<readonly string[]>;
  /** Kinds of notices that wait for the operator's target, with how many began and ended. */
  readonly pending: () => Promise<readonly string[]>;
}

const operator: NoticeTarget = {
  accountId: null,
  id: 'webhook',
  name: '',
  kind: 'webhook',
  language: 'en',
  severity: 'warning',
  codes: [],
  state: 'active',
  url: 'https://operator.example/notices',
  mail: [],
  secret: null,
  createdAt: 0,
  updatedAt: 0,
};

async function open(t: TestContext, deps: Partial<NoticeDeps> = {}): Promise<Opened> {
  const test = await openTestStore();
  const events: EventName[] = [];
  const atOnce: string[] = [];
  const notices = new NoticeBoard({
    store: test.store,
    emit: (name) => void events.push(name),
    now: test.clock.now,
    monotonic: test.clock.monotonic,
    operatorTargets: [operator],
    tellAtOnce: async (targetIds, { code }) => void atOnce.push(`${targetIds.join()} ${code}`),
    undeliveredAlarmMs: 60_000,
    findHostWithoutAddress: async () => null,
    ...deps,
  });
  t.after(async () => {
    await notices.close();
    await test.close();
  });
  const listed = async () =>
    (await test.store.listNotices(test.accountId, { limit: 50 })).items.map(
      ({ subject, isOver }) => `${isOver ? 'over ' : ''}${subject}`,
    );
  const pending = async () => {
    test.clock.advance(gatherMs);
    const tellings = await test.store.claimTellings(10, 1);
    return tellings.flatMap(({ groups }) =>
      groups.map(({ code, raised, ended }) => `${code} ${raised} ${ended}`),
    );
  };
  return { ...test, notices, events, atOnce, listed, pending };
}

function toNotice(accountId: number, subject = 'destination/1'): NewNotice {
  return { accountId, subject, ...noticed('destination_off', { host: 'shop.example' }) };
}

test('a notice is emitted, recorded, and waits for the operator', async (t) => {
  const { notices, events, listed, pending, accountId } = await open(t);
  notices.raise(toNotice(accountId));
  notices.raise({
    accountId,
    subject: 'destination/9',
    ...noticed('destination_closed', { host: 'a.example' }),
  });
  await notices.close();
  assert.deepEqual(events, ['notice.raised', 'notice.raised']);
  assert.deepEqual((await listed()).toSorted(), ['destination/1', 'destination/9']);
  assert.deepEqual(await pending(), ['destination_off 1 0', 'destination_opened 0 1']);
});

test('what is less than the operator wants is kept and told to nobody', async (t) => {
  const { notices, listed, pending, accountId } = await open(t, {
    operatorTargets: [{ ...operator, severity: 'critical' }],
  });
  notices.raise(toNotice(accountId));
  await notices.close();
  assert.deepEqual(await listed(), ['destination/1']);
  assert.deepEqual(await pending(), []);
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

test('the end of what lasts is told once, and what begins again is told at once', async (t) => {
  const { notices, listed, accountId } = await open(t);
  const subject = 'channel/shop';
  const raise = () =>
    notices.raise({
      accountId,
      subject,
      ...noticed('channel_unwell', { channelId: 'shop', findings: 'It is.' }),
    });
  notices.end(accountId, 'channel_unwell', subject);
  raise();
  notices.end(accountId, 'channel_unwell', subject);
  notices.end(accountId, 'channel_unwell', subject);
  raise();
  await notices.close();
  assert.deepEqual((await listed()).toReversed(), [subject, `over ${subject}`, subject]);
});

test('what began and what ended is written in that order, however long each takes', async (t) => {
  const begun: string[] = [];
  const finish: (() => void)[] = [];
  let isHeld = true;
  const { notices, accountId } = await open(t, {
    store: {
      recordNotice: (told: NewNotice | NoticeEnd) => {
        begun.push(`${'isOver' in told ? 'over ' : ''}${told.subject}`);
        return new Promise((resolve) =>
          isHeld ? finish.push(() => resolve(undefined)) : resolve(undefined),
        );
      },
    } as unknown as NoticeDeps['store'],
  });
  notices.raise(toNotice(accountId));
  notices.end(accountId, 'destination_off', 'destination/1');
  notices.raise(toNotice(accountId));
  notices.raise(toNotice(accountId, 'destination/2'));
  const wanted = ['destination/1', 'destination/2', 'over destination/1', 'destination/1'];
  const first = [...begun];
  isHeld = false;
  for (const done of finish) done();
  await notices.close();
  assert.deepEqual(first, wanted.slice(0, 2), 'another subject waits for nobody');
  assert.deepEqual(begun, wanted);
});

test('what another process told of is ended too, once it is known to stand', async (t) => {
  const { notices, listed, store } = await open(t);
  await store.recordNotice({
    accountId: null,
    subject: 'worker/a',
    ...noticed('worker_late', { name: 'a', node: 'n', minutes: 9 }),
  });
  notices.end(null, 'worker_late', 'worker/a');
  await notices.watch.look();
  notices.end(null, 'worker_late', 'worker/a');
  await notices.close();
  assert.deepEqual(await listed(), ['over worker/a', 'worker/a']);
});

test('what is told of a channel or a sender is over once that is removed', async (t) => {
  const { notices, store, accountId, listed } = await open(t);
  const subjects = ['channel/wa', 'sender/wa/15550001111'];
  await store.putChannel(accountId, { id: 'wa', type: 'whatsapp', name: '', wabaId: '501' }, system);
  const sender = { id: '15550001111', type: 'whatsapp', name: '', routeId: '7001' } as const;
  await store.putSender(accountId, 'wa', sender, system);
  const raise = (): void => {
    notices.raise({
      ...{ accountId, subject: subjects[0] ?? '' },
      ...noticed('channel_unwell', { channelId: 'wa', findings: 'token' }),
    });
    notices.raise({
      ...{ accountId, subject: subjects[1] ?? '' },
      ...noticed('sender_stopped', { channelId: 'wa', said: '190' }),
    });
  };
  raise();
  await notices.watch.look();
  assert.deepEqual(await listed(), subjects.toReversed());
  await store.deleteSender(accountId, 'wa', '15550001111', system);
  await notices.watch.look();
  await notices.idle();
  assert.equal((await listed())[0], `over ${subjects[1] ?? ''}`);
  await store.deleteChannel(accountId, 'wa', system);
  await notices.watch.look();
  await notices.idle();
  assert.equal((await listed())[0], `over ${subjects[0] ?? ''}`);
});

test('what is told of a key is over once it has no such limit any more, or is disabled', async (t) => {
  const { notices, store, accountId, listed } = await open(t);
  const raise = async (id: string): Promise<string | undefined> => {
    const full = noticed('queue_limit_reached', { held: 5, limit: 5 });
    notices.raise({ accountId, subject: `key/${id}`, ...full });
    await notices.watch.look();
    await notices.idle();
    return (await listed())[0];
  };
  const key = { accountId, secret: 's' };
  for (const id of ['one', 'two']) await store.createKey({ ...key, id }, system);
  const limits = { queuedMessages: 5 };
  for (const id of ['one', 'two']) await store.setKeySettings(accountId, id, { limits }, system);
  assert.equal(await raise('one'), 'key/one');
  await store.setKeySettings(accountId, 'one', { limits: { queuedMessages: null } }, system);
  assert.equal(await raise('two'), 'over key/one');
  await store.setKeyState(accountId, 'two', 'disabled', system);
  assert.equal(await raise('two'), 'over key/two');
});

test('a destination that was switched on, or is gone, is told to be over', async (t) => {
  const { notices, listed, store, accountId } = await open(t);
  const actor = { kind: 'system', id: 'test' } as const;
  const url = 'https://callback.example/';
  const webhook = { http: true, queue: false, auditUrl: url, auditVersion: 'V1' } as const;
  await store.setChannelWebhook(accountId, 'sandbox', webhook, 'standard', actor);
  const id = (await store.findDestinationByUrl(accountId, url))?.id ?? 0;
  await store.setDestinationState(accountId, id, 'off', inWords('It answered 410.'), actor);
  notices.raise(toNotice(accountId, `destination/${id}`));
  notices.raise(toNotice(accountId, 'destination/999'));
  await notices.watch.look();
  await notices.idle();
  assert.equal((await listed()).filter((subject) => subject === 'over destination/999').length, 1);
  assert.ok(!(await listed()).includes(`over destination/${id}`));
  await store.setDestinationState(accountId, id, 'active', inWords('Mended.'), actor);
  await notices.watch.look();
  await notices.idle();
  assert.ok((await listed()).includes(`over destination/${id}`));
});

test('what a store did not take is told at once to the operator, and recorded when it does', async (t) => {
  const { store, ...test } = await open(t);
  let isAway = true;
  const flaky = new NoticeBoard({
    ...test.clock,
    emit: (name) => void test.events.push(name),
    operatorTargets: [operator],
    tellAtOnce: async (targetIds, { code }) => void test.atOnce.push(`${targetIds.join()} ${code}`),
    undeliveredAlarmMs: 60_000,
    findHostWithoutAddress: async () => null,
    store: {
      ...store,
      recordNotice: (...call) =>
        isAway ? Promise.reject(new GatewayError('store_unavailable')) : store.recordNotice(...call),
    },
  });
  flaky.raise(toNotice(test.accountId));
  await flaky.idle();
  assert.deepEqual(test.events, ['notice.raised', 'unit.crashed']);
  assert.deepEqual(test.atOnce, ['webhook destination_off']);
  assert.deepEqual(await test.listed(), []);
  isAway = false;
  await flaky.watch.look();
  await flaky.close();
  assert.deepEqual((await test.listed()).at(-1), 'destination/1');
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
  const { notices, store, atOnce } = await open(t);
  await store.close();
  await notices.watch.look();
  await notices.close();
  assert.deepEqual(atOnce, ['webhook store_unavailable']);
});
