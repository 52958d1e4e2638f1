import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { GatewayError } from '../../src/domain/errors.ts';
import { GroupWriter } from '../../src/runtime/group-writer.ts';

/** A store that cannot write one word, and is away for as many calls as the test says. */
function open(awayFor = 0) {
  const calls: (readonly string[])[] = [];
  let away = awayFor;
  return {
    calls,
    write: async (words: readonly string[]) => {
      calls.push(words);
      if (away > 0) {
        away -= 1;
        throw new GatewayError('store_unavailable');
      }
      if (words.includes('poison')) throw new RangeError('poison');
    },
  };
}

const hasty = () => ({ schedule: { waitsMs: [0, 0] } });

describe('a group of writes', () => {
  it('is all that was asked for in one turn of the event loop', async () => {
    const store = open();
    const writer = new GroupWriter(store);
    const first = Promise.all([writer.write('a'), writer.write('b')]);
    await setImmediate();
    await Promise.all([first, writer.write('c')]);
    assert.deepEqual(store.calls, [['a', 'b'], ['c']]);
  });

  it('that cannot be written is written one by one, and what cannot be by itself fails alone', async () => {
    const store = open();
    const writer = new GroupWriter(store);
    const ends = await Promise.allSettled(['a', 'poison', 'b'].map((word) => writer.write(word)));
    assert.deepEqual(
      ends.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    assert.deepEqual(store.calls, [['a', 'poison', 'b'], ['a'], ['poison'], ['b']]);
  });

  it('of one that cannot be written is not written twice, unless there is another way', async () => {
    const store = open();
    await assert.rejects(new GroupWriter(store).write('poison'), RangeError);
    assert.equal(store.calls.length, 1);
    const alone: string[] = [];
    const writeAlone = async (word: string) => alone.push(word);
    await new GroupWriter({ ...store, writeAlone }).write('poison');
    assert.deepEqual(alone, ['poison']);
  });

  it('is written again while the store is away, and fails as a whole when it stays away', async () => {
    const store = open(1);
    const writer = new GroupWriter({ ...store, again: hasty });
    await Promise.all([writer.write('a'), writer.write('b')]);
    assert.deepEqual(store.calls, [
      ['a', 'b'],
      ['a', 'b'],
    ]);
    const gone = open(Infinity);
    const stopped = new GroupWriter({ ...gone, again: () => ({ isStopped: () => true }) });
    const ends = await Promise.allSettled([stopped.write('a'), stopped.write('b')]);
    assert.ok(ends.every(({ status }) => status === 'rejected'));
    assert.equal(gone.calls.length, 1);
  });
});
