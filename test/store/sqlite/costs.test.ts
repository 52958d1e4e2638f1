// What calls of the embedded store read from its file; that of PostgreSQL is in postgres-plans.test.ts. Linux counts it.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openSqliteStore } from '../../../src/store/sqlite/adapter.ts';
import { inbound, record, status, withStore } from '../contract/fixture.ts';
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

test(
  'finds what a user wrote without a look at what others did',
  { skip: existsSync(counter) ? false : 'only Linux counts what a process reads' },
  async () => {
    const look = async (others: number): Promise<number> => {
      const name = `user-${others}.sqlite`;
      let pages = 0;
      await withStore(
        (time) => openFile(name, time),
        async (fixture) => {
          const { store, accountId, clock } = fixture;
          const write = (from: string, count: number) =>
            record(
              fixture,
              ...Array.from({ length: count }, (_, n) =>
                inbound(fixture, `${from} ${n}`, {
                  facts: {
                    type: 'ChatAppInbound',
                    messageId: `${from} ${n}`,
                    kind: 'text',
                    user: { id: from },
                  },
                }),
              ),
            );
          await write('4915100000001', 20);
          for (let n = 0; n < others; n += 500) await write(`49152${n}`, 500);
          await store.close();
          const reader = await openFile(name, clock);
          const user = await reader.findSpellings(accountId, { userId: '4915100000001' });
          const start = countPages();
          const found = await reader.listReceipts(accountId, { user }, { limit: 50 });
          pages = countPages() - start;
          assert.deepEqual([found.items.length, found.next], [20, null]);
          await reader.close();
        },
      )();
      return pages;
    };
    const before = await look(0);
    const later = await look(10_000);
    assert.ok(later < before + 20, `${before} pages became ${later}`);
  },
);

test(
  'lists and counts the newest messages of an account without a look at what else there is',
  { skip: existsSync(counter) ? false : 'only Linux counts what a process reads' },
  async () => {
    const look = async (others: number): Promise<number> => {
      const name = `outbound-${others}.sqlite`;
      let pages = 0;
      await withStore(
        (time) => openFile(name, time),
        async ({ store, accountId, otherId, channelId, senderId, clock }) => {
          const add = (owner: number, to: string, count: number) =>
            store.addOutbound(
              owner,
              Array.from({ length: count }, (_, n) => ({
                ...{ channelId, channelType: 'whatsapp' as const, senderId, to: `${to}${n}` },
                ...{ groupId: null, taskId: null, expiresAt: clock.now() + 60_000, oncePerTask: false },
                envelope: { frame: 'message' as const, messageType: 'text', content: { text: 'hello' } },
              })),
            );
          // Older ones of the account, and newer ones of another.
          for (let n = 0; n < others; n += 500) await add(accountId, `49151${n}`, 500);
          await add(accountId, '49152', 40);
          for (let n = 0; n < others; n += 500) await add(otherId, `49153${n}`, 500);
          await store.close();
          const reader = await openFile(name, clock);
          const start = countPages();
          const { items } = await reader.listOutbound(accountId, {}, { limit: 20 });
          const { count } = await reader.countListedOutbound(accountId, {}, 20);
          pages = countPages() - start;
          assert.deepEqual(
            [...items.map(({ to }) => to), count],
            [...Array.from({ length: 20 }, (_, n) => `49152${39 - n}`), 20],
          );
          await reader.close();
        },
      )();
      return pages;
    };
    const before = await look(0);
    const later = await look(5000);
    assert.ok(later < before + 20, `${before} pages became ${later}`);
  },
);
