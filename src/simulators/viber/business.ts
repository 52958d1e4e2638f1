// Viber Business Messages: the partner API and its callbacks, as far as public code and pages tell of them.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GatewayError } from '../../domain/errors.ts';
import { readJsonBody, toWords } from '../simulator.ts';
import type { Play, Stage, Vendor } from '../simulator.ts';
import { BusinessCallbacks } from './business-callbacks.ts';
import { findRefusal, isOfSession, isSessionOpen } from './business-rules.ts';
import type { BusinessUser } from './business-rules.ts';
import { serveFiles } from './files.ts';
import { TakenMessages } from '../taken-messages.ts';
import type { TakenStatus } from '../taken-messages.ts';

type Body = Readonly<Record<string, unknown>>;

/** No rule for repeats is known; an hour, as the bot API does it. */
const scheduleMs = [10, 30, 60, 120, 300, 600, 900, 1500].map((seconds) => seconds * 1000);

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
  open: (stage) => new BusinessService(stage),
};

/** How far a message has come by the number of a status. */
const told: Readonly<Record<number, TakenStatus>> = { 0: 'delivered', 1: 'read', 2: 'failed' };

class BusinessService implements Play {
  readonly #stage: Stage;
  readonly #callbacks: BusinessCallbacks;
  readonly #users = new Map<string, BusinessUser>();
  /** Tokens by the caller's `seq`. */
  readonly #tokenOf = new Map<string, string>();
  readonly #taken = new TakenMessages();
  #tokens = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#callbacks = new BusinessCallbacks(stage);
    for (let number = 0; number < Number(stage.option('users')); number += 1) {
      const phone = `1555${String(2_000_000 + number)}`;
      this.#users.set(phone, { phone, isBlocked: false, inRow: 0, session: undefined });
    }
  }

  readonly actions: Play['actions'] = {
    users: async () => [...this.#users.values()].map(({ phone, isBlocked }) => ({ phone, isBlocked })),
    messages: async () => this.#taken.list(),
    message: async ({ user, message, text }) =>
      this.#write(
        this.#requireUser(user),
        typeof message === 'object' && message !== null ? message : { text: toWords(text ?? 'hi') },
      ),
    subscribe: async ({ user }) => this.#setBlocked(this.#requireUser(user), false),
    unsubscribe: async ({ user }) => this.#setBlocked(this.#requireUser(user), true),
  };

  routes(app: FastifyInstance): void {
    serveFiles(app);
    app.post('/vibersrvc/1/send_message', (request, reply) => this.#answer(request, reply));
  }

  async playUser(number: number): Promise<unknown> {
    const fate = this.#stage.random.branch(`step ${number}`);
    const list = [...this.#users.values()];
    const user = list[fate.whole(0, list.length - 1)];
    if (user === undefined) return undefined;
    if (fate.chance(0.02)) return this.#setBlocked(user, !user.isBlocked);
    const tracking = { tracking_data: `step-${number}` };
    const file = { media: `${this.#stage.address()}/files/${number}.jpg`, file_name: 'a.jpg' };
    const content = fate.chance(0.2) ? file : { text: `message ${number} 👋` };
    return this.#write(user, { ...content, ...tracking });
  }

  async #answer(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { ledger, clock, option } = this.#stage;
    const allowed = option('allowed');
    const isAllowed = allowed === '' || request.ip === allowed;
    const text = isAllowed ? this.#send(readJsonBody(request.body)) : '{"status":401}';
    if (text === undefined) {
      request.raw.socket.destroy();
      return reply.hijack();
    }
    const status = Number(/"status":(\d+)/.exec(text)?.[1] ?? 0);
    ledger.noteCall(clock.now(), 'POST send_message', status);
    return reply.type('application/json').send(text);
  }

  /** What a send call is answered with; undefined when the connection breaks before the answer. */
  #send(body: Body): string | undefined {
    const { random, clock, fault } = this.#stage;
    const seq = String(body['seq']);
    const answer = (status: number, more = ''): string => `{"seq":${seq},"status":${status}${more}}`;
    if (this.#tokenOf.has(seq)) return answer(12);
    const user = this.#users.get(String(body['dest']));
    const refused = findRefusal(body, this.#callbacks.serviceId, user, clock.now());
    if (refused !== 0) return answer(refused);
    const fate = random.branch(`call ${this.#tokenOf.size + 1}`);
    if (fate.chance(fault('not-viber-user'))) return answer(9);
    const token = this.#nextToken();
    if (user === undefined || random.branch(`try ${token}`).chance(fault('internal-failure')))
      return answer(1);
    this.#tokenOf.set(seq, token);
    this.#playFate(token, user);
    const session = countInSession(user, Number(body['type']));
    if (fate.chance(fault('lost-answer'))) {
      this.#taken.loseAnswer(token);
      return undefined;
    }
    return answer(0, `,"message_token":${token}${session}`);
  }

  /** What becomes of a message that was taken. */
  #playFate(token: string, user: BusinessUser): void {
    const { random, fault } = this.#stage;
    const fate = random.branch(`fate ${token}`);
    const post = (status: number, afterMs: number): void => this.#postStatus(token, user, status, afterMs);
    this.#taken.add(token, user.phone);
    if (fate.chance(fault('expired'))) {
      post(2, 3000);
      return;
    }
    if (fate.chance(fault('expired-then-delivered'))) {
      post(2, 500);
      post(0, 2000);
      return;
    }
    if (fate.chance(fault('seen-first'))) {
      post(1, 500);
      post(0, 1500);
      return;
    }
    const isEarly = fate.chance(fault('early-status'));
    post(0, isEarly ? 0 : fate.whole(100, 900));
    if (fate.chance(fault('delivered-twice'))) post(0, fate.whole(1000, 2000));
    if (fate.chance(0.7)) post(1, fate.whole(1000, 5000));
  }

  #postStatus(token: string, { phone }: BusinessUser, status: number, afterMs: number): void {
    this.#taken.tell(token, told[status] ?? 'sent');
    this.#callbacks.postStatus(token, phone, status, afterMs);
  }

  /** A user writes, which opens a session where none is open. */
  #write(user: BusinessUser, message: object): object {
    const now = this.#stage.clock.now();
    const token = this.#nextToken();
    user.inRow = 0;
    const session = isSessionOpen(user.session, now)
      ? user.session
      : { id: `session-${token}`, openedAt: now, sent: 0 };
    user.session = session;
    this.#callbacks.postMessage(token, user.phone, message, session.id);
    return { token, user: user.phone };
  }

  #setBlocked(user: BusinessUser, isBlocked: boolean): object {
    user.isBlocked = isBlocked;
    const token = this.#nextToken();
    this.#postStatus(token, user, isBlocked ? 5 : 4, 0);
    return { token, user: user.phone, isBlocked };
  }

  /** The user whom an action names; the first when it names none. Throws `bad_request`. */
  #requireUser(given: unknown): BusinessUser {
    const user = typeof given === 'string' ? this.#users.get(given) : [...this.#users.values()][0];
    if (user === undefined)
      throw new GatewayError('bad_request', `user: is none of ${[...this.#users.keys()].join(', ')}.`);
    return user;
  }

  #nextToken(): string {
    this.#tokens += 1;
    return String(5_741_311_803_571_800_000n + BigInt(this.#tokens));
  }
}

/** Counts a message of a session, and gives the member by which its answer names the session; empty for any other message. */
function countInSession(user: BusinessUser, type: number): string {
  const { session } = user;
  if (session === undefined || !isOfSession(type)) return '';
  session.sent += 1;
  user.inRow += 1;
  return `,"session_id":"${session.id}"`;
}
