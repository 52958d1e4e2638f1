// ListChatappMessage: every filter, for what the business sent and for what users did.
import assert from 'node:assert/strict';
import { before, after, describe, it } from 'node:test';
import { createReceiptRenderer } from '../../../src/core/receipts/rendering.ts';
import { createSandboxConnector } from '../../../src/channels/sandbox/connector.ts';
import { system } from '../../../src/domain/account.ts';
import type { MessageStatus } from '../../../src/domain/receipt.ts';
import { playInbound, playStatus } from '../../../src/protocols/hooks/sandbox.ts';
import { openCamsApp } from '../../support/cams-app.ts';
import type { CamsApp } from '../../support/cams-app.ts';
import { goodCalls, open } from './bed.ts';

const number = '15550100001';
const second = 1000;
/** Users by what became of their message. */
const users = {
  waiting: '8613900000001',
  sent: '8613900000002',
  delivered: '8613900000003',
  read: '8613900000004',
  failed: '8613900000005',
  template: '8613900000006',
} as const;

let app: CamsApp;
/** What the channel told of one of them. */
const spelling = '861390000004';

let groupId = '';
/** When the two messages of users came. */
const came: number[] = [];

before(async () => {
  app = await openCamsApp();
  const { store, directory, clock, accountId } = app;
  const nothingGoesOut = { get: () => Promise.reject(new Error('Nothing goes out.')) };
  const recording = {
    store,
    directory,
    connectors: { sandbox: createSandboxConnector({ client: nothingGoesOut, now: clock.now }) },
    renderReceipt: createReceiptRenderer({ mediaUrl: () => '', groupIds: false }),
    emit: () => undefined,
    now: clock.now,
    monotonic: clock.monotonic,
    raiseNotice: () => undefined,
    onHeld: () => undefined,
    removeMedia: async () => undefined,
  };
  const channel = await directory.channel('sandbox');
  const sender = await directory.sender('sandbox', number);
  assert.ok(channel !== undefined && sender !== undefined);
  await store.createTemplate(
    accountId,
    {
      channelId: 'sandbox',
      code: 'c1',
      language: 'en',
      name: 'hello',
      type: 'WHATSAPP',
      category: 'UTILITY',
      components: [{ Type: 'BODY', Text: 'Hello' }],
      example: {},
      status: 'pass',
      reason: '',
      allowSend: true,
      categoryChangePaused: false,
      ttlSeconds: null,
      quality: 'UNKNOWN',
      vendorId: null,
      parameterFormat: 'POSITIONAL',
      isEdited: false,
      offered: [],
      asked: null,
      reviewAt: null,
    },
    system,
  );
  const common = { ChannelType: 'whatsapp', From: number };
  for (const to of Object.values(users)) {
    clock.advance(second);
    const { body } =
      to === users.template
        ? await app.call('SendChatappMassMessage', {
            ...common,
            TemplateCode: 'c1',
            Language: 'en',
            SenderList: JSON.stringify([{ To: to }]),
          })
        : await app.call('SendChatappMessage', {
            ...common,
            Type: 'message',
            MessageType: 'text',
            Content: '{"text":"hello"}',
            To: to,
          });
    assert.equal(body['Code'], 'OK', JSON.stringify(body));
    if (to === users.template) groupId = String(body['GroupMessageId']);
  }
  await store.tellAliases(accountId, [
    { channelId: 'sandbox', spelling: users.read, told: spelling, rank: 1, at: clock.now() },
  ]);
  const steps: readonly (readonly [string, MessageStatus])[] = [
    [users.sent, 'sent'],
    [users.delivered, 'delivered'],
    [users.read, 'read'],
    [users.failed, 'failed'],
    [users.template, 'sent'],
  ];
  for (const [to, status] of steps) {
    const [message] = (await store.listOutbound(accountId, { to }, { limit: 1 })).items;
    assert.ok(message !== undefined);
    const channelMessageId = `c-${message.messageId}`;
    await store.settleOutbound([
      {
        accountId,
        id: message.id,
        attempt: null,
        next: { kind: 'accepted', channelMessageId, nextStepAt: null },
      },
    ]);
    const failure = status === 'failed' ? { errorCode: '131026', errorDescription: 'Undeliverable' } : {};
    await playStatus(recording, channel, sender, { messageId: channelMessageId, to, status, ...failure });
  }
  for (const [from, text] of [
    [users.read, 'Where is it?'],
    ['8613900000009', 'Who are you?'],
  ] as const) {
    clock.advance(10 * second);
    came.push(clock.now());
    await playInbound(recording, channel, sender, { from, type: 'text', text });
  }
});
after(() => app.close());

async function list(filters: Readonly<Record<string, string>>): Promise<string[]> {
  const { body } = await app.call('ListChatappMessage', {
    ChannelType: 'WHATSAPP',
    BusinessNumber: number,
    Page: '{"Index":1,"Size":50}',
    ...filters,
  });
  assert.equal(body['Code'], 'OK', JSON.stringify(body));
  return (body['Data'] as Record<string, string>[]).map(
    ({ EventAction = '', UserNumber = '' }) => `${EventAction} ${UserNumber}`,
  );
}

const down = (...to: readonly string[]): string[] => to.map((user) => `DOWN ${user}`);
const everyUp = ['UP 8613900000009', `UP ${users.read}`];
const everyDown = down(...Object.values(users).toReversed());
/** `yyyy-MM-dd HH:mm:ss` of GMT+8. */
const toText = (at: number): string =>
  new Date(at + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');

describe('messages are listed newest first', () => {
  const cases: readonly (readonly [
    string,
    () => Readonly<Record<string, string>>,
    () => readonly string[],
  ])[] = [
    ['of both directions', () => ({}), () => [...everyUp, ...everyDown]],
    ['by EventAction DOWN', () => ({ EventAction: 'DOWN' }), () => everyDown],
    ['by EventAction UP', () => ({ EventAction: 'UP' }), () => everyUp],
    ['by UserNumber', () => ({ UserNumber: users.read }), () => [`UP ${users.read}`, ...down(users.read)]],
    [
      'by UserNumber with its plus',
      () => ({ UserNumber: `+${users.read}` }),
      () => [`UP ${users.read}`, ...down(users.read)],
    ],
    [
      'by UserNumber as the channel spells it, or as it was written to',
      () => ({ UserNumber: spelling }),
      () => [`UP ${users.read}`, ...down(users.read)],
    ],
    [
      'by MessageStatus sending, which what users did never has',
      () => ({ MessageStatus: 'sending' }),
      () => down(users.waiting),
    ],
    [
      'by MessageStatus success',
      () => ({ MessageStatus: 'success' }),
      () => [...everyUp, ...down(users.template, users.read, users.delivered, users.sent)],
    ],
    ['by MessageStatus fail', () => ({ MessageStatus: 'fail' }), () => down(users.failed)],
    [
      'by ClientAcceptStatus success',
      () => ({ ClientAcceptStatus: 'Success', EventAction: 'DOWN' }),
      () => down(users.read, users.delivered),
    ],
    [
      'by ClientAcceptStatus sending',
      () => ({ ClientAcceptStatus: 'sending' }),
      () => down(users.template, users.sent, users.waiting),
    ],
    ['by ClientAcceptStatus fail', () => ({ ClientAcceptStatus: 'fail' }), () => down(users.failed)],
    ['by TemplateCode', () => ({ TemplateCode: 'c1' }), () => down(users.template)],
    ['by GroupMessageId', () => ({ GroupMessageId: groupId }), () => down(users.template)],
    [
      'by TemplateCode where users are asked for',
      () => ({ TemplateCode: 'c1', EventAction: 'UP' }),
      () => [],
    ],
    ['by StartTime', () => ({ StartTime: String(came[0]) }), () => everyUp],
    [
      'by StartTime and EndTime',
      () => ({ StartTime: String(came[0]), EndTime: String((came[0] ?? 0) + second) }),
      () => [`UP ${users.read}`],
    ],
    ['by StartTimeStr', () => ({ StartTimeStr: toText(came[1] ?? 0) }), () => ['UP 8613900000009']],
    ['by EndTimeStr', () => ({ EndTimeStr: toText(came[0] ?? 0) }), () => everyDown],
    ['by page, over both directions', () => ({ Page: '{"Index":2,"Size":2}' }), () => everyDown.slice(0, 2)],
    [
      'by page, in keys of any case',
      () => ({ Page: '{"index":"2","SIZE":"2"}' }),
      () => everyDown.slice(0, 2),
    ],
  ];
  for (const [name, filters, expected] of cases)
    it(name, async () => {
      for (const channel of [{ CustSpaceId: 'sandbox' }, {}])
        assert.deepEqual(await list({ ...channel, ...filters() }), [...expected()]);
    });
});

it('a message that failed tells why, and each tells how far it has come', async () => {
  const { body } = await app.call('ListChatappMessage', {
    ChannelType: 'whatsapp',
    BusinessNumber: number,
    CustSpaceId: 'sandbox',
    EventAction: 'DOWN',
    Page: '{"Index":1,"Size":50}',
  });
  const rows = (body['Data'] as Record<string, string>[]).map((row) => [
    row['UserNumber'],
    row['MessageStatus'],
    row['ClientAcceptStatusName'],
    row['ClientReadStatus'],
    row['FailReason'],
  ]);
  assert.deepEqual(rows.toReversed(), [
    [users.waiting, 'sending', 'Sending', 'sending', ''],
    [users.sent, 'success', 'Sending', 'sending', ''],
    [users.delivered, 'success', 'Success', 'sending', ''],
    [users.read, 'success', 'Success', 'success', ''],
    [users.failed, 'fail', 'Fail', 'sending', 'Undeliverable'],
    [users.template, 'success', 'Sending', 'sending', ''],
  ]);
});

it('lists messages of both directions, newest first', async (t) => {
  const app = await open(t);
  const good = goodCalls(app.templateCode);
  await app.call('SendChatappMessage', good['SendChatappMessage'] ?? {});
  app.clock.advance(1000);
  const mass = await app.call('SendChatappMassMessage', good['SendChatappMassMessage'] ?? {});
  const query = good['ListChatappMessage'] ?? {};
  const list = async (changes: Record<string, string>) => {
    const { body } = await app.call('ListChatappMessage', { ...query, ...changes });
    assert.equal(body['Code'], 'OK', JSON.stringify(body));
    return body['Data'] as Record<string, string>[];
  };
  const [template, text] = await list({});
  assert.equal(template?.['Message'], 'Hello Bob');
  assert.equal(template?.['MessageId'], mass.body['GroupMessageId']);
  assert.notEqual(template?.['UniqueMessageId'], template?.['MessageId']);
  assert.deepEqual(
    [text?.['MessageStatus'], text?.['EventAction'], text?.['MessageType']],
    ['sending', 'DOWN', 'TEXT'],
  );
  assert.equal((await list({ EventAction: 'UP' })).length, 0);
  assert.equal((await list({ UserNumber: '1' })).length, 0);
  assert.equal((await list({ TemplateCode: app.templateCode })).length, 1);
  assert.equal((await list({ GroupMessageId: String(mass.body['GroupMessageId']) })).length, 1);
  assert.equal((await list({ StartTime: String(app.clock.now()) })).length, 1);
  assert.equal((await list({ EndTimeStr: '2026-11-01 08:00:01' })).length, 1);
  assert.equal((await list({ MessageStatus: 'success' })).length, 0);
  assert.equal((await list({ Page: '{"Index":2,"Size":1}' }))[0]?.['MessageType'], 'TEXT');
});
