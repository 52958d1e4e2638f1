// The Viber bot REST API and its webhooks (developers.viber.com/docs/api/rest-bot-api, read through public SDKs in 2026).
import { createHmac } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { GatewayError } from '../../domain/errors.ts';
import { readJsonBody, toWords } from '../simulator.ts';
import type { Play, Stage, Vendor } from '../simulator.ts';
import { postForged } from '../forgery.ts';
import { serveFiles } from './files.ts';
import { TakenMessages } from '../taken-messages.ts';

/** Viber tries again for about an hour; the steps in between are not published. */
const scheduleMs = [10, 30, 60, 120, 300, 600, 900, 1500].map((seconds) => seconds * 1000);
const hourMs = 3_600_000;
/** Messages that a user who does not answer may get within an hour. */
const maxUnanswered = 100;
const maxBodyBytes = 30 * 1024;
const maxBroadcast = 300;

const statusNames: Readonly<Record<number, string>> = {
  0: 'ok',
  1: 'invalidUrl',
  2: 'invalidAuthToken',
  3: 'badData',
  4: 'missingData',
  5: 'receiverNotRegistered',
  6: 'receiverNotSubscribed',
  7: 'publicAccountBlocked',
  10: 'webhookNotSet',
  12: 'tooManyRequests',
  24: 'noBalance',
};

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
  open: openBot,
};

interface User {
  readonly id: string;
  readonly name: string;
  isSubscribed: boolean;
  /** Times of the messages that the user has got since writing last. */
  unanswered: number[];
}

function openBot(stage: Stage): Play {
  const { random, clock, ledger, poster } = stage;
  const authToken = stage.option('auth-token');
  const users = new Map<string, User>();
  const taken = new TakenMessages();
  let webhook = stage.option('webhook');
  let eventTypes: readonly string[] | undefined;
  let tokens = 0;

  for (let number = 0; number < Number(stage.option('users')); number += 1) {
    const id = `${Buffer.from(random.branch(`user ${number}`).digits(16)).toString('base64')}`;
    users.set(id, { id, name: `User ${number + 1}`, isSubscribed: true, unanswered: [] });
  }

  /** Above 2^53, as Viber's are, so it is written as text and put into the JSON digit by digit. */
  function nextToken(): string {
    tokens += 1;
    return String(5_741_311_803_571_721_087n + BigInt(tokens));
  }

  function toBody(event: string, token: string, members: object): Buffer {
    const head = JSON.stringify({ event, timestamp: clock.now(), chat_hostname: 'SN-CHAT-01_' });
    const tail = JSON.stringify(members).slice(1);
    return Buffer.from(`${head.slice(0, -1)},"message_token":${token}${tail === '}' ? '}' : `,${tail}`}`);
  }

  function sign(body: Buffer, token = authToken): Readonly<Record<string, string>> {
    return {
      'content-type': 'application/json',
      'x-viber-content-signature': createHmac('sha256', token).update(body).digest('hex'),
    };
  }

  const compulsory = ['message', 'subscribed', 'unsubscribed'];

  function post(
    event: string,
    token: string,
    members: object,
    options: { readonly afterMs?: number; readonly onAnswer?: (text: string) => void } = {},
  ): void {
    if (webhook === '') return;
    if (!compulsory.includes(event) && eventTypes?.includes(event) === false) return;
    const fate = random.branch(`${event} ${token}`);
    const body = toBody(event, token, members);
    const subject = `${event} ${token}`;
    if (fate.chance(stage.fault('bad-signature')))
      postForged(stage, { subject, url: webhook, headers: sign(body, 'forged'), body });
    const { onAnswer } = options;
    const posting = {
      subject,
      url: webhook,
      headers: sign(body),
      body,
      ...(onAnswer === undefined
        ? {}
        : { onTaken: (answer: { readonly body: Buffer }) => onAnswer(answer.body.toString('utf8')) }),
    };
    poster.post(posting, options.afterMs ?? 0);
    if (fate.chance(stage.fault('duplicate'))) poster.post(posting, options.afterMs ?? 0);
  }

  /** What becomes of a message that was taken. */
  function playFate(token: string, user: User): void {
    const fate = random.branch(`fate ${token}`);
    const members = { user_id: user.id };
    taken.add(token, user.id);
    if (fate.chance(stage.fault('failed-later'))) {
      taken.tell(token, 'failed');
      post('failed', token, { ...members, desc: 'failure description' }, { afterMs: 500 });
      return;
    }
    if (fate.chance(stage.fault('seen-alone'))) {
      taken.tell(token, 'read');
      post('seen', token, members, { afterMs: 1500 });
      return;
    }
    const isEarly = fate.chance(stage.fault('early-status'));
    taken.tell(token, 'delivered');
    post('delivered', token, members, { afterMs: isEarly ? 0 : fate.whole(100, 900) });
    if (fate.chance(stage.fault('delivered-twice')))
      post('delivered', token, members, { afterMs: fate.whole(1000, 2000) });
    if (!fate.chance(0.7)) return;
    taken.tell(token, 'read');
    post('seen', token, members, { afterMs: fate.whole(1000, 5000) });
  }

  function toStatus(status: number, more = ''): string {
    return `{"status":${status},"status_message":"${statusNames[status] ?? 'generalError'}","chat_hostname":"SN-CHAT-01_"${more}}`;
  }

  /** Why a message to one user is not taken; undefined when it is. */
  function judge(body: Readonly<Record<string, unknown>>, receiver: unknown): number | undefined {
    const user = typeof receiver === 'string' ? users.get(receiver) : undefined;
    if (webhook === '') return 10;
    if (typeof receiver !== 'string' || body['type'] === undefined) return 4;
    if (user === undefined) return 5;
    if (!user.isSubscribed) return 6;
    const { sender } = body;
    if (typeof sender !== 'object' || sender === null || !('name' in sender)) return 4;
    if (!isWellMade(body)) return 3;
    user.unanswered = user.unanswered.filter((at) => clock.now() - at < hourMs);
    return user.unanswered.length >= maxUnanswered ? 12 : undefined;
  }

  let calls = 0;

  function send(body: Readonly<Record<string, unknown>>): {
    readonly text: string;
    readonly isLost: boolean;
  } {
    const refused = judge(body, body['receiver']);
    if (refused !== undefined) return { text: toStatus(refused), isLost: false };
    calls += 1;
    const fate = random.branch(`call ${calls}`);
    if (fate.chance(stage.fault('throttled'))) return { text: toStatus(12), isLost: false };
    if (fate.chance(stage.fault('general-error'))) return { text: toStatus(99), isLost: false };
    const token = nextToken();
    const user = users.get(String(body['receiver']));
    if (user !== undefined) {
      user.unanswered.push(clock.now());
      playFate(token, user);
    }
    const isLost = fate.chance(stage.fault('lost-answer'));
    if (isLost) taken.loseAnswer(token);
    return { text: toStatus(0, `,"message_token":${token},"billing_status":1`), isLost };
  }

  async function setWebhook(body: Readonly<Record<string, unknown>>): Promise<string> {
    const url = body['url'];
    if (url === '') {
      webhook = '';
      return toStatus(0, ',"event_types":[]');
    }
    if (typeof url !== 'string' || !URL.canParse(url)) return toStatus(1);
    const token = nextToken();
    const probe = toBody('webhook', token, {});
    const answer = await poster.postOnce({
      subject: `webhook ${token}`,
      url,
      headers: sign(probe),
      body: probe,
    });
    if (!('status' in answer) || answer.status !== 200) return toStatus(1);
    webhook = url;
    const types = body['event_types'];
    eventTypes = Array.isArray(types) ? (types as unknown[]).map(String) : undefined;
    return toStatus(0, `,"event_types":${JSON.stringify(eventTypes ?? [])}`);
  }

  function broadcast(body: Readonly<Record<string, unknown>>): string {
    const list = Array.isArray(body['broadcast_list']) ? (body['broadcast_list'] as unknown[]) : [];
    if (list.length === 0 || list.length > maxBroadcast) return toStatus(3);
    const failed = list.flatMap((receiver) => {
      const status = judge(body, receiver);
      const user = users.get(String(receiver));
      if (status === undefined && user !== undefined) {
        playFate(nextToken(), user);
        return [];
      }
      return [{ receiver, status, status_message: statusNames[status ?? 3] }];
    });
    return toStatus(0, `,"message_token":${nextToken()},"failed_list":${JSON.stringify(failed)}`);
  }

  function routes(app: FastifyInstance): void {
    serveFiles(app);
    app.post<{ Params: { call: string } }>('/pa/:call', async (request, reply) => {
      const { call } = request.params;
      const isSmall = Buffer.isBuffer(request.body) && request.body.byteLength <= maxBodyBytes;
      const body = readBody(request.body);
      const given = request.headers['x-viber-auth-token'] ?? body?.['auth_token'];
      let text: string;
      if (given !== authToken) text = toStatus(2);
      else if (body === undefined || !isSmall) text = toStatus(3);
      else if (call === 'set_webhook') text = await setWebhook(body);
      else if (call === 'broadcast_message') text = broadcast(body);
      else if (call === 'get_account_info')
        text = toStatus(
          0,
          `,"id":"pa:75346594275468546724","name":${JSON.stringify(stage.option('bot-name'))},"webhook":${JSON.stringify(webhook)},"event_types":${JSON.stringify(eventTypes ?? [])},"subscribers_count":${users.size}`,
        );
      else if (call === 'send_message') {
        const sent = send(body);
        if (sent.isLost) {
          request.raw.socket.destroy();
          return reply.hijack();
        }
        text = sent.text;
      } else text = toStatus(3);
      // Always 200: the status is in the body.
      const status = Number(/"status":(-?\d+)/.exec(text)?.[1] ?? 0);
      const subject = `POST /pa/${call}`;
      ledger.write({ at: clock.now(), kind: 'called', subject, status, attempt: 0, text: '' });
      return reply.type('application/json').send(text);
    });
  }

  function findUser(body: Readonly<Record<string, unknown>>): User {
    const list = [...users.values()];
    const given = body['user'];
    const user = typeof given === 'string' ? users.get(given) : list[0];
    if (user === undefined)
      throw new GatewayError('bad_request', `user: is none of ${list.map(({ id }) => id).join(', ')}.`);
    return user;
  }

  function write(user: User, message: object, token = nextToken()): object {
    user.unanswered = [];
    user.isSubscribed = true;
    const { id, name } = user;
    post('message', token, { sender: { id, name, language: 'en', country: 'UA' }, message, silent: false });
    return { token, user: id };
  }

  const toMembers = ({ id, name }: User) => ({ user: { id, name, country: 'UA', language: 'en' } });

  function start(user: User): Promise<object> {
    const token = nextToken();
    return new Promise((resolve) => {
      const members = { type: 'open', ...toMembers(user), subscribed: user.isSubscribed };
      if (webhook === '') resolve({ token, welcome: null });
      post('conversation_started', token, members, {
        onAnswer: (text) => resolve({ token, welcome: text === '' ? null : text }),
      });
    });
  }

  function setSubscribed(user: User, isSubscribed: boolean): object {
    user.isSubscribed = isSubscribed;
    const token = nextToken();
    if (isSubscribed) post('subscribed', token, toMembers(user));
    else post('unsubscribed', token, { user_id: user.id });
    return { token, user: user.id, isSubscribed };
  }

  return {
    routes,
    actions: {
      users: async () => [...users.values()].map(({ id, isSubscribed }) => ({ id, isSubscribed })),
      messages: async () => taken.list(),
      message: async (body) => {
        const { message } = body;
        const isObject = typeof message === 'object' && message !== null;
        return write(
          findUser(body),
          isObject ? message : { type: 'text', text: toWords(body['text'] ?? 'hi') },
        );
      },
      start: async (body) => start(findUser(body)),
      subscribe: async (body) => setSubscribed(findUser(body), true),
      unsubscribe: async (body) => setSubscribed(findUser(body), false),
    },
    playUser: async (number) => {
      const fate = random.branch(`step ${number}`);
      const list = [...users.values()];
      const user = list[fate.whole(0, list.length - 1)];
      if (user === undefined) return undefined;
      if (fate.chance(0.02)) return setSubscribed(user, !user.isSubscribed);
      return write(user, toSampleMessage(fate.whole(0, 9), number, stage.address()));
    },
  };
}

function readBody(body: unknown): Readonly<Record<string, unknown>> | undefined {
  try {
    return readJsonBody(body);
  } catch {
    // Viber has its own word for it.
    return undefined;
  }
}

/** Whether a message has what its type needs, within Viber's limits. */
function isWellMade(body: Readonly<Record<string, unknown>>): boolean {
  const text = (name: string, max: number): boolean => {
    const value = body[name];
    return typeof value === 'string' && value !== '' && value.length <= max;
  };
  switch (body['type']) {
    case 'text':
      return text('text', 7000);
    case 'picture':
      return text('media', 2000) && (body['text'] === undefined || toWords(body['text']).length <= 768);
    case 'video':
      return text('media', 2000) && typeof body['size'] === 'number';
    case 'file':
      return text('media', 2000) && typeof body['size'] === 'number' && text('file_name', 256);
    case 'url':
      return text('media', 2000);
    case 'location':
    case 'contact':
    case 'rich_media':
      return typeof body[body['type']] === 'object';
    case 'sticker':
      return body['sticker_id'] !== undefined;
    default:
      return false;
  }
}

function toSampleMessage(kind: number, number: number, address: string): object {
  const samples: readonly object[] = [
    { type: 'text', text: `message ${number} 👋 مرحبا`, tracking_data: `step-${number}` },
    { type: 'text', text: `message ${number}` },
    { type: 'location', location: { lat: 48.85, lon: 2.35 } },
    { type: 'contact', contact: { name: 'Sam', phone_number: '+15550003333' } },
    { type: 'sticker', sticker_id: 46105 },
    { type: 'url', media: 'https://example.com/' },
    { type: 'text', text: `ORDER_${number}` },
    { type: 'picture', media: `${address}/files/${number}.jpg`, text: 'Look' },
    { type: 'video', media: `${address}/files/${number}.mp4`, size: 20, duration: 3 },
    { type: 'file', media: `${address}/files/${number}.pdf`, size: 20, file_name: 'bill.pdf' },
  ];
  return samples[kind] ?? { type: 'text', text: 'hi' };
}
