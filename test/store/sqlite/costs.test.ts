// What calls of the embedded store read from its file; that of PostgreSQL is in postgres-plans.test.ts. Linux counts it.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openSqliteStore } from '../../../src/store/sqlite/adapter.ts';
import { record, status, withStore } from '../contract/fixture.ts';
import type { Time } from '../../../src/runtime/clock.ts';

const folder = mkdtempSync(join(tmpdir(), 'chasqui-costs-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const counter = '/proc/self/io';
const pageBytes = 4096;

function countPages(): number {
  return Number(/rchar: (\d+)/.exec(readFileSync(counter, 'utf8'))?.[1]) / pageBytes;
}

function openFile(name: string, time: Time) {
  return openSqliteStore({
    file: join(folder, name),
    masterKey: Buffer.alloc(32, 7),
    ...time,
    emit: () => undefined,
  });
}

test(
  'finds what a watermark means without a look at what was read before',
  { skip: existsSync(counter) ? false : 'only Linux counts what a process reads' },
  async () => {
    const look = async (readBefore: number): Promise<number> => {
      const name = `${readBefore}.sqlite`;
      let pages = 0;
      await withStore(
        (time) => openFile(name, time),
        async (fixture) => {
          const { store, accountId, channelId, senderId, clock } = fixture;
          const to = '24000000000000001';
          const add = async (count: number, statuses: readonly ['sent', 1][] | readonly ['read', 4][]) => {
            const added = await store.addOutbound(
              accountId,
              Array.from({ length: count }, () => ({
                channelId,
                channelType: 'messenger' as const,
                senderId,
                to,
                groupId: null,
                taskId: null,
                envelope: { frame: 'message' as const, messageType: 'text', content: { text: 'hello' } },
                expiresAt: clock.now() + 60_000,
                oncePerTask: false,
              })),
            );
            const receipts = added.flatMap(({ id }) =>
              statuses.map(([value, rank]) =>
                status(fixture, `m${id}`, value, rank, {
                  outboundId: id,
                  naming: { channelMessageId: `m${id}`, sentAt: 1000 },
                }),
              ),
            );
            await record(fixture, ...receipts);
          };
          await add(100, [['sent', 1]]);
          for (let n = 0; n < readBefore; n += 500) await add(500, [['read', 4]]);
          await store.close();
          // A store that has just been opened remembers nothing of the file.
          const reader = await openFile(name, clock);
          const start = countPages();
          const thread = { channelId, senderId, to };
          const found = await reader.findOpenOutbound(accountId, thread, { status: 'read', upTo: 2000 }, 200);
          pages = countPages() - start;
          assert.equal(found.messages.length, 100);
          await reader.close();
        },
      )();
      return pages;
    };
    const before = await look(0);
    const later = await look(5000);
    assert.ok(before > 5 && before < 500, `${before} pages were counted`);
    // A page or two for a deeper index; a walk over what was read would take hundreds more.
    assert.ok(later < before + 20, `${before} pages became ${later}`);
  },
);
