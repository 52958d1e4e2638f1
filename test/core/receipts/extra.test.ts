// What travels along with an event is recorded, handed on, rendered again, and erased with the content.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, it } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import type { ReceiptType } from '../../../src/domain/receipt.ts';
import { rereadUnrouted } from '../../../src/core/receipts/route-reread.ts';
import { openHookApp } from '../../support/hooks.ts';
import type { HookApp } from '../../support/hooks.ts';

let hooks: HookApp;
beforeEach(async () => {
  hooks = await openHookApp();
  await hooks.addNumber('15550001111', '200000000000001');
});
afterEach(() => hooks.close());

const read = (file: string) => readFileSync(new URL(`../../fixtures/whatsapp/${file}.json`, import.meta.url));

async function post(type: ReceiptType, body: string | Buffer): Promise<Record<string, unknown>> {
  assert.equal(await hooks.post(body), 200);
  const [receipt, ...more] = await hooks.drain(type);
  assert.deepEqual(more, []);
  assert.ok(receipt);
  return receipt;
}

/** The receipt as a replay renders it. */
async function renderAgain({ ReceiptId }: Record<string, unknown>): Promise<Record<string, unknown>> {
  const timeline = await hooks.store.findTimeline(hooks.accountId, String(ReceiptId));
  assert.ok(timeline);
  const channel = await hooks.store.findChannel('wa');
  return JSON.parse(JSON.stringify(hooks.recording.renderReceipt(timeline.receipt, channel))) as Record<
    string,
    unknown
  >;
}

const cases: readonly (readonly [string, ReceiptType, string, object])[] = [
  [
    'a message',
    'ChatAppInbound',
    'text-with-unknown-members',
    {
      event: { text: { format: { bold: [0, 5] } }, mood: 'merry' },
      contact: { profile: { country_code: 'ES' }, verified: false },
    },
  ],
  [
    'a status',
    'ChatAppStatus',
    'status-with-pricing',
    { event: { pricing: { billable: true, pricing_model: 'PMP', type: 'regular' } } },
  ],
  [
    'an audit',
    'ChatAppAudit',
    'template-flagged',
    { event: { event: 'FLAGGED', disable_info: { disable_date: '2026-12-24' } } },
  ],
];

for (const [what, type, file, extra] of cases)
  it(`${what} is told with what travels along, and so is its replay`, async () => {
    const receipt = await post(type, read(file));
    assert.deepEqual(receipt['Extra'], extra);
    assert.deepEqual(await renderAgain(receipt), receipt);
  });

it('a long text that travels along is told whole', async () => {
  const mood = 'merry '.repeat(200);
  const status = JSON.stringify(JSON.parse(read('status-played').toString()));
  const receipt = await post('ChatAppStatus', status.replace('"played"', `"played","mood":"${mood}"`));
  assert.deepEqual(receipt['Extra'], { event: { status: 'played', mood } });
});

it('an erasure takes what travels along with messages of a user and with statuses of messages to that user', async () => {
  const message = await post('ChatAppInbound', read('text-with-unknown-members'));
  const status = await post('ChatAppStatus', read('status-with-contact'));
  assert.ok(message['Extra'] !== undefined && status['Extra'] !== undefined);
  await hooks.store.eraseContent(hooks.accountId, { userId: '15550002222' }, { limit: 100 }, system);
  const { Extra: _, ...bare } = status;
  assert.deepEqual(await renderAgain(status), bare);
  assert.equal((await renderAgain(message))['Extra'], undefined);
});

it('events that come before their sender is registered keep what travels along', async () => {
  const body = read('status-with-pricing').toString().replaceAll('200000000000001', '200000000000009');
  assert.equal(await hooks.post(body), 200);
  assert.deepEqual(await hooks.drain('ChatAppStatus'), []);
  await hooks.addNumber('15550009999', '200000000000009');
  await rereadUnrouted(hooks.recording, 'whatsapp', { by: 'sender', id: '200000000000009' });
  const [receipt] = await hooks.drain('ChatAppStatus');
  assert.deepEqual(receipt?.['Extra'], {
    event: { pricing: { billable: true, pricing_model: 'PMP', type: 'regular' } },
  });
});
