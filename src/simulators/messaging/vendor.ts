// Simulated Messenger and Instagram: the Send API of one account, its users, and the webhooks that follow
// (docs/protocols/messenger-instagram.md, docs/simulators.md).
import { createHmac } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GatewayError } from '../../domain/errors.ts';
import { readJsonBody } from '../simulator.ts';
import type { Play, Stage, Vendor } from '../simulator.ts';
import { drawHappening } from './users.ts';
import { findBodyFault, findToken, findWindowFault, toErrorBody, toObject } from './rules.ts';
import type { MessagingError, MessagingType } from './rules.ts';
import { MessagingWebhooks } from './webhooks.ts';
import { toPage } from '../meta/lists.ts';
import { webhookFaults } from '../meta/webhooks.ts';
import { TakenMessages } from '../taken-messages.ts';

const second = 1000;
const minute = 60 * second;

export const messenger: Vendor = createVendor(
  'messenger',
  'Messenger: one Page and its users',
  '300000000000001',
);
export const instagram: Vendor = createVendor(
  'instagram',
  'Instagram messaging: one professional account and its users',
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
    open: (stage) => open(type, stage),
  };
}

/** What is said of a message once it is taken. */
interface Sent {
  readonly id: string;
  readonly to: string;
  readonly metadata: string | null;
  readonly at: number;
}

function open(type: MessagingType, stage: Stage): Play {
  const { clock, random, ledger, option, fault } = stage;
  const accountId = option('account-id');
  const webhooks = new MessagingWebhooks(stage, type === 'messenger' ? 'page' : 'instagram', accountId);
  const taken = new TakenMessages();
  /** Messages of each user that a watermark may still mean, oldest first. */
  const unread = new Map<string, Sent[]>();
  const uploads = new Set<string>();
  const files = new Map<string, { readonly until: number; readonly type: string }>();
  /** When each user wrote last. */
  const wroteAt = new Map<string, number>();
  let calls = 0;
  let said = 0;
  let windowStart = 0;
  let inWindow = 0;
  let isTokenGood = true;
  const tokens = new Set([option('access-token'), toPageToken()]);

  function emit(
    subject: string,
    from: { readonly user: string; readonly isOurs?: boolean },
    members: Readonly<Record<string, unknown>>,
    afterMs = 0,
    at = clock.now() + afterMs,
  ): void {
    const [sender, recipient] = from.isOurs === true ? [accountId, from.user] : [from.user, accountId];
    const event = { sender: { id: sender }, recipient: { id: recipient }, timestamp: at, ...members };
    webhooks.emit({ subject, list: 'messaging', event }, afterMs);
  }

  /** What a user does: posted as it is, and from then on the conversation is open. */
  function act(user: string, members: Readonly<Record<string, unknown>>): { id: string } {
    said += 1;
    wroteAt.set(user, clock.now());
    const message = toObject(members['message']);
    const id =
      typeof message?.['mid'] === 'string' ? message['mid'] : `m_${random.branch(`said ${said}`).digits(22)}`;
    const own = message === undefined ? members : { ...members, message: { ...message, mid: id } };
    emit(`user ${id}`, { user }, own);
    return { id };
  }

  function makeFile(name: string, mimeType: string): string {
    const id = `${files.size + 1}-${name}`;
    const isDead = random.branch(`file ${id}`).chance(fault('dead-link'));
    const life = isDead ? -1 : Number(option('link-minutes')) * minute;
    files.set(id, { until: clock.now() + life, type: mimeType });
    return `${stage.address()}/cdn/${id}?sig=${random.branch(`sig ${id}`).digits(8)}`;
  }

  function findCallFault(request: FastifyRequest): MessagingError | undefined {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    if (token === `${appId}|${option('app-secret')}`) return undefined;
    if (!tokens.has(token)) return { status: 401, code: 190, message: 'Invalid OAuth access token.' };
    if (!isTokenGood)
      return { status: 401, code: 190, subcode: 463, message: 'Error validating access token' };
    const { appsecret_proof: proof } = request.query as Readonly<Record<string, string | undefined>>;
    const right = createHmac('sha256', option('app-secret')).update(token).digest('hex');
    if (proof !== undefined && proof !== right)
      return { status: 400, code: 100, message: 'Invalid appsecret_proof provided in the API argument' };
    return undefined;
  }

  function toPageToken(): string {
    return `${option('access-token')}OfThePage`;
  }

  function refuse(reply: FastifyReply, error: MessagingError): FastifyReply {
    return reply
      .code(error.status)
      .headers(error.headers ?? {})
      .send(toErrorBody(error));
  }

  function isOverRate(): boolean {
    const now = clock.now();
    if (now - windowStart >= second) {
      windowStart = now;
      inWindow = 0;
    }
    inWindow += 1;
    return inWindow > Number(option('account-rate'));
  }

  function findFate(chance: ReturnType<typeof random.branch>): MessagingError | undefined {
    if (chance.chance(fault('transient')))
      return { status: 500, code: 1200, message: 'Temporary send message failure.', isTransient: true };
    if (chance.chance(fault('throttled')) || isOverRate())
      return {
        status: 400,
        code: 613,
        message: 'Calls to this api have exceeded the rate limit.',
        headers: { 'x-app-usage': toUsage(100) },
      };
    if (chance.chance(fault('unavailable')))
      return { status: 400, code: 551, subcode: 1545041, message: "This person isn't available right now." };
    return undefined;
  }

  async function takeMessage(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const body = readJsonBody(request.body);
    const recipient = toObject(body['recipient']);
    const token = findToken(type, body);
    // The user whom only the platform knows so far.
    const user =
      token === undefined
        ? String(recipient?.['id'])
        : `24${random.branch(`token ${token.value}`).digits(15)}`;
    if (typeof body['sender_action'] === 'string') return reply.send({ recipient_id: user });
    const chance = random.branch(`call ${(calls += 1)}`);
    const error =
      findBodyFault(type, body) ??
      (token === undefined ? findWindowFault(type, stage, body, wroteAt.get(user)) : undefined) ??
      findFate(chance);
    if (error !== undefined) return refuse(reply, error);
    const message = toObject(body['message']) ?? {};
    const payload = toObject(toObject(message['attachment'])?.['payload']);
    const known = payload?.['attachment_id'];
    if (typeof known === 'string' && !uploads.has(known))
      return refuse(reply, { status: 400, code: 100, subcode: 2018074, message: 'Invalid attachment id.' });
    const one: Sent = {
      id: `m_${chance.digits(24)}`,
      to: user,
      metadata: typeof message['metadata'] === 'string' ? message['metadata'] : null,
      at: clock.now(),
    };
    taken.add(one.id, user);
    const isEarly = chance.chance(fault('overtaking'));
    tell(one, message, chance, isEarly ? 0 : 20);
    if (chance.chance(fault('lost-answer'))) {
      taken.loseAnswer(one.id);
      note(`lost the answer of ${one.id}`);
      request.raw.socket.destroy();
      return reply.hijack();
    }
    if (isEarly) await new Promise<void>((resolve) => clock.after(500, resolve));
    const attachmentId = payload?.['is_reusable'] === true ? chance.digits(16) : undefined;
    if (attachmentId !== undefined) uploads.add(attachmentId);
    reply.header('x-app-usage', toUsage(chance.chance(fault('near-limit')) ? 95 : 10));
    return reply.send({
      ...(token?.name === 'user_ref' ? {} : { recipient_id: user }),
      message_id: one.id,
      ...(attachmentId === undefined ? {} : { attachment_id: attachmentId }),
    });
  }

  /** Posts what becomes of a message: its echo, its delivery, perhaps its reading. */
  function tell(
    message: Sent,
    body: Readonly<Record<string, unknown>>,
    chance: ReturnType<typeof random.branch>,
    afterMs: number,
  ): void {
    const { id, to, at, metadata } = message;
    const { text, attachment } = body;
    const echo = {
      mid: id,
      is_echo: true,
      ...(text === undefined ? {} : { text }),
      ...(attachment === undefined ? {} : { attachment }),
    };
    const own = type === 'messenger' ? { ...echo, app_id: Number(appId), metadata } : echo;
    emit(`echo ${id}`, { user: to, isOurs: true }, { message: own }, afterMs, at);
    if (type === 'messenger') {
      taken.tell(id, 'delivered');
      unread.set(to, [...(unread.get(to) ?? []), message]);
      const mids = chance.chance(fault('no-mids')) ? {} : { mids: [id] };
      emit(`delivered ${id}`, { user: to }, { delivery: { ...mids, watermark: at } }, afterMs + 100);
    }
    if (!chance.chance(Number(option('reads')))) return;
    // A watermark means every message before it as well; Instagram names the one.
    const read = type === 'messenger' ? { watermark: at } : { mid: id };
    for (const one of type === 'messenger' ? (unread.get(to) ?? []) : [message]) taken.tell(one.id, 'read');
    unread.delete(to);
    emit(`read ${id}`, { user: to }, { read }, afterMs + chance.whole(150, 600));
  }

  function note(subject: string): void {
    ledger.write({ at: clock.now(), kind: 'noted', subject, status: null, attempt: 0, text: '' });
  }

  function routes(app: FastifyInstance): void {
    app.addHook('onResponse', async (request, reply) => {
      const path = request.url.split('?')[0] ?? '';
      if (path.startsWith('/_simulator')) return;
      const subject = `${request.method} ${path}`;
      const { statusCode: status } = reply;
      ledger.write({ at: clock.now(), kind: 'called', subject, status, attempt: 0, text: '' });
    });
    app.get<{ Params: { id: string } }>('/cdn/:id', (request, reply) => {
      const file = files.get(request.params.id);
      if (file === undefined || file.until <= clock.now())
        return reply.code(403).send('URL signature expired');
      return reply.type(file.type).send(Buffer.from(`simulated bytes of ${request.params.id}`));
    });
    app.register(async (graph) => {
      graph.addHook('preHandler', async (request, reply) => {
        const error = findCallFault(request);
        if (error !== undefined) await refuse(reply, error);
      });
      graph.get('/:version/debug_token', () => ({
        data: { app_id: appId, is_valid: true, expires_at: 0, scopes },
      }));
      graph.get('/:version/:app/subscriptions', () => ({
        data: [
          {
            object: type === 'messenger' ? 'page' : 'instagram',
            callback_url: webhooks.url,
            active: true,
            fields: subscribedFields.map((name) => ({ name, version: 'v25.0' })),
          },
        ],
      }));
      graph.get('/:version/me/accounts', (request) =>
        toPage(request, stage.address(), [...toOtherPages(type, Number(option('other-pages'))), toOwnPage()]),
      );
      graph.get('/:version/me', () => ({ id: accountId, user_id: accountId, username: 'simulated' }));
      graph.get('/:version/:node', () => ({ id: accountId, access_token: toPageToken() }));
      graph.get('/refresh_access_token', () => {
        const renewed = `${option('access-token')}Renewed${tokens.size - 1}`;
        tokens.add(renewed);
        return { access_token: renewed, token_type: 'bearer', expires_in: tokenLifeSeconds };
      });
      graph.post('/:version/:app/subscriptions', async (request, reply) => {
        const { callback_url: url, verify_token: verifyToken } = readJsonBody(request.body);
        try {
          await webhooks.setUrl(String(url), String(verifyToken));
        } catch (error) {
          const message = error instanceof Error ? error.message : '';
          return refuse(reply, { status: 400, code: 2200, message });
        }
        return reply.send({ success: true });
      });
      graph.post('/:version/:node/messages', takeMessage);
      graph.get('/:version/:node/subscribed_apps', (request) =>
        toPage(
          request,
          stage.address(),
          webhooks.isSubscribed ? [{ id: '1', subscribed_fields: subscribedFields }] : [],
        ),
      );
      graph.post('/:version/:node/subscribed_apps', () => {
        webhooks.setSubscribed(true);
        return { success: true };
      });
      graph.delete('/:version/:node/subscribed_apps', () => {
        webhooks.setSubscribed(false);
        return { success: true };
      });
    });
  }

  function toOwnPage(): object {
    const page = type === 'messenger' ? accountId : '300000000000009';
    const linked =
      type === 'messenger' ? {} : { instagram_business_account: { id: accountId, username: 'simulated' } };
    return { id: page, name: 'Simulated Page', access_token: toPageToken(), ...linked };
  }

  return {
    routes,
    actions: {
      say: async (body) =>
        act(requireUser(body), {
          message: { text: typeof body['text'] === 'string' ? body['text'] : 'hello' },
        }),
      // A human who answers in the inbox, which the platform echoes.
      inbox: async (body) => {
        const user = requireUser({ from: body['to'] });
        said += 1;
        const id = `m_${random.branch(`inbox ${said}`).digits(22)}`;
        const text = typeof body['text'] === 'string' ? body['text'] : 'hello';
        const message = { mid: id, is_echo: true, text };
        const told = type === 'messenger' ? { ...message, app_id: inboxAppId } : message;
        emit(`inbox ${id}`, { user, isOurs: true }, { message: told });
        return { id };
      },
      // Any event of the vendor's documentation: its member, e.g. {"postback":{…}}.
      event: async ({ from, ...members }) => act(requireUser({ from }), members),
      messages: async () => taken.list(),
      'expire-token': async () => {
        isTokenGood = false;
        return { ok: true };
      },
      'renew-token': async () => {
        isTokenGood = true;
        return { ok: true };
      },
    },
    playUser: async (number) => {
      const chance = random.branch(`user ${number}`);
      const { user, members } = drawHappening(type, chance, makeFile);
      return act(user, members);
    },
    close: async () => webhooks.close(),
  };
}

/** Pages that nobody plays: they fill the pages of lists. */
function toOtherPages(type: MessagingType, count: number): readonly object[] {
  return Array.from({ length: count }, (_, n) => ({
    id: String(310_000_000_000_000 + n),
    name: `Simulated Branch ${n + 1}`,
    access_token: `EAAsimulatedBranch${n + 1}`,
    ...(type === 'messenger'
      ? {}
      : {
          instagram_business_account: {
            id: `1784100000000${1000 + n}`,
            username: `simulated_branch_${n + 1}`,
          },
        }),
  }));
}

/** Shares of the app's limits, in percent, as Meta's headers tell them. */
function toUsage(percent: number): string {
  return JSON.stringify({ call_count: percent, total_cputime: 5, total_time: 5 });
}

const appId = '1517776481860111';
/** Meta's id of the Page inbox (Messenger Platform, message_echoes). */
const inboxAppId = 26390203743090;
const scopes = ['pages_messaging', 'pages_manage_metadata', 'instagram_basic', 'instagram_manage_messages'];
const tokenLifeSeconds = 60 * 24 * 60 * 60;
const subscribedFields = [
  'messages',
  'message_echoes',
  'message_deliveries',
  'message_reads',
  'messaging_postbacks',
  'message_reactions',
];

function requireUser(body: Readonly<Record<string, unknown>>): string {
  const { from } = body;
  if (typeof from === 'string' && /^\d{5,30}$/.test(from)) return from;
  throw new GatewayError('bad_request', 'from: has to be the digits of a user id.');
}
