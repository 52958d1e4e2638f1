import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minute, withStore } from './fixture.ts';
import type { OpenStore } from './fixture.ts';

export function nonceContract(open: OpenStore): void {
  test(
    'useNonce: a nonce is good once for each key, and is remembered for half an hour',
    withStore(open, async ({ store, clock }) => {
      const retention = { rawEventMs: 1, receiptMs: 1, attemptMs: 1, unreadableMs: 1 };
      const sweep = async () => {
        while ((await store.sweep(retention, clock.now())).rows > 0);
      };
      const use = (key: string, nonce: string) => store.useNonce(key, nonce, clock.now());
      assert.deepEqual(
        [await use('k1', 'a'), await use('k1', 'a'), await use('k2', 'a')],
        [true, false, true],
      );
      assert.deepEqual((await Promise.all([use('k1', 'b'), use('k1', 'b'), use('k1', 'b')])).toSorted(), [
        false,
        false,
        true,
      ]);
      await store.keepNonces();
      assert.equal(await store.countNonces(), 3);
      clock.advance(29 * minute);
      await sweep();
      assert.deepEqual([await use('k1', 'a'), await store.countNonces()], [false, 3]);
      clock.advance(2 * minute);
      await sweep();
      assert.deepEqual([await store.countNonces(), await use('k1', 'a')], [0, true]);
    }),
  );
}
