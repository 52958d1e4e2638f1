// The Viber bot REST API and its webhooks (developers.viber.com/docs/api/rest-bot-api, read through public SDKs in 2026).
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { readJsonBody, toWords } from '../simulator.ts';
import type { Play, Stage, Vendor } from '../simulator.ts';
import { findRefusal, statusNames } from './bot-rules.ts';
import { BotUsers, toMembers, toSampleMessage } from './bot-users.ts';
import type { BotUser } from './bot-users.ts';
import { BotWebhook } from './bot-webhook.ts';
import { serveFiles } from './files.ts';
import { TakenMessages } from '../taken-messages.ts';

type Body = Readonly<Record<string, unknown>>;

/** Viber tries again for about an hour; the steps in between are not published. */
const scheduleMs = [10, 30, 60, 120, 300, 600, 900, 1500].map((seconds) => seconds * 1000);
const maxBodyBytes = 30 * 1024;
const maxBroadcast = 300;

export const viberBot: Vendor = {
  name: 'viber-bot',
  description: 'Play the Viber bot API and its webhooks',
  options: [
    { name: 'auth-token', meaning: 'the token of the bot', initial: 'simulated-bot-token' },
    {
      name: 'webhook',
      meaning: 'where events go before set_webhook is called; empty for nowhere',
      initial: '',
    },
    { name: 'bot-name', meaning: 'what the bot is called', initial: 'Simulated bot' },
    { name: 'users', meaning: 'how many users there are', initial: '20' },
  ],
  faults: {
    'delivered-twice': { meaning: 'delivered comes from a second device too', initial: 0.1 },
    'seen-alone': { meaning: 'seen comes and delivered never', initial: 0.05 },
    'failed-later': { meaning: 'failed comes after the send call was answered with 0', initial: 0.05 },
    'early-status': { meaning: 'delivered comes before the answer to the send call', initial: 0.05 },
    duplicate: { meaning: 'an event is posted twice', initial: 0.05 },
    'bad-signature': { meaning: 'an event is posted with a wrong signature first', initial: 0.02 },
    throttled: { meaning: 'a send call is answered with 12', initial: 0.02 },
    'general-error': { meaning: 'a send call is answered with 99', initial: 0.02 },
    'lost-answer': { meaning: 'a message is taken and the connection broken off', initial: 0.01 },
  },
  posting: { scheduleMs, timeoutMs: 10_000 },
  open: (stage) => new Bot(stage),
};

class Bot implements Play {
  readonly #stage: Stage;
  readonly #users: BotUsers;
  readonly #webhook: BotWebhook;
  readonly #taken = new TakenMessages();
  #calls = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#users = new BotUsers(stage.random, Number(stage.option('users')));
    this.#webhook = new BotWebhook(stage);
  }

  readonly actions: Play['actions'] = {
    users: async () => this.#users.list().map(({ id, isSubscribed }) => ({ id, isSubscribed })),
    messages: async () => this.#taken.list(),
    message: async ({ user, message, text }) =>
      this.#write(
        this.#users.require(user),
        typeof message === 'object' && message !== null
          ? message
          : { type: 'text', text: toWords(text ?? 'hi') },
      ),
    start: async ({ user }) => this.#start(this.#users.require(user)),
    subscribe: async ({ user }) => this.#setSubscribed(this.#users.require(user), true),
    unsubscribe: async ({ user }) => this.#setSubscribed(this.#users.require(user), false),
  };

  routes(app: FastifyInstance): void {
    serveFiles(app);
    app.post<{ Params: { call: string } }>('/pa/:call', (request, reply) =>
      this.#answer(request.params.call, request, reply),
    );
  }

  async playUser(number: number): Promise<unknown> {
    const fate = this.#stage.random.branch(`step ${number}`);
    const user = this.#users.draw(fate);
    if (user === undefined) return undefined;
    if (fate.chance(0.02)) return this.#setSubscribed(user, !user.isSubscribed);
    return this.#write(user, toSampleMessage(fate.whole(0, 9), number, this.#stage.address()));
  }

  async #answer(call: string, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { ledger, clock } = this.#stage;
    const text = await this.#call(call, request);
    if (text === undefined) {
      request.raw.socket.destroy();
      return reply.hijack();
    }
    // Always 200: the status is in the body.
    const status = Number(/"status":(-?\d+)/.exec(text)?.[1] ?? 0);
    ledger.noteCall(clock.now(), `POST /pa/${call}`, status);
    return reply.type('application/json').send(text);
  }

  /** What a call is answered with; undefined when the connection breaks before the answer. */
  async #call(call: string, request: FastifyRequest): Promise<string | undefined> {
    const isSmall = Buffer.isBuffer(request.body) && request.body.byteLength <= maxBodyBytes;
    const body = readBody(request.body);
    const given = request.headers['x-viber-auth-token'] ?? body?.['auth_token'];
    if (given !== this.#stage.option('auth-token')) return toAnswer(2);
    if (body === undefined || !isSmall) return toAnswer(3);
    switch (call) {
      case 'set_webhook':
        return this.#setWebhook(body);
      case 'get_account_info':
        return this.#tellAccount();
      case 'send_message':
        return this.#send(body);
      case 'broadcast_message':
        return this.#broadcast(body);
      default:
        return toAnswer(3);
    }
  }

  async #setWebhook({ url, event_types: types }: Body): Promise<string> {
    if (url === '') {
      this.#webhook.remove();
      return toAnswer(0, ',"event_types":[]');
    }
    if (typeof url !== 'string' || !URL.canParse(url)) return toAnswer(1);
    const eventTypes = Array.isArray(types) ? (types as unknown[]).map(String) : undefined;
    if (!(await this.#webhook.set(url, eventTypes))) return toAnswer(1);
    return toAnswer(0, `,"event_types":${JSON.stringify(eventTypes ?? [])}`);
  }

  #tellAccount(): string {
    const { url, eventTypes } = this.#webhook;
    const account = {
      id: 'pa:75346594275468546724',
      name: this.#stage.option('bot-name'),
      webhook: url,
      event_types: eventTypes,
      subscribers_count: this.#users.count,
    };
    return toAnswer(0, `,${JSON.stringify(account).slice(1, -1)}`);
  }

  #send(body: Body): string | undefined {
    const user = this.#users.find(body['receiver']);
    const refused = this.#findRefusal(body, body['receiver'], user);
    if (refused !== undefined) return toAnswer(refused);
    const { random, clock, fault } = this.#stage;
    const fate = random.branch(`call ${(this.#calls += 1)}`);
    if (fate.chance(fault('throttled'))) return toAnswer(12);
    if (fate.chance(fault('general-error'))) return toAnswer(99);
    const token = this.#webhook.nextToken();
    if (user !== undefined) {
      user.unanswered.push(clock.now());
      this.#playFate(token, user);
    }
    if (fate.chance(fault('lost-answer'))) {
      this.#taken.loseAnswer(token);
      return undefined;
    }
    return toAnswer(0, `,"message_token":${token},"billing_status":1`);
  }

  #broadcast(body: Body): string {
    const list = Array.isArray(body['broadcast_list']) ? (body['broadcast_list'] as unknown[]) : [];
    if (list.length === 0 || list.length > maxBroadcast) return toAnswer(3);
    const failed = list.flatMap((receiver) => {
      const user = this.#users.find(receiver);
      const status = this.#findRefusal(body, receiver, user);
      if (status === undefined && user !== undefined) {
        this.#playFate(this.#webhook.nextToken(), user);
        return [];
      }
      return [{ receiver, status, status_message: statusNames[status ?? 3] }];
    });
    const token = this.#webhook.nextToken();
    return toAnswer(0, `,"message_token":${token},"failed_list":${JSON.stringify(failed)}`);
  }

  #findRefusal(body: Body, receiver: unknown, user: BotUser | undefined): number | undefined {
    if (this.#webhook.url === '') return 10;
    return findRefusal(body, receiver, user, this.#stage.clock.now());
  }

  /** What becomes of a message that was taken. */
  #playFate(token: string, user: BotUser): void {
    const { random, fault } = this.#stage;
    const fate = random.branch(`fate ${token}`);
    const members = { user_id: user.id };
    const post = (event: 'delivered' | 'seen', afterMs: number): void => {
      this.#taken.tell(token, event === 'seen' ? 'read' : event);
      this.#webhook.post(event, token, members, { afterMs });
    };
    this.#taken.add(token, user.id);
    if (fate.chance(fault('failed-later'))) {
      this.#taken.tell(token, 'failed');
      this.#webhook.post('failed', token, { ...members, desc: 'failure description' }, { afterMs: 500 });
      return;
    }
    if (fate.chance(fault('seen-alone'))) {
      post('seen', 1500);
      return;
    }
    const isEarly = fate.chance(fault('early-status'));
    post('delivered', isEarly ? 0 : fate.whole(100, 900));
    if (fate.chance(fault('delivered-twice'))) post('delivered', fate.whole(1000, 2000));
    if (fate.chance(0.7)) post('seen', fate.whole(1000, 5000));
  }

  #write(user: BotUser, message: object): object {
    user.unanswered = [];
    user.isSubscribed = true;
    const { id, name } = user;
    const token = this.#webhook.nextToken();
    const sender = { id, name, language: 'en', country: 'UA' };
    this.#webhook.post('message', token, { sender, message, silent: false });
    return { token, user: id };
  }

  /** A user opens the conversation, which the business may answer with a welcome. */
  #start(user: BotUser): Promise<object> {
    const token = this.#webhook.nextToken();
    return new Promise((resolve) => {
      const members = { type: 'open', ...toMembers(user), subscribed: user.isSubscribed };
      if (this.#webhook.url === '') resolve({ token, welcome: null });
      this.#webhook.post('conversation_started', token, members, {
        onAnswer: (text) => resolve({ token, welcome: text === '' ? null : text }),
      });
    });
  }

  #setSubscribed(user: BotUser, isSubscribed: boolean): object {
    user.isSubscribed = isSubscribed;
    const token = this.#webhook.nextToken();
    if (isSubscribed) this.#webhook.post('subscribed', token, toMembers(user));
    else this.#webhook.post('unsubscribed', token, { user_id: user.id });
    return { token, user: user.id, isSubscribed };
  }
}

/** The JSON of an answer; `more` are its own members, which hold numbers that JSON.stringify cannot write. */
function toAnswer(status: number, more = ''): string {
  return `{"status":${status},"status_message":"${statusNames[status] ?? 'generalError'}","chat_hostname":"SN-CHAT-01_"${more}}`;
}

function readBody(body: unknown): Body | undefined {
  try {
    return readJsonBody(body);
  } catch {
    // Viber has its own word for it.
    return undefined;
  }
}
