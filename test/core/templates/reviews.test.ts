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
        record: (channel, body, parsed) => record(recording, channel, body, parsed),
        signLinks: (_accountId, value) => value,
        localReviewMs: 0,
      });
      await reviews.look();
    },
  };
}

it('hands a template in again that was changed while the channel took it', async (t) => {
  const seen: unknown[] = [];
  const bed = await open(t, async (template) => {
    seen.push(textOf(template));
    if (seen.length === 1) await bed.modify('two');
    return { kind: 'known', vendorId: 'v1', status: 'auditing', reason: '' };
  });
  await bed.look(0);
  const meanwhile = await bed.find();
  // The channel has it: what it says now is a change of that.
  assert.deepEqual([meanwhile?.vendorId, meanwhile?.isEdited, textOf(meanwhile)], ['v1', true, 'two']);
  await bed.look(1);
  assert.deepEqual(seen, ['one', 'two']);
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
      record: (channel, body, parsed) => record(recording, channel, body, parsed),
      signLinks: (_accountId, value) => value,
      localReviewMs: 0,
    });
    await reviews.look();
    const [found] = await store.findTemplates(accountId, {});
    assert.deepEqual([found?.status, found?.reason], expected);
  });

it('each channel but the sandbox lets every name pass', () => {
  const deps = {
    client: { get: never, post: never, request: never },
    now: Date.now,
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
