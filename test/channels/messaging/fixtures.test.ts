// Every Messenger and Instagram webhook of the fixture folder goes through the real route. The folder is not part of the
// project: where it is absent, the test says so and is skipped. `UPDATE_SNAPSHOT=1` writes the snapshots anew.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { tryParseJson } from '../../../src/channels/kit/json.ts';
import type { ChannelMark, ReceiptFacts } from '../../../src/domain/receipt.ts';
import { appSecret, openHookApp } from '../../support/hooks.ts';
import type { Events } from '../../../src/telemetry/events.ts';

const root = new URL('../../../../shared/fixtures/', import.meta.url);
const isThere = existsSync(root);

function toSummary(facts: ReceiptFacts): string {
  if (facts.type === 'ChatAppInbound')
    return `inbound ${facts.kind}${facts.standby === true ? ' standby' : ''}`;
  if (facts.type === 'ChatAppStatus') return `status ${facts.status}`;
  return `audit ${facts.event} ${facts.auditStatus ?? facts.status ?? ''}`.trim();
}

/** Every id that stands where a Page or account may stand, so that all of it is somebody's. */
function findSenders(body: Buffer): string[] {
  const text = JSON.stringify(tryParseJson(body));
  return [...new Set([...text.matchAll(/"id":"?([^",}]+)/g)].map(([, id]) => id ?? ''))];
}

async function play(type: 'messenger' | 'instagram', file: string): Promise<string[]> {
  const body = readFileSync(new URL(`${type}/${file}`, root));
  let seen: Events['webhook.received'] | undefined;
  const hooks = await openHookApp({
    emit: (name, fields) => {
      if (name === 'webhook.received') seen = fields as Events['webhook.received'];
    },
  });
  try {
    await hooks.addPages(type, 'pages', findSenders(body));
    assert.equal(await hooks.post(body, 'pages', appSecret, type), 200, file);
    assert.equal(seen?.outcome, 'recorded');
    assert.equal(seen.unrouted, 0, `${file}: something was nobody's`);
    const { items } = await hooks.store.listReceipts(hooks.accountId, {}, { limit: 500 });
    assert.equal(items.length, seen.fresh);
    const connector = hooks.recording.connectors[type];
    const channel = await hooks.store.findChannel('pages');
    assert.ok(connector && channel);
    const { remarks, marks = [] } = connector.parse(body, channel);
    const kept = remarks.map(({ reason, detail }) => `kept: ${reason} ${detail}`.trim());
    assert.ok(!kept.some((remark) => remark.includes('parse_failed')), `${file}: ${kept.join()}`);
    const lines = [...items.toReversed().map(({ facts }) => toSummary(facts)), ...marks.map(toLine), ...kept];
    assert.ok(lines.length > 0, `${file}: became nothing`);
    return collapse(lines);
  } finally {
    await hooks.close();
  }
}

function toLine({ status, upTo }: ChannelMark): string {
  return `mark ${status} up to ${upTo}`;
}

/** `x` twice in a row becomes `2 x`. */
function collapse(lines: readonly string[]): string[] {
  const groups = Map.groupBy(lines, (line) => line);
  return [...groups].map(([line, same]) => (same.length === 1 ? line : `${same.length} ${line}`));
}

for (const [type, least] of [
  ['messenger', 75],
  ['instagram', 40],
] as const) {
  const skip = isThere ? false : 'the fixture folder ../shared/fixtures is not here';
  describe(`the ${type} fixtures`, { skip }, () => {
    it('each give their receipts, or are kept with a reason', { timeout: 600_000 }, async () => {
      const snapshotFile = new URL(`${type}-fixtures.json`, import.meta.url);
      const files = readdirSync(new URL(`${type}/`, root))
        .filter((file) => file.endsWith('.json') && !file.includes('__api-'))
        .sort();
      assert.ok(files.length > least, `${files.length} files`);
      const actual: Record<string, string[]> = {};
      for (const file of files) actual[file] = await play(type, file);
      const output = new URL('../../output/', import.meta.url);
      mkdirSync(output, { recursive: true });
      writeFileSync(new URL(`${type}-fixtures.json`, output), `${JSON.stringify(actual, null, 2)}\n`);
      if (process.env['UPDATE_SNAPSHOT'] === '1')
        writeFileSync(snapshotFile, `${JSON.stringify(actual, null, 2)}\n`);
      assert.deepEqual(actual, JSON.parse(readFileSync(snapshotFile, 'utf8')));
    });
  });
}
