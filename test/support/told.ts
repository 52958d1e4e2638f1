// What consumers are told of a webhook: every receipt as it is rendered, and every remark. Nothing is stored.
import { createReceiptRenderer } from '../../src/core/receipts/rendering.ts';
import type { Connector } from '../../src/channels/channel.ts';
import { createInstagramConnector } from '../../src/channels/instagram/connector.ts';
import { createMessengerConnector } from '../../src/channels/messenger/connector.ts';
import { createViberConnector } from '../../src/channels/viber/connector.ts';
import { createWhatsappConnector } from '../../src/channels/whatsapp/connector.ts';
import { noChannelWebhook } from '../../src/domain/channel.ts';
import type { Channel, ChannelType } from '../../src/domain/channel.ts';
import { toReceiptId } from '../../src/domain/receipt.ts';
import { partContent } from '../../src/core/receipts/erasable-content.ts';

/** What speaks a form of its own, with what its channel is. */
export const kinds = {
  whatsapp: 'whatsapp',
  messenger: 'messenger',
  instagram: 'instagram',
  'viber-bot': 'viber',
  'viber-business': 'viber',
} as const satisfies Readonly<Record<string, ChannelType>>;
export type Kind = keyof typeof kinds;

/** The folder of test/fixtures that has the payloads of a kind. */
export function folderOf(kind: Kind): string {
  return kind === 'viber-bot' ? 'viber/' : `${kind}/`;
}

export interface Told {
  readonly receipts: readonly Readonly<Record<string, unknown>>[];
  /** Where the files are at the channel, of which receipts tell our copies. */
  readonly files: readonly unknown[];
  /** Watermarks, which become receipts of the messages that they mean. */
  readonly marks: readonly unknown[];
  readonly remarks: readonly string[];
  /** Whether a remark says that what a user wrote may be in it. */
  readonly mayBeMessage: boolean;
}

const client = {
  request: async () => ({ outcome: 'failed', reason: 'tests stay here', wasSent: false }) as const,
  get: async () => ({ outcome: 'failed', reason: 'tests stay here', wasSent: false }) as const,
  post: async () => ({ outcome: 'failed', reason: 'tests stay here', wasSent: false }) as const,
};
const graph = {
  client,
  random: () => 0.5,
  graphUrl: 'http://127.0.0.1',
  graphVersion: 'v24.0',
  monotonic: () => 0,
};

/** Now of every reading. */
const now = 1_790_000_000_000;

const connectors: Readonly<Record<string, Connector>> = {
  whatsapp: createWhatsappConnector({ ...graph, now: () => now }),
  messenger: createMessengerConnector({ ...graph, instagramUrl: graph.graphUrl, now: () => now }),
  instagram: createInstagramConnector({ ...graph, instagramUrl: graph.graphUrl, now: () => now }),
  viber: createViberConnector({
    client,
    now: () => now,
    botUrl: 'http://127.0.0.1',
    businessUrl: 'http://127.0.0.1',
  }),
};

const render = createReceiptRenderer({ mediaUrl: () => 'https://files.example/1', groupIds: false });

/** Reads a payload, its bytes or its JSON, as a channel with every option on would get it. */
export function tell(kind: Kind, body: unknown, options: Channel['options'] = everyOption): Told {
  const type = kinds[kind];
  const channel = toChannel(kind, options);
  const parsed = parse(channel, body);
  const receipts = (parsed?.events ?? []).map((event) => {
    const { route, identity, occurredAt } = event;
    const receiptId = toReceiptId(channel.accountId, type, route, identity, event.facts);
    const { facts, content } = partContent(event, event.facts, receiptId);
    const sender = { senderId: route.id, senderType: type };
    return render(
      { accountId: channel.accountId, receiptId, channelId: 'c1', ...sender, facts, content, occurredAt },
      channel,
    );
  });
  return {
    receipts,
    files: (parsed?.events ?? []).flatMap(({ media }) => media ?? []),
    marks: parsed?.marks ?? [],
    remarks: (parsed?.remarks ?? []).map(({ reason, detail }) => `${reason} ${detail}`.trim()),
    mayBeMessage: parsed?.remarks.some(({ mayBeMessage }) => mayBeMessage) === true,
  };
}

/** What refuses the repeats of each event of a payload: all that names it, and the ReceiptId that is made of it. */
export function identify(kind: Kind, body: unknown): readonly (readonly string[])[] {
  const channel = toChannel(kind, everyOption);
  return (parse(channel, body)?.events ?? []).flatMap(({ route, identity, facts, ifSent, takenBackBy }) =>
    [{ identity, facts }, ...(ifSent === undefined ? [] : [ifSent])]
      .map((one) => [
        ...one.identity,
        toReceiptId(channel.accountId, channel.type, route, one.identity, one.facts),
      ])
      .concat(takenBackBy === undefined ? [] : [[...takenBackBy.identity, takenBackBy.messageId]]),
  );
}

function toChannel(kind: Kind, options: Channel['options']): Channel {
  return {
    ...({ id: 'c1', accountId: 1, name: 'c', wabaId: 'waba' } as unknown as Channel),
    type: kinds[kind],
    options,
    credentials: kind === 'viber-bot' ? { authToken: 't' } : { serviceId: '77' },
    webhook: { ...noChannelWebhook, auditVersion: 'V2' },
  };
}

function parse(channel: Channel, body: unknown): ReturnType<Connector['parse']> | undefined {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
  return connectors[channel.type]?.parse(bytes, channel);
}

const everyOption: Channel['options'] = Object.fromEntries(
  ['echoes', 'history', 'calls', 'groups', 'usernames', 'comments', 'mentions', 'clientStatus'].map(
    (name) => [name, true],
  ),
);
