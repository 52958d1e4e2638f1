// The database's own clock is set while nodes work by it.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { pause } from '../support/pace.ts';
import { openReceiver } from '../support/receiver.ts';
import type { Receiver } from '../support/receiver.ts';
import { waitUntil } from '../support/service.ts';
import { openBed, subscribe } from './bed.ts';
import type { Bed } from './bed.ts';

let bed: Bed;
let receiver: Receiver;
/** What takes receipts, and holds back its answers while this is set. */
let isSlow = false;

before(async () => {
  bed = await openBed({ count: 3, postgres: { settings: { allow_system_table_mods: 'on' } } });
  receiver = await openReceiver((_call, response) => {
    setTimeout(() => response.end('{"code":0}'), isSlow ? 1000 : 0);
  });
  await subscribe(bed.node(0), receiver.url);
});
after(async () => {
  await receiver.close();
  await bed.close();
});

/** Sets the server's clock: what statements ask for the time is answered by a function that is that far ahead. */
async function setServerClock(aheadSeconds: number): Promise<void> {
  await bed.postgres.query(
    `CREATE OR REPLACE FUNCTION pg_catalog.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
       $$ SELECT timeofday()::timestamptz + make_interval(secs => ${aheadSeconds}) $$`,
    bed.database,
  );
  const [row] = await bed.postgres.query(
    'SELECT extract(epoch FROM clock_timestamp() - timeofday()::timestamptz)::int AS ahead',
    bed.database,
  );
  assert.equal(row?.['ahead'], aheadSeconds);
}

const causes = (id: string): (string | undefined)[] =>
  receiver.calls
    .filter(({ body }) => body.includes(`"${id}"`))
    .map(({ headers }) => headers['chasqui-repeat-cause'] as string | undefined);

/** Which node pushes: ids end in the number of the node that gave them, and the hold names whose it is. */
async function findHolder(name: string): Promise<number> {
  const query = async (sql: string): Promise<number> => {
    const [row] = await bed.postgres.query(sql, bed.database);
    return Number(row?.['number']);
  };
  const numbers: number[] = [];
  for (const [n, node] of bed.nodes.entries()) {
    assert.equal((await node.postStatus(`${name}.of.${n}`, 'sent')).status, 201);
    numbers.push(await query(`SELECT id % 64 AS number FROM receipt WHERE facts LIKE '%"${name}.of.${n}"%'`));
  }
  await waitUntil('all have come', 10_000, () =>
    bed.nodes.every((_, n) => causes(`${name}.of.${n}`).length > 0),
  );
  return numbers.indexOf(
    await query('SELECT n.number FROM destination_hold h JOIN node n ON n.holder = h.holder'),
  );
}

for (const aheadSeconds of [-600, 600]) {
  it(`by ${aheadSeconds} s, nodes go on, and what one that dies held is pushed by another with its cause`, async () => {
    const name = aheadSeconds < 0 ? 'back' : 'ahead';
    await setServerClock(aheadSeconds);
    await pause(5000, 'each node asks for the time every 2 s');
    for (const node of bed.nodes) assert.ok(await node.isReady());
    const holder = await findHolder(name);
    const other = bed.node(holder + 1);
    isSlow = true;
    assert.equal((await other.postStatus(`${name}.inhand`, 'sent')).status, 201);
    await waitUntil('it is in hand', 10_000, () => causes(`${name}.inhand`).length > 0);
    await bed.node(holder).service.kill();
    isSlow = false;
    const killedAt = performance.now();
    assert.equal((await other.postStatus(`${name}.after`, 'sent')).status, 201);
    await waitUntil('another pushes', 40_000, () => causes(`${name}.after`).length > 0);
    assert.ok(performance.now() - killedAt < 30_000);
    await waitUntil('what was in hand comes again', 10_000, () => causes(`${name}.inhand`).length > 1);
    assert.deepEqual(causes(`${name}.inhand`).slice(1), ['recovery']);
    await waitUntil('it is told', 10_000, async () =>
      (await other.call('GET', '/api/v1/notices?limit=50')).text.includes('database_clock_set'),
    );
    await setServerClock(0);
    await bed.restart(holder);
  });
}
