// Every WhatsApp webhook of the fixture folder goes through the real route. The folder is not part of the project: where it
// is absent, the test says so and is skipped. `UPDATE_SNAPSHOT=1` writes the snapshot anew.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { isObject, toObjects, toText, tryParseJson } from '../../../src/channels/kit/json.ts';
import type { ReceiptFacts } from '../../../src/domain/receipt.ts';
import { openHookApp } from '../../support/hooks.ts';
import type { Events } from '../../../src/telemetry/events.ts';

const folder = new URL('../../../../shared/fixtures/whatsapp/', import.meta.url);
const snapshotFile = new URL('whatsapp-fixtures.json', import.meta.url);
const isThere = existsSync(folder);

function toSummary(facts: ReceiptFacts): string {
  if (facts.type === 'ChatAppInbound') return `inbound ${facts.kind}`;
  if (facts.type === 'ChatAppStatus')
    return `status ${facts.status}${facts.errorCode === undefined ? '' : ` ${facts.errorCode}`}`;
  return `audit ${facts.event} ${facts.auditStatus ?? facts.status ?? ''}`.trim();
}

/** Every number and WABA that a body names, so that all of it is somebody's. */
function findOwners(body: Buffer): { phoneNumberIds: string[]; wabaIds: string[] } {
  const root = tryParseJson(body);
  const entries = isObject(root) ? toObjects(root['entry']) : [];
  const phoneNumberIds = [...JSON.stringify(root).matchAll(/"phone_number_id":"([^"]+)"/g)].map(
    ([, id]) => id ?? '',
  );
  const wabaIds = entries.map((entry) => toText(entry['id'])).filter((id) => id !== undefined);
  return { phoneNumberIds: [...new Set(phoneNumberIds)], wabaIds: [...new Set(wabaIds)] };
}

async function play(file: string): Promise<string[]> {
  const body = readFileSync(new URL(file, folder));
  const remarks: string[] = [];
  let seen: Events['webhook.received'] | undefined;
  const hooks = await openHookApp({
    emit: (name, fields) => {
      if (name === 'webhook.received') seen = fields as Events['webhook.received'];
    },
  });
  try {
    const { phoneNumberIds, wabaIds } = findOwners(body);
    for (const [index, id] of phoneNumberIds.entries()) await hooks.addNumber(`1555000${1000 + index}`, id);
    const credentials = { appSecret: 'the-app-secret', verifyToken: 'v' };
    const actor = { kind: 'system', id: 'test' } as const;
    for (const [index, wabaId] of wabaIds.entries()) {
      await hooks.store.putChannel(
        hooks.accountId,
        { id: index === 0 ? 'wa' : `wa${index}`, type: 'whatsapp', name: 'w', wabaId, credentials },
        actor,
      );
    }
    assert.equal(await hooks.post(body), 200, file);
    const { items } = await hooks.store.listReceipts(hooks.accountId, {}, { limit: 500 });
    const rawEventIds = new Set<number>();
    for (const { receiptId } of items)
      rawEventIds.add((await hooks.store.findTimeline(hooks.accountId, receiptId))?.rawEventId ?? 0);
    assert.ok(rawEventIds.size <= 1);
    assert.equal(seen?.outcome, 'recorded');
    assert.equal(seen?.unrouted, 0, `${file}: something was nobody's`);
    const connector = hooks.recording.connectors.whatsapp;
    const channel = await hooks.store.findChannel('wa');
    assert.ok(connector && channel);
    for (const { reason, detail } of connector.parse(body, channel).remarks)
      remarks.push(`kept: ${reason} ${detail}`.trim());
    assert.ok(!remarks.some((remark) => remark.includes('parse_failed')), `${file}: ${remarks.join()}`);
    assert.ok(items.length + remarks.length > 0, `${file}: became nothing`);
    return collapse([...items.toReversed().map(({ facts }) => toSummary(facts)), ...remarks]);
  } finally {
    await hooks.close();
  }
}

/** `x` twice in a row becomes `2 x`. */
function collapse(lines: readonly string[]): string[] {
  const groups = Map.groupBy(lines, (line) => line);
  return [...groups].map(([line, same]) => (same.length === 1 ? line : `${same.length} ${line}`));
}

describe(
  'the WhatsApp fixtures',
  { skip: isThere ? false : 'the fixture folder ../shared/fixtures is not here' },
  () => {
    it('each give their receipts, or are kept with a reason', { timeout: 600_000 }, async () => {
      const files = readdirSync(folder)
        .filter((file) => file.endsWith('.json') && !/__(api-|request)/.test(file))
        .sort();
      assert.ok(files.length > 250);
      const actual: Record<string, string[]> = {};
      for (const file of files) actual[file] = await play(file);
      const output = new URL('../../output/', import.meta.url);
      mkdirSync(output, { recursive: true });
      writeFileSync(new URL('whatsapp-fixtures.json', output), `${JSON.stringify(actual, null, 2)}\n`);
      if (process.env['UPDATE_SNAPSHOT'] === '1')
        writeFileSync(snapshotFile, `${JSON.stringify(actual, null, 2)}\n`);
      assert.deepEqual(actual, JSON.parse(readFileSync(snapshotFile, 'utf8')));
    });
  },
);
