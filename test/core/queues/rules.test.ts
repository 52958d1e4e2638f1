// The limits of queues and of what is in them, by table: what is at a limit is taken, what is beyond it refused by its name.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import {
  callRanges,
  isLarger,
  QueueRefusal,
  requireBatch,
  requireBatchSize,
  requireProperty,
  requireQueueName,
  requireSize,
  requireWithin,
  toPriority,
} from '../../../src/core/queues/rules.ts';

function findFault(rule: () => unknown): QueueRefusal['fault'] | undefined {
  try {
    rule();
    return undefined;
  } catch (error) {
    assert.ok(error instanceof QueueRefusal);
    assert.match(error.message, /\.$/);
    return error.fault;
  }
}

it('a name is of letters, digits and hyphens, at most 120', () => {
  for (const name of ['a', '9', 'Orders-2', 'x'.repeat(120)])
    assert.equal(
      findFault(() => requireQueueName(name)),
      undefined,
      name,
    );
  for (const name of ['', '-a', 'a_b', 'ä', 'a b'])
    assert.deepEqual(
      findFault(() => requireQueueName(name)),
      { kind: 'name_spelling' },
      name,
    );
  assert.deepEqual(
    findFault(() => requireQueueName('x'.repeat(121))),
    { kind: 'name_length' },
  );
});

it('a value is a whole number of its range', () => {
  const range = callRanges.wait;
  assert.equal(requireWithin(range, 0), 0);
  assert.equal(requireWithin(range, 30), 30);
  for (const value of [-1, 31, Number.NaN])
    assert.deepEqual(
      findFault(() => requireWithin(range, value)),
      { kind: 'value', range },
    );
});

it('a priority is 1 to 16, and 8 where none or 0 is given', () => {
  assert.deepEqual([undefined, 0, 1, 16].map(toPriority), [8, 8, 1, 16]);
  for (const given of [17, Number.NaN])
    assert.deepEqual(
      findFault(() => toPriority(given)),
      { kind: 'value', range: callRanges.priority },
    );
});

it('a property has a name, a value and a type that clients know', () => {
  const good = { name: 'a-b.c_d', value: 'ä'.repeat(2048), type: 'STRING' };
  assert.equal(
    findFault(() => requireProperty(good)),
    undefined,
  );
  assert.equal(
    findFault(() => requireProperty({ ...good, name: 'n'.repeat(256) })),
    undefined,
  );
  for (const name of ['', '.a', 'a.', 'a..b', 'a b', 'n'.repeat(257)])
    assert.deepEqual(
      findFault(() => requireProperty({ ...good, name })),
      { kind: 'property_name' },
      name,
    );
  assert.deepEqual(
    findFault(() => requireProperty({ ...good, value: `${good.value}x` })),
    { kind: 'property_value', property: good.name },
  );
  assert.deepEqual(
    findFault(() => requireProperty({ ...good, type: 'string' })),
    { kind: 'property_type', property: good.name },
  );
});

it("a message is as large as its body and its user's properties", () => {
  const properties = [{ name: 'ab', value: 'ä', type: 'STRING' }];
  assert.ok(!isLarger('x'.repeat(96), properties, 100));
  assert.ok(isLarger('x'.repeat(97), properties, 100));
  assert.equal(
    findFault(() => requireSize('x'.repeat(96), properties, 100)),
    undefined,
  );
  for (const body of ['', 'x'.repeat(97)])
    assert.deepEqual(
      findFault(() => requireSize(body, properties, 100)),
      { kind: 'body_size', maxBytes: 100 },
    );
  const many = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ name: `p${n}`, value: '', type: 'STRING' }));
  assert.equal(
    findFault(() => requireSize('x', many(50), 1024)),
    undefined,
  );
  assert.deepEqual(
    findFault(() => requireSize('x', many(51), 1024)),
    { kind: 'property_count' },
  );
});

it('a batch has 1 to 16 of a kind, and 64 KiB of bodies', () => {
  for (const kind of ['messages', 'receipt handles'] as const) {
    for (const count of [1, 16])
      assert.equal(
        findFault(() => requireBatch(count, kind)),
        undefined,
      );
    for (const count of [0, 17])
      assert.deepEqual(
        findFault(() => requireBatch(count, kind)),
        { kind: 'batch_count', of: kind, max: 16 },
      );
  }
  const half = { body: 'ä'.repeat(16_384) };
  assert.equal(
    findFault(() => requireBatchSize([half, half])),
    undefined,
  );
  assert.deepEqual(
    findFault(() => requireBatchSize([half, half, { body: 'x' }])),
    { kind: 'batch_size', maxBytes: 65_536 },
  );
});
