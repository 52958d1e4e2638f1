// Events that are not understood are kept, told, and read again by readers that know more.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Connector, ParsedWebhook } from '../../../src/channels/channel.ts';
import { readerVersion } from '../../../src/core/receipts/reader-version.ts';
import { rereadRemarked, createRemarkedRereading } from '../../../src/core/receipts/remark-reread.ts';
import type { RemarkedDeps } from '../../../src/core/receipts/remark-reread.ts';
import type { Events } from '../../../src/telemetry/events.ts';
import type { RawEventEntry } from '../../../src/store/store.ts';
import { openHookApp, toText, toWebhook } from '../../support/hooks.ts';
import type { HookApp } from '../../support/hooks.ts';
import { waitUntil } from '../../support/service.ts';

const day = 86_400_000;
/** A message in a form that the readers do not know, between two that they do. */
const odd = 'a message of tomorrow';
const body = toWebhook({ messages: [toText('wamid.1', 'before'), odd, toText('wamid.2', 'after')] });

let hooks: HookApp;
let deps: RemarkedDeps;
let entry: RawEventEntry;

beforeEach(async () => {
  hooks = await openHookApp();
  await hooks.addNumber('15550001111', '200000000000001');
  assert.equal(await hooks.post(body), 200);
  const { items } = await hooks.store.listRawEvents(hooks.accountId, { remarked: true }, { limit: 10 });
  assert.equal(items.length, 1);
  [entry] = items as [RawEventEntry];
  deps = { ...hooks.recording, store: hooks.store, receiptMs: 90 * day };
});
afterEach(() => hooks.close());

/** The readers after an upgrade: they take the odd one for a text. */
function upgrade(): RemarkedDeps {
  const today = hooks.recording.connectors.whatsapp as Connector;
  const known = toText('wamid.odd', 'of tomorrow');
  const parse = (bytes: Buffer, channel: Parameters<Connector['parse']>[1]): ParsedWebhook =>
    today.parse(Buffer.from(bytes.toString().replace(JSON.stringify(odd), JSON.stringify(known))), channel);
  return { ...deps, connectors: { ...deps.connectors, whatsapp: { ...today, parse } } };
}

async function drainIds(): Promise<unknown[]> {
  return (await hooks.drain('ChatAppInbound')).map((receipt) => receipt['MessageId']);
}

describe('an event that is not understood', () => {
  it('is kept with its reason, and leaves its neighbours alone', async () => {
    assert.deepEqual(entry.remarks, [
      { index: 1, reason: 'wrong_shape', detail: 'messages', mayBeMessage: true },
    ]);
    assert.equal(entry.reader, readerVersion);
    assert.deepEqual(await drainIds(), ['wamid.1', 'wamid.2']);
  });

  it("is told by a notice when it may be a user's message", () => {
    assert.deepEqual(
      hooks.notices.map(({ code, subject, params }) => ({ code, subject, params })),
      [
        {
          code: 'event_not_understood',
          subject: 'channel/wa/wrong_shape',
          params: {
            channelId: 'wa',
            reason: 'wrong_shape',
            detail: 'messages',
            rawEventId: String(entry.id),
          },
        },
      ],
    );
  });

  it('raises no notice when it is known to be no message', async () => {
    const before = hooks.notices.length;
    assert.equal(await hooks.post(toWebhook({ statuses: ['no status'] })), 200);
    const field = {
      object: 'whatsapp_business_account',
      entry: [{ id: '1', changes: [{ field: 'new_field', value: {} }] }],
    };
    assert.equal(await hooks.post(JSON.stringify(field)), 200);
    assert.equal(hooks.notices.length, before);
  });

  it('is told once with its number where a webhook holds it many times', async () => {
    const told: unknown[] = [];
    const other = await openHookApp({
      emit: (name, fields) => {
        if (name !== 'event.remarked') return;
        const { index, detail, count } = fields as Events['event.remarked'];
        told.push({ index, detail, count });
      },
    });
    try {
      await other.addPages('messenger', 'ms', ['301']);
      // Watermarks that mean no message have no receipt for what is new beside them to travel along with.
      const toRead = (user: number, extra: object) => ({
        sender: { id: String(user) },
        recipient: { id: '301' },
        timestamp: 1_780_000_000_000,
        read: { watermark: 1_780_000_000_000 },
        ...extra,
      });
      const messaging = Array.from({ length: 500 }, (_, n) => toRead(n + 1, { brandnew: n }));
      const entry = [{ id: '301', messaging: [...messaging, toRead(501, { newer: 1 })] }];
      assert.equal(
        await other.post(JSON.stringify({ object: 'page', entry }), 'ms', undefined, 'messenger'),
        200,
      );
      assert.deepEqual(told, [
        { index: 0, detail: 'event brandnew', count: 500 },
        { index: 500, detail: 'event newer', count: 1 },
      ]);
      const { items } = await other.store.listRawEvents(other.accountId, { remarked: true }, { limit: 10 });
      assert.equal(items[0]?.remarks.length, 501);
    } finally {
      await other.close();
    }
  });

  it('is handed on once by readers that know it, and nothing else is told again', async () => {
    await drainIds();
    const read = await rereadRemarked(upgrade(), entry);
    assert.deepEqual(read, { outcome: 'read', fresh: 1, repeats: 2, unrouted: 0, remarks: [] });
    assert.deepEqual(await drainIds(), ['wamid.odd']);
    const { items } = await hooks.store.listRawEvents(hooks.accountId, { remarked: true }, { limit: 10 });
    assert.deepEqual(items, []);
    const again = await rereadRemarked(upgrade(), entry);
    assert.deepEqual([again.fresh, again.repeats], [0, 3]);
    assert.deepEqual(await drainIds(), []);
  });

  it('is read again by itself after an upgrade, and by the same version no second time', async () => {
    await drainIds();
    const none = createRemarkedRereading(upgrade());
    none.start();
    const old = { ...entry, reader: 'an older version' };
    const { accountId, id: rawEventId, channelId, receivedAt, remarks } = old;
    const intake = { accountId, channelId, receivedAt, body: Buffer.alloc(0), receipts: [], unrouted: [] };
    await hooks.store.recordIntake([{ ...intake, remarks, reader: old.reader, reread: { rawEventId } }]);
    await none.stop();
    assert.deepEqual(await drainIds(), []);
    const rereading = createRemarkedRereading(upgrade());
    rereading.start();
    await waitUntil('it is read', 60_000, async () => {
      const kept = await hooks.store.findRawEventEntry(accountId, rawEventId);
      return kept?.remarks.length === 0;
    });
    await rereading.stop();
    assert.deepEqual(await drainIds(), ['wamid.odd']);
  });

  it('waits for its sender where that is not registered', async () => {
    const foreign = toWebhook({ messages: [odd] }).replaceAll('200000000000001', '200000000000009');
    assert.equal(await hooks.post(foreign), 200);
    const { items } = await hooks.store.listRawEvents(hooks.accountId, { remarked: true }, { limit: 1 });
    const read = await rereadRemarked(upgrade(), items[0] as RawEventEntry);
    assert.deepEqual([read.fresh, read.unrouted, read.remarks], [0, 1, []]);
    assert.equal((await hooks.store.listUnrouted(hooks.accountId, { limit: 10 })).items.length, 1);
  });

  it('says why it is not read: erased, too old, its channel gone', async () => {
    hooks.clock.advance(91 * day);
    assert.equal((await rereadRemarked(deps, entry)).outcome, 'too_old');
    const gone = { ...deps, receiptMs: 1000 * day };
    const other = { ...entry, id: entry.id + 1 };
    assert.equal((await rereadRemarked(gone, other)).outcome, 'gone');
    const empty = {
      ...gone,
      store: { ...gone.store, findRawEvent: async () => ({ ...entry, body: new Uint8Array() }) },
    };
    assert.equal((await rereadRemarked(empty, entry)).outcome, 'erased');
    const channel = await hooks.directory.channel('wa');
    assert.ok(channel);
    const nobody = { ...gone, connectors: {} };
    assert.equal((await rereadRemarked(nobody, entry)).outcome, 'no_channel');
  });

  it('is a remark again when the readers fail', async () => {
    const today = deps.connectors.whatsapp as Connector;
    const parse = (): never => {
      throw new TypeError('a bug');
    };
    const failing = { ...deps, connectors: { whatsapp: { ...today, parse } } };
    const { fresh, remarks } = await rereadRemarked(failing, entry);
    assert.deepEqual([fresh, remarks.map(({ reason }) => reason)], [0, ['parse_failed']]);
  });
});
