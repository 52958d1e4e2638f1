// What becomes of messages on their way to a channel whose answers the test gives, over a real store and a clock that it moves.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import { createReceiptRenderer } from '../../../src/core/receipts/rendering.ts';
import type { Connector, SendOutcome } from '../../../src/channels/channel.ts';
import { system } from '../../../src/domain/account.ts';
import type { OutboundMessage } from '../../../src/domain/message.ts';
import { toStatusIdentity } from '../../../src/domain/identity.ts';
import type { MessageStatus } from '../../../src/domain/receipt.ts';
import { recordSent } from '../../../src/core/receipts/send-answer.ts';
import { record } from '../../../src/core/receipts/record.ts';
import { explainFailure } from '../../../src/channels/whatsapp/errors.ts';
import { Sending } from '../../../src/core/messages/dispatcher.ts';
import { waitUntil } from '../../support/service.ts';
import { openTestStore } from '../../support/store.ts';
import type { TestStore } from '../../support/store.ts';

const second = 1000;
const minute = 60 * second;
const senderId = '15550001111';

type SendingSettings = ConstructorParameters<typeof Sending>[0]['settings'];

interface Bed extends TestStore {
  /** The messages that the channel has been given, by their texts, in order. */
  readonly given: readonly string[];
  /** What each of them quoted, by the channel's id. */
  readonly quoted: readonly (string | null)[];
  /** Answers the oldest send call that waits. */
  readonly answer: (outcome: SendOutcome) => Promise<void>;
  readonly add: (
    to: string,
    text: string,
    members?: {
      readonly expiresAt?: number;
      readonly groupId?: string;
      readonly contextMessageId?: string;
    },
  ) => Promise<number>;
  readonly find: (id: number) => Promise<OutboundMessage>;
  /** Records what the channel tells of a message by our own id. */
  readonly tell: (id: number, status: MessageStatus) => Promise<void>;
  /** Records that the channel gave up a message of the sender's that was sent elsewhere. */
  readonly giveUp: (code: string, agoMs?: number) => Promise<void>;
  /** Sets the clock, which moves nothing else. */
  readonly set: (byMs: number) => void;
  /** Moves the clock and rings what is due by then. */
  readonly pass: (ms: number) => void;
  readonly until: (what: string, check: () => Promise<boolean> | boolean) => Promise<void>;
  readonly notices: readonly string[];
  readonly countSenders: () => number;
}

async function open(
  t: TestContext,
  settings: Partial<SendingSettings> = {},
  prepare: (bed: Pick<Bed, keyof TestStore | 'add'>) => Promise<unknown> = async () => undefined,
): Promise<Bed> {
  const test = await openTestStore();
  let setBy = 0;
  let readings = 0;
  const monotonic = (): number => test.clock.now() - setBy + 1_000_000 + (readings += 1) / 1000;
  const { store, directory, clock, accountId } = test;
  await store.putChannel(
    accountId,
    { id: 'wa', type: 'whatsapp', name: 'WA', wabaId: '501', credentials: {} },
    system,
  );
  await store.putSender(
    accountId,
    'wa',
    { id: senderId, type: 'whatsapp', name: 'Shop', routeId: '7001' },
    system,
  );
  const given: string[] = [];
  const quoted: (string | null)[] = [];
  const calls: ((outcome: SendOutcome) => void)[] = [];
  const notices: string[] = [];
  const timers = new Set<{ readonly at: number; readonly ring: () => void }>();
  const connector: Connector = {
    explainFailure,
    verify: () => false,
    parse: () => ({ events: [], remarks: [] }),
    send: (_channel, _sender, { message, quotedId }) => {
      given.push((message.envelope.content as { text: string }).text);
      quoted.push(quotedId);
      return new Promise((resolve) => calls.push(resolve));
    },
  };
  const recording = {
    store,
    directory,
    connectors: { whatsapp: connector },
    renderReceipt: createReceiptRenderer({ mediaUrl: () => '', groupIds: false }),
    emit: () => undefined,
    now: clock.now,
    monotonic: clock.monotonic,
    raiseNotice: () => undefined,
    onHeld: () => undefined,
    removeMedia: async () => undefined,
  };
  const add: Bed['add'] = async (to, text, members = {}) => {
    const { expiresAt = clock.now() + 60 * minute, groupId = null, ...quoting } = members;
    const envelope = { frame: 'message', messageType: 'text', content: { text }, ...quoting } as const;
    const [added] = await store.addOutbound(accountId, [
      {
        channelId: 'wa',
        channelType: 'whatsapp',
        senderId,
        to,
        groupId,
        taskId: null,
        envelope,
        expiresAt,
        oncePerTask: false,
      },
    ]);
    return added?.id ?? 0;
  };
  await prepare({ ...test, add });
  const sending = new Sending({
    ...recording,
    monotonic,
    random: () => 0.5,
    record: (channel, body, parsed) => record(recording, channel, body, parsed),
    recordSent: (target, message, answer) => recordSent(recording, target, message, answer),
    findTemplate: async () => null,
    signLinks: (_accountId, value) => {
      if (JSON.stringify(value).includes('cannot be prepared')) throw new TypeError('a bug');
      return value;
    },
    raiseNotice: ({ code }) => void notices.push(code),
    endNotice: () => undefined,
    setTimer: (ring, ms) => {
      const timer = { at: monotonic() + ms, ring };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    settings: {
      perSecond: 1000,
      pairMs: 0,
      concurrency: 10,
      unknownWaitMs: 10 * minute,
      unknownThen: 'fail',
      ...settings,
    },
  });
  sending.start();
  t.after(async () => {
    for (const resolve of calls) resolve({ kind: 'accepted', channelMessageId: 'late' });
    await sending.stop();
    await test.close();
  });
  const ring = (): void => {
    for (const timer of [...timers].filter(({ at }) => at <= monotonic())) {
      timers.delete(timer);
      timer.ring();
    }
  };
  // A timer that is set only after the clock has passed it rings as well.
  const until: Bed['until'] = (what, check) =>
    waitUntil(what, 60_000, () => {
      ring();
      return check();
    });
  const find: Bed['find'] = async (id) => {
    const [message] = await store.findOutbound(accountId, { ids: [id] });
    assert.ok(message !== undefined);
    return message;
  };
  return {
    ...test,
    given,
    quoted,
    notices,
    countSenders: () => sending.countSenders(),
    add,
    find,
    until,
    answer: async (outcome) => {
      await until('a send call waits', () => calls.length > 0);
      calls.shift()?.(outcome);
    },
    tell: async (id, status) => {
      const channel = await directory.channel('wa');
      const { messageId, to } = await find(id);
      assert.ok(channel !== undefined);
      const event = {
        index: 0,
        route: { by: 'sender', id: '7001' },
        identity: toStatusIdentity(`wamid.${messageId}`, status),
        occurredAt: clock.now(),
        facts: {
          type: 'ChatAppStatus',
          messageId: `wamid.${messageId}`,
          status,
          user: { id: to },
          callbackData: messageId,
        },
      } as const;
      await record(recording, channel, Buffer.from('{}'), { events: [event], remarks: [] });
    },
    giveUp: async (errorCode, agoMs = 0) => {
      const channel = await directory.channel('wa');
      assert.ok(channel !== undefined);
      const occurredAt = clock.now() - agoMs;
      const messageId = `wamid.${errorCode}.${occurredAt}`;
      const facts = {
        ...({ type: 'ChatAppStatus', messageId, status: 'failed', errorCode } as const),
        ...{ errorDescription: `${errorCode}:said`, user: { id: '1999' } },
      };
      const identity = toStatusIdentity(messageId, 'failed');
      const event = { index: 0, route: { by: 'sender', id: '7001' }, identity, occurredAt, facts } as const;
      const told = { ...recording, onGivenUp: sending.heedGivenUp.bind(sending) };
      await record(told, channel, Buffer.from('{}'), { events: [event], remarks: [] });
    },
    set: (byMs) => {
      setBy += byMs;
      clock.advance(byMs);
    },
    pass: (ms) => {
      clock.advance(ms);
      ring();
    },
  };
}

const accepted = (channelMessageId: string): SendOutcome => ({ kind: 'accepted', channelMessageId });
const transient: SendOutcome = { kind: 'refused', failure: 'transient', code: '131000', text: 'Try again' };
const lost: SendOutcome = { kind: 'unknown', text: 'No answer came.' };

it('sends messages to one recipient in their order, and others meanwhile', async (t) => {
  const bed = await open(t);
  const first = await bed.add('1555', 'first');
  await bed.add('1555', 'second');
  await bed.add('1666', 'other');
  await bed.until('both recipients are served', () => bed.given.length === 2);
  assert.deepEqual(bed.given.toSorted(), ['first', 'other']);
  await bed.answer(accepted('w1'));
  await bed.until('the second follows', () => bed.given.length === 3);
  assert.equal(bed.given[2], 'second');
  await bed.until('the first is on record', async () => (await bed.find(first)).state === 'accepted');
});

it('tries again what the channel could not take, by the schedule, and keeps the order meanwhile', async (t) => {
  const bed = await open(t);
  const first = await bed.add('1555', 'first');
  await bed.add('1555', 'second');
  for (const wait of [1, 2, 5]) {
    await bed.answer(transient);
    await bed.until(
      'it waits',
      async () => (await bed.find(first)).dueAt === bed.clock.now() + wait * second,
    );
    bed.pass(wait * second - 1);
    assert.equal(bed.given.at(-1), 'first');
    const count = bed.given.length;
    bed.pass(1);
    await bed.until('it is tried again', () => bed.given.length === count + 1);
  }
  await bed.answer(accepted('w1'));
  await bed.until('the second follows', () => bed.given.at(-1) === 'second');
  assert.deepEqual(bed.given, ['first', 'first', 'first', 'first', 'second']);
  const attempts = await bed.store.findSendAttempts(bed.accountId, first);
  assert.deepEqual(
    attempts.map(({ outcome, code }) => [outcome, code]),
    [...Array.from({ length: 3 }, () => ['transient', '131000']), ['accepted', '']],
  );
});

it('ends a message whose lifetime is over before the channel took it, and sends it no more', async (t) => {
  const bed = await open(t);
  const id = await bed.add('1555', 'first', { expiresAt: bed.clock.now() + 1500 });
  await bed.answer(transient);
  await bed.until('it waits', async () => (await bed.find(id)).dueAt === bed.clock.now() + second);
  bed.pass(second);
  await bed.answer(transient);
  await bed.until('it waits', async () => (await bed.find(id)).dueAt === bed.clock.now() + 500);
  bed.pass(500);
  await bed.until('it has failed', async () => (await bed.find(id)).status === 'failed');
  assert.equal(bed.given.length, 2);
  const { items } = await bed.store.listReceipts(bed.accountId, { type: 'ChatAppStatus' }, { limit: 10 });
  assert.deepEqual(
    items.map(({ facts }) => facts.type === 'ChatAppStatus' && facts.errorCode),
    ['expired'],
  );
});

it('does not repeat a message whose answer was lost when a status tells that the channel has it', async (t) => {
  const bed = await open(t, { unknownThen: 'resend' });
  const id = await bed.add('1555', 'first');
  await bed.answer(lost);
  await bed.until('it is unknown', async () => (await bed.find(id)).state === 'unknown');
  await bed.tell(id, 'delivered');
  const message = await bed.find(id);
  assert.deepEqual([message.state, message.status], ['accepted', 'delivered']);
  assert.equal(message.channelMessageId, `wamid.${message.messageId}`);
  bed.pass(60 * minute);
  await bed.add('1666', 'later');
  await bed.until('the next one goes', () => bed.given.includes('later'));
  assert.deepEqual(bed.given, ['first', 'later']);
});

for (const unknownThen of ['fail', 'resend'] as const)
  it(`after its wait a message whose answer was lost is to ${unknownThen} where that is set`, async (t) => {
    const bed = await open(t, { unknownThen });
    const id = await bed.add('1555', 'first');
    await bed.answer(lost);
    await bed.until('it is unknown', async () => (await bed.find(id)).state === 'unknown');
    bed.pass(10 * minute - 1);
    assert.equal(bed.given.length, 1);
    bed.pass(1);
    if (unknownThen === 'fail') {
      await bed.until('it has failed', async () => (await bed.find(id)).status === 'failed');
      assert.equal(bed.given.length, 1);
      return;
    }
    await bed.until('it is sent again', () => bed.given.length === 2);
    await bed.answer(accepted('w1'));
    await bed.until('it is on record', async () => (await bed.find(id)).state === 'accepted');
  });

it('takes what a killed process was sending for unknown, and does not send it again blindly', async (t) => {
  let id = 0;
  const bed = await open(t, {}, async ({ add, store, accountId, clock }) => {
    id = await add('1555', 'first');
    const claim = { accountId, channelId: 'wa', senderId, limit: 1, now: clock.now(), leaseMs: minute };
    assert.equal((await store.claimOutbound(claim)).length, 1);
    clock.advance(minute);
  });
  await bed.until('it is unknown', async () => (await bed.find(id)).state === 'unknown');
  assert.deepEqual(bed.given, []);
});

it('keeps the messages of a sender that is taken away, and sends them when it is put back', async (t) => {
  const bed = await open(t);
  const { store, accountId } = bed;
  const first = await bed.add('1555', 'first');
  await bed.until('the first is given', () => bed.given.length === 1);
  const second = await bed.add('1555', 'second');
  await store.deleteSender(accountId, 'wa', senderId, system);
  await bed.answer(accepted('w1'));
  await bed.until('the first is on record', async () => (await bed.find(first)).state === 'accepted');
  await bed.until('nothing more is looked for', () => bed.countCalls() === 0);
  assert.deepEqual([bed.given, (await bed.find(second)).state], [['first'], 'queued']);
  const sender = { id: senderId, type: 'whatsapp', name: 'Shop', routeId: '7001' } as const;
  await store.putSender(accountId, 'wa', sender, system);
  await bed.until('the second follows', () => bed.given.length === 2);
  assert.equal(bed.given[1], 'second');
});

for (const [way, byMs] of [
  ['back', -60 * minute],
  ['ahead', 20 * minute],
] as const)
  it(`pauses a stopped sender for as long as without it when the clock is set ${way}`, async (t) => {
    const bed = await open(t, { perSecond: 1 });
    const refusal: SendOutcome = {
      kind: 'refused',
      failure: 'auth',
      code: '190',
      text: 'The token has ended',
    };
    await bed.add('1555', 'first');
    await bed.answer(refusal);
    await bed.until('the operator is told', () => bed.notices.length === 1);
    bed.set(byMs);
    await bed.add('1666', 'other');
    bed.pass(4 * minute);
    await bed.until('the look is over', () => bed.countCalls() === 0);
    assert.equal(bed.given.length, 1, 'it is still stopped');
    bed.pass(minute);
    await bed.until('one is tried', () => bed.given.length === 2);
  });

it('does not shorten a pause of a sender by a shorter one', async (t) => {
  const bed = await open(t);
  await bed.add('1555', 'first');
  await bed.add('1666', 'other');
  await bed.until('both are given', () => bed.given.length === 2);
  await bed.answer({ kind: 'refused', failure: 'account', code: '131031', text: 'Locked' });
  await bed.until('the operator is told', () => bed.notices.length === 1);
  await bed.answer({ kind: 'refused', failure: 'throttle', code: '80007', text: 'Slower' });
  await bed.add('1777', 'third');
  await bed.until('both tries are on record', async () => {
    const { items } = await bed.store.listOutbound(bed.accountId, {}, { limit: 10 });
    return items.filter(({ attempts }) => attempts === 1).length === 2;
  });
  bed.pass(minute);
  await bed.until('the look is over', () => bed.countCalls() === 0);
  assert.equal(bed.given.length, 2);
  bed.pass(4 * minute);
  await bed.until('it is tried again', () => bed.given.length > 2);
});

it('stops a sender whom the channel refuses, tells the operator once, and goes on when he mends it', async (t) => {
  const bed = await open(t);
  const refusal: SendOutcome = { kind: 'refused', failure: 'auth', code: '190', text: 'The token has ended' };
  const first = await bed.add('1555', 'first');
  await bed.answer(refusal);
  await bed.until('the operator is told', () => bed.notices.length === 1);
  const other = await bed.add('1666', 'other');
  bed.pass(5 * minute);
  // Whether it works again is tried with one of them.
  await bed.until('one is tried', () => bed.given.length === 2);
  await bed.answer(refusal);
  const countTries = async () => (await bed.find(first)).attempts + (await bed.find(other)).attempts;
  await bed.until('that is on record', async () => (await countTries()) === 2);
  const before = bed.given.length;
  const mended = { name: 'WA', wabaId: '501', credentials: { accessToken: 'fresh' } };
  await bed.store.putChannel(bed.accountId, { ...mended, id: 'wa', type: 'whatsapp' }, system);
  await bed.until('they go on', () => bed.given.length > before);
  assert.deepEqual(bed.notices, ['sender_stopped']);
});

it('sends what it was stopped for as soon as the operator has mended it', async (t) => {
  const bed = await open(t);
  const first = await bed.add('1555', 'first');
  await bed.answer({ kind: 'refused', failure: 'auth', code: '190', text: 'The token has ended' });
  await bed.until('that is on record', async () => (await bed.find(first)).attempts === 1);
  const mended = { name: 'WA', wabaId: '501', credentials: { accessToken: 'fresh' } };
  await bed.store.putChannel(bed.accountId, { ...mended, id: 'wa', type: 'whatsapp' }, system);
  await bed.until('it is tried again', () => bed.given.length === 2);
  assert.deepEqual(bed.given, ['first', 'first']);
});

it('takes no call for lost that goes on here, however long it does', async (t) => {
  const bed = await open(t);
  const first = await bed.add('1555', 'first');
  await bed.add('1555', 'second');
  await bed.until('it is under way', () => bed.given.length === 1);
  const { dueAt: lapsesAt } = await bed.find(first);
  bed.pass(minute);
  await bed.until('its lease has been seen to end', async () => (await bed.find(first)).dueAt !== lapsesAt);
  await bed.answer(transient);
  await bed.until('its end is on record', async () => (await bed.find(first)).attempts === 1);
  assert.deepEqual([(await bed.find(first)).state, bed.given], ['queued', ['first']]);
  bed.pass(minute);
  await bed.until('it is tried again, before the next', () => bed.given.length === 2);
  assert.deepEqual(bed.given, ['first', 'first']);
});

it('ends what nobody knows of in its time, also while its sender may not send', async (t) => {
  const bed = await open(t);
  const unknown = await bed.add('1555', 'unknown');
  await bed.answer(lost);
  const other = await bed.add('1666', 'other');
  const throttled = { kind: 'refused', failure: 'throttle', code: '4', text: 'Slowly' } as const;
  await bed.answer({ ...throttled, retryAfterMs: 60 * minute });
  await bed.until('that is on record', async () => (await bed.find(other)).attempts === 1);
  bed.pass(10 * minute);
  await bed.until('it has failed', async () => (await bed.find(unknown)).state === 'failed');
  assert.deepEqual([(await bed.find(other)).state, bed.given], ['queued', ['unknown', 'other']]);
});

it('sends nothing again while its sender may not send, and ends it then when its lifetime is over', async (t) => {
  const bed = await open(t, { unknownThen: 'resend' });
  const short = await bed.add('1555', 'short', { expiresAt: bed.clock.now() + 20 * minute });
  const long = await bed.add('1666', 'long');
  await bed.answer(lost);
  await bed.answer(lost);
  const other = await bed.add('1777', 'other');
  const throttled = { kind: 'refused', failure: 'throttle', code: '4', text: 'Slowly' } as const;
  await bed.answer({ ...throttled, retryAfterMs: 40 * minute });
  await bed.until('that is on record', async () => (await bed.find(other)).attempts === 1);
  bed.pass(10 * minute);
  await bed.until('both wait on', async () =>
    (await Promise.all([short, long].map(bed.find))).every(({ dueAt }) => (dueAt ?? 0) > bed.clock.now()),
  );
  bed.pass(10 * minute);
  await bed.until('one has failed', async () => (await bed.find(short)).state === 'failed');
  assert.deepEqual([(await bed.find(long)).state, bed.given.length], ['unknown', 3]);
  bed.pass(20 * minute);
  await bed.until(
    'the other one is sent again',
    () => bed.given.filter((text) => text === 'long').length === 2,
  );
});

it('waits, and stops where a person has to mend it, for what a status tells of a sender', async (t) => {
  const bed = await open(t);
  const takesOne = async (text: string): Promise<void> => {
    await bed.add('1555', text);
    await bed.until(`${text} is tried`, () => bed.given.includes(text));
    await bed.answer({ kind: 'accepted', channelMessageId: `wamid.${text}` });
  };
  // Of one user, of a template, of nothing that is known, and of long ago.
  for (const code of ['131026', '131049', '131056', '132015', '999999', 'expired', ''])
    await bed.giveUp(code);
  await bed.giveUp('131042', 6 * minute);
  await takesOne('first');
  await bed.giveUp('131048');
  await bed.add('1555', 'throttled');
  bed.pass(14 * minute);
  assert.deepEqual([bed.given, bed.notices], [['first'], []]);
  bed.pass(minute);
  await bed.until('it goes on', () => bed.given.includes('throttled'));
  await bed.answer({ kind: 'accepted', channelMessageId: 'wamid.throttled' });
  await bed.giveUp('131042');
  assert.deepEqual(bed.notices, ['sender_stopped']);
  await bed.add('1555', 'stopped');
  bed.pass(4 * minute);
  assert.ok(!bed.given.includes('stopped'));
  bed.pass(minute);
  await bed.until('one is tried', () => bed.given.includes('stopped'));
});

it('fails the message of one user, and goes on, where a code may mean the user or the sender', async (t) => {
  const bed = await open(t);
  const refusal: SendOutcome = { kind: 'refused', failure: 'ambiguous', code: '200', text: 'Not permitted' };
  const first = await bed.add('1555', 'first');
  for (let n = 1; n <= 3; n += 1) {
    await bed.answer(refusal);
    if (n < 3) await bed.until(`try ${n} is on record`, async () => (await bed.find(first)).attempts === n);
    bed.pass(5 * second);
  }
  await bed.until('it has failed', async () => (await bed.find(first)).status === 'failed');
  const other = await bed.add('1666', 'other');
  await bed.answer(accepted('w2'));
  await bed.until('the other is taken', async () => (await bed.find(other)).state === 'accepted');
  assert.deepEqual(bed.notices, []);
});

for (const failure of ['ambiguous', 'unrecognized'] as const)
  it(`stops a sender whose recipients hear one ${failure} code one after the other, and keeps the messages`, async (t) => {
    const bed = await open(t);
    const refusal: SendOutcome = { kind: 'refused', failure, code: '777', text: 'No' };
    const ids = [await bed.add('1555', 'a'), await bed.add('1666', 'b')];
    await bed.answer(refusal);
    await bed.answer(refusal);
    await bed.until('both are on record', async () => {
      const found = await Promise.all(ids.map((id) => bed.find(id)));
      return found.every(({ attempts }) => attempts === 1);
    });
    assert.deepEqual(bed.notices, []);
    ids.push(await bed.add('1777', 'c'));
    await bed.answer(refusal);
    await bed.until('the operator is told', () => bed.notices.length === 1);
    await bed.add('1888', 'd');
    bed.pass(4 * minute);
    await bed.until('the look is over', () => bed.countCalls() === 0);
    assert.equal(bed.given.length, 3);
    assert.deepEqual(bed.notices, ['sender_stopped']);
    for (const id of ids) assert.equal((await bed.find(id)).status, null);
    bed.pass(2 * minute);
    await bed.answer(accepted('w1'));
    await bed.until('the others follow', () => bed.given.length > 4);
  });

it('does not stop a sender who reaches somebody between two refusals', async (t) => {
  const bed = await open(t);
  const refusal: SendOutcome = { kind: 'refused', failure: 'ambiguous', code: '200', text: 'Not permitted' };
  for (const [n, to] of ['1555', '1556', '1557', '1558', '1559'].entries()) {
    const id = await bed.add(to, to);
    await bed.answer(n === 2 ? accepted('w') : refusal);
    await bed.until(`${to} is on record`, async () => (await bed.find(id)).attempts === 1);
  }
  assert.deepEqual(bed.notices, []);
});

it('tries what nothing explains by a schedule that ends, and then tells the code', async (t) => {
  const bed = await open(t, {}, undefined);
  const refusal: SendOutcome = { kind: 'refused', failure: 'unrecognized', code: '777001', text: 'New' };
  const id = await bed.add('1555', 'first');
  for (let n = 1; n <= 6; n += 1) {
    assert.equal((await bed.find(id)).status, null, `before try ${n}`);
    await bed.answer(refusal);
    if (n < 6) await bed.until(`try ${n} is on record`, async () => (await bed.find(id)).attempts === n);
    bed.pass(
      [5, 30, 120, 600, 1800][n - 1] === undefined ? 0 : ([5, 30, 120, 600, 1800][n - 1] ?? 0) * second,
    );
  }
  await bed.until('it has failed', async () => (await bed.find(id)).status === 'failed');
  const [receipt] = (await bed.store.listReceipts(bed.accountId, {}, { limit: 1 })).items;
  assert.match(JSON.stringify(receipt), /777001:New/);
});

for (const [usedPercent, expected] of [
  [89, 9],
  [95, 5],
] as const)
  it(`sends ${expected - 1} at once after the channel has said that ${usedPercent} % of its calls are used`, async (t) => {
    const bed = await open(t, { perSecond: 8, concurrency: 20 });
    const first = await bed.add('1555', 'first');
    await bed.answer({ kind: 'accepted', channelMessageId: 'w1', usedPercent });
    await bed.until('it is on record', async () => (await bed.find(first)).state === 'accepted');
    bed.pass(10 * second);
    for (let n = 0; n < 12; n += 1) await bed.add(`1666${n}`, `more ${n}`);
    await bed.until('no more go for now', () => bed.given.length >= expected && bed.countCalls() === 0);
    assert.equal(bed.given.length, expected);
  });

it('a message that cannot be prepared is tried again, is never unknown, and fails when its time is over', async (t) => {
  const bed = await open(t);
  const [spoilt, whole] = [
    await bed.add('15550003001', 'cannot be prepared', { expiresAt: bed.clock.now() + 10 * minute }),
    await bed.add('15550003002', 'hello'),
  ];
  await bed.until('the other is given', () => bed.given.length === 1);
  await bed.answer({ kind: 'accepted', channelMessageId: 'wamid.1' });
  await bed.until('the other is taken', async () => (await bed.find(whole)).state === 'accepted');
  await bed.until('a try is on record', async () => (await bed.find(spoilt)).attempts > 0);
  assert.equal((await bed.find(spoilt)).state, 'queued');
  const [attempt] = await bed.store.findSendAttempts(bed.accountId, spoilt);
  assert.equal(attempt?.code, 'unprepared');
  assert.match(attempt.text, /TypeError/);
  await bed.until('it has failed', async () => {
    bed.pass(minute);
    return (await bed.find(spoilt)).state === 'failed';
  });
  assert.deepEqual(bed.given, ['hello']);
});

it('learns from an answer what the channel calls the recipient, and keeps the order of both', async (t) => {
  const bed = await open(t);
  const [written, told, userId] = ['5511987650001', '551187650001', 'BR.1349000000000001'];
  const first = await bed.add(written, 'first');
  await bed.answer({ ...accepted('w1'), recipientIds: [told, userId] } as SendOutcome);
  await bed.until('the first is on record', async () => (await bed.find(first)).state === 'accepted');
  for (const id of [written, told, userId]) {
    const found = await bed.store.findSpellings(bed.accountId, { userId: id });
    assert.deepEqual(found.map((one) => one.id).toSorted(), [written, told, userId].toSorted(), id);
  }
  await bed.add(written, 'second');
  await bed.add(userId, 'third');
  await bed.add(told, 'fourth');
  for (const [n, text] of ['second', 'third', 'fourth'].entries()) {
    await bed.until(`the ${text} goes`, () => bed.given.length === n + 2);
    assert.equal(bed.given.at(-1), text);
    await bed.answer(accepted(`w${n + 2}`));
  }
});

it('paces one user by whichever id messages go', async (t) => {
  const [written, told] = ['5511987650001', '551187650001'];
  // Longer than a claim is held, which would be taken for the wait.
  const pairMs = 5 * minute;
  const bed = await open(t, { pairMs, concurrency: 1 }, async ({ store, accountId, clock }) =>
    store.tellAliases(accountId, [{ channelId: 'wa', spelling: written, told, rank: 1, at: clock.now() }]),
  );
  for (let n = 0; n < 46; n += 1) await bed.add(n % 2 === 0 ? written : told, `message ${n}`);
  for (let n = 0; n < 45; n += 1) await bed.answer(accepted(`w${n}`));
  await bed.until('the next one waits', async () => {
    const due = await bed.store.findNextOutboundDue({ accountId: bed.accountId, channelId: 'wa', senderId });
    return due === bed.clock.now() + pairMs;
  });
  assert.equal(bed.given.length, 45);
  bed.pass(pairMs);
  await bed.until('it goes', () => bed.given.length === 46);
});

it('forgets a sender that had nothing to do for a while, and one that is gone', async (t) => {
  const bed = await open(t);
  await bed.add('15550002222', 'one');
  await bed.answer(accepted('w1'));
  await bed.until('it is sent', () => bed.countSenders() === 1 && bed.given.length === 1);
  bed.pass(5 * minute);
  assert.equal(bed.countSenders(), 1);
  await bed.until('it is forgotten', () => {
    bed.pass(minute);
    return bed.countSenders() === 0;
  });
  await bed.add('15550002222', 'two');
  await bed.answer(accepted('w2'));
  assert.deepEqual(bed.given, ['one', 'two']);
  await bed.store.deleteSender(bed.accountId, 'wa', senderId, system);
  await bed.until('what is gone is forgotten', () => {
    bed.pass(minute);
    return bed.countSenders() === 0;
  });
});

it('quotes by every id that receipts tell of a message', async (t) => {
  const bed = await open(t);
  const groupId = '17800000000000000007';
  const first = await bed.add('1555000001', 'one of a mass send', { groupId });
  await bed.answer(accepted('wamid.ours'));
  const second = await bed.add('1555000002', 'another of it', { groupId });
  await bed.answer(accepted('wamid.other'));
  for (const id of [first, second])
    await bed.until('it is sent', async () => (await bed.find(id)).state === 'accepted');
  const { messageId } = await bed.find(first);
  const ids = [messageId, groupId, 'wamid.ours', '17800000000000000008'];
  for (const [n, contextMessageId] of ids.entries()) {
    await bed.add('1555000001', `quote ${n}`, { contextMessageId });
    await bed.answer(accepted(`wamid.${n}`));
  }
  await bed.until('all went', () => bed.given.length === 6);
  assert.deepEqual(bed.quoted.slice(2), ['wamid.ours', 'wamid.ours', 'wamid.ours', '17800000000000000008']);
});
