// A webhook does not grow into many times its size: what its events share is told with each of them only while it is small.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openHookApp, toText, toWebhook } from '../support/hooks.ts';
import { tell } from '../support/told.ts';
import type { Kind } from '../support/told.ts';

const count = 100;
const many = <T>(toItem: (n: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, n) => toItem(n));
const metadata = { display_phone_number: '15550001111', phone_number_id: '200000000000001' };

function toChange(value: object, field = 'messages'): object {
  const changes = [{ field, value: { messaging_product: 'whatsapp', metadata, ...value } }];
  return { object: 'whatsapp_business_account', entry: [{ id: '100000000000001', changes }] };
}

const contacts = (large: string) => [{ wa_id: '15550002222', profile: { name: 'Ana', brandnew: large } }];
const status = (n: number) => ({ id: `wamid.${n}`, status: 'sent', recipient_id: '15550002222' });
const participants = many((n) => ({ wa_id: String(15_550_010_000 + n) }));

const payloads: readonly (readonly [string, Kind, (large: string) => object])[] = [
  [
    'the contact of its messages',
    'whatsapp',
    (large) => toChange({ contacts: contacts(large), messages: many((n) => toText(`wamid.${n}`)) }),
  ],
  [
    'the contact of its statuses',
    'whatsapp',
    (large) => toChange({ contacts: contacts(large), statuses: many(status) }),
  ],
  ['a member beside its statuses', 'whatsapp', (large) => toChange({ statuses: many(status), large })],
  [
    'what an event of a group says of all participants',
    'whatsapp',
    (large) =>
      toChange(
        { groups: [{ group_id: 'g', type: 'x', brandnew: large, added_participants: participants }] },
        'group_participants_update',
      ),
  ],
  [
    'a member beside the messages of a delivery',
    'messenger',
    (large) => ({
      object: 'page',
      entry: [
        {
          id: '301',
          messaging: [
            {
              sender: { id: '9' },
              recipient: { id: '301' },
              timestamp: 1_780_000_000_000,
              delivery: { mids: many((n) => `m_${n}`), brandnew: large },
            },
          ],
        },
      ],
    }),
  ],
];

describe('a webhook of a hundred events tells', () => {
  for (const [what, kind, toBody] of payloads)
    it(`${what}: each of them what is small, and one of them what is large`, () => {
      const tellings = (large: string): number => {
        const { receipts, remarks } = tell(kind, toBody(large));
        assert.deepEqual(remarks, []);
        assert.equal(receipts.length, count);
        return receipts.filter((receipt) => JSON.stringify(receipt).includes(large)).length;
      };
      assert.equal(tellings('zq'.repeat(50)), count);
      assert.equal(tellings('zq'.repeat(50_000)), 1);
    });

  it('a name as far as an id would be', async () => {
    const hooks = await openHookApp();
    try {
      await hooks.addNumber('15550001111', '200000000000001');
      const body = JSON.parse(toWebhook({ messages: many((n) => toText(`wamid.${n}`)) })) as object;
      const name = 'zq'.repeat(50_000);
      assert.equal(await hooks.post(JSON.stringify(body).replace('Pat Example', name)), 200);
      const receipts = await hooks.drain('ChatAppInbound');
      assert.equal(receipts.length, count);
      assert.ok(JSON.stringify(receipts).length < 3 * name.length);
      assert.match(String(receipts[0]?.['Name']), /^(zq){220}#[0-9a-f]{64}$/);
    } finally {
      await hooks.close();
    }
  });
});
