import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NewNotice, NoticeCode } from '../../../src/domain/notice.ts';
import { gatherMs, maxSamples, restMs } from '../../../src/domain/notice-target.ts';
import type { NoticeTarget } from '../../../src/domain/notice-target.ts';
import { versionOfNoticeTarget } from '../../../src/domain/version.ts';
import { maxWalked } from '../../../src/store/rows/paging.ts';
import type { NoticeFilter } from '../../../src/store/store.ts';
import { isGatewayError } from '../../support/errors.ts';
import { day, need, withStore } from './fixture.ts';
import type { OpenStore } from './fixture.ts';

const actor = { kind: 'key', id: 'first-key' } as const;
const leaseMs = 60_000;

function toTarget(accountId: number, id = 'a', change: Partial<NoticeTarget> = {}) {
  return {
    id,
    name: 'On call',
    kind: 'webhook',
    language: 'en',
    severity: 'info',
    codes: [],
    state: 'active',
    url: 'https://hush.example/1',
    mail: [],
    secret: 'whsec_hush',
    ...change,
    accountId,
  } as const;
}

function opened(accountId: number | null, subject = 'destination/1'): NewNotice {
  return {
    accountId,
    code: 'destination_opened',
    subject,
    text: `Opened ${subject}.`,
    params: { host: 'a.example' },
  };
}

export function noticeContract(open: OpenStore): void {
  listContract(open);
  filterContract(open);
  standingContract(open);
  targetContract(open);
  tellingContract(open);
  settlementContract(open);
}

function listContract(open: OpenStore): void {
  test(
    'listNotices: a notice is seen by its account, one of the whole service by the first, newest first',
    withStore(open, async ({ store, accountId, otherId, clock }) => {
      const own = {
        accountId,
        code: 'channel_unwell',
        subject: 'channel/shop',
        text: 'token: It is expired.',
        params: { channelId: 'shop', times: 2 },
        findings: [
          { name: 'token', code: 'token_expired', params: { said: 'It is "over".' }, senderId: '1' },
        ],
      } as const;
      const shared = {
        accountId: null,
        code: 'disk_budget_reached',
        subject: 'media',
        text: 'Full.',
        params: {},
      } as const;
      const first = need(await store.recordNotice(own));
      clock.advance(1000);
      const second = need(await store.recordNotice(shared));
      assert.deepEqual(first, { ...own, id: first.id, at: clock.now() - 1000, isOver: false });
      assert.deepEqual(second.findings, []);
      assert.deepEqual((await store.listNotices(accountId, { limit: 10 })).items, [second, first]);
      assert.deepEqual((await store.listNotices(otherId, { limit: 10 })).items, []);
      const page = await store.listNotices(accountId, { limit: 1 });
      const rest = await store.listNotices(accountId, { limit: 1, cursor: need(page.next) });
      assert.deepEqual(rest, { items: [first], next: null });
    }),
  );
}

function filterContract(open: OpenStore): void {
  test(
    'listNotices: by kind and time, a bounded number of rows at a page',
    withStore(open, async ({ store, accountId, clock }) => {
      const raise = async (code: NoticeCode) =>
        need(await store.recordNotice({ accountId, code, subject: 'x', text: code, params: {} })).id;
      const first = await raise('delivery_died');
      clock.advance(1000);
      const since = clock.now();
      const second = await raise('fallback_died');
      clock.advance(1000);
      const third = await raise('delivery_died');
      const list = async (filter: NoticeFilter) =>
        (await store.listNotices(accountId, { limit: 10 }, filter)).items.map(({ id }) => id);
      assert.deepEqual(await list({ codes: ['delivery_died'] }), [third, first]);
      assert.deepEqual(await list({ codes: ['delivery_died', 'fallback_died'], since }), [third, second]);
      assert.deepEqual(await list({ until: since }), [first]);
      assert.deepEqual(await list({ codes: [] }), []);
      await Promise.all(Array.from({ length: maxWalked + 1 }, () => raise('template_kept')));
      const page = await store.listNotices(accountId, { limit: 10 }, { codes: ['delivery_died'] });
      assert.deepEqual(page.items, [], 'what lies further back is for the next page');
      const rest = { limit: 10, cursor: need(page.next) };
      const { items, next } = await store.listNotices(accountId, rest, { codes: ['delivery_died'] });
      assert.deepEqual([items.map(({ id }) => id), next], [[third, first], null]);
    }),
  );
}

function standingContract(open: OpenStore): void {
  test(
    'recordNotice: what lasts stands until its end, which says again what it was and is told once',
    withStore(open, async ({ store, accountId, otherId, clock }) => {
      const late: NewNotice = {
        accountId: null,
        code: 'worker_late',
        subject: 'worker/a',
        text: 'Late.',
        params: { name: 'a' },
      };
      const end = { accountId: null, code: 'worker_late', subject: 'worker/a', isOver: true } as const;
      assert.equal(await store.recordNotice(end), undefined);
      assert.deepEqual(await store.listStandingOf(accountId, 10), []);
      await store.recordNotice(late);
      await store.recordNotice(late);
      clock.advance(5000);
      await store.recordNotice(late);
      await store.recordNotice({ ...late, code: 'backup_made' });
      assert.deepEqual(await store.listStandingNotices(10), [
        { accountId: null, code: 'worker_late', subject: 'worker/a', toldAt: clock.now() },
      ]);
      const [standing, ...others] = await store.listStandingOf(accountId, 10);
      assert.deepEqual([standing?.code, standing?.text, others], ['worker_late', 'Late.', []]);
      assert.deepEqual([standing?.at, standing?.since], [clock.now(), clock.now() - 5000]);
      assert.deepEqual(await store.listStandingOf(otherId, 10), []);
      const over = need(await store.recordNotice(end));
      assert.deepEqual([over.isOver, over.text, over.params], [true, 'Late.', { name: 'a' }]);
      assert.equal(await store.recordNotice(end), undefined);
      assert.deepEqual(await store.listStandingNotices(10), []);
      const { items } = await store.listNotices(accountId, { limit: 10 });
      assert.deepEqual(
        items.map(({ isOver }) => isOver),
        [true, false, false, false, false],
      );
    }),
  );

  test(
    'recordNotice: a destination that is closed is the end of its opening, of no other',
    withStore(open, async ({ store, accountId }) => {
      await store.recordNotice(opened(accountId, 'destination/1'));
      await store.recordNotice(opened(accountId, 'destination/2'));
      await store.recordNotice({ ...opened(accountId, 'destination/1'), code: 'destination_closed' });
      assert.deepEqual(
        (await store.listStandingNotices(10)).map(({ subject }) => subject),
        ['destination/2'],
      );
    }),
  );

  test(
    'sweep: what stands goes with the notice that told of it',
    withStore(open, async ({ store, accountId, clock }) => {
      await store.recordNotice(opened(accountId));
      const retention = { rawEventMs: day, receiptMs: day, attemptMs: day, unreadableMs: day };
      clock.advance(2 * day);
      while ((await store.sweep(retention, clock.now())).rows > 0);
      assert.deepEqual(await store.listStandingNotices(10), []);
    }),
  );
}

function targetContract(open: OpenStore): void {
  test(
    'listNoticeTargets: in the order in which they were made, whatever their ids',
    withStore(open, async ({ store, accountId, clock }) => {
      for (const id of ['b', 'c', 'a']) {
        await store.createNoticeTarget(toTarget(accountId, id), 20, actor);
        clock.advance(1);
      }
      const listed = await store.listNoticeTargets(accountId);
      assert.deepEqual(
        listed.map(({ id }) => id),
        ['b', 'c', 'a'],
      );
    }),
  );

  test(
    'createNoticeTarget: a target is kept with its secrets, which no change tells, and there are so many at most',
    withStore(open, async ({ store, accountId, otherId, clock }) => {
      const target = toTarget(accountId, 'a', { codes: ['token_ending'], mail: ['hush@shop.example'] });
      assert.equal(await store.createNoticeTarget(target, 2, actor), 'done');
      const kept = { ...target, createdAt: clock.now(), updatedAt: clock.now() };
      assert.deepEqual(await store.findNoticeTarget(accountId, 'a'), kept);
      assert.deepEqual(await store.listNoticeTargets(accountId), [kept]);
      assert.deepEqual(await store.listNoticeTargets(otherId), []);
      assert.equal(await store.findNoticeTarget(otherId, 'a'), undefined);
      assert.equal(await store.createNoticeTarget(toTarget(accountId, 'b'), 2, actor), 'done');
      assert.equal(await store.createNoticeTarget(toTarget(accountId, 'c'), 2, actor), 'full');
      assert.equal(await store.createNoticeTarget(toTarget(otherId, 'a'), 2, actor), 'done');
      await store.changeNoticeTarget(
        accountId,
        'a',
        { secret: 'hush-2', url: 'https://hush.example/2', name: 'N' },
        actor,
      );
      const changed = need(await store.findNoticeTarget(accountId, 'a'));
      assert.deepEqual(
        [changed.secret, changed.url, changed.name],
        ['hush-2', 'https://hush.example/2', 'N'],
      );
      assert.ok(changed.updatedAt > kept.updatedAt);
      const { items } = await store.listChanges(accountId, { limit: 10 });
      assert.doesNotMatch(JSON.stringify(items), /hush/);
      assert.deepEqual(items.map(({ action }) => action).slice(0, 3), [
        'notice_target.changed',
        'notice_target.created',
        'notice_target.created',
      ]);
    }),
  );

  test(
    'changeNoticeTarget, deleteNoticeTarget: only the version that was seen is changed',
    withStore(open, async ({ store, accountId, otherId }) => {
      await store.createNoticeTarget(toTarget(accountId), 5, actor);
      const seen = versionOfNoticeTarget(need(await store.findNoticeTarget(accountId, 'a')));
      const expected = { kind: 'versions', versions: [seen] } as const;
      assert.equal(await store.changeNoticeTarget(otherId, 'a', { name: 'B' }, actor), 'missing');
      assert.equal(await store.changeNoticeTarget(accountId, 'a', { name: 'B' }, actor, expected), 'done');
      await assert.rejects(
        store.changeNoticeTarget(accountId, 'a', { name: 'C' }, actor, expected),
        isGatewayError('changed_meanwhile'),
      );
      await assert.rejects(
        store.deleteNoticeTarget(accountId, 'a', actor, expected),
        isGatewayError('changed_meanwhile'),
      );
      assert.equal(await store.deleteNoticeTarget(accountId, 'a', actor), 'done');
      assert.equal(await store.deleteNoticeTarget(accountId, 'a', actor), 'missing');
    }),
  );
}

function tellingContract(open: OpenStore): void {
  test(
    "claimTellings: an account's targets are told of its own notices that they want, the operator of those that are named to it",
    withStore(open, async ({ store, accountId, otherId, clock }) => {
      await store.createNoticeTarget(toTarget(accountId, 'all'), 5, actor);
      await store.createNoticeTarget(toTarget(accountId, 'off', { state: 'off' }), 5, actor);
      await store.createNoticeTarget(toTarget(accountId, 'critical', { severity: 'critical' }), 5, actor);
      await store.createNoticeTarget(
        toTarget(accountId, 'other-kind', { codes: ['token_ending'] }),
        5,
        actor,
      );
      await store.createNoticeTarget(toTarget(otherId, 'other'), 5, actor);
      const told = need(await store.recordNotice(opened(accountId), ['operator']));
      await store.recordNotice(opened(null, 'everybody'), ['operator']);
      assert.deepEqual(await store.claimTellings(10, leaseMs), []);
      clock.advance(gatherMs);
      const [ofOperator, ofAccount, ...others] = await store.claimTellings(10, leaseMs);
      assert.deepEqual(others, []);
      assert.deepEqual(
        [ofOperator?.accountId, ofOperator?.targetId, ofOperator?.target],
        [null, 'operator', undefined],
      );
      assert.deepEqual(
        ofOperator?.groups.map(({ about, raised, standing }) => [about, raised, standing]),
        [
          [null, 1, 1],
          [accountId, 1, 1],
        ],
      );
      assert.equal(ofAccount?.target?.secret, 'whsec_hush');
      assert.deepEqual(ofAccount.groups, [
        { about: accountId, code: 'destination_opened', raised: 1, ended: 0, standing: 1, samples: [told] },
      ]);
      assert.deepEqual(
        (await store.listTellings(accountId)).map(({ waiting }) => waiting),
        [1],
      );
      assert.deepEqual(
        (await store.listTellings(null)).map(({ waiting }) => waiting),
        [2],
      );
    }),
  );

  test(
    'claimTellings: notices of one kind are one group, of which the first few are named, with their ends',
    withStore(open, async ({ store, accountId, clock }) => {
      await store.createNoticeTarget(toTarget(accountId), 5, actor);
      for (let number = 1; number <= 20; number += 1)
        await store.recordNotice(opened(accountId, `destination/${number}`));
      await store.recordNotice({ ...opened(accountId, 'destination/1'), code: 'destination_closed' });
      clock.advance(gatherMs);
      const [telling] = await store.claimTellings(10, leaseMs);
      const [group, ...others] = need(telling).groups;
      assert.deepEqual(others, []);
      assert.deepEqual(
        [group?.raised, group?.ended, group?.standing, group?.samples.length],
        [20, 1, 19, maxSamples],
      );
    }),
  );

  test(
    'claimTellings: a message that is not settled falls due again as it was, whatever came meanwhile',
    withStore(open, async ({ store, accountId, clock }) => {
      await store.createNoticeTarget(toTarget(accountId), 5, actor);
      await store.recordNotice(opened(accountId));
      clock.advance(gatherMs);
      const [first] = await store.claimTellings(10, leaseMs);
      await store.recordNotice(opened(accountId, 'destination/2'));
      assert.deepEqual(await store.claimTellings(10, leaseMs), []);
      clock.advance(leaseMs);
      const [again] = await store.claimTellings(10, leaseMs);
      assert.deepEqual([again?.message, again?.attempt], [first?.message, 2]);
      assert.deepEqual(
        again?.groups.map(({ raised }) => raised),
        [1],
      );
      await store.resumeTellings();
      assert.equal((await store.claimTellings(10, leaseMs))[0]?.attempt, 3);
    }),
  );
}

function settlementContract(open: OpenStore): void {
  test(
    'settleTelling: what was told is gone, and what came meanwhile follows once the target was left alone for a while',
    withStore(open, async ({ store, accountId, clock }) => {
      await store.createNoticeTarget(toTarget(accountId), 5, actor);
      await store.recordNotice(opened(accountId));
      clock.advance(gatherMs);
      const first = need((await store.claimTellings(10, leaseMs))[0]);
      await store.recordNotice(opened(accountId, 'destination/2'));
      await store.settleTelling(first, { kind: 'told' });
      await store.settleTelling(first, { kind: 'given_up', error: 'late' });
      clock.advance(restMs - 1);
      assert.deepEqual(await store.claimTellings(10, leaseMs), []);
      clock.advance(1);
      const second = need((await store.claimTellings(10, leaseMs))[0]);
      assert.notEqual(second.message, first.message);
      assert.deepEqual(
        second.groups[0]?.samples.map(({ subject }) => subject),
        ['destination/2'],
      );
      await store.settleTelling(second, { kind: 'told' });
      clock.advance(day);
      assert.deepEqual(await store.claimTellings(10, leaseMs), []);
      const [state] = await store.listTellings(accountId);
      assert.deepEqual([state?.waiting, state?.dueAt, state?.failedAt, state?.givenUp], [0, null, null, 0]);
      assert.equal(state?.toldAt, clock.now() - day);
    }),
  );

  test(
    'settleTelling: a failure is kept from its first on, and ends with a message that was told',
    withStore(open, async ({ store, accountId, clock }) => {
      await store.createNoticeTarget(toTarget(accountId), 5, actor);
      await store.recordNotice(opened(accountId));
      clock.advance(gatherMs);
      const claim = async () => need((await store.claimTellings(10, leaseMs))[0]);
      const since = clock.now();
      await store.settleTelling(await claim(), {
        kind: 'retry',
        dueAt: clock.now() + 5000,
        error: 'Refused.',
      });
      clock.advance(5000);
      await store.settleTelling(await claim(), { kind: 'given_up', error: 'Gone.' });
      const failing = [{ accountId, targetId: 'a', failedAt: since }];
      assert.deepEqual(await store.listFailingTellings(10), failing);
      const [state] = await store.listTellings(accountId);
      assert.deepEqual([state?.error, state?.givenUp, state?.waiting], ['Gone.', 1, 0]);
      await store.recordNotice(opened(accountId));
      clock.advance(restMs);
      await store.settleTelling(await claim(), { kind: 'told' });
      assert.deepEqual(await store.listFailingTellings(10), []);
    }),
  );

  test(
    'changeNoticeTarget: what waits is tried at once by what was set; a target that is switched off, or gone, waits for nothing',
    withStore(open, async ({ store, accountId, clock }) => {
      await store.createNoticeTarget(toTarget(accountId), 5, actor);
      await store.createNoticeTarget(toTarget(accountId, 'b'), 5, actor);
      await store.recordNotice(opened(accountId));
      clock.advance(gatherMs);
      for (const telling of await store.claimTellings(10, leaseMs))
        await store.settleTelling(telling, { kind: 'retry', dueAt: clock.now() + day, error: 'No.' });
      await store.changeNoticeTarget(accountId, 'a', { url: 'https://other.example/' }, actor);
      clock.advance(1);
      const [telling, ...others] = await store.claimTellings(10, leaseMs);
      assert.deepEqual(
        [telling?.targetId, telling?.target?.url, others],
        ['a', 'https://other.example/', []],
      );
      await store.changeNoticeTarget(accountId, 'a', { state: 'off' }, actor);
      await store.deleteNoticeTarget(accountId, 'b', actor);
      assert.deepEqual(await store.listTellings(accountId), []);
      clock.advance(2 * day);
      assert.deepEqual(await store.claimTellings(10, leaseMs), []);
    }),
  );
}
