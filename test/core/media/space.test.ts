import assert from 'node:assert/strict';
import { it } from 'node:test';
import { FetchError } from '../../../src/core/media/fetch-error.ts';
import { Space } from '../../../src/core/media/space.ts';
import type { SpaceDeps } from '../../../src/core/media/space.ts';
import type { Media } from '../../../src/domain/media.ts';

const media = { accountId: 1, id: 'one', attempts: 2 } as Media;

/** A hundred bytes of space, of which so many are stored; old files hold ten each. */
function open(stored: { bytes: number; old: number }, isSure = true) {
  const notices: string[] = [];
  const store = {
    sumFileBytes: async () => stored.bytes,
    listAccounts: async () => [{}] as never,
    listStoredMedia: async (_before: number, limit: number) =>
      Array.from(
        { length: Math.min(limit, stored.old) },
        (_, n) => ({ accountId: 1, id: String(n) }) as Media,
      ),
    settleMedia: async () => {
      stored.bytes -= 10;
      stored.old -= 1;
    },
  } satisfies SpaceDeps['store'];
  const space = new Space({
    store,
    files: { remove: async () => undefined },
    raiseNotice: ({ code }) => void notices.push(code),
    endNotice: (_accountId, code) => void notices.push(`${code} is over`),
    now: () => 0,
    maySweep: () => isSure,
    settings: { budgetBytes: 100, keepMs: 1 },
  });
  return { space, notices };
}

const isFull = (error: unknown): boolean => error instanceof FetchError && error.fault === 'later';

it('a file is let in where there is room, or where files whose time is over make some', async () => {
  const { space, notices } = open({ bytes: 99, old: 0 });
  await space.admit(media);
  const stored = { bytes: 120, old: 5 };
  const eased = open(stored);
  await eased.space.admit(media);
  assert.equal(stored.bytes, 70);
  assert.deepEqual(eased.notices, ['disk_budget_reached is over', 'disk_share_reached is over']);
  assert.deepEqual(notices, ['disk_share_reached is over'], 'just below it is not over');
});

it('without room a file is left for later, and that is told', async () => {
  const { space, notices } = open({ bytes: 120, old: 2 });
  await assert.rejects(space.admit(media), isFull);
  assert.deepEqual(notices, ['disk_budget_reached']);
});

it('nothing is taken away by a time that is in doubt', async () => {
  const stored = { bytes: 120, old: 9 };
  await assert.rejects(open(stored, false).space.admit(media), isFull);
  assert.equal(stored.old, 9);
});

it('what fetches under way have written counts until they are over', async () => {
  const { space } = open({ bytes: 50, old: 0 });
  await space.admit(media);
  space.count(50);
  assert.ok(!space.isOver);
  space.count(1);
  assert.ok(space.isOver);
  await assert.rejects(space.makeRoom(media), isFull);
  space.end(51, 0);
  assert.ok(!space.isOver);
  space.count(30);
  space.end(30, 30);
  space.count(21);
  assert.ok(space.isOver, 'what was stored goes on to count');
});
