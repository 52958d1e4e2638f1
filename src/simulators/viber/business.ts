// Viber Business Messages: the partner API and its callbacks, as far as public code and pages tell of them.
import type { FastifyInstance } from 'fastify';
import { GatewayError } from '../../domain/errors.ts';
import { readJsonBody, toWords } from '../simulator.ts';
import type { Play, Stage, Vendor } from '../simulator.ts';
import { serveFiles } from './files.ts';
import { TakenMessages } from '../taken-messages.ts';
import type { TakenStatus } from '../taken-messages.ts';

/** No rule for repeats is known; an hour, as the bot API does it. */
const scheduleMs = [10, 30, 60, 120, 300, 600, 900, 1500].map((seconds) => seconds * 1000);
const sessionMs = 24 * 3_600_000;
const maxInRow = 10;
const maxInSession = 60;
const trackedTypes = new Set([
  206, 207, 208, 209, 210, 220, 225, 306, 307, 230, 231, 232, 233, 801, 802, 901,
]);
const untrackedTypes = new Set([7, 8, 9, 107, 108, 109]);
const plainTypes = new Set([6, 106, 301, 1701, 1702, 221, 222, 223, 224]);
const sessionTypes = new Set([306, 307]);

export const viberBusiness: Vendor = {
  name: 'viber-business',
  description: 'Play Viber Business Messages and their callbacks',
  options: [
    { name: 'service-id', meaning: 'the service that may send', initial: '42' },
    { name: 'status-url', meaning: 'where statuses go, with the secret in the path', initial: '' },
    { name: 'message-url', meaning: 'where user messages go; as statuses when empty', initial: '' },
    { name: 'allowed', meaning: 'the address that may send; empty for any', initial: '' },
    { name: 'users', meaning: 'how many users there are', initial: '20' },
    { name: 'form', meaning: 'partner, or aggregator for statuses in words', initial: 'partner' },
  ],
  faults: {
    'expired-then-delivered': { meaning: 'expired comes, and delivered after it', initial: 0.05 },
    expired: { meaning: 'expired comes and nothing after it', initial: 0.05 },
    'delivered-twice': { meaning: 'delivered comes twice', initial: 0.1 },
    'seen-first': { meaning: 'seen comes before delivered', initial: 0.05 },
    'early-status': { meaning: 'delivered comes before the answer to the send call', initial: 0.05 },
    'token-as-text': { meaning: 'a token comes as text', initial: 0.1 },
    duplicate: { meaning: 'a callback is posted twice', initial: 0.05 },
    'internal-failure': { meaning: 'a send call is answered with 1', initial: 0.02 },
    'lost-answer': { meaning: 'a message is taken and the connection broken off', initial: 0.02 },
    'not-viber-user': { meaning: 'a number has no Viber: 9', initial: 0 },
  },
  posting: { scheduleMs, timeoutMs: 10_000 },
  open: openService,
};

interface Session {
  readonly id: string;
  readonly openedAt: number;
  sent: number;
}

interface User {
  readonly phone: string;
  isBlocked: boolean;
  inRow: number;
  session: Session | undefined;
}

function openService(stage: Stage): Play {
  const { random, clock, ledger, poster } = stage;
  const serviceId = Number(stage.option('service-id'));
  const statusUrl = stage.option('status-url');
  const messageUrl = stage.option('message-url') || statusUrl;
  const isAggregator = stage.option('form') === 'aggregator';
  if (!Number.isSafeInteger(serviceId))
    throw new GatewayError('bad_command', '--service-id has to be a number.');
  const users = new Map<string, User>();
  /** Tokens by our `seq`. */
  const tokenOf = new Map<string, string>();
  const taken = new TakenMessages();
  let tokens = 0;

  for (let number = 0; number < Number(stage.option('users')); number += 1) {
    const phone = `1555${String(2_000_000 + number)}`;
    users.set(phone, { phone, isBlocked: false, inRow: 0, session: undefined });
  }

  function nextToken(): string {
    tokens += 1;
    return String(5_741_311_803_571_800_000n + BigInt(tokens));
  }

  function post(subject: string, url: string, token: string, members: object, afterMs = 0): void {
    if (url === '') return;
    const fate = random.branch(subject);
    const quote = fate.chance(stage.fault('token-as-text')) ? '"' : '';
    const name = isAggregator && 'message_status' in members ? 'request_id' : 'message_token';
    const body = Buffer.from(`{"${name}":${quote}${token}${quote},${JSON.stringify(members).slice(1)}`);
    const posting = { subject, url, headers: { 'content-type': 'application/json' }, body };
    poster.post(posting, afterMs);
    if (fate.chance(stage.fault('duplicate'))) poster.post(posting, afterMs);
  }

  const words: Readonly<Record<number, string>> = {
    0: 'delivered',
    1: 'seen',
    2: 'expired',
    4: 'subscribe',
    5: 'unsubscribe',
  };

  const tells: Readonly<Record<number, TakenStatus>> = { 0: 'delivered', 1: 'read', 2: 'failed' };

  function postStatus(token: string, { phone }: User, status: number, afterMs: number): void {
    taken.tell(token, tells[status] ?? 'sent');
    const form = isAggregator
      ? { message_status: words[status], service_type: 'two_way' }
      : { message_status: status };
    const members = { ...form, message_time: clock.now(), phone_number: phone, service_id: serviceId };
    post(`status ${status} ${token}`, statusUrl, token, members, afterMs);
  }

  function playFate(token: string, user: User): void {
    const fate = random.branch(`fate ${token}`);
    taken.add(token, user.phone);
    if (fate.chance(stage.fault('expired'))) {
      postStatus(token, user, 2, 3000);
      return;
    }
    if (fate.chance(stage.fault('expired-then-delivered'))) {
      postStatus(token, user, 2, 500);
      postStatus(token, user, 0, 2000);
      return;
    }
    if (fate.chance(stage.fault('seen-first'))) {
      postStatus(token, user, 1, 500);
      postStatus(token, user, 0, 1500);
      return;
    }
    const isEarly = fate.chance(stage.fault('early-status'));
    postStatus(token, user, 0, isEarly ? 0 : fate.whole(100, 900));
    if (fate.chance(stage.fault('delivered-twice'))) postStatus(token, user, 0, fate.whole(1000, 2000));
    if (fate.chance(0.7)) postStatus(token, user, 1, fate.whole(1000, 5000));
  }

  /** Why a request is not taken; 0 when it is. */
  function judge(body: Readonly<Record<string, unknown>>, user: User | undefined): number {
    const { type, label, ttl, message } = body;
    const members =
      typeof message === 'object' && message !== null ? (message as Record<string, unknown>) : {};
    const hasTracking = members['#tracking_data'] !== undefined;
    if (body['service_id'] !== serviceId) return 2;
    if (typeof type !== 'number' || !Number.isSafeInteger(body['seq'])) return 6;
    if (!trackedTypes.has(type) && !untrackedTypes.has(type) && !plainTypes.has(type)) return 5;
    if (trackedTypes.has(type) !== hasTracking && !plainTypes.has(type)) return 6;
    if (!['transactional', 'promotion', 'session'].includes(String(label))) return 18;
    if (ttl !== undefined && (typeof ttl !== 'number' || ttl < 30 || ttl > 1_209_600)) return 20;
    if (toWords(members['#txt'] ?? '').length > 1000) return 3;
    if (toWords(members['#fileName'] ?? '').length > 25) return 29;
    if (!/^\d{5,15}$/.test(String(body['dest']))) return 27;
    if (user === undefined) return 9;
    if (user.isBlocked) return 8;
    return sessionTypes.has(type) ? judgeSession(user) : 0;
  }

  function judgeSession(user: User): number {
    const { session } = user;
    if (session === undefined || clock.now() - session.openedAt > sessionMs) return 17;
    if (session.sent >= maxInSession) return 17;
    return user.inRow >= maxInRow ? 21 : 0;
  }

  function send(body: Readonly<Record<string, unknown>>): {
    readonly text: string;
    readonly isLost: boolean;
  } {
    const seq = String(body['seq']);
    const answer = (status: number, more = ''): string => `{"seq":${seq},"status":${status}${more}}`;
    const known = tokenOf.get(seq);
    if (known !== undefined) return { text: answer(12), isLost: false };
    const user = users.get(String(body['dest']));
    const refused = judge(body, user);
    if (refused !== 0) return { text: answer(refused), isLost: false };
    const fate = random.branch(`call ${tokenOf.size + 1}`);
    if (fate.chance(stage.fault('not-viber-user'))) return { text: answer(9), isLost: false };
    const token = nextToken();
    if (user === undefined || random.branch(`try ${token}`).chance(stage.fault('internal-failure')))
      return { text: answer(1), isLost: false };
    tokenOf.set(seq, token);
    playFate(token, user);
    let more = `,"message_token":${token}`;
    if (sessionTypes.has(Number(body['type'])) && user.session !== undefined) {
      user.session.sent += 1;
      user.inRow += 1;
      more += `,"session_id":"${user.session.id}"`;
    }
    const isLost = fate.chance(stage.fault('lost-answer'));
    if (isLost) taken.loseAnswer(token);
    return { text: answer(0, more), isLost };
  }

  function routes(app: FastifyInstance): void {
    serveFiles(app);
    app.post('/vibersrvc/1/send_message', async (request, reply) => {
      const allowed = stage.option('allowed');
      let text: string;
      if (allowed !== '' && request.ip !== allowed) text = '{"status":401}';
      else {
        const sent = send(readJsonBody(request.body));
        if (sent.isLost) {
          request.raw.socket.destroy();
          return reply.hijack();
        }
        text = sent.text;
      }
      const status = Number(/"status":(\d+)/.exec(text)?.[1] ?? 0);
      const subject = 'POST send_message';
      ledger.write({ at: clock.now(), kind: 'called', subject, status, attempt: 0, text: '' });
      return reply.type('application/json').send(text);
    });
  }

  function findUser(body: Readonly<Record<string, unknown>>): User {
    const given = body['user'];
    const user = typeof given === 'string' ? users.get(given) : [...users.values()][0];
    if (user === undefined)
      throw new GatewayError('bad_request', `user: is none of ${[...users.keys()].join(', ')}.`);
    return user;
  }

  function write(user: User, message: object): object {
    const token = nextToken();
    user.inRow = 0;
    if (user.session === undefined || clock.now() - user.session.openedAt > sessionMs)
      user.session = { id: `session-${token}`, openedAt: clock.now(), sent: 0 };
    const members = {
      phone_number: user.phone,
      time: Math.floor(clock.now() / 1000),
      message: { tracking_data: '', ...message },
      service_id: serviceId,
      session_id: user.session.id,
    };
    post(`message ${token}`, messageUrl, token, members);
    return { token, user: user.phone };
  }

  function setBlocked(user: User, isBlocked: boolean): object {
    user.isBlocked = isBlocked;
    const token = nextToken();
    postStatus(token, user, isBlocked ? 5 : 4, 0);
    return { token, user: user.phone, isBlocked };
  }

  return {
    routes,
    actions: {
      users: async () => [...users.values()].map(({ phone, isBlocked }) => ({ phone, isBlocked })),
      messages: async () => taken.list(),
      message: async (body) => {
        const { message } = body;
        const isObject = typeof message === 'object' && message !== null;
        return write(findUser(body), isObject ? message : { text: toWords(body['text'] ?? 'hi') });
      },
      subscribe: async (body) => setBlocked(findUser(body), false),
      unsubscribe: async (body) => setBlocked(findUser(body), true),
    },
    playUser: async (number) => {
      const fate = random.branch(`step ${number}`);
      const list = [...users.values()];
      const user = list[fate.whole(0, list.length - 1)];
      if (user === undefined) return undefined;
      if (fate.chance(0.02)) return setBlocked(user, !user.isBlocked);
      const tracking = { tracking_data: `step-${number}` };
      if (fate.chance(0.2))
        return write(user, {
          media: `${stage.address()}/files/${number}.jpg`,
          file_name: 'a.jpg',
          ...tracking,
        });
      return write(user, { text: `message ${number} 👋`, ...tracking });
    },
  };
}
