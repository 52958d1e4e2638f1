import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Batches } from '../../../src/store/postgres/batches.ts';

interface Open {
  readonly inputs: readonly number[];
  end(): void;
  fail(error: unknown): void;
}

/** Batches of numbers, each of its own weight, whose answers are their tenfold when the test ends them. */
function openBatches({ maxWeight = 10, lanes = 1 } = {}) {
  const open: Open[] = [];
  const waiting: ((batch: Open) => void)[] = [];
  const run = (inputs: readonly number[]): Promise<number[]> => {
    const { promise, resolve, reject } = Promise.withResolvers<number[]>();
    const batch = { inputs, end: () => resolve(inputs.map((input) => input * 10)), fail: reject };
    const next = waiting.shift();
    if (next === undefined) open.push(batch);
    else next(batch);
    return promise;
  };
  /** The next batch that is begun. */
  const next = async (): Promise<Open> => open.shift() ?? new Promise((resolve) => waiting.push(resolve));
  const batches = new Batches<number, number>(
    { run, weigh: (input) => input, maxWeight, lanes },
    (error) => error instanceof RangeError,
  );
  return { add: (input: number, key = 'a') => batches.add(key, input), next, open };
}

test('calls of one turn of the event loop go together, and each gets its own answer', async () => {
  const { add, next } = openBatches();
  const answers = [add(1), add(2), add(3)];
  const batch = await next();
  assert.deepEqual(batch.inputs, [1, 2, 3]);
  batch.end();
  assert.deepEqual(await Promise.all(answers), [10, 20, 30]);
});

test('what comes while all lanes are busy gathers, and goes with what came besides', async () => {
  const { add, next, open } = openBatches();
  const first = add(1);
  const busy = await next();
  const later = [add(2), add(3)];
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(open, []);
  busy.end();
  assert.equal(await first, 10);
  const batch = await next();
  assert.deepEqual(batch.inputs, [2, 3]);
  batch.end();
  assert.deepEqual(await Promise.all(later), [20, 30]);
});

test('as many batches of one key are under way as it has lanes, and those of another key besides', async () => {
  const { add, next, open } = openBatches({ maxWeight: 1, lanes: 2 });
  const answers = [add(1), add(2), add(3), add(4, 'b')];
  const begun = [await next(), await next(), await next()];
  assert.deepEqual(begun.map(({ inputs }) => inputs).toSorted(), [[1], [2], [4]]);
  assert.deepEqual(open, []);
  for (const batch of begun) batch.end();
  const last = await next();
  assert.deepEqual(last.inputs, [3]);
  last.end();
  assert.deepEqual(await Promise.all(answers), [10, 20, 30, 40]);
});

test('a batch is as heavy as it may be; a call that is too heavy goes by itself', async () => {
  const { add, next } = openBatches({ maxWeight: 5 });
  const answers = [add(2), add(3), add(9), add(1)];
  for (const inputs of [[2, 3], [9], [1]]) {
    const batch = await next();
    assert.deepEqual(batch.inputs, inputs);
    batch.end();
  }
  assert.deepEqual(await Promise.all(answers), [20, 30, 90, 10]);
});

test('a batch that fails by a fault of its own is run call by call, so that one alone fails', async () => {
  const { add, next } = openBatches();
  const answers = Promise.allSettled([add(1), add(2), add(3)]);
  (await next()).fail(new RangeError('One of them is wrong.'));
  for (const input of [1, 2, 3]) {
    const batch = await next();
    assert.deepEqual(batch.inputs, [input]);
    if (input === 2) batch.fail(new RangeError('This one.'));
    else batch.end();
  }
  assert.deepEqual(
    (await answers).map((answer) => (answer.status === 'fulfilled' ? answer.value : 'failed')),
    [10, 'failed', 30],
  );
});

test('a batch of which nobody knows what became is not run again: all of its calls are told', async () => {
  const { add, next, open } = openBatches();
  const answers = Promise.allSettled([add(1), add(2)]);
  (await next()).fail(new Error('It cannot be reached.'));
  assert.deepEqual(
    (await answers).map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  assert.deepEqual(open, []);
});
