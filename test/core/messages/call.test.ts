import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { callChannel, toAliasesOf, toAttempt } from '../../../src/core/messages/call.ts';
import type { CallDeps } from '../../../src/core/messages/call.ts';
import type { Connector, Outgoing } from '../../../src/channels/channel.ts';
import type { Channel, Sender } from '../../../src/domain/channel.ts';
import type { OutboundMessage } from '../../../src/domain/message.ts';
import type { Template } from '../../../src/domain/template.ts';

const channel = { id: 'wa', type: 'whatsapp' } as Channel;
const sender = { id: '15550001111' } as Sender;
const message = (envelope: object): OutboundMessage =>
  ({
    accountId: 1,
    channelId: 'wa',
    senderId: '15550001111',
    to: '15550003000',
    envelope,
  }) as OutboundMessage;
const text = message({ frame: 'message', messageType: 'text', content: { text: 'Hello' } });

function open(deps: Partial<CallDeps> = {}) {
  const crashes: string[] = [];
  const sent: Outgoing[] = [];
  const all: CallDeps = {
    store: {
      findOutbound: async () => [],
      listOutbound: async () => ({ items: [], next: null }),
    },
    findTemplate: async () => null,
    signLinks: (_accountId, value) => value,
    crash: (_error, unit) => void crashes.push(unit),
    ...deps,
  };
  const send: Connector['send'] = async (_channel, _sender, outgoing) => {
    sent.push(outgoing);
    return { kind: 'accepted', channelMessageId: 'wamid.1' };
  };
  const call = (of = text, connector: Pick<Connector, 'send'> = { send }) =>
    callChannel(all, { channel, sender, connector }, of);
  return { call, crashes, sent };
}

describe('a send call', () => {
  it('on a channel that cannot send is refused for good', async () => {
    const { call } = open();
    assert.partialDeepStrictEqual(await call(text, {}), {
      kind: 'refused',
      failure: 'permanent',
      code: 'unsupported',
    });
  });

  it('that cannot be prepared is refused for now, and told as a bug without what it holds', async () => {
    const { call, crashes, sent } = open({
      signLinks: () => {
        throw new TypeError('15550003000');
      },
    });
    const outcome = await call();
    assert.partialDeepStrictEqual(outcome, { kind: 'refused', failure: 'transient', code: 'unprepared' });
    assert.doesNotMatch(JSON.stringify(outcome), /15550003000/);
    assert.deepEqual([crashes, sent], [['messages.send.prepare'], []]);
  });

  it('that breaks inside the connector may have gone out', async () => {
    const { call, crashes } = open();
    const send = () => Promise.reject(new TypeError('a bug'));
    assert.equal((await call(text, { send })).kind, 'unknown');
    assert.deepEqual(crashes, ['messages.send.call']);
  });

  it('has its template and signed links', async () => {
    const template = { code: 't1', components: ['body'] } as unknown as Template;
    const { call, sent } = open({
      findTemplate: async () => template,
      signLinks: (_accountId, value) => ({ signed: value }) as never,
    });
    const envelope = { frame: 'template', messageType: 'template', content: {} };
    await call(message(envelope));
    assert.deepEqual(sent[0]?.template, { code: 't1', components: { signed: ['body'] } });
    assert.deepEqual(sent[0]?.message.envelope, { signed: envelope });
  });

  it('quotes by the id that the channel gave, of what a reaction is about before all else', async () => {
    const { call, sent } = open();
    await call(message({ messageType: 'text', content: {}, contextMessageId: 'wamid.quoted' }));
    const content = { messageId: 'wamid.reacted' };
    await call(message({ messageType: 'reaction', content, contextMessageId: 'wamid.quoted' }));
    await call(text);
    assert.deepEqual(
      sent.map(({ quotedId }) => quotedId),
      ['wamid.quoted', 'wamid.reacted', null],
    );
  });
});

describe('what is kept of a call', () => {
  it('names the class of a refusal, and no code where it was taken', () => {
    assert.deepEqual(toAttempt({ kind: 'accepted', channelMessageId: 'wamid.1' }, 5, 12.6), {
      at: 5,
      durationMs: 13,
      outcome: 'accepted',
      code: '',
      text: '',
    });
    const refused = { kind: 'refused', failure: 'throttle', code: '130429', text: 'Too fast' } as const;
    assert.partialDeepStrictEqual(toAttempt(refused, 5, 1), { outcome: 'throttle', code: '130429' });
    assert.partialDeepStrictEqual(toAttempt({ kind: 'unknown', text: 'Nothing came' }, 5, 1), {
      outcome: 'unknown',
      code: '',
      text: 'Nothing came',
    });
  });

  it('holds every id that the recipient goes by, and none of a group', () => {
    assert.ok(toAliasesOf(text, ['US.1'], 7).length > 0);
    assert.deepEqual(toAliasesOf(message({ toGroup: true }), ['US.1'], 7), []);
  });
});
