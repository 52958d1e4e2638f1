// Three nodes whose clocks differ: what they share goes by the database's.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { request } from 'undici';
import { pause } from '../support/pace.ts';
import { openReceiver } from '../support/receiver.ts';
import type { Receiver } from '../support/receiver.ts';
import { findFreePort, startService, waitUntil } from '../support/service.ts';
import { drain, masterKey, openBed, skewedClock, statusQueue, subscribe } from './bed.ts';
import type { Bed } from './bed.ts';

const statuses = ['sent', 'delivered', 'read'];
/** Messages of each difference; `npm run test:database` asks for more. */
const rounds = Number(process.env['CHASQUI_DATABASE_ROUNDS'] ?? 8);

interface Status {
  readonly MessageId: string;
  readonly Status: string;
}

/** The statuses of each message in the order in which they came. */
function orderOf(bodies: readonly string[]): Map<string, string[]> {
  const seen = new Map<string, string[]>();
  for (const { MessageId: id, Status: status } of bodies.flatMap(
    (body) => JSON.parse(body) as Status | Status[],
  ))
    seen.set(id, [...(seen.get(id) ?? []), status.toLowerCase()]);
  return seen;
}

/** What of the expected messages did not come as they were posted. */
function misordered(seen: ReadonlyMap<string, string[]>, ids: readonly string[]): string[] {
  return ids
    .filter((id) => seen.get(id)?.join() !== statuses.join())
    .map((id) => `${id}: ${String(seen.get(id))}`);
}

describe('nodes whose clocks differ', () => {
  let bed: Bed;
  let receiver: Receiver;
  let isAway = false;

  before(async () => {
    bed = await openBed({ count: 3 });
    receiver = await openReceiver((_call, response) => {
      response.statusCode = isAway ? 503 : 200;
      response.end('{"code":0}');
    });
    await subscribe(bed.node(0), receiver.url);
    const { text } = await bed.node(0).call('GET', '/api/v1/destinations');
    const { items } = JSON.parse(text) as { items: { id: number }[] };
    const retries = { scheduleMs: Array.from({ length: 40 }, (_, n) => (n === 0 ? 0 : 500)) };
    const { status } = await bed.node(0).call('PATCH', `/api/v1/destinations/${items[0]?.id ?? 0}`, retries);
    assert.equal(status, 200);
  });
  after(async () => {
    await receiver.close();
    await bed.close();
  });

  const setClocks = async (...aheadMs: number[]): Promise<void> => {
    await Promise.all(aheadMs.map((ms, n) => bed.node(n).setClock(ms)));
    await pause(100, 'nodes look at the file of their clock every 20 ms');
  };

  for (const apartMs of [10, 250, 2000]) {
    it(`keep the order of what each took after the one before was acknowledged, set apart by ${apartMs} ms`, async () => {
      await setClocks(0, apartMs, -apartMs);
      const ids: string[] = [];
      const before = receiver.calls.length;
      isAway = true;
      for (let round = 0; round < rounds; round += 1) {
        for (let first = 0; first < 3; first += 1) {
          const id = `apart${apartMs}.${round}.${first}`;
          ids.push(id);
          for (const [turn, status] of statuses.entries()) {
            const answer = await bed.node(first + turn).postStatus(id, status);
            assert.equal(answer.status, 201, answer.text);
          }
        }
      }
      const taken = (): string[] => receiver.calls.slice(before).map(({ body }) => body);
      await waitUntil('tries have been refused', 60_000, () => taken().length > 2);
      isAway = false;
      const last = (id: string): string | undefined => orderOf(taken()).get(id)?.at(-1);
      await waitUntil('all have come', 60_000, () => ids.every((id) => last(id) === 'read'));
      const queued = await drain(bed.node(1), statusQueue);
      assert.deepEqual(misordered(orderOf(queued.map(fromBase64)), ids), []);
      // A try while it was away is no arrival, so each status counts once, where it came last.
      const pushed = new Map([...orderOf(taken())].map(([id, seen]) => [id, [...new Set(seen)]]));
      assert.deepEqual(misordered(pushed, ids), []);
    });
  }

  it('hold, delay, keep and delete as one, and push at once', async () => {
    await setClocks(0, 4000, -4000);
    const [first, ahead, behind] = [bed.node(0), bed.node(1), bed.node(2)];
    const queue =
      '<Queue><VisibilityTimeout>5</VisibilityTimeout><MessageRetentionPeriod>60</MessageRetentionPeriod></Queue>';
    assert.equal((await first.smq.call('PUT', '/queues/held', queue)).status, 201);
    assert.equal((await behind.smq.send('held', 'body')).status, 201);
    const [message] = await behind.smq.receive('held', 2);
    assert.ok(message !== undefined);
    const heldAt = performance.now();
    assert.deepEqual(await ahead.smq.receive('held', 0), []);
    await pause(1500, 'by its own clock, the one ahead would find its time over now');
    assert.deepEqual(await ahead.smq.receive('held', 0), []);
    if (performance.now() - heldAt < 4500)
      assert.equal((await ahead.smq.delete('held', message.handle)).status, 204);

    const delayed = '<Message><MessageBody>later</MessageBody><DelaySeconds>3</DelaySeconds></Message>';
    const sentAt = performance.now();
    assert.equal((await ahead.smq.call('POST', '/queues/held/messages', delayed)).status, 201);
    const [later] = await behind.smq.receive('held', 10);
    const afterMs = performance.now() - sentAt;
    assert.equal(later?.body, 'later');
    assert.ok(afterMs > 2900 && afterMs < 6500, `${afterMs} ms`);

    for (const node of bed.nodes) {
      const before = receiver.calls.length;
      const postedAt = performance.now();
      assert.equal((await node.postStatus(`at-once.${before}`, 'sent')).status, 201);
      await receiver.waitFor(before + 1);
      assert.ok(performance.now() - postedAt < 3500);
    }
  });

  it('that differ by minutes say so, are not ready and take on nothing, and what is kept is as it was', async () => {
    await setClocks(0, 300_000, -300_000);
    const good = bed.node(0);
    assert.equal(
      (
        await good.smq.call(
          'PUT',
          '/queues/short',
          '<Queue><MessageRetentionPeriod>60</MessageRetentionPeriod></Queue>',
        )
      ).status,
      201,
    );
    assert.equal((await good.smq.send('short', 'kept')).status, 201);
    for (const node of [bed.node(1), bed.node(2)]) {
      const ready = await node.call('GET', '/health/ready');
      assert.equal(ready.status, 503);
      assert.match(ready.text, /300 s (ahead of|behind) the database/);
      assert.equal((await node.postStatus('refused', 'sent')).status, 503);
      assert.equal((await node.smq.send('short', 'refused')).status, 503);
      await assert.rejects(node.smq.receive('short', 0), /503/);
      const { text } = await node.call('GET', '/metrics');
      assert.match(text, /chasqui_clock_ahead_seconds -?(300|299)/);
    }
    assert.ok(await good.isReady());
    assert.equal((await good.postStatus('taken', 'sent')).status, 201);
    await waitUntil('it is told', 10_000, async () => {
      const { text } = await good.call('GET', '/api/v1/notices?limit=50');
      return text.includes('clock_in_doubt');
    });
    await setClocks(0, 0, 0);
    for (const node of bed.nodes) await waitUntil('it is ready again', 5000, () => node.isReady());
    const [message] = await bed.node(1).smq.receive('short', 0);
    assert.equal(message?.body, 'kept');
    assert.equal((await bed.node(2).smq.delete('short', message.handle)).status, 204);
  });

  it('take no harm from one that starts with a wrong clock, which is ready once it is right', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'chasqui-clock-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, 'clock');
    await writeFile(file, '-300000');
    const port = await findFreePort();
    const env = { DATABASE_URL: bed.postgres.url(bed.database), MASTER_KEY: masterKey, CLOCK_FILE: file };
    const starting = startService({ dataDir: '/nowhere', port, nodeArgs: ['--import', skewedClock], env });
    const ready = async (): Promise<string> => {
      const answer = await request(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined);
      return (await answer?.body.text()) ?? '';
    };
    await waitUntil('it says why', 30_000, async () => (await ready()).includes('300 s behind the database'));
    assert.equal((await bed.node(0).postStatus('beside', 'sent')).status, 201);
    await writeFile(file, '0');
    await (await starting).kill();
  });
});

function fromBase64(body: string): string {
  return Buffer.from(body, 'base64').toString('utf8');
}
