import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forever } from '../../../src/domain/alias.ts';
import { formatOutboundId, parseOutboundId } from '../../../src/domain/ids.ts';
import { toOutboundLane } from '../../../src/domain/message.ts';
import { minute, need, record, second, status, withStore } from './fixture.ts';
import type { OutboundFilter, PageRequest } from '../../../src/store/store.ts';
import type { OpenStore } from './fixture.ts';
import {
  accepted,
  add,
  claimOutbound,
  find,
  ids,
  leaseMs,
  outbound,
  settleOutbound,
} from './outbound-fixture.ts';

export function outboundContract(open: OpenStore): void {
  test(
    'addOutbound: a message comes back as it was added, under a MessageId that leads back to it',
    withStore(open, async (fixture) => {
      const message = outbound(fixture, '4915', { taskId: 'task', groupId: 'group' });
      const [added] = await add(fixture, message);
      const found = await find(fixture, need(added).id);
      const { oncePerTask, ...rest } = message;
      assert.equal(oncePerTask, false);
      assert.deepEqual(found, {
        ...rest,
        accountId: fixture.accountId,
        id: need(added).id,
        messageId: formatOutboundId(need(added).id),
        lane: found.lane,
        state: 'queued',
        status: null,
        channelMessageId: null,
        attempts: 0,
        step: 0,
        blocked: false,
        dueAt: fixture.clock.now(),
        acceptedAt: fixture.clock.now(),
      });
      const [claimed] = await claimOutbound(fixture);
      const lane = toOutboundLane(message.channelId, message.senderId, message.to);
      assert.equal(need(claimed).message.lane, lane);
      assert.match(found.messageId, /^\d{21}$/);
      assert.equal(parseOutboundId(found.messageId), found.id);
      assert.deepEqual(await fixture.store.findOutbound(fixture.otherId, { ids: [found.id] }), []);
    }),
  );

  test(
    'claimOutbound: of those that may have reached the channel alone, what is due',
    withStore(open, async (fixture) => {
      const { store, clock, accountId, channelId, senderId } = fixture;
      const added = await add(
        fixture,
        ...['lapsed', 'unknown', 'later', 'taken', 'tried'].map((to) => outbound(fixture, to)),
      );
      const [lapsed, unknown, later, taken, tried] = added.map(({ id }) => need(id));
      await claimOutbound(fixture);
      const until = clock.now() + 10 * second;
      await settleOutbound(fixture, need(unknown), { kind: 'unknown', until }, 'unknown');
      await settleOutbound(fixture, need(later), { kind: 'unknown', until: until + 60 * minute }, 'unknown');
      await settleOutbound(fixture, need(taken), accepted('w1'));
      await settleOutbound(fixture, need(tried), { kind: 'retry', dueAt: clock.now() }, 'transient');
      await add(fixture, outbound(fixture, 'new'));
      clock.advance(minute);
      const claim = async () => {
        const key = { accountId, channelId, senderId };
        return store.claimOutbound({ ...key, limit: 9, now: clock.now(), leaseMs, unanswered: true });
      };
      const claimed = await claim();
      assert.deepEqual(
        claimed.map(({ message, lapsed: isLapsed }) => [message.id, isLapsed]),
        [
          [unknown, false],
          [lapsed, true],
        ],
      );
      assert.deepEqual(await claim(), []);
    }),
  );

  test(
    'findExpiredOutbound: what waits and whose time is over comes, the oldest end first, blocked or planned for later',
    withStore(open, async (fixture) => {
      const { store, clock } = fixture;
      const end = clock.now() + minute;
      const [taken, , retried] = await add(
        fixture,
        ...['taken', 'tried', 'retried'].map((to) => outbound(fixture, to, { expiresAt: end })),
      );
      await claimOutbound(fixture);
      await settleOutbound(fixture, need(taken).id, accepted('w1'));
      await settleOutbound(
        fixture,
        need(retried).id,
        { kind: 'retry', dueAt: clock.now() + 60 * minute },
        'throttle',
      );
      const [blocked, due] = await add(
        fixture,
        outbound(fixture, 'tried', { expiresAt: end - second }),
        outbound(fixture, 'due', { expiresAt: end - second }),
        outbound(fixture, 'lives', { expiresAt: end + 1 }),
      );
      const found = async (
        until: number,
        after?: Parameters<typeof store.findExpiredOutbound>[1],
        limit = 9,
      ) => (await store.findExpiredOutbound(until, after, limit)).map(({ id }) => id);
      assert.deepEqual(await found(end - second - 1), []);
      const expected = [need(blocked).id, need(due).id, need(retried).id];
      assert.deepEqual(await found(end), expected);
      assert.deepEqual(await found(end, undefined, 1), expected.slice(0, 1));
      assert.deepEqual(
        await found(end, { expiresAt: end - second, id: need(blocked).id }),
        expected.slice(1),
      );
    }),
  );

  test(
    'findOutbound: looks at once are each answered with what they asked for',
    withStore(open, async (fixture) => {
      const { store, accountId, channelId, senderId } = fixture;
      const added = await add(
        fixture,
        ...['a', 'b', 'c', 'd'].map((recipient) => outbound(fixture, recipient)),
      );
      const [first, second, third, waiting] = added.map(({ id }) => id);
      await claimOutbound(fixture);
      for (const [id, name] of [[first, 'w1'] as const, [second, 'w2'] as const])
        await settleOutbound(fixture, need(id), accepted(name));
      const look = async (refs: Parameters<typeof store.findOutbound>[1]) =>
        (await store.findOutbound(accountId, refs)).map(({ id }) => id).toSorted();
      const sender = { channelId, senderId };
      const [byId, byName, byBoth, unanswered, ofNone, nothing] = await Promise.all([
        look({ ids: [need(second), need(third)] }),
        look({ channelMessageIds: ['w1', 'w9'] }),
        look({ ids: [need(first)], channelMessageIds: ['w1', 'w2'] }),
        look({ unanswered: [sender] }),
        look({ ids: [need(first)], unanswered: [{ channelId, senderId: 'nobody' }] }),
        look({}),
      ]);
      assert.deepEqual(byId, [second, third]);
      assert.deepEqual(byName, [first]);
      assert.deepEqual(new Set(byBoth), new Set([first, second]));
      assert.ok(unanswered.length > 0 && unanswered.every((id) => id === third || id === waiting));
      assert.deepEqual(ofNone, [first]);
      assert.deepEqual(nothing, []);
      assert.deepEqual(await store.findOutbound(fixture.otherId, { ids: [need(first)] }), []);
    }),
  );

  test(
    'countWaitingOutbound: messages that wait are counted, of a channel and of a sender, up to a bound',
    withStore(open, async (fixture) => {
      const { store, accountId, otherId, channelId, senderId } = fixture;
      await add(fixture, ...['a', 'a', 'b', 'c'].map((to) => outbound(fixture, to)));
      const [claimed] = await claimOutbound(fixture);
      await settleOutbound(fixture, need(claimed).message.id, {
        kind: 'accepted',
        channelMessageId: 's1',
        nextStepAt: null,
      });
      const count = (of: { channelId: string; senderId?: string }, owner = accountId, atMost = 10) =>
        store.countWaitingOutbound(owner, of, atMost);
      assert.equal(await count({ channelId }), 3);
      assert.equal(await count({ channelId, senderId }), 3);
      assert.equal(await count({ channelId }, accountId, 2), 2);
      assert.equal(await count({ channelId, senderId: 'another' }), 0);
      assert.equal(await count({ channelId: 'another' }), 0);
      assert.equal(await count({ channelId }, otherId), 0);
    }),
  );

  test(
    'addOutbound: a task has one message to a recipient where that is wanted',
    withStore(open, async (fixture) => {
      const once = { taskId: 't', oncePerTask: true };
      const [first, other, twin] = await add(
        fixture,
        outbound(fixture, 'a', once),
        outbound(fixture, 'b', once),
        outbound(fixture, 'a', once),
      );
      assert.deepEqual([first?.repeat, other?.repeat, twin?.repeat], [false, false, true]);
      assert.equal(twin?.id, first?.id);
      const [again] = await add(fixture, outbound(fixture, 'a', once));
      assert.deepEqual(again, { id: first?.id, repeat: true });
      const [free] = await add(fixture, outbound(fixture, 'a', { taskId: 't' }));
      assert.equal(free?.repeat, false);
      assert.equal((await fixture.store.listOutbound(fixture.accountId, {}, { limit: 10 })).items.length, 3);
    }),
  );

  test(
    'findOpenOutbound: a mark finds what was sent by then to that user and has not come as far, and nothing else',
    withStore(open, async (fixture) => {
      const { store, accountId, channelId, senderId } = fixture;
      const added = await add(fixture, ...['a', 'a', 'a', 'b'].map((to) => outbound(fixture, to)));
      const open = async (upTo: number, status: 'delivered' | 'read' = 'read', limit = 10) => {
        const thread = { channelId, senderId, to: 'a' };
        const found = await store.findOpenOutbound(accountId, thread, { status, upTo }, limit);
        return { ids: found.messages.map(({ id }) => id).sort(), unanswered: found.unanswered };
      };
      const [first, second, third, other] = added.map(({ id }) => id);
      await claimOutbound(fixture);
      assert.deepEqual(await open(1000), { ids: [], unanswered: true });
      for (const [n, id] of [first, second, third, other].entries()) {
        const naming = { channelMessageId: `m${n}`, sentAt: 100 * (n + 1) };
        await record(fixture, status(fixture, `m${n}`, 'sent', 1, { outboundId: need(id), naming }));
      }
      assert.equal((await find(fixture, need(first))).channelMessageId, 'm0');
      assert.equal((await find(fixture, need(first))).state, 'accepted');
      assert.deepEqual(await open(99), { ids: [], unanswered: false });
      assert.deepEqual(await open(200), { ids: [first, second], unanswered: false });
      assert.deepEqual(await open(9999, 'read', 1), { ids: [first], unanswered: false });
      await record(fixture, status(fixture, 'm0', 'delivered', 3, { outboundId: need(first) }));
      assert.deepEqual(await open(9999, 'delivered'), { ids: [second, third], unanswered: false });
      assert.deepEqual(await open(9999), { ids: [first, second, third], unanswered: false });
      await record(fixture, status(fixture, 'm1', 'read', 4, { outboundId: need(second) }));
      assert.deepEqual(await open(9999), { ids: [first, third], unanswered: false });
      // The channel tells the time of a message anew, with a status that is a repeat.
      const naming = { channelMessageId: 'm2', sentAt: 150 };
      await record(fixture, status(fixture, 'm2', 'sent', 1, { outboundId: need(third), naming }));
      assert.deepEqual(await open(150), { ids: [first, third], unanswered: false });
    }),
  );

  test(
    'recordIntake: an answer that is recorded as a status settles its message in the same transaction, repeat or not',
    withStore(open, async (fixture) => {
      const { store, accountId, clock } = fixture;
      const [first, second, third] = (
        await add(fixture, outbound(fixture, 'a'), outbound(fixture, 'a'), outbound(fixture, 'b'))
      ).map(({ id }) => need(id));
      assert.ok(first !== undefined && second !== undefined && third !== undefined);
      assert.deepEqual(ids(await claimOutbound(fixture)), [first, third]);
      const attempt = { at: clock.now(), durationMs: 5, outcome: 'accepted', code: '', text: 'ok' } as const;
      const answer = (id: number, channelMessageId: string) => {
        const naming = { channelMessageId, sentAt: 100, attempt };
        return record(fixture, status(fixture, channelMessageId, 'sent', 1, { outboundId: id, naming }));
      };
      await answer(first, 'm1');
      const sent = await find(fixture, first);
      assert.deepEqual(
        [sent.state, sent.status, sent.channelMessageId, sent.attempts, sent.dueAt],
        ['accepted', 'sent', 'm1', 1, null],
      );
      assert.deepEqual(await store.findSendAttempts(accountId, first), [attempt]);
      assert.deepEqual(ids(await claimOutbound(fixture)), [second]);
      // The channel calls a second message as it called the first: the status is a repeat, and the message is sent all the same.
      await answer(second, 'm1');
      const twin = await find(fixture, second);
      assert.deepEqual([twin.state, twin.channelMessageId, twin.attempts], ['accepted', 'm1', 1]);
      // A failure was faster.
      await record(fixture, status(fixture, 'm3', 'failed', 2, { outboundId: third }));
      await answer(third, 'm3');
      const failed = await find(fixture, third);
      assert.deepEqual([failed.state, failed.channelMessageId, failed.attempts], ['failed', 'm3', 1]);
      assert.deepEqual(await claimOutbound(fixture), []);
    }),
  );

  test(
    'listOutbound: messages are listed newest first by whom they went to, group, task, template and time',
    withStore(open, async (fixture) => {
      const envelope = { frame: 'template' as const, messageType: 'template', templateCode: 'c1' };
      await add(
        fixture,
        outbound(fixture, 'a', { groupId: 'g' }),
        outbound(fixture, 'b', { groupId: 'g', taskId: 't' }),
      );
      fixture.clock.advance(minute);
      await add(fixture, outbound(fixture, 'c', { envelope }));
      const list = async (filter: Parameters<typeof fixture.store.listOutbound>[1]) =>
        (await fixture.store.listOutbound(fixture.accountId, filter, { limit: 10 })).items.map(
          ({ to }) => to,
        );
      assert.deepEqual(await list({}), ['c', 'b', 'a']);
      assert.deepEqual(await list({ to: 'b' }), ['b']);
      assert.deepEqual(await list({ groupId: 'g' }), ['b', 'a']);
      assert.deepEqual(await list({ taskId: 't' }), ['b']);
      assert.deepEqual(await list({ templateCode: 'c1' }), ['c']);
      assert.deepEqual(await list({ since: fixture.clock.now() }), ['c']);
      assert.deepEqual(await list({ until: fixture.clock.now() }), ['b', 'a']);
      assert.deepEqual(await list({ channelId: 'elsewhere' }), []);
      const page = await fixture.store.listOutbound(fixture.accountId, {}, { limit: 2 });
      assert.deepEqual(
        page.items.map(({ to }) => to),
        ['c', 'b'],
      );
      const rest = await fixture.store.listOutbound(
        fixture.accountId,
        {},
        { limit: 2, cursor: need(page.next) },
      );
      assert.deepEqual(
        rest.items.map(({ to }) => to),
        ['a'],
      );
    }),
  );

  test(
    'listOutbound, countListedOutbound: messages to a user of several ids come in one list, and are counted no further than was asked',
    withStore(open, async (fixture) => {
      const { store, accountId, channelId, senderId } = fixture;
      const envelope = { frame: 'template' as const, messageType: 'template', templateCode: 'c1' };
      await add(
        fixture,
        outbound(fixture, 'a', { envelope }),
        outbound(fixture, 'b'),
        outbound(fixture, 'c'),
      );
      fixture.clock.advance(minute);
      const moved = fixture.clock.now();
      await add(
        fixture,
        outbound(fixture, 'a'),
        outbound(fixture, 'b', { groupId: 'g' }),
        outbound(fixture, 'a'),
      );
      const of = (...ids: string[]) => ids.map((id) => ({ id, isOwn: true, since: 0, until: forever }));
      const list = async (filter: OutboundFilter, page: PageRequest = { limit: 10 }) => {
        const { items, next } = await store.listOutbound(accountId, filter, page);
        return [items.map(({ to }) => to).join(''), next !== null];
      };
      assert.deepEqual(await list({ user: of('a', 'b') }), ['ababa', false]);
      assert.deepEqual(await list({ user: of('a') }, { limit: 2 }), ['aa', true]);
      assert.deepEqual(await list({ user: of('a', 'b'), groupId: 'g' }), ['b', false]);
      assert.deepEqual(await list({ user: of('nobody') }), ['', false]);
      const late = [{ id: 'a', isOwn: false, since: moved, until: forever }];
      assert.deepEqual(await list({ user: late }), ['aa', false]);
      const count = (filter: OutboundFilter, atMost = 100) =>
        store.countListedOutbound(accountId, filter, atMost);
      assert.deepEqual(await count({}), { count: 6, isMore: false });
      assert.deepEqual(await count({}, 5), { count: 5, isMore: true });
      assert.deepEqual(await count({ channelId, senderId, status: 'queued' }), { count: 6, isMore: false });
      assert.deepEqual(await count({ status: 'accepted' }), { count: 0, isMore: false });
      assert.deepEqual(await count({ templateCode: 'c1' }), { count: 1, isMore: false });
      // It was the first of all, and the newest five are looked at.
      assert.deepEqual(await count({ templateCode: 'c1' }, 4), { count: 0, isMore: true });
      assert.deepEqual(await count({ user: of('a', 'b') }), { count: 5, isMore: false });
      assert.deepEqual(await count({ user: of('a', 'b') }, 4), { count: 4, isMore: true });
      assert.deepEqual(await count({ user: late }), { count: 2, isMore: false });
      assert.deepEqual(await count({ user: of('a'), templateCode: 'c1' }), { count: 1, isMore: false });
      assert.deepEqual(await count({ user: of('a'), groupId: 'g' }), { count: 0, isMore: false });
    }),
  );

  test(
    'sweep: messages that are over are swept with their attempts, others stay',
    withStore(open, async (fixture) => {
      const [done, waiting] = (await add(fixture, outbound(fixture, 'a'), outbound(fixture, 'b'))).map(
        ({ id }) => id,
      );
      await claimOutbound(fixture);
      await settleOutbound(fixture, need(done), accepted('w'));
      fixture.clock.advance(2 * minute);
      const retention = { rawEventMs: minute, receiptMs: minute, attemptMs: minute, unreadableMs: minute };
      while ((await fixture.store.sweep(retention, fixture.clock.now())).rows > 0);
      const left = await fixture.store.findOutbound(fixture.accountId, { ids: [need(done), need(waiting)] });
      assert.deepEqual(
        left.map(({ id }) => id),
        [waiting],
      );
      assert.deepEqual(await fixture.store.findSendAttempts(fixture.accountId, need(done)), []);
    }),
  );

  test(
    'countOutbound: messages are counted by span and language, in steps, of their sender alone',
    withStore(open, async (fixture) => {
      const { store, accountId, otherId, channelId, senderId, clock } = fixture;
      const since = clock.now();
      const template = (language: string) => ({
        envelope: { frame: 'template', messageType: 'template', templateCode: 't1', language } as const,
      });
      const first = await add(
        fixture,
        outbound(fixture, '1', template('en')),
        outbound(fixture, '2', template('de')),
        outbound(fixture, '3'),
        outbound(fixture, '4', template('en')),
      );
      clock.advance(90 * second);
      const later = await add(fixture, outbound(fixture, '5', template('en')));
      clock.advance(minute);
      await add(fixture, outbound(fixture, '6', template('en')));
      await claimOutbound(fixture);
      const [read = 0, delivered = 0, sent = 0, waiting = 0] = first.map(({ id }) => id);
      for (const id of [read, delivered, sent, need(later[0]).id])
        await settleOutbound(fixture, id, accepted(`w${id}`));
      for (const [id, value, rank] of [
        [read, 'read', 4],
        [delivered, 'delivered', 3],
      ] as const)
        await record(fixture, status(fixture, formatOutboundId(id), value, rank, { outboundId: id }));
      const span = { channelId, senderId, since, until: since + 2 * minute, spanMs: minute };
      assert.deepEqual(await store.countOutbound(accountId, span, 10, 0), {
        counts: [
          { span: 0, language: '', sent: 3, delivered: 2, read: 1 },
          { span: 1, language: '', sent: 1, delivered: 0, read: 0 },
        ],
        seen: 5,
        next: null,
      });
      const ofTemplate = { ...span, templateCode: 't1' };
      assert.deepEqual((await store.countOutbound(accountId, ofTemplate, 10, 0)).counts, [
        { span: 0, language: 'de', sent: 1, delivered: 1, read: 0 },
        { span: 0, language: 'en', sent: 1, delivered: 1, read: 1 },
        { span: 1, language: 'en', sent: 1, delivered: 0, read: 0 },
      ]);
      const step = await store.countOutbound(accountId, ofTemplate, 3, 0);
      assert.deepEqual([step.seen, step.next], [3, sent + 1]);
      assert.deepEqual(await store.countOutbound(accountId, ofTemplate, 3, sent + 1), {
        counts: [
          { span: 0, language: 'en', sent: 0, delivered: 0, read: 0 },
          { span: 1, language: 'en', sent: 1, delivered: 0, read: 0 },
        ],
        seen: 2,
        next: null,
      });
      assert.ok(waiting > sent);
      assert.equal((await store.countOutbound(otherId, span, 10, 0)).seen, 0);
      assert.equal((await store.countOutbound(accountId, { ...span, senderId: '1' }, 10, 0)).seen, 0);
    }),
  );
}
