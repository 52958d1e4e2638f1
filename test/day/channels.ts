// The channels whose days are played: what their vendors do, how they are connected, and what is sent over them.
import assert from 'node:assert/strict';
import type { Vendor } from '../../src/simulators/simulator.ts';
import { instagram, messenger } from '../../src/simulators/messaging/vendor.ts';
import { viberBot } from '../../src/simulators/viber/bot.ts';
import { viberBusiness } from '../../src/simulators/viber/business.ts';
import { whatsapp } from '../../src/simulators/whatsapp/vendor.ts';
import { waitUntil } from '../support/service.ts';
import type { Bed } from './bed.ts';

export interface DayChannel {
  readonly name: string;
  readonly type: 'whatsapp' | 'messenger' | 'instagram' | 'viber';
  readonly vendor: Vendor;
  readonly senderId: string;
  /** How much shorter the vendor's waits are. */
  readonly speed: number;
  readonly options: (hookUrl: string, count: number) => Readonly<Record<string, string>>;
  /** How likely they are on a day of so many messages, where the vendor's own likelihood does not fit. */
  readonly faults: (count: number) => Readonly<Record<string, number>>;
  readonly env: (vendorUrl: string) => Readonly<Record<string, string>>;
  /** Puts the channel with its sender, and has the vendor post its events here. */
  readonly connect: (bed: Bed) => Promise<void>;
  /** Addresses of the users who are written to; `count` messages go out. */
  readonly findUsers: (bed: Bed, count: number) => Promise<readonly string[]>;
  /** Members of a text message beyond those of every channel. */
  readonly members?: Readonly<Record<string, string>>;
  /** A template that half of the messages are sent by, in mass. */
  readonly template?: Readonly<Record<string, string>>;
  /** Whether the answer to a send call becomes a receipt of its own. */
  readonly isSentByAnswer: boolean;
  /** Whether what the vendor tells of a message whose answer was lost can be told to be of ours. */
  readonly knowsItsOwn: boolean;
  /** What ends a message whose answer was lost, where it cannot. */
  readonly lostEndsWith?: 'Sent' | 'Failed';
  /** The best that can be told of a message that arrived. */
  readonly arrived: readonly string[];
  /** Whether what a user did, as `playUser` tells it, is a message. */
  readonly isSaid: (played: Readonly<Record<string, unknown>>) => boolean;
}

const appSecret = '0123456789abcdef0123456789abcdef';
const meta = { appSecret, verifyToken: 'verify-me', accessToken: 'EAAsimulatedAccessToken' };

/** So many users of a vendor's own numbering that each gets three messages. */
const toUsers =
  (prefix: string): DayChannel['findUsers'] =>
  async (_bed, count) =>
    Array.from({ length: Math.ceil(count / 3) }, (_, n) => `${prefix}${String(n).padStart(7, '0')}`);

/**
 * A vendor that asks for less halves a sender's rate, which then takes ten minutes to come back: at one answer in a hundred a
 * sender of 2,000 a second ends at 24. So a long day has ten such answers, not a hundred.
 */
function toSlowing(likelihood: number, count: number): number {
  return Math.min(likelihood, 10 / count);
}

const whatsappDay: DayChannel = {
  name: 'whatsapp',
  type: 'whatsapp',
  vendor: whatsapp,
  senderId: '15550001111',
  speed: 30,
  options: () => ({ 'app-secret': appSecret, 'number-rate': '100000' }),
  faults: (count) => ({
    'lost-answer': 0.02,
    overtaking: 0.05,
    transient: 0.02,
    throttled: toSlowing(0.002, count),
  }),
  env: (vendorUrl) => ({ CHASQUI_GRAPH_URL: vendorUrl }),
  connect: async (bed) => {
    await bed.api('PUT', '/channels/shop', {
      type: 'whatsapp',
      wabaId: '100000000000001',
      credentials: meta,
    });
    await bed.api('POST', '/channels/shop/subscribe');
    const available = await bed.api('GET', '/channels/shop/available-senders');
    assert.ok(JSON.stringify(available).includes('15550001111'));
    await bed.api('PUT', '/channels/shop/senders/15550001111', { phoneNumberId: '200000000000001' });
    await expectWell(bed);
    await bed.api('PUT', '/channels/shop/webhook', {
      http: true,
      queue: false,
      auditUrl: `${bed.businessUrl}/audit`,
    });
    await bed.cams('CreateChatappTemplate', {
      Name: 'order_update',
      Language: 'en_US',
      Category: 'UTILITY',
      TemplateType: 'WHATSAPP',
      CustSpaceId: 'shop',
      Components: JSON.stringify([{ Type: 'BODY', Text: 'Order $(id) is on its way' }]),
      Example: JSON.stringify({ id: '17' }),
    });
    await waitUntil('the template has passed', 60_000, () =>
      bed.taken.receipts.some((receipt) => receipt['AuditStatus'] === 'pass'),
    );
  },
  findUsers: toUsers('1777'),
  template: { TemplateName: 'order_update', Language: 'en_US', CustSpaceId: 'shop' },
  isSentByAnswer: false,
  knowsItsOwn: true,
  arrived: ['Delivered', 'Read'],
  isSaid: () => true,
};

function toMessagingDay(type: 'messenger' | 'instagram', vendor: Vendor, senderId: string): DayChannel {
  return {
    name: type,
    type,
    vendor,
    senderId,
    speed: 10,
    options: (hookUrl) => ({ 'app-secret': appSecret, 'account-rate': '100000', 'webhook-url': hookUrl }),
    // Instagram gives nothing back by which a message whose answer was lost could be known again.
    faults: (count) => ({
      overtaking: 0.05,
      transient: 0.02,
      'lost-answer': type === 'messenger' ? 0.02 : 0,
      throttled: toSlowing(0.002, count),
      'near-limit': toSlowing(0.01, count),
    }),
    env: (vendorUrl) => ({ CHASQUI_GRAPH_URL: vendorUrl }),
    connect: async (bed) => {
      await bed.api('PUT', '/channels/shop', { type, credentials: meta });
      await bed.api('PUT', `/channels/shop/senders/${senderId}`, {});
      await bed.api('POST', '/channels/shop/subscribe');
      await expectWell(bed);
    },
    findUsers: toUsers('2411'),
    isSentByAnswer: true,
    knowsItsOwn: type === 'messenger',
    lostEndsWith: 'Failed',
    arrived: type === 'messenger' ? ['Delivered', 'Read'] : ['Sent', 'Read'],
    isSaid: () => true,
  };
}

const viberBotDay: DayChannel = {
  name: 'viber-bot',
  type: 'viber',
  vendor: viberBot,
  senderId: '75346594275468546724',
  speed: 20,
  options: (_hookUrl, count) => ({ 'auth-token': 'day-token', users: String(20 + Math.ceil(count / 20)) }),
  faults: () => ({ 'lost-answer': 0.02 }),
  env: (vendorUrl) => ({ CHASQUI_VIBER_BOT_URL: vendorUrl }),
  connect: async (bed) => {
    await bed.api('PUT', '/channels/shop', { type: 'viber', credentials: { authToken: 'day-token' } });
    await bed.api('PUT', '/channels/shop/senders/75346594275468546724', { name: 'Day' });
    await bed.api('POST', '/channels/shop/subscribe');
    await expectWell(bed);
  },
  findUsers: async (bed) => ((await bed.simulator.act('users', {})) as { id: string }[]).map(({ id }) => id),
  members: { Label: 'promotion' },
  isSentByAnswer: true,
  knowsItsOwn: false,
  lostEndsWith: 'Failed',
  arrived: ['Delivered', 'Read'],
  isSaid: (played) => !('isSubscribed' in played),
};

const viberBusinessDay: DayChannel = {
  name: 'viber-business',
  type: 'viber',
  vendor: viberBusiness,
  senderId: '42',
  speed: 20,
  options: (hookUrl, count) => ({
    'status-url': `${hookUrl}/the-secret-of-the-day`,
    users: String(20 + Math.ceil(count / 20)),
  }),
  faults: () => ({}),
  env: (vendorUrl) => ({ CHASQUI_VIBER_BUSINESS_URL: `${vendorUrl}/vibersrvc/1` }),
  connect: async (bed) => {
    const credentials = { pathSecret: 'the-secret-of-the-day' };
    await bed.api('PUT', '/channels/shop', { type: 'viber', credentials });
    await bed.api('PUT', '/channels/shop/senders/42', {});
    await expectWell(bed);
  },
  findUsers: async (bed) =>
    ((await bed.simulator.act('users', {})) as { phone: string }[]).map(({ phone }) => phone),
  members: { Label: 'transaction' },
  isSentByAnswer: true,
  // The vendor tells a token once, in the answer that was lost: a repeat is answered with 12 and no token.
  knowsItsOwn: false,
  lostEndsWith: 'Sent',
  arrived: ['Delivered', 'Read'],
  isSaid: (played) => !('isBlocked' in played),
};

async function expectWell(bed: Bed): Promise<void> {
  const { checks } = (await bed.api('POST', '/channels/shop/check')) as {
    checks: { name: string; ok: boolean; text: string }[];
  };
  assert.deepEqual(
    checks.filter(({ name, ok }) => !ok && name !== 'publicUrl'),
    [],
  );
}

export const dayChannels: readonly DayChannel[] = [
  whatsappDay,
  toMessagingDay('messenger', messenger, '300000000000001'),
  toMessagingDay('instagram', instagram, '17840000000000001'),
  viberBotDay,
  viberBusinessDay,
];
