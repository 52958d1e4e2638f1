// Files that Messenger keeps under an id, when it says that it has the id no more.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createMessengerConnector } from '../../../src/channels/messenger/connector.ts';
import { channel as whatsapp, openGraphBed, sender, toOutgoing } from '../../support/graph.ts';
import { monotonicNow } from '../../../src/runtime/clock.ts';

for (const error_subcode of [2018047, 2018074, 2018294])
  it(`a kept file that is refused with 100/${error_subcode} is sent again by its address`, async (t) => {
    const payloads: unknown[] = [];
    const bed = await openGraphBed(({ path, body }) => {
      if (/\/501\?/.test(path)) return { body: { id: '501', access_token: 'EAApage' } };
      const { payload } = (JSON.parse(body.toString()) as { message: { attachment: { payload: object } } })
        .message.attachment;
      payloads.push(payload);
      return 'attachment_id' in payload && payloads.length === 2
        ? { status: 400, body: { error: { message: 'Invalid attachment', code: 100, error_subcode } } }
        : {
            body: {
              recipient_id: '1',
              message_id: `m${payloads.length}`,
              attachment_id: `a${payloads.length}`,
            },
          };
    });
    t.after(() => bed.close());
    const connector = createMessengerConnector({
      client: bed.client,
      now: Date.now,
      monotonic: monotonicNow,
      graphUrl: bed.url,
      graphVersion: 'v25.0',
      instagramUrl: bed.url,
    });
    const channel = { ...whatsapp, type: 'messenger', wabaId: null } as const;
    const page = { ...sender, id: '501', routeId: '501', type: 'messenger' } as const;
    const link = 'https://files.example/a.png';
    const send = () =>
      connector.send?.(channel, page, toOutgoing({ messageType: 'image', content: { link } }));
    assert.equal((await send())?.kind, 'accepted');
    assert.partialDeepStrictEqual(await send(), { kind: 'refused', failure: 'transient', code: '100' });
    assert.equal((await send())?.kind, 'accepted');
    assert.deepEqual(payloads, [
      { url: link, is_reusable: true },
      { attachment_id: 'a1' },
      { url: link, is_reusable: true },
    ]);
  });
