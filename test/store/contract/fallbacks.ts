import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FallbackAttempt, FallbackWish } from '../../../src/domain/fallback.ts';
import { formatOutboundId } from '../../../src/domain/ids.ts';
import type { Envelope } from '../../../src/domain/message.ts';
import { toRank } from '../../../src/domain/receipt.ts';
import type { MessageStatus } from '../../../src/domain/receipt.ts';
import { minute, need, record, second, status, withStore } from './fixture.ts';
import type { Fixture, OpenStore } from './fixture.ts';
import { outbound } from './outbound-fixture.ts';

const wish: FallbackWish = { id: 'S_1', content: 'hello', afterMs: 60 * second, rule: 'undelivered' };

async function add(fixture: Fixture, to: string, envelope: Partial<Envelope>): Promise<number> {
  const message = outbound(fixture, to);
  const [added] = await fixture.store.addOutbound(fixture.accountId, [
    { ...message, envelope: { ...message.envelope, ...envelope } },
  ]);
  return need(added).id;
}

async function tell(fixture: Fixture, id: number, value: MessageStatus): Promise<void> {
  await record(fixture, status(fixture, formatOutboundId(id), value, toRank(value), { outboundId: id }));
}

const claim = ({ store, clock }: Fixture) => store.claimFallbacks(10, clock.now(), minute);

const attempt = (at: number, code: number | null): FallbackAttempt => ({
  at,
  durationMs: 5,
  status: code,
  text: code === 200 ? '' : 'no',
});

export function fallbackContract(open: OpenStore): void {
  test(
    'claimFallbacks: a fallback fires at once when its message fails, and when its time is over without a delivery',
    withStore(open, async (fixture) => {
      const { store, accountId, otherId, clock } = fixture;
      const failed = await add(fixture, '1001', { fallBack: wish });
      const late = await add(fixture, '1002', { fallBack: wish });
      const delivered = await add(fixture, '1003', { fallBack: wish });
      const patient = await add(fixture, '1004', { fallBack: { ...wish, afterMs: null } });
      // What a user wrote is no wish.
      const none = await add(fixture, '1005', { content: { fallBack: { afterMs: 1 } } });
      const all = [failed, late, delivered, patient, none];
      assert.deepEqual(await claim(fixture), []);
      await tell(fixture, failed, 'failed');
      await tell(fixture, delivered, 'sent');
      await tell(fixture, delivered, 'delivered');
      assert.deepEqual(
        (await claim(fixture)).map(({ outboundId, reason, state }) => [outboundId, reason, state]),
        [[failed, 'failed', 'firing']],
      );
      assert.deepEqual(await claim(fixture), []);
      clock.advance(61 * second);
      const due = await claim(fixture);
      assert.deepEqual(
        due.map(({ outboundId, reason }) => [outboundId, reason]).toSorted(),
        [
          [failed, 'failed'],
          [late, 'undelivered'],
        ],
        'one whose lease is over comes again',
      );
      const found = await store.findFallbacks(accountId, all);
      assert.deepEqual(
        found.map(({ outboundId, state }) => [outboundId, state]).toSorted(),
        [
          [failed, 'firing'],
          [late, 'firing'],
          [delivered, 'dropped'],
          [patient, 'armed'],
        ].toSorted(),
      );
      assert.deepEqual(await store.findFallbacks(otherId, all), []);
      // It has gone out; a delivery that comes late takes nothing back.
      await tell(fixture, late, 'delivered');
      assert.equal((await store.findFallbacks(accountId, [late]))[0]?.state, 'firing');
    }),
  );

  test(
    'settleFallback: what became of a fallback is kept, and one that is over is left alone',
    withStore(open, async (fixture) => {
      const { store, accountId, clock } = fixture;
      const id = await add(fixture, '1001', { fallBack: wish });
      await tell(fixture, id, 'failed');
      const fallback = need((await claim(fixture))[0]);
      const at = clock.now();
      await store.settleFallback(fallback, attempt(at, 500), { kind: 'retry', dueAt: at + second });
      assert.deepEqual(await claim(fixture), []);
      clock.advance(second);
      assert.deepEqual(
        (await claim(fixture)).map(({ attempts }) => attempts),
        [1],
      );
      await store.settleFallback(fallback, attempt(at + second, 200), { kind: 'taken' });
      await store.settleFallback(fallback, attempt(at + second, null), { kind: 'dead' });
      assert.deepEqual(await store.findFallbackAttempts(accountId, id), [
        attempt(at, 500),
        attempt(at + second, 200),
      ]);
      const [end] = await store.findFallbacks(accountId, [id]);
      assert.deepEqual([end?.state, end?.attempts, end?.dueAt], ['taken', 2, null]);
      clock.advance(60 * minute);
      assert.deepEqual(await claim(fixture), []);
    }),
  );

  test(
    'sweep: a fallback is swept with its message',
    withStore(open, async (fixture) => {
      const { store, accountId, clock } = fixture;
      const id = await add(fixture, '1001', { fallBack: wish });
      await tell(fixture, id, 'failed');
      const fallback = need((await claim(fixture))[0]);
      await store.settleFallback(fallback, attempt(clock.now(), 200), { kind: 'taken' });
      const keep = { rawEventMs: minute, receiptMs: minute, attemptMs: minute, unreadableMs: minute };
      clock.advance(2 * minute);
      while ((await store.sweep(keep, clock.now())).rows > 0);
      assert.deepEqual(await store.findFallbacks(accountId, [id]), []);
      assert.deepEqual(await store.findFallbackAttempts(accountId, id), []);
    }),
  );
}
