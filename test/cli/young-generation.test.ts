import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { youngBytes } from '../../src/cli/young-generation.ts';
import { startService, waitUntil } from '../support/service.ts';

/** Has a process say how large its young generation is, every so often. */
const teller = `
  import { getHeapSpaceStatistics } from 'node:v8';
  const read = () => getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_size;
  setInterval(() => console.log('young ' + read() + ';'), 50).unref();`;

it('the service runs with a young generation of one size, however little was made while it was loaded', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'chasqui-young-'));
  const nodeArgs = [`--import=data:text/javascript,${encodeURIComponent(teller)}`];
  const service = await startService({ dataDir, nodeArgs });
  const readSizes = (): number[] =>
    [...service.output().matchAll(/young (\d+);/g)].map(([, size]) => Number(size));
  try {
    const before = readSizes().length;
    await waitUntil('it has said its size', 10_000, () => readSizes().length > before + 1);
    assert.equal(readSizes().at(-1), youngBytes);
  } finally {
    await service.kill();
    await rm(dataDir, { recursive: true, force: true });
  }
});
