import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Intake } from '../../../src/store/store.ts';
import { intake, need, withStore } from './fixture.ts';
import type { Fixture, OpenStore } from './fixture.ts';

const unknown = { index: 0, reason: 'unknown_event', detail: 'poke', mayBeMessage: true } as const;
const left = { index: 1, reason: 'not_a_receipt', detail: 'typing', mayBeMessage: false } as const;

/** Records a raw event without receipts; resolves to its id. */
async function keep(fixture: Fixture, changes: Partial<Intake>): Promise<number> {
  const [recorded] = await fixture.store.recordIntake([intake(fixture, [], { reader: 'old', ...changes })]);
  return need(recorded).rawEventId;
}

export function remarkContract(open: OpenStore): void {
  it(
    'listRawEvents: raw events are listed newest first, by what is said of them, channel and time',
    withStore(open, async (fixture) => {
      const { store, accountId, otherId, clock } = fixture;
      const started = clock.now();
      const quiet = await keep(fixture, {});
      clock.advance(60_000);
      const poked = await keep(fixture, { remarks: [unknown, left] });
      clock.advance(60_000);
      const typed = await keep(fixture, { channelId: 'another', remarks: [left] });
      const idsOf = async (filter: Parameters<typeof store.listRawEvents>[1], id = accountId) =>
        (await store.listRawEvents(id, filter, { limit: 10 })).items.map((entry) => entry.id);
      assert.deepEqual(await idsOf({}), [typed, poked, quiet]);
      assert.deepEqual(await idsOf({}, otherId), []);
      assert.deepEqual(await idsOf({ remarked: true }), [typed, poked]);
      assert.deepEqual(await idsOf({ remarked: true }, otherId), []);
      assert.deepEqual(await idsOf({ mayBeMessage: true }), [poked]);
      assert.deepEqual(await idsOf({ mayBeMessage: false }), [typed]);
      assert.deepEqual(await idsOf({ reason: 'not_a_receipt' }), [typed, poked]);
      assert.deepEqual(await idsOf({ reason: 'unknown_event' }), [poked]);
      assert.deepEqual(await idsOf({ remarked: true, channelId: 'another' }), [typed]);
      assert.deepEqual(await idsOf({ remarked: true, until: started + 90_000 }), [poked]);
      assert.deepEqual(await idsOf({ since: started + 90_000 }), [typed]);
      const first = await store.listRawEvents(accountId, { remarked: true }, { limit: 1 });
      assert.deepEqual(
        first.items.map(({ remarks, reader }) => ({ remarks, reader })),
        [{ remarks: [left], reader: 'old' }],
      );
      const page = { limit: 1, cursor: need(first.next ?? undefined) };
      const second = await store.listRawEvents(accountId, { remarked: true }, page);
      assert.deepEqual(second.items[0]?.remarks, [unknown, left]);
      assert.deepEqual((await store.findRawEventEntry(accountId, quiet))?.remarks, []);
      assert.equal(await store.findRawEventEntry(otherId, poked), undefined);
    }),
  );

  it(
    'recordIntake: what is said of a raw event is replaced when it is read again',
    withStore(open, async (fixture) => {
      const { store, accountId } = fixture;
      const one = await keep(fixture, { remarks: [unknown] });
      const two = await keep(fixture, { remarks: [unknown], reader: 'newest' });
      const waiting = async () => (await store.findRemarkedByOthers('new', 10)).map(({ id }) => id);
      assert.deepEqual(new Set(await waiting()), new Set([one, two]));
      const last = { reader: 'old', id: one };
      assert.deepEqual(
        (await store.findRemarkedByOthers('newest', 10)).map(({ id }) => id),
        [one],
      );
      assert.deepEqual(await store.findRemarkedByOthers('newest', 10, last), []);
      await keep(fixture, { reread: { rawEventId: one }, remarks: [left], reader: 'new' });
      assert.deepEqual((await store.findRawEventEntry(accountId, one))?.remarks, [left]);
      await keep(fixture, { reread: { rawEventId: two }, remarks: [], reader: 'new' });
      assert.deepEqual((await store.findRawEventEntry(accountId, two))?.remarks, []);
      assert.deepEqual(await waiting(), []);
      // One that is read for an event that waited is still said to be what it is.
      const route = { by: 'sender', id: '9' } as const;
      await keep(fixture, { reread: { rawEventId: one, route } });
      assert.deepEqual((await store.findRawEventEntry(accountId, one))?.remarks, [left]);
    }),
  );

  it(
    'sweep: what is said of raw events goes with them',
    withStore(open, async (fixture) => {
      const { store, accountId, clock } = fixture;
      await keep(fixture, { remarks: [unknown] });
      clock.advance(31 * 86_400_000);
      const day = 86_400_000;
      const times = {
        rawEventMs: 30 * day,
        receiptMs: 90 * day,
        attemptMs: 30 * day,
        unreadableMs: 30 * day,
      };
      while ((await store.sweep(times, clock.now())).rows > 0);
      const { items } = await store.listRawEvents(accountId, { remarked: true }, { limit: 10 });
      assert.deepEqual(items, []);
    }),
  );
}
