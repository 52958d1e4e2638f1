import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { defaultQueueAttributes } from '../../../src/domain/queue.ts';
import type { Queue, QueueAttributes } from '../../../src/domain/queue.ts';
import { openTestStore } from '../../support/store.ts';
import type { TestStore } from '../../support/store.ts';
import { need } from '../contract/fixture.ts';
import { QueueModel } from './model.ts';

/** One step of a run. `pick` chooses among the handles that were given so far. */
type Step =
  | {
      readonly do: 'send';
      readonly messages: readonly { readonly priority: number; readonly delayMs: number | null }[];
    }
  | { readonly do: 'receive' | 'peek'; readonly limit: number }
  | { readonly do: 'delete'; readonly picks: readonly number[] }
  | { readonly do: 'hold'; readonly pick: number; readonly seconds: number }
  | { readonly do: 'unreceive'; readonly pick: number }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'recreate' };

const pick = fc.nat(1000);
const message = fc.record({
  priority: fc.constantFrom(1, 8, 16),
  delayMs: fc.constantFrom(null, 0, 1000, 20_000),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('send'),
      messages: fc.array(message, { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('receive'), limit: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('peek'), limit: fc.integer({ min: 1, max: 5 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('delete'),
      picks: fc.array(pick, { minLength: 1, maxLength: 4 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('hold'), pick, seconds: fc.constantFrom(1, 5, 30, 60) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('unreceive'), pick }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('advance'),
      ms: fc.constantFrom(0, 1, 999, 1000, 5000, 30_000, 61_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('recreate') }) },
);

/** Runs steps on the store and on the model at the same time and compares what both show. */
class Run {
  readonly #test: TestStore;
  readonly #attributes: QueueAttributes;
  readonly #model: QueueModel;
  readonly #handles: string[] = [];
  #queue: Queue;
  #sent = 0;

  constructor(test: TestStore, queue: Queue) {
    this.#test = test;
    this.#queue = queue;
    this.#attributes = queue.attributes;
    this.#model = new QueueModel({
      visibilityMs: queue.attributes.visibilitySeconds * 1000,
      retentionMs: queue.attributes.retentionSeconds * 1000,
    });
  }

  async take(next: Step): Promise<void> {
    const { store, clock } = this.#test;
    const now = clock.now();
    switch (next.do) {
      case 'send':
        return this.#send(next.messages, now);
      case 'receive':
        return this.#receive(next.limit, now);
      case 'peek': {
        const peeked = await store.peekMessages(this.#queue, next.limit, now);
        assert.deepEqual(peeked.map(toSeen), this.#model.next(next.limit, now));
        return;
      }
      case 'delete': {
        const handles = next.picks.flatMap((one) => this.#pick(one) ?? []);
        const answers = await store.deleteMessages(this.#queue, handles, now);
        assert.deepEqual(
          answers,
          handles.map((handle) => this.#model.delete(handle, now)),
        );
        return;
      }
      case 'hold':
        return this.#hold(this.#pick(next.pick), next.seconds, now);
      case 'unreceive': {
        const handle = this.#pick(next.pick);
        // Whoever takes a receive back does so at once, and its handle is known to nobody else: nobody has held on by it.
        if (handle === undefined || !this.#model.isHeldBy(handle, now)) return;
        if (this.#model.countHandles(handle, now) > 1) return;
        await store.unreceiveMessages(this.#queue, [handle]);
        this.#model.unreceive(handle, now);
        this.#handles.splice(this.#handles.indexOf(handle), 1);
        return;
      }
      case 'advance':
        clock.advance(next.ms);
        return;
      case 'recreate':
        await store.deleteQueue(this.#test.accountId, this.#queue.name);
        this.#queue = await makeQueue(this.#test, this.#attributes);
        this.#model.recreate(this.#handles);
    }
  }

  /** Compares the figures that are shown of a queue. */
  async compare(): Promise<void> {
    const { store, clock } = this.#test;
    const now = clock.now();
    const depth = this.#model.count(now);
    if (depth !== undefined) assert.deepEqual(await store.countMessages(this.#queue), depth);
    const nextReady = await store.findNextReady(this.#queue);
    // What fell due since the last receive may still be named.
    assert.ok(nextReady !== 'gone');
    if (nextReady === undefined || nextReady > now) assert.equal(nextReady, this.#model.nextReady(now));
  }

  async #send(messages: (Step & { do: 'send' })['messages'], now: number): Promise<void> {
    const bodies = messages.map(() => `m${(this.#sent += 1)}`);
    const news = messages.map(({ priority, delayMs }, index) => ({
      body: need(bodies[index]),
      priority,
      ...(delayMs === null ? {} : { delayMs }),
    }));
    const sent = need(await this.#test.store.sendMessages(this.#queue, news, now));
    messages.forEach(({ priority, delayMs }, index) => {
      const delay = delayMs ?? this.#attributes.delaySeconds * 1000;
      const handle = need(sent[index]).handle;
      assert.equal(handle !== null, delay > 0);
      if (handle !== null) this.#handles.push(handle);
      this.#model.send(need(bodies[index]), priority, delay, handle, now);
    });
  }

  async #receive(limit: number, now: number): Promise<void> {
    const received = await this.#test.store.receiveMessages(this.#queue, limit, now);
    const handles = received.map(({ handle }) => handle);
    assert.deepEqual(received.map(toSeen), this.#model.receive(limit, handles, now));
    this.#handles.push(...handles);
  }

  async #hold(handle: string | undefined, seconds: number, now: number): Promise<void> {
    if (handle === undefined) return;
    const isHeld = this.#model.isHeldBy(handle, now);
    // A delayed message is nobody's to hold.
    if (!isHeld && this.#model.isDelayed(handle, now)) return;
    const changed = await this.#test.store.changeVisibility(this.#queue, handle, seconds, now);
    if (typeof changed === 'string') {
      assert.equal(isHeld, false);
      assert.equal(changed, this.#model.faultOf(handle));
      return;
    }
    assert.equal(isHeld, true);
    assert.equal(changed.nextVisibleAt, now + seconds * 1000);
    this.#model.changeVisibility(handle, seconds, changed.handle, now);
    this.#handles.push(changed.handle);
  }

  #pick(index: number): string | undefined {
    // Newer handles are the likelier to be good.
    return this.#handles.at(-1 - (index % Math.max(1, Math.min(8, this.#handles.length))));
  }
}

function toSeen({
  body,
  dequeueCount,
  firstDequeuedAt,
}: {
  body: string;
  dequeueCount: number;
  firstDequeuedAt: number;
}) {
  return { body, dequeueCount, firstDequeuedAt };
}

async function makeQueue({ store, accountId }: TestStore, attributes: QueueAttributes): Promise<Queue> {
  await store.createQueue(accountId, 'orders', attributes);
  return need(await store.findQueue(accountId, 'orders'));
}

test('any sequence of queue operations gives what a plain model of a queue gives', async () => {
  const attributes = fc.record({
    visibilitySeconds: fc.constantFrom(1, 30),
    retentionSeconds: fc.constantFrom(60, 600),
    delaySeconds: fc.constantFrom(0, 5),
  });
  await fc.assert(
    fc.asyncProperty(attributes, fc.array(step, { maxLength: 60, size: 'max' }), async (changes, steps) => {
      const opened = await openTestStore();
      try {
        const run = new Run(opened, await makeQueue(opened, { ...defaultQueueAttributes, ...changes }));
        for (const next of steps) {
          await run.take(next);
          await run.compare();
        }
      } finally {
        await opened.close();
      }
    }),
    { numRuns: 300 },
  );
});
