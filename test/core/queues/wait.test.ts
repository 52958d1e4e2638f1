import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import type { Queue, ReceivedMessage } from '../../../src/domain/queue.ts';
import { Waiting } from '../../../src/core/queues/wait.ts';
import type { Receiver } from '../../../src/core/queues/wait.ts';
import { untilQuiet } from '../../support/pace.ts';
import { openTestStore } from '../../support/store.ts';
import type { TestStore } from '../../support/store.ts';

/** Timers that fire when the test's clock passes them, and that can be counted. */
class Timers {
  readonly #timers = new Map<object, { at: number; callback: () => void }>();
  readonly #now: () => number;
  made = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  readonly set = (callback: () => void, ms: number): (() => void) => {
    const key = {};
    this.made += 1;
    this.#timers.set(key, { at: this.#now() + ms, callback });
    return () => this.#timers.delete(key);
  };

  get count(): number {
    return this.#timers.size;
  }

  fire(): void {
    for (const [key, { at, callback }] of [...this.#timers]) {
      if (at > this.#now() || !this.#timers.delete(key)) continue;
      callback();
    }
  }
}

function createCaller(): Receiver & { leave: () => void } {
  const listeners = new Set<() => void>();
  let isGone = false;
  return {
    isGone: () => isGone,
    onGone: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    leave: () => {
      isGone = true;
      for (const listener of listeners) listener();
    },
  };
}

const bodies = (messages: readonly ReceivedMessage[]): string[] => messages.map(({ body }) => body);

describe('a receive that waits', () => {
  let test: TestStore;
  let timers: Timers;
  let waiting: Waiting;
  let queue: Queue;

  const open = (maxWaiting = 5000, maxWaitingPerAccount = maxWaiting): Waiting =>
    new Waiting({
      store: test.store,
      now: test.clock.now,
      setTimer: timers.set,
      emit: () => undefined,
      maxWaiting,
      maxWaitingPerAccount,
    });
  const send = (body: string, delayMs?: number) =>
    test.store.sendMessages(
      queue,
      [{ body, priority: 8, ...(delayMs === undefined ? {} : { delayMs }) }],
      test.clock.now(),
    );
  /** Lets everything that has been started go as far as it can without time passing. */
  const settle = (): Promise<void> => untilQuiet(() => test.countCalls() > 0);
  const advance = async (ms: number): Promise<void> => {
    test.clock.advance(ms);
    timers.fire();
    await settle();
  };

  beforeEach(async () => {
    test = await openTestStore();
    timers = new Timers(test.clock.now);
    waiting = open();
    await test.store.createQueue(test.accountId, 'q', {
      delaySeconds: 0,
      maximumMessageBytes: 65_536,
      retentionSeconds: 345_600,
      visibilitySeconds: 30,
      pollingWaitSeconds: 0,
      loggingEnabled: false,
    });
    const found = await test.store.findQueue(test.accountId, 'q');
    assert.ok(found);
    queue = found;
  });
  afterEach(async () => {
    waiting.close();
    await test.close();
  });

  it('is answered at once when there is something', async () => {
    await send('a');
    assert.deepEqual(bodies(await waiting.receive(queue, 16, 10_000, createCaller())), ['a']);
  });

  it('is woken by the send itself', async () => {
    const received = waiting.receive(queue, 16, 10_000, createCaller());
    await settle();
    await send('a');
    assert.deepEqual(bodies(await received), ['a']);
  });

  it('is woken by a send that is committed together with its own first look', async () => {
    const received = waiting.receive(queue, 16, 10_000, createCaller());
    const sent = send('a');
    assert.deepEqual(bodies(await received), ['a']);
    await sent;
  });

  it('is woken when a delay ends', async () => {
    await send('a', 5000);
    const received = waiting.receive(queue, 16, 10_000, createCaller());
    await settle();
    await advance(4999);
    assert.equal((await test.store.countMessages(queue)).delayed, 1);
    await advance(1);
    assert.deepEqual(bodies(await received), ['a']);
  });

  it('is woken when a visibility ends', async () => {
    await send('a');
    await test.store.receiveMessages(queue, 1, test.clock.now());
    const received = waiting.receive(queue, 16, 60_000, createCaller());
    await settle();
    await advance(30_000);
    const [message] = await received;
    assert.equal(message?.dequeueCount, 2);
  });

  it('is woken when a visibility is cut short', async () => {
    await send('a');
    const [held] = await test.store.receiveMessages(queue, 1, test.clock.now());
    const received = waiting.receive(queue, 16, 30_000, createCaller());
    await settle();
    await test.store.changeVisibility(queue, held?.handle ?? '', 2, test.clock.now());
    await settle();
    await advance(2000);
    assert.equal((await received).length, 1);
  });

  it('ends with nothing at its deadline', async () => {
    const received = waiting.receive(queue, 16, 10_000, createCaller());
    await settle();
    await advance(10_000);
    assert.deepEqual(await received, []);
    assert.equal(timers.count, 0);
  });

  it('ends with nothing once its queue is deleted, for all who wait', async () => {
    const received = [1, 16].map((limit) => waiting.receive(queue, limit, 10_000, createCaller()));
    await settle();
    await test.store.deleteQueue(test.accountId, queue.name);
    await settle();
    assert.equal(timers.count, 0, 'nobody waits any more');
    assert.deepEqual(await Promise.all(received), [[], []]);
  });

  it('consumes nothing for a caller who went away', async () => {
    const caller = createCaller();
    const received = waiting.receive(queue, 16, 10_000, caller);
    await settle();
    caller.leave();
    assert.deepEqual(await received, []);
    await send('a');
    const [message] = await test.store.receiveMessages(queue, 1, test.clock.now());
    assert.equal(message?.dequeueCount, 1);
  });

  it('gives back what it took for a caller who went away meanwhile', async () => {
    const caller = createCaller();
    await send('a');
    const received = waiting.receive(queue, 16, 10_000, caller);
    caller.leave();
    assert.deepEqual(await received, []);
    await settle();
    const [message] = await test.store.receiveMessages(queue, 1, test.clock.now());
    assert.equal(message?.dequeueCount, 1);
  });

  it('is not given what has become free again while the store was slow to answer', async () => {
    await send('a');
    const { store } = test;
    let slowness = 30_000;
    const slow = new Waiting({
      store: {
        unreceiveMessages: (...call) => store.unreceiveMessages(...call),
        findNextReady: (...call) => store.findNextReady(...call),
        watch: (...call) => store.watch(...call),
        receiveMessages: async (...call) => {
          const received = await store.receiveMessages(...call);
          test.clock.advance(slowness);
          return received;
        },
      },
      now: test.clock.now,
      setTimer: timers.set,
      emit: () => undefined,
      maxWaiting: 1,
      maxWaitingPerAccount: 1,
    });
    assert.deepEqual(await slow.receive(queue, 1, 0, createCaller()), []);
    slowness = 29_999;
    const [message] = await slow.receive(queue, 1, 0, createCaller());
    assert.equal(message?.dequeueCount, 1);
    slow.close();
  });

  it('is served in the order in which callers came, each message to one of them', async () => {
    const order: string[] = [];
    const waiters = ['first', 'second', 'third'].map(async (name) => {
      const messages = await waiting.receive(queue, 1, 10_000, createCaller());
      order.push(`${name}: ${bodies(messages).join()}`);
    });
    await settle();
    for (const body of ['a', 'b', 'c']) await send(body);
    await Promise.all(waiters);
    assert.deepEqual(order, ['first: a', 'second: b', 'third: c']);
  });

  it('is refused when too many wait already, and takes what is there all the same', async () => {
    waiting.close();
    waiting = open(1);
    const kept = waiting.receive(queue, 1, 10_000, createCaller());
    await settle();
    const refused = { code: 'too_many', retryable: true };
    await assert.rejects(waiting.receive(queue, 1, 10_000, createCaller()), refused);
    assert.deepEqual(await waiting.receive(queue, 1, 0, createCaller()), []);
    await send('a');
    assert.deepEqual(bodies(await kept), ['a']);
    await send('b');
    assert.deepEqual(bodies(await waiting.receive(queue, 1, 10_000, createCaller())), ['b']);
  });

  it('of one account leaves the others their places', async () => {
    waiting.close();
    waiting = open(3, 2);
    await test.store.createAccount({ id: 77, name: 'Other' }, system);
    await test.store.createQueue(77, 'orders', queue.attributes);
    const other = await test.store.findQueue(77, 'orders');
    assert.ok(other);
    const kept = [0, 1].map(() => waiting.receive(queue, 1, 10_000, createCaller()));
    await settle();
    await assert.rejects(waiting.receive(queue, 1, 10_000, createCaller()), /of this account/);
    const theirs = waiting.receive(other, 1, 10_000, createCaller());
    await settle();
    await assert.rejects(
      waiting.receive(other, 1, 10_000, createCaller()),
      /Too many long polls wait already/,
    );
    await advance(10_000);
    assert.deepEqual(await Promise.all([...kept, theirs]), [[], [], []]);
    // Who has been answered has left his place.
    const again = waiting.receive(queue, 1, 10_000, createCaller());
    await settle();
    await advance(10_000);
    assert.deepEqual(await again, []);
  });

  it('is answered with nothing when the service closes', async () => {
    const received = waiting.receive(queue, 1, 10_000, createCaller());
    await settle();
    waiting.close();
    assert.deepEqual(await received, []);
    assert.equal(timers.count, 0);
  });

  it('costs a thousand callers a deadline each and one timer for their queue, and no further look', async () => {
    await send('later', 20_000);
    const received = Array.from({ length: 1000 }, () => waiting.receive(queue, 1, 10_000, createCaller()));
    await settle();
    assert.equal(timers.count, 1001);
    const made = timers.made;
    await advance(5000);
    assert.equal(timers.made, made, 'nobody looked again while nothing happened');
    await send('now');
    await settle();
    await advance(5000);
    const served = (await Promise.all(received)).filter((messages) => messages.length > 0);
    assert.equal(served.length, 1);
  });
});
