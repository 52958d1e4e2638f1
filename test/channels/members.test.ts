// What docs/sending.md says that a message may hold is what the API takes, and what arrives in the vendor's request.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { contentMembers, readContent, readMessageType } from '../../src/core/messages/content.ts';
import type { Surface } from '../../src/core/messages/content.ts';
import { Refusal } from '../../src/domain/refusal.ts';
import { limits, sources } from '../../src/core/messages/limits.ts';
import type { Limit } from '../../src/core/messages/limits.ts';
import { createInstagramConnector } from '../../src/channels/instagram/connector.ts';
import { createMessengerConnector } from '../../src/channels/messenger/connector.ts';
import { createViberConnector } from '../../src/channels/viber/connector.ts';
import { createWhatsappConnector } from '../../src/channels/whatsapp/connector.ts';
import type { Connector } from '../../src/channels/channel.ts';
import type { Channel, SenderType } from '../../src/domain/channel.ts';
import { channel, sender, toOutgoing } from '../support/graph.ts';
import { openReceiver } from '../support/receiver.ts';
import type { Receiver } from '../support/receiver.ts';
import { openLocalClient } from '../support/client.ts';

const page = readFileSync(new URL('../../docs/sending.md', import.meta.url), 'utf8');
const names: Readonly<Record<Surface, string>> = {
  whatsapp: 'WhatsApp',
  messenger: 'Messenger',
  instagram: 'Instagram',
  viber: 'Viber Business',
  viberBot: 'Viber bot',
};
const surfaces = Object.keys(names) as Surface[];

const words = (text: string): string[] => [...text.matchAll(/`(\w+)`/g)].map(([, word = '']) => word);

/** The rows of the page: `surface type`, with the members that are sent and those that are not. */
function readPage(): Map<string, { readonly members: string[]; readonly ignored: string[] }> {
  const rows = new Map<string, { readonly members: string[]; readonly ignored: string[] }>();
  const from = page.indexOf('## What a message may hold');
  for (const line of page.slice(from, page.indexOf('### Limits')).split('\n')) {
    const [, channels = '', types = '', members = '', ignored = ''] = line.split('|');
    for (const surface of surfaces)
      if (channels.split(',').some((part) => part.trim() === names[surface]))
        for (const type of words(types))
          rows.set(`${surface} ${type}`, { members: words(members), ignored: words(ignored) });
  }
  return rows;
}

const link = 'https://cdn.example/file-7.pdf';
const values: Readonly<Record<string, unknown>> = {
  text: 'Привіт 👋',
  previewUrl: true,
  link,
  caption: 'A caption',
  voice: true,
  fileName: 'a7.pdf',
  fileType: 'pdf',
  longitude: 120.125,
  latitude: 28.25,
  name: 'The place',
  address: 'The street',
  messageId: 'wamid.Q',
  emoji: '👍',
  expiration_days: 7,
  thumbnail: 'https://cdn.example/small.jpg',
  duration: 61,
  fileSize: 104_857,
  action: 'https://shop.example/open',
};

const reply = (id: string, title: string) => ({ type: 'reply', reply: { id, title } });
/** Whole contents of the types whose members are not simple. */
const whole: Readonly<Record<string, unknown>> = {
  'whatsapp contacts': [
    { name: { formatted_name: 'Bob Lee', first_name: 'Bob' }, phones: [{ phone: '+15550002222' }] },
  ],
  'whatsapp interactive': {
    type: 'list',
    header: { type: 'text', text: 'Head' },
    body: { text: 'Body' },
    footer: { text: 'Foot' },
    action: {
      button: 'Open',
      sections: [{ title: 'One', rows: [{ id: 'r1', title: 'Row', description: 'Described' }] }],
    },
  },
  'whatsapp carousel': { body: { text: 'Cards' }, action: { cards: [{ card_index: 0, type: 'cta_url' }] } },
  interactive: { body: { text: 'Sure?' }, action: { buttons: [reply('y', 'Yes'), reply('n', 'No')] } },
  quickReply: {
    text: 'Size?',
    quickReplies: [{ title: 'S', payload: 'small', imageUrl: 'https://cdn.example/s.png' }],
  },
  buttonTemplate: {
    text: 'Go',
    buttons: [
      { title: 'Shop', url: 'https://shop.example/' },
      { title: 'Help', payload: 'help-me' },
    ],
  },
  regularTemplate: {
    title: 'Mug',
    subtitle: '12 €',
    imageUrl: 'https://cdn.example/m.png',
    default_action: { type: 'web_url', url: 'https://shop.example/mug' },
    buttons: [{ title: 'Buy', payload: 'buy' }],
  },
  couponTemplate: { title: 'Ten', coupon_code: '10OFF', landing_url: 'https://shop.example/c' },
};

function toSample(surface: Surface, type: string, members: readonly string[]): unknown {
  const sample = whole[`${surface} ${type}`] ?? (members.length === 0 ? whole[type] : undefined);
  if (sample !== undefined) return sample;
  return Object.fromEntries(
    members.map((name) => {
      if (name === 'type') return [name, 'unpin'];
      if (name === 'fileName') return [name, 'a7.pdf'];
      assert.ok(name in values, `There is no value of ${name}.`);
      return [name, values[name]];
    }),
  );
}

/** Every text, number and truth value of a content, by its innermost name. */
function toLeaves(value: unknown, name = ''): (readonly [string, string])[] {
  if (Array.isArray(value)) return (value as unknown[]).flatMap((item) => toLeaves(item, name));
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, inner]) => toLeaves(inner, key));
  return [[name, String(value)]];
}

let vendor: Receiver;
const client = openLocalClient();
before(async () => {
  vendor = await openReceiver(({ path }, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(
      path.includes('send_message')
        ? '{"status":0,"message_token":"574"}'
        : '{"messages":[{"id":"wamid.X"}],"message_id":"m_1","recipient_id":"1","success":true}',
    );
  });
});
after(async () => {
  await vendor.close();
  await client.close();
});

/** The body of the request that a message becomes. */
async function request(surface: Surface, messageType: string, content: unknown): Promise<string> {
  const deps = {
    client,
    now: () => 1_000_000,
    monotonic: () => 0,
    random: () => 0.5,
    graphUrl: vendor.url,
    graphVersion: 'v25.0',
    instagramUrl: `${vendor.url}/ig`,
    botUrl: vendor.url,
    businessUrl: vendor.url,
  };
  const connectors: Readonly<Record<Surface, Connector>> = {
    whatsapp: createWhatsappConnector(deps),
    messenger: createMessengerConnector(deps),
    instagram: createInstagramConnector(deps),
    viber: createViberConnector(deps),
    viberBot: createViberConnector(deps),
  };
  const type: SenderType = surface === 'viberBot' ? 'viber' : surface;
  const credentials: Channel['credentials'] =
    surface === 'viberBot'
      ? { authToken: 'bot' }
      : type === 'viber'
        ? { pathSecret: 'secret' }
        : { appSecret: 's', accessToken: type === 'instagram' ? 'IGtoken' : 'EAAtoken' };
  const { message, ...rest } = toOutgoing({ messageType, content }, { quotedId: 'wamid.Q' });
  const label = messageType === 'text' ? 'promotion' : 'transaction';
  const outgoing = { ...rest, message: { ...message, envelope: { ...message.envelope, label } } };
  const outcome = await connectors[surface].send?.(
    { ...channel, type, credentials },
    { ...sender, type, id: '42' },
    outgoing,
  );
  assert.equal(outcome?.kind, 'accepted', `${surface} ${messageType}: ${JSON.stringify(outcome)}`);
  return vendor.calls.at(-1)?.body ?? '';
}

describe('every member that the page names', () => {
  for (const [key, { members, ignored }] of readPage()) {
    const [surface, type] = key.split(' ') as [Surface, string];
    it(`arrives in the request: ${key}`, async () => {
      const sample = toSample(surface, type, members);
      const extra = Object.fromEntries(ignored.map((name) => [name, 'not-sent']));
      const given = Array.isArray(sample) ? sample : { ...(sample as object), ...extra };
      const content = readContent(surface, readMessageType(surface, type), JSON.stringify(given));
      const body = await request(surface, type, content);
      const plain = toLeaves(JSON.parse(body)).map(([, value]) => value);
      for (const [name, value] of toLeaves(sample)) {
        // The kind of a button is Meta's own there, and a typing sign is about the message that it names.
        if (name === 'type' && surface !== 'whatsapp') continue;
        assert.ok(
          plain.some(
            (sent) =>
              sent === value ||
              (name === 'link' && sent.endsWith(`\n${value}`)) ||
              sent === `${value}\n${link}`,
          ),
          `${key}: ${name} is not in ${body}`,
        );
      }
      assert.ok(!body.includes('not-sent'));
    });
  }
});

describe('what the API takes', () => {
  it('is what the page names, and the other way round', () => {
    const taken = Object.fromEntries(
      surfaces.flatMap((surface) =>
        Object.entries(contentMembers()[surface]).map(([type, { members, ignored = [] }]) => [
          `${surface} ${type}`,
          { members, ignored },
        ]),
      ),
    );
    const named = readPage();
    assert.deepEqual(named.get('whatsapp contacts'), { members: [], ignored: [] });
    named.delete('whatsapp contacts');
    assert.deepEqual(Object.fromEntries(named), taken);
  });

  it('is refused in words when it has no place in the request', () => {
    for (const [key, { members, ignored }] of readPage()) {
      const [surface, type] = key.split(' ') as [Surface, string];
      // Meta's own objects go on as they are.
      if (members.length === 0 && (surface === 'whatsapp' || type === 'couponTemplate')) continue;
      const sample = { ...(toSample(surface, type, members) as object), unheard_of: 'x' };
      assert.throws(
        () => readContent(surface, type, JSON.stringify(sample)),
        (error) =>
          error instanceof Refusal && error.reason === 'content' && error.message.includes('unheard_of'),
        `${key} ${ignored.join()}`,
      );
    }
  });

  it('has the limits and sources of the page', () => {
    for (const surface of surfaces)
      for (const [what, { max, unit, source }] of Object.entries<Limit>(limits[surface])) {
        const most = `${max.toLocaleString('en')} ${unit === 'bytes' ? 'bytes in UTF-8' : unit}`;
        assert.ok(page.includes(`| ${names[surface]} | ${what} | ${most} | ${sources[source]} |`), what);
      }
  });
});
