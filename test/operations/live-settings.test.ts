import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { whole } from '../../src/config/values.ts';
import { LiveSettings } from '../../src/operations/live-settings.ts';
import type { StartedSetting } from '../../src/operations/live-settings.ts';
import { isGatewayError } from '../support/errors.ts';
import { openTestStore } from '../support/store.ts';
import type { TestStore } from '../support/store.ts';

const row = { value: 90, isLive: true, isGiven: false, parse: whole(8, 3650) };
const started: StartedSetting[] = [
  { ...row, key: 'kept' },
  { ...row, key: 'given', isGiven: true },
  { ...row, key: 'fixed', isLive: false },
];

async function open(t: TestContext) {
  const test = await openTestStore();
  const crashed: string[] = [];
  const emit = (name: string): void => void crashed.push(name);
  const node = (rows = started) =>
    LiveSettings.open({ store: test.store, started: rows, emit, onTaken: () => undefined });
  t.after(() => test.close());
  return { ...test, node, crashed };
}

const by = ({ accountId }: TestStore) => ({ accountId, actor: { kind: 'user', id: 'ana' } }) as const;

test('what is set holds at once, on every node, over a start, and until it is let go of', async (t) => {
  const bed = await open(t);
  const [one, other] = [await bed.node(), await bed.node()];
  t.after(() => {
    one.close();
    other.close();
  });
  await one.set(by(bed), 'kept', '30');
  assert.equal(one.get('kept'), 30);
  assert.deepEqual(one.findSet('kept'), {
    ...{ key: 'kept', value: '30', setAt: bed.clock.now(), setBy: 'user/ana', isInForce: true },
  });
  // It has heard the signal by now, and is looking; this look comes after that one.
  await other.look();
  assert.equal(other.get('kept'), 30);
  const later = await bed.node();
  assert.equal(later.get('kept'), 30);
  later.close();
  await one.unset(by(bed), 'kept');
  assert.deepEqual([one.get('kept'), one.findSet('kept')], [90, undefined]);
});

test('what cannot be set is refused with the reason, and nothing is kept', async (t) => {
  const bed = await open(t);
  const live = await bed.node();
  t.after(() => live.close());
  await assert.rejects(live.set(by(bed), 'given', '30'), isGatewayError('wrong_state'));
  await assert.rejects(live.set(by(bed), 'fixed', '30'), isGatewayError('wrong_state'));
  await assert.rejects(live.set(by(bed), 'none', '30'), isGatewayError('not_found'));
  await assert.rejects(live.unset(by(bed), 'none'), isGatewayError('not_found'));
  await assert.rejects(live.set(by(bed), 'kept', '7'), /value: give a whole number from 8 to 3650/);
  assert.deepEqual(await bed.store.listSettings(), []);
});

test('what is given where a node is started stays there, whatever is set', async (t) => {
  const bed = await open(t);
  for (const [key, value] of [
    ['given', '30'],
    ['kept', 'of another release'],
    ['of-tomorrow', '1'],
  ] as const)
    await bed.store.setSetting(bed.accountId, { key, value, initial: '90' }, by(bed).actor);
  const live = await bed.node();
  t.after(() => live.close());
  assert.deepEqual([live.get('given'), live.get('kept')], [90, 90]);
  assert.partialDeepStrictEqual(live.findSet('given'), { value: '30', isInForce: false });
  assert.equal(live.findSet('kept')?.isInForce, false);
  assert.deepEqual(bed.crashed, ['unit.crashed'], 'what is not understood is told');
});
