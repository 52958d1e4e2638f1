import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minute, withStore } from './fixture.ts';
import type { OpenStore } from './fixture.ts';

export function leaseContract(open: OpenStore): void {
  test(
    'takeLease: a lease is with one holder until it ends, and he keeps it by taking it again',
    withStore(open, async ({ store, clock }) => {
      const take = (holder: string, name = 'lead') => store.takeLease(name, holder, minute);
      assert.deepEqual([await take('a'), await take('b'), await take('a')], [true, false, true]);
      assert.ok(await take('b', 'other'));
      clock.advance(minute / 2);
      assert.ok(await take('a'));
      clock.advance(minute - 1);
      assert.ok(!(await take('b')));
      clock.advance(1);
      assert.ok(await take('b'));
      assert.ok(!(await take('a')));
    }),
  );

  test(
    'returnLease: a lease that its holder gives back is free at once',
    withStore(open, async ({ store }) => {
      const take = (holder: string) => store.takeLease('lead', holder, minute);
      assert.ok(await take('b'));
      await store.returnLease('lead', 'a');
      assert.ok(!(await take('a')), 'nobody gives back what is not his');
      await store.returnLease('lead', 'b');
      assert.ok(await take('a'));
    }),
  );

  test(
    'takeLease: of many that ask for a lease at once one has it',
    withStore(open, async ({ store }) => {
      const holders = ['a', 'b', 'c', 'd', 'e', 'f'];
      const taken = await Promise.all(holders.map((holder) => store.takeLease('lead', holder, minute)));
      assert.equal(taken.filter(Boolean).length, 1);
    }),
  );
}
