// Every Viber webhook of the fixture folder goes through the real route. The folder is not part of the project: where it is
// absent, the test says so and is skipped. `UPDATE_SNAPSHOT=1` writes the snapshot anew; what each file became is written to
// test/output/viber-fixtures.json in full.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { Events } from '../../../src/telemetry/events.ts';
import { openViberHooks } from '../../support/viber.ts';

const folder = new URL('../../../../shared/fixtures/', import.meta.url);
const snapshotFile = new URL('viber-fixtures.json', import.meta.url);
const report = new URL('../../output/viber-fixtures.json', import.meta.url);
const isThere = existsSync(new URL('viber-bot/', folder));

interface Became {
  readonly summary: readonly string[];
  readonly receipts: readonly unknown[];
}

async function play(kind: 'viber-bot' | 'viber-business', file: string): Promise<Became> {
  const body = readFileSync(new URL(`${kind}/${file}`, folder));
  let seen: Events['webhook.received'] | undefined;
  const hooks = await openViberHooks({
    emit: (name, fields) => {
      if (name === 'webhook.received') seen = fields as Events['webhook.received'];
    },
  });
  const post = async () =>
    kind === 'viber-bot' ? (await hooks.postBot(body)).status : await hooks.postBusiness(body);
  try {
    assert.equal(await post(), 200, file);
    assert.equal(seen?.outcome, 'recorded');
    assert.equal(seen?.unrouted, 0, `${file}: something was nobody's`);
    const channel = await hooks.store.findChannel(kind === 'viber-bot' ? 'bot' : 'vbm');
    assert.ok(channel);
    const parsed = hooks.recording.connectors.viber?.parse(body, channel);
    const remarks = (parsed?.remarks ?? []).map(({ reason, detail }) => `kept: ${reason} ${detail}`.trim());
    assert.ok(!remarks.some((remark) => remark.includes('parse_failed')), `${file}: ${remarks.join()}`);
    const inbound = await hooks.drain('ChatAppInbound');
    const status = await hooks.drain('ChatAppStatus');
    // The same bytes again are the same receipts.
    assert.equal(await post(), 200, file);
    assert.deepEqual([await hooks.drain('ChatAppInbound'), await hooks.drain('ChatAppStatus')], [[], []]);
    const receipts = [...inbound, ...status];
    for (const receipt of receipts) assertDigits(body, String(receipt['MessageId']), file);
    const summary = [
      ...inbound.map((receipt) => `inbound ${String(receipt['Type'])}`),
      ...status.map((receipt) => `status ${String(receipt['Status'])}`),
      ...remarks,
    ];
    return { summary, receipts };
  } finally {
    await hooks.close();
  }
}

/** The id of a receipt has the digits of the file, all of them. */
function assertDigits(body: Buffer, messageId: string, file: string): void {
  const [, token] = /"message_token"\s*:\s*"?([^",\s}]+)/.exec(body.toString('utf8')) ?? [];
  if (token === undefined) assert.match(messageId, /^none-[0-9a-f]{32}$/, file);
  else assert.equal(messageId, token, file);
}

describe(
  'the Viber fixtures',
  { skip: isThere ? false : 'the fixture folder ../shared/fixtures is not here' },
  () => {
    it('each give their receipts, or are kept with a reason', { timeout: 600_000 }, async () => {
      const actual: Record<string, readonly string[]> = {};
      const full: Record<string, Became> = {};
      for (const kind of ['viber-bot', 'viber-business'] as const) {
        const files = readdirSync(new URL(`${kind}/`, folder))
          .filter((file) => file.endsWith('.json') && !/__(api-|request)/.test(file))
          .sort();
        assert.ok(files.length > 9);
        for (const file of files) {
          const became = await play(kind, file);
          actual[`${kind}/${file}`] = became.summary;
          full[`${kind}/${file}`] = became;
        }
      }
      mkdirSync(new URL('.', report), { recursive: true });
      writeFileSync(report, `${JSON.stringify(full, null, 2)}\n`);
      if (process.env['UPDATE_SNAPSHOT'] === '1')
        writeFileSync(snapshotFile, `${JSON.stringify(actual, null, 2)}\n`);
      assert.deepEqual(actual, JSON.parse(readFileSync(snapshotFile, 'utf8')));
    });
  },
);
