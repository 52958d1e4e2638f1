// A simulated WhatsApp Cloud API: one WABA with one number, its users, and the webhooks that follow (docs/protocols/whatsapp.md).
import type { FastifyInstance } from 'fastify';
import { GatewayError } from '../../domain/errors.ts';
import type { Play, Stage, Vendor } from '../simulator.ts';
import { noteCalls } from '../meta/graph-calls.ts';
import { webhookFaults } from '../meta/webhooks.ts';
import { Waba } from './waba.ts';
import { Conversations } from './conversations.ts';
import { WhatsAppGraph } from './graph.ts';
import { drawBytes, VendorMedia } from './media.ts';
import { VendorMessages } from './messages.ts';
import { VendorTemplates } from './templates.ts';
import { drawMessage, toUser, toWaId } from './end-users.ts';
import type { SimulatedUser } from './end-users.ts';
import { Webhooks } from './webhooks.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** The WhatsApp Cloud API of one WABA with one number. */
export const whatsapp: Vendor = {
  name: 'whatsapp',
  description: 'Play the WhatsApp Cloud API and its webhooks: one WABA with one number',
  options: [
    { name: 'webhook-url', meaning: 'where events are posted until something subscribes', initial: '' },
    { name: 'app-secret', meaning: 'what webhooks are signed with', initial: 'simulated-app-secret' },
    { name: 'access-token', meaning: 'the token that calls need', initial: 'EAAsimulatedAccessToken' },
    { name: 'app-id', meaning: 'id of the app', initial: '300000000000001' },
    { name: 'waba-id', meaning: 'id of the WhatsApp Business Account', initial: '100000000000001' },
    { name: 'phone-number-id', meaning: "Meta's id of the number", initial: '200000000000001' },
    { name: 'phone-number', meaning: 'the number, in digits', initial: '15550001111' },
    {
      name: 'other-numbers',
      meaning: 'how many numbers the WABA has beside this one, listed before it',
      initial: '0',
    },
    { name: 'number-rate', meaning: 'messages a second that the number may send', initial: '80' },
    { name: 'pair-burst', meaning: 'messages to one user before the pair limit bites', initial: '45' },
    {
      name: 'window',
      meaning: 'on: free-form messages need a user who wrote within 24 hours',
      initial: 'off',
    },
    { name: 'reads', meaning: 'how many messages are read, from 0 to 1', initial: '0.7' },
  ],
  faults: {
    ...webhookFaults,
    overtaking: { meaning: 'statuses come before the answer to the send call', initial: 0.02 },
    'lost-answer': {
      meaning: 'a message is taken and the connection breaks before the answer',
      initial: 0.005,
    },
    transient: { meaning: 'a send call fails and may be repeated', initial: 0.01 },
    throttled: { meaning: 'a send call is told to go slower', initial: 0.002 },
    undeliverable: { meaning: 'a message fails after it was taken', initial: 0.02 },
    'no-sent': { meaning: 'the status sent is left out', initial: 0.02 },
    'no-delivered': { meaning: 'the status delivered of a message that is read is left out', initial: 0.05 },
    'dead-address': { meaning: 'the address of a file is dead before it is followed', initial: 0.05 },
  },
  // At once, then ever more seldom, for seven days.
  posting: {
    scheduleMs: [
      second,
      5 * second,
      30 * second,
      2 * minute,
      10 * minute,
      30 * minute,
      ...Array.from({ length: 12 }, () => hour),
      ...Array.from({ length: 26 }, () => 6 * hour),
    ],
    timeoutMs: 10_000,
  },
  open: (stage) => new WhatsAppPlay(stage),
};

class WhatsAppPlay implements Play {
  readonly #stage: Stage;
  readonly #account: Waba;
  readonly #webhooks: Webhooks;
  readonly #templates: VendorTemplates;
  readonly #messages: VendorMessages;
  readonly #media: VendorMedia;
  readonly #conversations: Conversations;
  readonly #graph: WhatsAppGraph;

  constructor(stage: Stage) {
    const account = new Waba(stage);
    const { wabaId, metadata } = account;
    const webhooks = new Webhooks({
      stage,
      url: () => account.callbackUrl(),
      appSecret: stage.option('app-secret'),
    });
    const templates = new VendorTemplates(stage, webhooks, wabaId);
    const messages = new VendorMessages({ stage, webhooks, templates, metadata, wabaId });
    const media = new VendorMedia(stage.clock);
    this.#stage = stage;
    this.#account = account;
    this.#webhooks = webhooks;
    this.#templates = templates;
    this.#messages = messages;
    this.#media = media;
    this.#conversations = new Conversations({ clock: stage.clock, account, messages, webhooks });
    this.#graph = new WhatsAppGraph({ stage, account, messages, media, templates, webhooks });
  }

  readonly actions: Play['actions'] = {
    message: async ({ from, ...members }) =>
      this.#conversations.say(toUserOf(from), { type: 'text', text: { body: 'Hi' }, ...members }),
    messages: async () => this.#messages.list(),
    preference: async ({ from, value }) =>
      this.#conversations.prefer(toUserOf(from), value === 'resume' ? 'resume' : 'stop'),
    'template-event': async ({ name, event, reason }) => {
      const [template] = this.#templates.list(String(name));
      if (template === undefined)
        throw new GatewayError('bad_request', `There is no template ${String(name)}.`);
      this.#templates.tell(template, String(event), typeof reason === 'string' ? reason : undefined);
    },
    template: async (body) => {
      const made = this.#templates.plant(body);
      if ('code' in made) throw new GatewayError('bad_request', made.details ?? made.title);
      return { id: made.id };
    },
    'fail-next': async ({ code }) => this.#messages.failNext(Number(code)),
    'expire-token': async () => {
      this.#account.isTokenGood = false;
    },
    'renew-token': async () => {
      this.#account.isTokenGood = true;
    },
    event: async ({ field, value }) => {
      if (typeof field !== 'string' || typeof value !== 'object' || value === null)
        throw new GatewayError('bad_request', 'An event has a field and a value.');
      this.#conversations.tell(field, value);
    },
  };

  routes(app: FastifyInstance): void {
    noteCalls(app, this.#stage);
    this.#graph.routes(app);
  }

  async playUser(number: number): Promise<unknown> {
    const chance = this.#stage.random.branch(`user ${number}`);
    const user = toUser(chance.whole(0, 999));
    const makeFile = (kind: string): string => this.#media.add(mimeTypeOf(kind), drawBytes(chance)).id;
    return this.#conversations.say(user, drawMessage(chance, makeFile));
  }

  async close(): Promise<void> {
    this.#webhooks.close();
  }
}

/** The user with a number; the first one when none is named. Throws `bad_request`. */
function toUserOf(from: unknown): SimulatedUser {
  if (from === undefined) return toUser(0);
  if (typeof from !== 'string' || !/^\d{5,15}$/.test(from))
    throw new GatewayError('bad_request', 'from has to be the digits of a number.');
  const waId = toWaId(from);
  return { waId, userId: `US.${waId}`, name: `User ${from}` };
}

function mimeTypeOf(kind: string): string {
  const types: Readonly<Record<string, string>> = {
    image: 'image/jpeg',
    video: 'video/mp4',
    audio: 'audio/ogg',
    document: 'application/pdf',
    sticker: 'image/webp',
  };
  return types[kind] ?? 'application/octet-stream';
}
