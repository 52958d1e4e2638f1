import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createReceiptRenderer } from '../../../src/core/receipts/rendering.ts';
import type { RenderableReceipt } from '../../../src/core/receipts/rendering.ts';
import { noChannelWebhook } from '../../../src/domain/channel.ts';
import type { InboundContent, InboundKind, ReceiptFacts, StatusFacts } from '../../../src/domain/receipt.ts';

const render = createReceiptRenderer({
  groupIds: false,
  mediaUrl: (_accountId, mediaId, mimeType) =>
    `https://media.example/${mediaId}.${mimeType.split('/')[1] ?? ''}`,
});
const channel = { wabaId: '9500000000001', webhook: noChannelWebhook };
const user = { id: '8613800000001', phone: '8613800000001', name: 'Ann' };

function toReceipt(
  facts: ReceiptFacts,
  content: InboundContent | null = null,
  more: Partial<RenderableReceipt> = {},
): RenderableReceipt {
  return {
    accountId: 1,
    receiptId: 'a'.repeat(32),
    channelId: 'cams-ab12cd34',
    senderId: '8613100000001',
    senderType: 'whatsapp',
    facts,
    content,
    occurredAt: 1_790_000_002_000,
    ...more,
  };
}

describe('an inbound receipt', () => {
  const inbound = (kind: InboundKind, content: InboundContent) =>
    render(toReceipt({ type: 'ChatAppInbound', messageId: 'm1', kind, user }, content), channel);

  it('has the documented members and ReceiptId, and never a Status', () => {
    assert.deepEqual(inbound('text', { text: 'hi there' }), {
      MessageId: 'm1',
      CustSpaceId: 'cams-ab12cd34',
      WabaId: '9500000000001',
      From: '8613800000001',
      To: '8613100000001',
      Timestamp: 1_790_000_002_000,
      DisplayName: 'Ann',
      Name: 'Ann',
      NoticeType: 'inbound',
      Type: 'TEXT',
      Message: 'hi there',
      ReceiptId: 'a'.repeat(32),
    });
  });

  it('names a user without a number by the business-scoped id', () => {
    const named = { id: 'US.1349', userId: 'US.1349', parentUserId: 'US.ENT.1', userName: 'pat' };
    const rendered = render(
      toReceipt({ type: 'ChatAppInbound', messageId: 'm1', kind: 'text', user: named }, { text: 'x' }),
      channel,
    );
    assert.deepEqual(
      [rendered['From'], rendered['FromUserId'], rendered['FromParentUserId'], rendered['FromUserName']],
      ['US.1349', 'US.1349', 'US.ENT.1', 'pat'],
    );
  });

  const media = (mimeType: string, fileName?: string) => ({
    id: 'f1',
    mimeType,
    channelMediaId: '321',
    ...(fileName === undefined ? {} : { fileName }),
  });
  const cases: readonly [InboundKind, InboundContent, string, unknown][] = [
    [
      'image',
      { data: { caption: 'receipt' }, media: media('image/jpeg') },
      'IMAGE',
      { caption: 'receipt', id: '321', mimeType: 'image/jpeg', url: 'https://media.example/f1.jpeg' },
    ],
    [
      'video',
      { data: { caption: 'clip' }, media: media('video/mp4') },
      'VIDEO',
      { name: 'clip', id: '321', mimeType: 'video/mp4', url: 'https://media.example/f1.mp4' },
    ],
    [
      'audio',
      { data: { voice: true }, media: media('audio/ogg') },
      'AUDIO',
      {
        name: 'audio.ogg',
        filename: 'audio.ogg',
        animated: false,
        voice: true,
        id: '321',
        mimeType: 'audio/ogg',
        url: 'https://media.example/f1.ogg',
      },
    ],
    [
      'document',
      { data: {}, media: media('application/pdf', 'invoice.pdf') },
      'DOCUMENT',
      {
        name: 'invoice.pdf',
        filename: 'invoice.pdf',
        id: '321',
        mimeType: 'application/pdf',
        url: 'https://media.example/f1.pdf',
      },
    ],
    [
      'sticker',
      { data: { animated: true }, media: media('image/webp') },
      'STICKER',
      { animated: true, id: '321', mimeType: 'image/webp', url: 'https://media.example/f1.webp' },
    ],
    [
      'location',
      { data: { latitude: 30.25, longitude: 120.16, name: 'Office', address: '1 Example Rd' } },
      'LOCATION',
      { address: '1 Example Rd', latitude: '30.25', longitude: '120.16', name: 'Office' },
    ],
    [
      'reply',
      { data: { text: 'Yes', payload: 'PAYLOAD_YES' } },
      'REPLY',
      { text: 'Yes', payload: 'PAYLOAD_YES' },
    ],
    [
      'contacts',
      { data: { contacts: [{ name: { formatted_name: 'A' } }] } },
      'CONTACTS',
      { contacts: [{ name: { formatted_name: 'A' } }] },
    ],
    ['reaction', { data: { messageId: 'm0', emoji: '' } }, 'REACTION', { messageId: 'm0', emoji: '' }],
    ['unsupported', { data: { type: 'hologram' } }, 'UNSUPPORTED', { type: 'hologram' }],
  ];
  for (const [kind, content, type, message] of cases) {
    it(`of kind ${kind} is ${type} with its Message as a JSON string`, () => {
      const rendered = inbound(kind, content);
      assert.equal(rendered['Type'], type);
      assert.equal(typeof rendered['Message'], 'string');
      assert.deepEqual(JSON.parse(String(rendered['Message'])), message);
      assert.ok(!('Status' in rendered));
    });
  }

  it('whose content has been erased says nothing of it', () => {
    const erased = render(
      toReceipt({ type: 'ChatAppInbound', messageId: 'm1', kind: 'text', user }),
      channel,
    );
    assert.equal(erased['Message'], '');
  });
});

describe('a status receipt', () => {
  const status = (facts: Partial<StatusFacts>, more: Partial<RenderableReceipt> = {}) =>
    render(
      toReceipt({ type: 'ChatAppStatus', messageId: 'm1', status: 'sent', user, ...facts }, null, more),
      channel,
    );

  it('has the documented members, names and defaults', () => {
    const rendered = status({
      status: 'failed',
      errorCode: '131026',
      errorDescription: '131026:Receiver is incapable of receiving this message(Message Undeliverable.)',
    });
    assert.deepEqual(rendered, {
      MessageId: 'm1',
      CustSpaceId: 'cams-ab12cd34',
      WabaId: '9500000000001',
      From: '8613100000001',
      To: '8613800000001',
      Timestamp: 1_790_000_002_000,
      Status: 'Failed',
      StatusDescription: 'The message could not be delivered.',
      ErrorCode: '131026',
      ErrorDescription: '131026:Receiver is incapable of receiving this message(Message Undeliverable.)',
      MsgFrameType: 'message',
      TaskId: 'm1',
      OriginPhoneNumber: '8613100000001',
      ReceiptId: 'a'.repeat(32),
    });
  });

  it("of a mass send is named by its own id, or by the group's where that is set", () => {
    const sent = {
      to: user.id,
      groupId: '17954213170001234567',
      frame: 'template',
      messageType: 'template',
    } as const;
    const facts = { type: 'ChatAppStatus', messageId: 'm1', status: 'sent', user, sent } as const;
    const groupIds = createReceiptRenderer({ groupIds: true, mediaUrl: () => '' });
    const own = render(toReceipt(facts), channel);
    const shared = groupIds(toReceipt(facts), channel);
    assert.deepEqual([own['MessageId'], own['GroupMessageId']], ['m1', sent.groupId]);
    assert.deepEqual([shared['MessageId'], shared['GroupMessageId']], [sent.groupId, sent.groupId]);
    const { sent: _alone, ...single } = facts;
    assert.equal(groupIds(toReceipt(single), channel)['MessageId'], 'm1');
  });

  it('uses the five documented words', () => {
    const words = (['sent', 'delivered', 'read', 'failed', 'deleted'] as const).map(
      (word) => status({ status: word })['Status'],
    );
    assert.deepEqual(words, ['Sent', 'Delivered', 'Read', 'Failed', 'Deleted']);
  });

  it("tells the conversation in CAMS's categories", () => {
    const rendered = status({
      conversationId: 'c',
      conversationType: 'authentication_international',
      conversationExpiresAt: 5,
    });
    assert.deepEqual(
      [rendered['ConversationId'], rendered['ConversationType'], rendered['ConversationExpirationTime']],
      ['c', 'authentication', 5],
    );
  });

  it('tells what the channel calls the user where that is not what was sent to', () => {
    const sent = { to: '5511987654321', frame: 'message', messageType: 'text' } as const;
    const other = status({ sent, user: { id: '551187654321' } });
    assert.deepEqual([other['To'], other['ChannelTo']], ['5511987654321', '551187654321']);
    assert.ok(!('ChannelTo' in status({ sent, user: { id: sent.to } })));
    assert.ok(!('ChannelTo' in status({ user: { id: '551187654321' } })));
  });

  it('of another channel has no WABA', () => {
    assert.equal(status({}, { senderType: 'viber', senderId: '10001' })['WabaId'], '');
  });
});

describe('an audit receipt', () => {
  const template = {
    type: 'ChatAppAudit',
    event: 'template',
    wabaId: '9',
    templateCode: '744',
    language: 'en_US',
    auditStatus: 'pass',
  } as const;

  it('in V1 has five members and ReceiptId', () => {
    assert.deepEqual(render(toReceipt(template), channel), {
      WabaId: '9',
      TemplateCode: '744',
      Language: 'en_US',
      AuditStatus: 'pass',
      Reason: '',
      ReceiptId: 'a'.repeat(32),
    });
  });

  it('in V2 also says what it is about', () => {
    const v2 = { ...channel, webhook: { ...noChannelWebhook, auditVersion: 'V2' } as const };
    assert.equal(render(toReceipt(template), v2)['Type'], 'template');
    const quality = render(
      toReceipt({
        type: 'ChatAppAudit',
        event: 'phoneQualityUpdate',
        wabaId: '9',
        phoneNumber: '15550001111',
        status: 'FLAGGED',
        currentLimit: 'TIER_10K',
      }),
      v2,
    );
    assert.deepEqual(
      [quality['Type'], quality['PhoneNumber'], quality['Status'], quality['CurrentLimit']],
      ['phoneQualityUpdate', '15550001111', 'FLAGGED', 'TIER_10K'],
    );
  });
});
