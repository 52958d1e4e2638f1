import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { youngBytes } from '../../src/cli/young-generation.ts';
import { startService, waitUntil } from '../support/service.ts';
import type { Service } from '../support/service.ts';

/**
 * Has a process say how large its young generation is, every so often; SIGUSR2 has it collect all, as V8 does when nothing is done,
 * and SIGWINCH make what a load leaves behind: hardly any work, so that the collections come as close together on a busy machine.
 */
const teller = `
  import { getHeapSpaceStatistics } from 'node:v8';
  const read = () => {
    const space = getHeapSpaceStatistics().find((each) => each.space_name === 'new_space');
    return 2 * (space.space_used_size + space.space_available_size);
  };
  process.on('SIGUSR2', () => globalThis.gc());
  process.on('SIGWINCH', () => {
    for (let made = 0; made < ${16 * youngBytes}; made += 8 * 1024) globalThis.latest = new Array(1024).fill(0);
  });
  setInterval(() => console.log('young ' + read() + ';'), 50).unref();`;

/** But for the heads of its pages. */
const isWhole = (bytes: number): boolean => bytes > youngBytes * 0.98 && bytes <= youngBytes;

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
    await waitUntil('it has said its size', 60_000, () => readSizes().length > before + 1);
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
      const isHeldAfter = async (signal: NodeJS.Signals): Promise<boolean> => {
        service.process.kill(signal);
        return isWhole(await readSize());
      };
      await waitUntil('V8 has taken it back', 60_000, async () => !(await isHeldAfter('SIGUSR2')));
      await waitUntil('it is whole again', 60_000, () => isHeldAfter('SIGWINCH'));
    }));
});
