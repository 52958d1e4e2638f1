// Reviews of templates that are changed while the channel answers, over a real store, with a channel that is played here.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import type { Connector, ReviewOutcome } from '../../../src/channels/channel.ts';
import { createInstagramConnector } from '../../../src/channels/instagram/connector.ts';
import { createMessengerConnector } from '../../../src/channels/messenger/connector.ts';
import { createSandboxConnector } from '../../../src/channels/sandbox/connector.ts';
import { createViberConnector } from '../../../src/channels/viber/connector.ts';
import { system } from '../../../src/domain/account.ts';
import type { Template } from '../../../src/domain/template.ts';
import { record } from '../../../src/core/receipts/record.ts';
import { createReviews } from '../../../src/core/templates/reviews.ts';
import { openHookApp } from '../../support/hooks.ts';
import { monotonicNow } from '../../../src/runtime/clock.ts';

const minute = 60_000;
const key = { channelId: 'wa', code: 'c1', language: 'en' };
const fresh = {
  ...key,
  name: 'hello',
  type: 'WHATSAPP',
  category: 'UTILITY',
  components: [{ Type: 'BODY', Text: 'one' }],
  example: {},
  status: 'auditing',
  reason: '',
  allowSend: true,
  categoryChangePaused: false,
  ttlSeconds: null,
  quality: 'UNKNOWN',
  vendorId: null,
  parameterFormat: 'POSITIONAL',
  isEdited: false,
  offered: [],
  asked: null,
} as const;
const textOf = (template: Template | undefined) => template?.components[0]?.['Text'];

/** A template that waits to be handed in to a channel that answers by `answer`, and changes `meanwhile`. */
async function open(
  t: TestContext,
  answer: (template: Template, call: 'submit' | 'fetch') => ReviewOutcome | Promise<ReviewOutcome>,
) {
  const hooks = await openHookApp();
  t.after(() => hooks.close());
  const { store, directory, accountId, clock, recording } = hooks;
  const template = { ...fresh, reviewAt: clock.now() };
  await store.createTemplate(accountId, template, system);
  const whatsapp: Connector = {
    verify: () => false,
    parse: () => ({ events: [], remarks: [] }),
    submitTemplate: async (_channel, given) => answer(given, 'submit'),
    fetchTemplate: async (_channel, given) => answer(given, 'fetch'),
  };
  const notices: string[] = [];
  return {
    store,
    notices,
    find: async () => (await store.findTemplates(accountId, {}))[0],
    /** As ModifyChatappTemplate does. */
    modify: (text: string) =>
      store.updateTemplate(
        accountId,
        {
          ...key,
          components: [{ Type: 'BODY', Text: text }],
          status: 'auditing',
          isEdited: true,
          reviewAt: clock.now(),
        },
        system,
      ),
    /** One look at what is due after `afterMs`. */
    look: async (afterMs: number) => {
      clock.advance(afterMs);
      const reviews = createReviews({
        store,
        directory,
        connectors: { whatsapp },
        emit: () => undefined,
        raiseNotice: ({ text }) => void notices.push(text),
        now: clock.now,
        monotonic: clock.monotonic,
        record: (channel, body, parsed) => record(recording, channel, body, parsed),
        signLinks: (_accountId, value) => value,
        localReviewMs: 0,
      });
      await lookOnce(reviews);
    },
  };
}

/** One look, and all that comes of it. */
async function lookOnce(reviews: ReturnType<typeof createReviews>): Promise<void> {
  reviews.start();
  await reviews.idle();
  await reviews.stop();
}

it('hands a template in again that was changed while the channel took it', async (t) => {
  const seen: unknown[] = [];
  const bed = await open(t, async (template) => {
    seen.push([textOf(template), template.vendorId, template.isEdited]);
    if (seen.length === 1) await bed.modify('two');
    return { kind: 'known', vendorId: 'v1', status: 'auditing', reason: '' };
  });
  await bed.look(0);
  await bed.look(1);
  // The channel has it: what it says then is a change of that.
  assert.deepEqual(seen, [
    ['one', null, false],
    ['two', 'v1', true],
  ]);
  assert.deepEqual([(await bed.find())?.vendorId, (await bed.find())?.isEdited], ['v1', false]);
});

for (const verdict of ['pass', 'fail', 'refused'] as const)
  it(`takes a ${verdict} of what a template said before as no word on what it says now`, async (t) => {
    const seen: string[] = [];
    const bed = await open(t, async (template, call) => {
      seen.push(`${call} ${String(textOf(template))}`);
      if (seen.length === 1) {
        await bed.modify('two');
        if (verdict === 'refused') return { kind: 'refused', reason: 'No.' };
        return { kind: 'known', vendorId: 'v1', status: verdict, reason: 'As it was.' };
      }
      return { kind: 'known', vendorId: 'v1', status: call === 'submit' ? 'auditing' : 'pass', reason: '' };
    });
    await bed.look(0);
    assert.equal((await bed.find())?.status, 'auditing');
    await bed.look(1);
    await bed.look(6 * minute);
    assert.equal((await bed.find())?.status, 'pass');
    assert.deepEqual(seen, ['submit one', 'submit two', 'fetch two']);
  });

it('asks no more once a review is over, also where its webhook was faster than the answer', async (t) => {
  let calls = 0;
  const bed = await open(t, async (_template, call) => {
    calls += 1;
    if (call === 'fetch') return { kind: 'known', vendorId: 'v1', status: 'pass', reason: '' };
    await bed.store.updateTemplate((await bed.find())?.accountId ?? 0, { ...key, status: 'pass' }, system);
    return { kind: 'known', vendorId: 'v1', status: 'auditing', reason: '' };
  });
  for (let n = 0; n < 4; n += 1) await bed.look(6 * minute);
  assert.equal(calls, 2);
  const { status, reviewAt, vendorId } = (await bed.find()) ?? {};
  assert.deepEqual([status, reviewAt, vendorId], ['pass', null, 'v1']);
});

it('tells of a template that waits for a person, and of none that only waits', async (t) => {
  const said = ['', 'Requires permission.'];
  const bed = await open(t, () => {
    const reason = said.shift() ?? '';
    return { kind: 'later', ...(reason === '' ? {} : { reason }) };
  });
  await bed.look(0);
  assert.deepEqual(bed.notices, []);
  await bed.look(6 * minute);
  assert.equal(bed.notices.length, 1);
  assert.match(bed.notices[0] ?? '', /template hello .* Requires permission\./);
  assert.equal((await bed.find())?.status, 'auditing');
});

for (const [what, name, judge, expected] of [
  ['no rule of the sandbox', 'reject_none', undefined, ['pass', '']],
  ['the word of the channel that is played', 'hello', ['fail', 'As asked.'], ['fail', 'As asked.']],
] as const)
  it(`a template that no channel reviews passes when its time is over, by ${what}`, async (t) => {
    const hooks = await openHookApp();
    t.after(() => hooks.close());
    const { store, directory, accountId, clock, recording } = hooks;
    await store.createTemplate(accountId, { ...fresh, name, reviewAt: clock.now() }, system);
    const connector: Connector = {
      verify: () => false,
      parse: () => ({ events: [], remarks: [] }),
      ...(judge === undefined ? {} : { judgeTemplate: () => ({ status: judge[0], reason: judge[1] }) }),
    };
    const reviews = createReviews({
      store,
      directory,
      connectors: { whatsapp: connector },
      emit: () => undefined,
      raiseNotice: () => undefined,
      now: clock.now,
      monotonic: clock.monotonic,
      record: (channel, body, parsed) => record(recording, channel, body, parsed),
      signLinks: (_accountId, value) => value,
      localReviewMs: 0,
    });
    await lookOnce(reviews);
    const [found] = await store.findTemplates(accountId, {});
    assert.deepEqual([found?.status, found?.reason], expected);
  });

/** Nodes over one store, each with reviews of its own, whose timers ring by hand; a channel answers once it is told to. */
async function openNodes(t: TestContext, count: number) {
  const hooks = await openHookApp();
  const { store, directory, accountId, clock, recording } = hooks;
  const calls: {
    readonly template: Template;
    readonly answer: (outcome: ReviewOutcome | Error) => void;
  }[] = [];
  let called = Promise.withResolvers<void>();
  let renewed = Promise.withResolvers<boolean>();
  const renewReview: typeof store.renewReview = async (...values) => {
    const isHeld = await store.renewReview(...values);
    renewed.resolve(isHeld);
    return isHeld;
  };
  const whatsapp: Connector = {
    verify: () => false,
    parse: () => ({ events: [], remarks: [] }),
    submitTemplate: (_channel, template) => {
      const { promise, resolve, reject } = Promise.withResolvers<ReviewOutcome>();
      calls.push({
        template,
        answer: (outcome) => (outcome instanceof Error ? reject(outcome) : resolve(outcome)),
      });
      called.resolve();
      return promise;
    },
  };
  const crashes: unknown[] = [];
  const nodes = Array.from({ length: count }, () => {
    const timers = new Map<() => void, number>();
    const reviews = createReviews({
      store: Object.assign(Object.create(store) as typeof store, { renewReview }),
      directory,
      connectors: { whatsapp },
      emit: (name, fields) => {
        if (name === 'unit.crashed') crashes.push(fields);
      },
      raiseNotice: () => undefined,
      now: clock.now,
      monotonic: clock.monotonic,
      record: (channel, body, parsed) => record(recording, channel, body, parsed),
      signLinks: (_accountId, value) => value,
      localReviewMs: 0,
      setTimer: (callback, ms) => {
        timers.set(callback, ms);
        return () => timers.delete(callback);
      },
    });
    /** Lets what is planned in so long happen. */
    const ring = (wantedMs: number) => {
      for (const [callback, ms] of [...timers]) if (ms === wantedMs && timers.delete(callback)) callback();
    };
    return { reviews, ring };
  });
  t.after(async () => {
    for (const { answer } of calls) answer({ kind: 'later' });
    for (const { reviews } of nodes) await reviews.stop();
    await hooks.close();
  });
  return {
    ...hooks,
    calls,
    crashes,
    nodes,
    find: async (name = 'hello') => (await store.findTemplates(accountId, { name }))[0],
    add: (channelId: string, name: string) =>
      store.createTemplate(
        accountId,
        { ...fresh, channelId, code: `${channelId} ${name}`, name, reviewAt: clock.now() },
        system,
      ),
    /** Resolves at the next renewal of a lease, to whether that was held. */
    renewedOnce: () => {
      renewed = Promise.withResolvers<boolean>();
      return renewed.promise;
    },
    /** Resolves once the channel was called so often in all. */
    calledTimes: async (times: number) => {
      while (calls.length < times) {
        called = Promise.withResolvers<void>();
        await called.promise;
      }
    },
  };
}

const known: ReviewOutcome = { kind: 'known', vendorId: 'v1', status: 'auditing', reason: '' };

it('a channel that does not answer holds up no other, and is asked one thing at a time', async (t) => {
  const bed = await openNodes(t, 1);
  const { store, accountId, calls, nodes } = bed;
  const other = { id: 'wa2', type: 'whatsapp', name: 'Other', wabaId: '100000000000002' } as const;
  await store.putChannel(accountId, { ...other, credentials: {} }, system);
  for (let n = 0; n < 30; n += 1) await bed.add('wa', `slow_${n}`);
  for (let n = 0; n < 3; n += 1) await bed.add('wa2', `quick_${n}`);
  nodes[0]?.reviews.start();
  for (let n = 2; n <= 4; n += 1) {
    await bed.calledTimes(n);
    calls.find(({ template }) => template.name === `quick_${n - 2}`)?.answer(known);
  }
  assert.deepEqual(
    calls.map(({ template }) => template.channelId),
    ['wa', 'wa2', 'wa2', 'wa2'],
  );
  calls[0]?.answer(known);
  await bed.calledTimes(5);
  assert.equal(calls[4]?.template.channelId, 'wa');
});

it('a template whose call takes long is handed in by no other node, however long that is', async (t) => {
  const bed = await openNodes(t, 2);
  const { clock, calls } = bed;
  const [slow, other] = bed.nodes;
  assert.ok(slow !== undefined && other !== undefined);
  await bed.add('wa', 'hello');
  slow.reviews.start();
  await bed.calledTimes(1);
  for (let turn = 0; turn < 10; turn += 1) {
    clock.advance(20_000);
    const renewed = bed.renewedOnce();
    slow.ring(20_000);
    assert.ok(await renewed);
    if (turn === 0) other.reviews.start();
    else other.ring(1000);
    await other.reviews.idle();
  }
  assert.equal(calls.length, 1);
  calls[0]?.answer(known);
  await slow.reviews.idle();
  assert.equal((await bed.find())?.vendorId, 'v1');
  assert.deepEqual(bed.crashes, []);
});

it('what is changed while it is handed in waits for the answer, and no second call of it is made meanwhile', async (t) => {
  const bed = await openNodes(t, 2);
  const { store, accountId, clock, calls, nodes } = bed;
  await bed.add('wa', 'hello');
  nodes[0]?.reviews.start();
  await bed.calledTimes(1);
  clock.advance(1000);
  await store.updateTemplate(
    accountId,
    {
      ...key,
      code: 'wa hello',
      components: [{ Type: 'BODY', Text: 'two' }],
      isEdited: true,
      reviewAt: clock.now(),
    },
    system,
  );
  nodes[1]?.reviews.start();
  await nodes[1]?.reviews.idle();
  assert.equal(calls.length, 1);
  calls[0]?.answer(known);
  await bed.calledTimes(2);
  assert.deepEqual([textOf(calls[1]?.template), calls[1]?.template.vendorId], ['two', 'v1']);
});

it('a node that was cut off says nothing of a review that another has taken up, which is told what was offered', async (t) => {
  const bed = await openNodes(t, 2);
  const { clock, calls, nodes } = bed;
  await bed.add('wa', 'hello');
  nodes[0]?.reviews.start();
  await bed.calledTimes(1);
  clock.advance(minute);
  nodes[1]?.reviews.start();
  await bed.calledTimes(2);
  assert.deepEqual(calls[0]?.template.offered, []);
  assert.equal(calls[1]?.template.offered.length, 1);
  calls[1]?.answer(known);
  await nodes[1]?.reviews.idle();
  calls[0]?.answer({ kind: 'refused', reason: 'There is one of that name.' });
  await nodes[0]?.reviews.idle();
  assert.partialDeepStrictEqual(await bed.find(), { status: 'auditing', vendorId: 'v1' });
  assert.deepEqual(await bed.drain('ChatAppAudit'), []);
});

it('each channel but the sandbox lets every name pass', () => {
  const deps = {
    client: { get: never, post: never, request: never },
    now: Date.now,
    monotonic: monotonicNow,
    random: Math.random,
    graphUrl: '',
    graphVersion: '',
    instagramUrl: '',
    botUrl: '',
    businessUrl: '',
  };
  for (const make of [createViberConnector, createMessengerConnector, createInstagramConnector])
    assert.ok(!('judgeTemplate' in make(deps)));
  const sandbox = createSandboxConnector(deps);
  const judge = (name: string) =>
    sandbox.judgeTemplate?.({ ...fresh, accountId: 1, reviewAt: 0, createdAt: 0, updatedAt: 0, name });
  assert.deepEqual(
    ['reject_me', 'hello'].map((name) => judge(name)?.status),
    ['fail', 'pass'],
  );
});

function never(): never {
  throw new Error('Nothing is asked.');
}
