import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { request } from 'undici';
import { youngBytes } from '../../src/cli/young-generation.ts';
import { startService, waitUntil } from '../support/service.ts';
import type { Service } from '../support/service.ts';

/** Has a process say how large its young generation is, every so often; SIGUSR2 has it collect all, as V8 does when nothing is done. */
const teller = `
  import { getHeapSpaceStatistics } from 'node:v8';
  const read = () => {
    const space = getHeapSpaceStatistics().find((each) => each.space_name === 'new_space');
    return 2 * (space.space_used_size + space.space_available_size);
  };
  process.on('SIGUSR2', () => globalThis.gc());
  setInterval(() => console.log('young ' + read() + ';'), 50).unref();`;

/** But for the heads of its pages. */
const isWhole = (bytes: number): boolean => bytes > youngBytes * 0.98 && bytes <= youngBytes;

/** It grows by what outlives a collection, so by what is under way at one moment: of a few calls on a busy machine that is little. */
const connections = 256;

interface Bed {
  readonly service: Service;
  /** What it said last, once it has spoken again. */
  readonly readSize: () => Promise<number>;
}

async function withService(work: (bed: Bed) => Promise<void>): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'chasqui-young-'));
  const nodeArgs = ['--expose-gc', `--import=data:text/javascript,${encodeURIComponent(teller)}`];
  const service = await startService({ dataDir, nodeArgs });
  const readSizes = (): number[] =>
    [...service.output().matchAll(/young (\d+);/g)].map(([, size]) => Number(size));
  const readSize = async (): Promise<number> => {
    const before = readSizes().length;
    await waitUntil('it has said its size', 10_000, () => readSizes().length > before + 1);
    return readSizes().at(-1) ?? 0;
  };
  try {
    await work({ service, readSize });
  } finally {
    await service.kill();
    await rm(dataDir, { recursive: true, force: true });
  }
}

describe('the young generation', () => {
  it('is of one size when the service is ready, however little was made until then', () =>
    withService(async ({ readSize }) =>
      assert.ok(isWhole(await readSize()), `It has ${await readSize()} bytes.`),
    ));

  it('is of that size again under load after V8 took it back', () =>
    withService(async ({ service, readSize }) => {
      const limit = AbortSignal.timeout(60_000);
      while (isWhole(await readSize()) && !limit.aborted) service.process.kill('SIGUSR2');
      assert.ok(!isWhole(await readSize()), 'V8 did not take it back.');
      const isHeld = async (): Promise<boolean> => isWhole(await readSize());
      const ask = async (): Promise<void> => {
        while (!limit.aborted && !isBack) await (await request(`${service.url}/health/live`)).body.dump();
      };
      let isBack = false;
      const asking = Array.from({ length: connections }, ask);
      while (!limit.aborted && !isBack) isBack = await isHeld();
      await Promise.all(asking);
      assert.ok(isBack, `It has ${await readSize()} bytes.`);
    }));
});
