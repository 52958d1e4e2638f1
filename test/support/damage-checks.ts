// What has to be true of a store after its file was damaged.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { inbound, intake } from '../store/contract/fixture.ts';
import { accountId, openTold } from './damaged.ts';
import type { Filled } from './damaged.ts';

/** Rows that stand beside damaged bytes in one page: at most so many for each of the two ends of a damaged part. */
const besides = 24;

/**
 * Opens a damaged store and asserts that damage is told, that every message whose bytes are all there is handed out once and
 * unchanged, that deliveries and lists go on, and that new work is taken.
 */
export async function assertGood({ file, fixture, bodies, receipts }: Filled): Promise<void> {
  const bytes = readFileSync(file);
  const whole = bodies.filter((body) => body.length > 3000 || bytes.includes(body));
  const { clock } = fixture;
  const { store, told } = await openTold(file, clock);
  try {
    assert.ok(told.length > 0, 'damage was not told');
    const kept = readdirSync(dirname(file)).filter((name) => name.startsWith(`${basename(file)}.damaged-`));
    assert.equal(kept.length, 1, 'the damaged file is kept');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    // Its name may be lost, and it then has another.
    const queue =
      (await store.findQueue(accountId, 'orders')) ??
      (await store.listQueues(accountId, 'recovered-', '', 1))[0];
    assert.ok(queue, 'the queue is there');
    const got: string[] = [];
    for (;;) {
      const messages = await store.receiveMessages(queue, 16, clock.now());
      if (messages.length === 0) break;
      got.push(...messages.map(({ body }) => body));
      const handles = messages.map(({ handle }) => handle);
      const faults = await store.deleteMessages(queue, handles, clock.now());
      assert.ok(faults.every((fault) => fault === null));
    }
    assert.equal(new Set(got).size, got.length);
    const sent = new Set(bodies);
    assert.deepEqual(
      got.filter((body) => !sent.has(body)),
      [],
      'nothing is handed out that was not sent',
    );
    const received = new Set(got);
    const missing = whole.filter((body) => !received.has(body));
    assert.ok(missing.length <= besides, `${missing.length} of ${whole.length} whole messages are missing`);
    // Those that are lost and those that are handed out are all.
    assert.ok(got.length >= whole.length - besides);

    const destinations = await store.listDestinations(accountId);
    let claimed = 0;
    for (const { id } of destinations) {
      for (;;) {
        const request = {
          accountId,
          destinationId: id,
          limit: 50,
          batchSize: 1,
          now: clock.now(),
          leaseMs: 60_000,
        };
        const batches = await store.claimDeliveries(request);
        if (batches.length === 0) break;
        claimed += batches.length;
        const attempt = {
          at: clock.now(),
          durationMs: 1,
          status: 200,
          outcome: 'accepted',
          answer: '',
        } as const;
        await store.settleDeliveries(
          batches.flatMap(({ members }) =>
            members.map(({ deliveryId }) => ({
              ...{ accountId, destinationId: id, deliveryId, attempt },
              next: { kind: 'done' } as const,
            })),
          ),
        );
      }
    }
    // A damaged part takes 17 pages at most, of receipts some 12 rows each.
    assert.ok(
      destinations.length === 0 || claimed >= receipts - 17 * 60,
      `${claimed} of ${receipts} deliveries`,
    );

    let listed = 0;
    for (let cursor: string | null = null; ;) {
      const page: { items: readonly unknown[]; next: string | null } = await store.listReceipts(
        accountId,
        {},
        { limit: 50, ...(cursor === null ? {} : { cursor }) },
      );
      listed += page.items.length;
      cursor = page.next;
      if (cursor === null) break;
    }
    assert.ok(listed >= claimed);

    await store.probe();
    await store.sendMessages(queue, [{ body: 'after', priority: 8 }], clock.now());
    const [after] = await store.receiveMessages(queue, 1, clock.now());
    assert.equal(after?.body, 'after');
    const everyone = { ...fixture, store };
    const [recorded] = await store.recordIntake([intake(everyone, [inbound(everyone, 'after')])]);
    assert.equal(recorded?.receipts.length, 1);
  } finally {
    await store.close();
  }
  const again = await openTold(file, clock);
  assert.deepEqual(again.told, [], 'the saved file is whole');
  await again.store.close();
}
