import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultQueueAttributes } from '../../src/domain/queue.ts';
import { Directory } from '../../src/store/directory.ts';
import type { Signal, Store } from '../../src/store/store.ts';
import { openTestStore } from '../support/store.ts';

const accounts = 2000;

test('a change of one account forgets what was remembered of that one alone', async (t) => {
  const bed = await openTestStore();
  t.after(() => bed.close());
  const asked: string[] = [];
  let listener: (signal: Signal) => void = () => undefined;
  const key = (id: string) => ({ id, accountId: Number(id) }) as Awaited<ReturnType<Store['findKey']>>;
  const directory = new Directory(
    {
      ...bed.store,
      findKey: async (id) => {
        asked.push(id);
        return id === 'nobody' ? undefined : key(id);
      },
      findDestination: async (accountId) => void asked.push(`destination of ${accountId}`),
      watch: (added) => {
        listener = added;
        return () => undefined;
      },
    },
    { now: () => 0, monotonic: () => 0 },
  );
  const ids = Array.from({ length: accounts }, (_, n) => String(n + 1));
  const askAll = async (): Promise<string[]> => {
    asked.length = 0;
    for (const id of ids) await directory.key(id);
    return [...asked];
  };
  assert.equal((await askAll()).length, accounts);
  assert.deepEqual(await askAll(), []);
  listener({ kind: 'directory', accountId: 7 });
  assert.deepEqual(await askAll(), ['7']);
  listener({ kind: 'templates', accountId: 7 });
  assert.deepEqual(await askAll(), ['7']);

  // What is not there may be made by anybody, unless it is of one account.
  asked.length = 0;
  for (const change of [undefined, 7, 8]) {
    if (change !== undefined) listener({ kind: 'directory', accountId: change });
    await directory.key('nobody');
    await directory.destination(8, 1);
  }
  assert.deepEqual(asked, ['nobody', 'destination of 8', 'nobody', 'nobody', 'destination of 8']);

  listener({ kind: 'directory' });
  assert.equal((await askAll()).length, accounts);
  listener({ kind: 'missed' });
  assert.equal((await askAll()).length, accounts);
  directory.close();
});

test('a queue that another node has made is there before word of it comes', async (t) => {
  const bed = await openTestStore();
  t.after(() => bed.close());
  const deaf = { ...bed.store, watch: () => () => undefined };
  const directory = new Directory(deaf, { now: () => 0, monotonic: () => 0 });
  t.after(() => directory.close());
  assert.equal(await directory.queue(bed.accountId, 'orders'), undefined);
  await bed.store.createQueue(bed.accountId, 'orders', defaultQueueAttributes);
  assert.equal((await directory.queue(bed.accountId, 'orders'))?.name, 'orders');
});

test('what changed while it was asked for is asked for again', async (t) => {
  const bed = await openTestStore();
  t.after(() => bed.close());
  let listener: (signal: Signal) => void = () => undefined;
  let asked = 0;
  const directory = new Directory(
    {
      ...bed.store,
      findKey: async (id) => {
        asked += 1;
        listener({ kind: 'directory', accountId: asked === 1 ? 3 : 4 });
        return { id, accountId: 3 } as Awaited<ReturnType<Store['findKey']>>;
      },
      watch: (added) => {
        listener = added;
        return () => undefined;
      },
    },
    { now: () => 0, monotonic: () => 0 },
  );
  await directory.key('k');
  await directory.key('k');
  await directory.key('k');
  assert.equal(asked, 2);
  directory.close();
});
