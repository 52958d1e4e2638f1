// What the two ports of the store hold. The types are checked with the rest (npm run check:types); a store that is open has the verbs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Engine, Views } from '../../src/store/store.ts';
import { openTestStore } from '../support/store.ts';

/** All verbs of the hot paths, no more and no less. */
const engine = {
  recordIntake: 'receipts',
  findBusyDestinations: 'deliveries',
  claimDeliveries: 'deliveries',
  settleDeliveries: 'deliveries',
  releaseDeliveries: 'deliveries',
  findNextDue: 'deliveries',
  addOutbound: 'outbound',
  claimOutbound: 'outbound',
  settleOutbound: 'outbound',
  findBusySenders: 'outbound',
  countWaitingOutbound: 'outbound',
  findNextOutboundDue: 'outbound',
  findOutbound: 'outbound',
  findOpenOutbound: 'outbound',
  findQueue: 'queues',
  sendMessages: 'queues',
  receiveMessages: 'queues',
  unreceiveMessages: 'queues',
  peekMessages: 'queues',
  deleteMessages: 'queues',
  changeVisibility: 'queues',
  findNextReady: 'queues',
  tellAliases: 'aliases',
  useNonce: 'nonces',
  keepNonces: 'nonces',
  watch: 'upkeep',
} as const satisfies Record<keyof Engine, string>;

/** No verb is of both ports. */
const apart: [Extract<keyof Engine, keyof Views>] extends [never] ? true : false = true;

test('the hot paths have some 25 verbs, none of which is a view', async (t) => {
  assert.ok(apart);
  const verbs = Object.keys(engine);
  assert.ok(verbs.length <= 28, `${verbs.length} verbs`);
  const { store, close } = await openTestStore();
  t.after(close);
  for (const verb of verbs) assert.equal(typeof Reflect.get(store, verb), 'function', verb);
});
