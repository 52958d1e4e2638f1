// Simulated Messenger and Instagram: the Send API of one account, its users, and the webhooks that follow
// (docs/protocols/messenger-instagram.md, docs/simulators.md).
import type { FastifyInstance } from 'fastify';
import { GatewayError } from '../../domain/errors.ts';
import type { Play, Stage, Vendor } from '../simulator.ts';
import { Conversations } from './conversations.ts';
import { LinkedFiles } from './files.ts';
import { MessagingGraph } from './graph.ts';
import { SentMessages } from './messages.ts';
import type { MessagingType } from './rules.ts';
import { AccessTokens } from './tokens.ts';
import { drawHappening } from './end-users.ts';
import { MessagingWebhooks } from './webhooks.ts';
import { noteCalls } from '../meta/graph-calls.ts';
import { webhookFaults } from '../meta/webhooks.ts';

const second = 1000;
const minute = 60 * second;

export const messenger: Vendor = createVendor(
  'messenger',
  'Play Messenger and its webhooks: one Page and its users',
  '300000000000001',
);
export const instagram: Vendor = createVendor(
  'instagram',
  'Play Instagram messaging and its webhooks: one professional account and its users',
  '17840000000000001',
);

function createVendor(type: MessagingType, description: string, accountId: string): Vendor {
  return {
    name: type,
    description,
    options: [
      { name: 'webhook-url', meaning: 'where events are posted', initial: '' },
      { name: 'app-secret', meaning: 'what webhooks are signed with', initial: 'simulated-app-secret' },
      { name: 'access-token', meaning: 'the token that calls need', initial: 'EAAsimulatedAccessToken' },
      { name: 'account-id', meaning: 'id of the Page or professional account', initial: accountId },
      { name: 'account-rate', meaning: 'messages a second that the account may send', initial: '300' },
      { name: 'window', meaning: 'on: messages need a user who wrote within 24 hours', initial: 'off' },
      { name: 'reads', meaning: 'how many messages are read, from 0 to 1', initial: '0.7' },
      {
        name: 'other-pages',
        meaning: 'how many Pages the token speaks for beside this one, listed before it',
        initial: '0',
      },
      { name: 'link-minutes', meaning: 'how long the address of a file lives', initial: '60' },
    ],
    faults: {
      ...webhookFaults,
      overtaking: {
        meaning: 'what became of a message is told before its send call is answered',
        initial: 0.02,
      },
      'lost-answer': {
        meaning: 'a message is taken and the connection breaks before the answer',
        initial: 0.005,
      },
      transient: { meaning: 'a send call fails and may be repeated', initial: 0.01 },
      throttled: { meaning: 'a send call is told to go slower', initial: 0.002 },
      'near-limit': { meaning: 'a send call is told that nearly all calls are used', initial: 0.01 },
      unavailable: { meaning: 'the person cannot be written to', initial: 0.01 },
      'no-mids': { meaning: 'a delivery names no messages, only its watermark', initial: 0.3 },
      'dead-link': { meaning: 'the address of a file is dead from the beginning', initial: 0.02 },
    },
    // Several tries at once, then ever more seldom; after an hour the app is unsubscribed.
    posting: {
      scheduleMs: [second, second, 5 * second, 30 * second, minute, 5 * minute, 15 * minute, 38 * minute],
      timeoutMs: 5000,
    },
    open: (stage) => new MessagingPlay(type, stage),
  };
}

class MessagingPlay implements Play {
  readonly #type: MessagingType;
  readonly #stage: Stage;
  readonly #webhooks: MessagingWebhooks;
  readonly #conversations: Conversations;
  readonly #messages: SentMessages;
  readonly #files: LinkedFiles;
  readonly #tokens: AccessTokens;
  readonly #graph: MessagingGraph;

  constructor(type: MessagingType, stage: Stage) {
    const accountId = stage.option('account-id');
    this.#type = type;
    this.#stage = stage;
    this.#webhooks = new MessagingWebhooks(stage, type === 'messenger' ? 'page' : 'instagram', accountId);
    this.#files = new LinkedFiles(stage);
    this.#tokens = new AccessTokens(stage);
    this.#conversations = new Conversations({ type, stage, webhooks: this.#webhooks, accountId });
    this.#messages = new SentMessages({ type, stage, conversations: this.#conversations });
    this.#graph = new MessagingGraph({
      ...{ type, stage, accountId },
      ...{ tokens: this.#tokens, messages: this.#messages, webhooks: this.#webhooks },
    });
  }

  readonly actions: Play['actions'] = {
    say: async ({ from, text }) =>
      this.#conversations.act(requireUser(from), { message: { text: toText(text) } }),
    inbox: async ({ to, text }) => this.#conversations.answerInInbox(requireUser(to), toText(text)),
    // Any event of the vendor's documentation: its member, e.g. {"postback":{…}}.
    event: async ({ from, ...members }) => this.#conversations.act(requireUser(from), members),
    messages: async () => this.#messages.list(),
    'expire-token': async () => {
      this.#tokens.setGood(false);
      return { ok: true };
    },
    'renew-token': async () => {
      this.#tokens.setGood(true);
      return { ok: true };
    },
  };

  routes(app: FastifyInstance): void {
    noteCalls(app, this.#stage);
    this.#files.routes(app);
    this.#graph.routes(app);
  }

  async playUser(number: number): Promise<unknown> {
    const chance = this.#stage.random.branch(`user ${number}`);
    const makeFile = (name: string, mimeType: string): string => this.#files.make(name, mimeType);
    const { user, members } = drawHappening(this.#type, chance, makeFile);
    return this.#conversations.act(user, members);
  }

  async close(): Promise<void> {
    this.#webhooks.close();
  }
}

function toText(text: unknown): string {
  return typeof text === 'string' ? text : 'hello';
}

/** Throws `bad_request` for anything but the id of a user. */
function requireUser(id: unknown): string {
  if (typeof id === 'string' && /^\d{5,30}$/.test(id)) return id;
  throw new GatewayError('bad_request', 'from: has to be the digits of a user id.');
}
