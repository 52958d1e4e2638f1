import assert from 'node:assert/strict';
import { it } from 'node:test';
import { listWorkers } from '../support/listed-workers.ts';
import { kinds } from '../support/workers.ts';
import { readWorkersPage } from './workers-page.ts';

it('what runs by itself is what docs/workers.md and the contract of workers name', async () => {
  const { all, shared } = readWorkersPage();
  const workers = await listWorkers();
  assert.deepEqual(
    workers.map(({ name }) => name),
    all.filter((name) => !shared.includes(name)),
  );
  assert.deepEqual([...kinds.keys()].toSorted(), all);
  assert.ok(workers.every(({ state }) => state === 'idle' || state === 'running'));
});
