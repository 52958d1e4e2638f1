// What never leaves the process goes by a clock that nobody sets: an hour back or ahead shortens nothing and freezes nothing.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Nonces } from '../../src/protocols/cams/nonces.ts';
import { Throttle } from '../../src/protocols/cams/throttle.ts';
import { NoticeBoard } from '../../src/operations/notices.ts';
import { noticed } from '../../src/domain/findings.ts';
import { Lockout } from '../../src/http/lockout.ts';
import { Directory } from '../../src/store/directory.ts';
import { openSqliteStore } from '../../src/store/sqlite/adapter.ts';
import type { Store } from '../../src/store/store.ts';
import { claim } from '../store/contract/delivery-fixture.ts';
import { destinationOf, inbound, minute, record, second, withStore } from '../store/contract/fixture.ts';
import { openTestStore, testEpoch } from '../support/store.ts';

const hour = 60 * minute;

/** A clock that can be set, and one that cannot. */
class Clocks {
  #wall = testEpoch;
  #monotonic = 5 * minute;
  readonly now = (): number => this.#wall;
  readonly monotonic = (): number => this.#monotonic;

  pass(ms: number): void {
    this.#wall += ms;
    this.#monotonic += ms;
  }

  set(byMs: number): void {
    this.#wall += byMs;
  }
}

const steps = [
  ['back by an hour', [-hour]],
  ['ahead by an hour', [hour]],
  ['ahead by an hour and back', [hour, -hour]],
  ['to 2040', [Date.UTC(2040) - testEpoch]],
] as const;

for (const [name, byMs] of steps)
  describe(`a clock that is set ${name}`, () => {
    const set = (clocks: Clocks): void => byMs.forEach((by) => clocks.set(by));

    it('leaves what was looked up as old as it is', async (t) => {
      const clocks = new Clocks();
      const { store, close } = await openTestStore();
      t.after(close);
      let looks = 0;
      const counted: Store = {
        ...store,
        findKey: (id) => {
          looks += 1;
          return store.findKey(id);
        },
      };
      const directory = new Directory(counted, clocks);
      t.after(() => directory.close());
      await directory.key('testkey');
      set(clocks);
      await directory.key('testkey');
      assert.equal(looks, 1);
      clocks.pass(hour);
      await directory.key('testkey');
      assert.equal(looks, 2);
    });

    it('lets somebody who guessed wait as long as he has to', () => {
      const clocks = new Clocks();
      const guesses = new Lockout(clocks.monotonic);
      const guessed = { kind: 'person', name: 'anna' } as const;
      for (let count = 0; count < 8; count += 1) guesses.fail(guessed, 'visitor');
      const waitMs = guesses.waitOf(guessed, 'visitor');
      assert.ok(waitMs > 0);
      set(clocks);
      assert.equal(guesses.waitOf(guessed, 'visitor'), waitMs);
      clocks.pass(waitMs);
      assert.equal(guesses.waitOf(guessed, 'visitor'), 0);
    });

    it('neither opens nor closes a second of calls', () => {
      const clocks = new Clocks();
      const throttle = new Throttle(clocks.monotonic);
      throttle.take('call', 1);
      set(clocks);
      assert.throws(() => throttle.take('call', 1));
      clocks.pass(second);
      throttle.take('call', 1);
    });

    it('keeps the count of nonces for as long as they are kept', async (t) => {
      const clocks = new Clocks();
      const { store, close } = await openTestStore();
      t.after(close);
      const nonces = new Nonces({ store, ...clocks, maxNonces: 1 });
      await nonces.use({ accountId: 1, keyId: 'k' }, 'one');
      set(clocks);
      await assert.rejects(nonces.use({ accountId: 1, keyId: 'k' }, 'two'), { code: 'Throttling' });
      clocks.pass(40 * minute);
      await nonces.use({ accountId: 1, keyId: 'k' }, 'three');
    });

    it('tells a notice again after ten minutes and not before', async (t) => {
      const clocks = new Clocks();
      const { store, close } = await openTestStore();
      const told: string[] = [];
      const notices = new NoticeBoard({
        store,
        ...clocks,
        emit: (event) => void told.push(event),
        undeliveredAlarmMs: hour,
        operatorTargets: [],
        tellAtOnce: async () => undefined,
        findHostWithoutAddress: async () => null,
      });
      t.after(async () => {
        await notices.close();
        await close();
      });
      const notice = { accountId: null, subject: 'store', ...noticed('store_unavailable', {}) };
      notices.raise(notice);
      set(clocks);
      notices.raise(notice);
      assert.equal(told.length, 1);
      clocks.pass(11 * minute);
      notices.raise(notice);
      assert.equal(told.length, 2);
    });

    it('leaves a delivery in the hand that has it, until its lease is over', async () => {
      const clocks = new Clocks();
      const open = () =>
        openSqliteStore({
          file: ':memory:',
          masterKey: Buffer.alloc(32, 7),
          ...clocks,
          emit: () => undefined,
        });
      await withStore(open, async (fixture) => {
        const { id } = await destinationOf(fixture);
        await record(fixture, inbound(fixture, 'one', { destinationId: id }));
        const take = () => claim({ ...fixture, clock: { ...fixture.clock, now: clocks.now } }, id);
        const [taken] = await take();
        assert.equal(taken?.cause, null);
        set(clocks);
        assert.deepEqual(await take(), []);
        // Due by any clock that there was.
        clocks.set(2 * hour);
        assert.deepEqual(await take(), []);
        clocks.pass(10 * minute);
        assert.equal((await take())[0]?.cause, 'recovery');
      })();
    });
  });
