import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { parsePeerOptions } from '../../../bench/peers/address.ts';
import { readUsage } from '../../../bench/processes.ts';

/** Nobody listens there. */
const nowhere = 'http://127.0.0.1:9';

describe('peers on the command line', () => {
  it('a credential stands in the URL or in the environment, and never in the address', async () => {
    const { peers } = await parsePeerOptions(
      { peer: ['convoy=http://project:a%2Fb@127.0.0.1:9/', `outpost=${nowhere}`] },
      { BENCH_OUTPOST: ':key:with:colons' },
    );
    assert.deepEqual(
      peers.map(({ address }) => address),
      [
        { name: 'convoy', url: nowhere, user: 'project', secret: 'a/b' },
        { name: 'outpost', url: nowhere, user: '', secret: 'key:with:colons' },
      ],
    );
  });

  it('a process that nobody names and nobody finds is unknown, and so is the database of a peer that has one', async () => {
    const { peers } = await parsePeerOptions({ peer: [`svix=${nowhere}`, `goaws=${nowhere}`] }, {});
    assert.deepEqual(
      peers.map(({ processes }) => processes),
      [
        { service: undefined, database: undefined },
        { service: undefined, database: [] },
      ],
    );
  });

  it('the process that listens on the port is found, unless another is named', async (t) => {
    const server = createServer().listen(0, '127.0.0.1');
    t.after(() => server.close());
    await once(server, 'listening');
    const peer = [`goaws=http://127.0.0.1:${(server.address() as AddressInfo).port}`];
    const found = await parsePeerOptions({ peer }, {});
    assert.deepEqual(found.peers[0]?.processes.service, [process.pid]);
    const named = await parsePeerOptions({ peer, pid: ['goaws=1,2'], 'database-pid': ['goaws=3'] }, {});
    assert.deepEqual(named.peers[0]?.processes, { service: [1, 2], database: [3] });
  });

  it('what is not understood is refused', async () => {
    const wrong = [
      { peer: ['kafka=http://127.0.0.1:9'] },
      { peer: ['goaws'] },
      { pid: ['goaws=1'] },
      { peer: [`goaws=${nowhere}`], pid: ['goaws=one'] },
      { rate: 'fast' },
    ];
    for (const given of wrong) await assert.rejects(parsePeerOptions(given, {}), JSON.stringify(given));
  });
});

it('what a process has used is told with its memory, and of one that has ended nothing is', async () => {
  const usage = await readUsage([process.pid]);
  assert.ok((usage?.memoryMb ?? 0) > 10);
  assert.ok((usage?.ticks ?? 0) > 0);
  assert.equal(await readUsage([process.pid, 2 ** 30]), undefined);
});
