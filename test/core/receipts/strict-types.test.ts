import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createReceiptRenderer } from '../../../src/core/receipts/rendering.ts';
import type { InboundContent, InboundKind } from '../../../src/domain/receipt.ts';
import { inboundKinds } from '../../../src/domain/receipt.ts';

const known = ['TEXT', 'IMAGE', 'VIDEO', 'AUDIO', 'DOCUMENT', 'LOCATION', 'REPLY', 'CONTACTS', 'SYSTEM'];

function render(kind: InboundKind, content: InboundContent | null, strictTypes = true) {
  const renderer = createReceiptRenderer({
    mediaUrl: () => 'https://media.example/1',
    groupIds: false,
    strictTypes,
  });
  return renderer(
    {
      accountId: 1,
      receiptId: 'r',
      channelId: 'wa',
      senderId: '15550001111',
      senderType: 'whatsapp',
      facts: { type: 'ChatAppInbound', messageId: 'm', kind, user: { id: '15550002222' } },
      content,
      occurredAt: 0,
    },
    undefined,
  );
}

describe('strict types', () => {
  for (const kind of inboundKinds) {
    it(`${kind} is of a documented type, with content and without`, () => {
      for (const content of [null, { data: { type: 'x', text: 'y' } }, { text: 'plain' }]) {
        const { Type, Message } = render(kind, content);
        assert.ok(known.includes(String(Type)), String(Type));
        if (Type !== 'TEXT') assert.equal(typeof JSON.parse(String(Message)), 'object');
      }
    });
  }

  const cases: readonly (readonly [InboundKind, InboundContent, string, unknown])[] = [
    ['reaction', { data: { messageId: 'm', emoji: '👍' } }, 'TEXT', '👍'],
    ['edit', { data: { messageId: 'm', text: 'new' } }, 'TEXT', 'new'],
    [
      'interactive',
      {
        data: {
          interactive: { type: 'nfm_reply', nfm_reply: { body: 'Sent', response_json: '{"size":"L"}' } },
        },
      },
      'REPLY',
      { text: 'Sent', payload: '{"size":"L"}' },
    ],
    ['revoke', { data: { messageId: 'm' } }, 'SYSTEM', { messageId: 'm', type: 'revoke' }],
    ['echo', { data: { type: 'text', text: 'hi' } }, 'SYSTEM', { type: 'echo', text: 'hi', of: 'text' }],
    [
      'sticker',
      { data: {}, media: { id: 'a', mimeType: 'image/webp', channelMediaId: '7' } },
      'IMAGE',
      { id: '7', mimeType: 'image/webp', url: 'https://media.example/1' },
    ],
    ['sticker', { data: { stickerId: '40' } }, 'SYSTEM', { stickerId: '40', type: 'sticker' }],
  ];
  for (const [kind, content, type, message] of cases) {
    it(`${kind} becomes ${type}`, () => {
      const { Type, Message } = render(kind, content);
      assert.equal(Type, type);
      assert.deepEqual(type === 'TEXT' ? Message : JSON.parse(String(Message)), message);
    });
  }

  it('are off unless asked for', () => {
    assert.equal(render('sticker', { data: {} }, false)['Type'], 'STICKER');
  });
});
