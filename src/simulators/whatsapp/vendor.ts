// A simulated WhatsApp Cloud API: messages, media, templates, subscription, and the webhooks that follow (channels 2 and 9).
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { createHmac } from 'node:crypto';
import { GatewayError } from '../../domain/errors.ts';
import { readJsonBody } from '../simulator.ts';
import type { Play, Stage, Vendor } from '../simulator.ts';
import { toPage } from '../meta/lists.ts';
import { webhookFaults } from '../meta/webhooks.ts';
import { drawBytes, readForm, toSha256, VendorMedia } from './media.ts';
import { VendorMessages } from './messages.ts';
import type { VendorError } from './rules.ts';
import { toErrorBody, toVendorError } from './rules.ts';
import { VendorTemplates } from './templates.ts';
import type { VendorTemplate } from './templates.ts';
import { drawMessage, toUser, toWaId } from './users.ts';
import type { SimulatedUser } from './users.ts';
import { Webhooks } from './webhooks.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** The WhatsApp Cloud API of one WABA with one number. */
export const whatsapp: Vendor = {
  name: 'whatsapp',
  description: 'the WhatsApp Cloud API: one WABA with one number',
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
  open,
};

interface Params {
  readonly id: string;
}

function open(stage: Stage): Play {
  const { clock, random, ledger, option } = stage;
  const wabaId = option('waba-id');
  const appId = option('app-id');
  const metadata = {
    display_phone_number: option('phone-number'),
    phone_number_id: option('phone-number-id'),
  };
  let override: string | undefined;
  let isTokenGood = true;
  const webhooks = new Webhooks({
    stage,
    url: () => override ?? option('webhook-url'),
    appSecret: option('app-secret'),
  });
  const templates = new VendorTemplates(stage, webhooks, wabaId);
  const messages = new VendorMessages({ stage, webhooks, templates, metadata, wabaId });
  const media = new VendorMedia(clock);
  let written = 0;

  /** Posts what a user does. */
  function say(user: SimulatedUser, members: Readonly<Record<string, unknown>>): { id: string } {
    written += 1;
    messages.noteUser(user.waId);
    const id = typeof members['id'] === 'string' ? members['id'] : `wamid.${user.waId}.${written}`;
    const message = {
      from: user.waId,
      from_user_id: user.userId,
      timestamp: String(Math.floor(clock.now() / second)),
      ...members,
      id,
    };
    const contact = { profile: { name: user.name }, wa_id: user.waId, user_id: user.userId };
    const value = { messaging_product: 'whatsapp', metadata, contacts: [contact], messages: [message] };
    webhooks.emit({ subject: `message ${id}`, wabaId, field: 'messages', value });
    return { id };
  }

  function prefer(user: SimulatedUser, value: string): void {
    const preference = {
      wa_id: user.waId,
      user_id: user.userId,
      detail: `User requested to ${value} marketing messages`,
      category: 'marketing_messages',
      value,
      timestamp: Math.floor(clock.now() / second),
    };
    webhooks.emit({
      subject: `preference ${value}`,
      wabaId,
      field: 'user_preferences',
      value: { messaging_product: 'whatsapp', metadata, user_preferences: [preference] },
    });
  }

  /** Whether the call carries the token, and a proof that fits if it carries one. */
  function findCallFault(request: FastifyRequest): VendorError | undefined {
    const given = /^(?:Bearer|OAuth) (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    const { appsecret_proof: proof } = request.query as Readonly<Record<string, string>>;
    if (given === `${appId}|${option('app-secret')}`) return undefined;
    if (given !== option('access-token'))
      return { ...toVendorError(190), title: 'Invalid OAuth access token' };
    if (!isTokenGood) return { ...toVendorError(190), subcode: 463 };
    const expected = createHmac('sha256', option('app-secret')).update(given).digest('hex');
    if (proof !== undefined && proof !== expected)
      return { ...toVendorError(100), title: 'Invalid appsecret_proof provided in the API argument' };
    return undefined;
  }

  function refuse(reply: FastifyReply, error: VendorError): FastifyReply {
    return reply
      .code(error.status)
      .headers(error.headers ?? {})
      .send(toErrorBody(error));
  }

  async function takeMessage(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { id } = request.params as Params;
    if (id !== metadata.phone_number_id)
      return refuse(reply, { ...toVendorError(100), subcode: 33, title: `Unsupported post request: ${id}` });
    const taken = messages.take(readJsonBody(request.body));
    if (taken.kind === 'refused') return refuse(reply, taken.error);
    if (taken.kind === 'sign') return reply.send({ success: true });
    if (taken.isLost) {
      note(`lost the answer of ${taken.id}`);
      request.raw.socket.destroy();
      return reply.hijack();
    }
    if (taken.answerAfterMs > 0)
      await new Promise<void>((resolve) => clock.after(taken.answerAfterMs, resolve));
    const isUserId = /^[A-Z]{2}\./.test(taken.recipient);
    const contact = {
      input: taken.input,
      ...(isUserId ? { user_id: taken.recipient } : { wa_id: taken.recipient }),
    };
    return reply.send({ messaging_product: 'whatsapp', contacts: [contact], messages: [{ id: taken.id }] });
  }

  function note(text: string): void {
    ledger.write({ at: clock.now(), kind: 'noted', subject: text, status: null, attempt: 0, text: '' });
  }

  function routes(app: FastifyInstance): void {
    app.addHook('onResponse', async (request, reply) => {
      const path = request.url.split('?')[0] ?? '';
      if (path.startsWith('/_simulator')) return;
      const subject = `${request.method} ${path}`;
      ledger.write({
        at: clock.now(),
        kind: 'called',
        subject,
        status: reply.statusCode,
        attempt: 0,
        text: '',
      });
    });
    app.addHook('preHandler', async (request, reply) => {
      if (request.url.startsWith('/_simulator')) return;
      const error = findCallFault(request);
      if (error !== undefined) await refuse(reply, error);
    });
    app.post('/:version/:id/messages', takeMessage);
    app.post('/:version/:id/marketing_messages', takeMessage);
    mediaRoutes(app);
    templateRoutes(app);
    accountRoutes(app);
  }

  function mediaRoutes(app: FastifyInstance): void {
    app.post('/:version/:id/media', async (request, reply) => {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const form = readForm(request.headers['content-type'] ?? '', body);
      if (form === undefined) return refuse(reply, toVendorError(131053, 'The form holds no file.'));
      return reply.send({ id: media.add(form.mimeType, form.bytes).id });
    });
    app.get<{ Params: { key: string } }>('/_media/:key', async (request, reply) => {
      const file = media.follow(request.params.key);
      return file === undefined
        ? reply.code(404).send('Not Found')
        : reply.type(file.mimeType).send(file.bytes);
    });
    app.delete<{ Params: Params }>('/:version/:id', async (request, reply) =>
      media.remove(request.params.id) ? reply.send({ success: true }) : refuse(reply, toVendorError(100)),
    );
  }

  function templateRoutes(app: FastifyInstance): void {
    app.post('/:version/:id/message_templates', async (request, reply) => {
      const made = templates.create(readJsonBody(request.body));
      if ('code' in made) return refuse(reply, made);
      return reply.send({ id: made.id, status: made.status, category: made.category });
    });
    app.get<{ Querystring: { name?: string } }>('/:version/:id/message_templates', async (request) =>
      toPage(request, stage.address(), templates.list(request.query.name).map(toTemplateAnswer)),
    );
    app.delete<{ Querystring: { hsm_id?: string; name?: string } }>(
      '/:version/:id/message_templates',
      async (request, reply) => {
        const { hsm_id: id, name } = request.query;
        const found =
          id === undefined ? templates.list(name) : templates.list(undefined).filter((one) => one.id === id);
        if (found.length === 0) return refuse(reply, toVendorError(100));
        for (const template of found) templates.remove(template.id);
        return reply.send({ success: true });
      },
    );
    app.post<{ Params: Params }>('/:version/:id/uploads', async () => ({
      id: `upload:${random.digits(16)}`,
    }));
    app.post<{ Params: Params }>('/:version/:id', async (request, reply) => {
      const { id } = request.params;
      if (id.startsWith('upload:')) return reply.send({ h: `4::${Buffer.from(id).toString('base64')}` });
      const template = templates.find(id);
      if (template === undefined) return refuse(reply, toVendorError(100));
      const fault = templates.edit(template, readJsonBody(request.body));
      return fault === undefined ? reply.send({ success: true }) : refuse(reply, fault);
    });
  }

  function accountRoutes(app: FastifyInstance): void {
    app.get('/:version/debug_token', async () => ({
      data: {
        app_id: appId,
        is_valid: isTokenGood,
        expires_at: 0,
        scopes: ['whatsapp_business_management', 'whatsapp_business_messaging'],
      },
    }));
    app.get('/:version/:id/subscriptions', async () => ({
      data: [
        {
          object: 'whatsapp_business_account',
          callback_url: `${stage.address()}/the-callback-of-the-app`,
          active: true,
          fields: appFields.map((name) => ({ name, version: 'v25.0' })),
        },
      ],
    }));
    const number = {
      id: metadata.phone_number_id,
      display_phone_number: `+${metadata.display_phone_number}`,
      verified_name: 'Simulated Shop',
      quality_rating: 'GREEN',
      status: 'CONNECTED',
      code_verification_status: 'VERIFIED',
    };
    app.get('/:version/:id/phone_numbers', async (request) =>
      toPage(request, stage.address(), [...toOtherNumbers(Number(option('other-numbers'))), number]),
    );
    app.get('/:version/:id/subscribed_apps', async (request) => {
      const own = { whatsapp_business_api_data: { id: appId, name: 'App' }, override_callback_uri: override };
      return toPage(request, stage.address(), override === undefined ? [] : [own]);
    });
    app.post('/:version/:id/subscribed_apps', async (request, reply) => {
      const { override_callback_uri: uri, verify_token: token } = readJsonBody(request.body);
      if (typeof uri === 'string') {
        try {
          await webhooks.verify(uri, String(token));
        } catch (error) {
          const details = error instanceof Error ? error.message : '';
          return refuse(reply, toVendorError(100, details));
        }
        override = uri;
      }
      return reply.send({ success: true });
    });
    app.delete('/:version/:id/subscribed_apps', async () => {
      override = undefined;
      return { success: true };
    });
    app.get<{ Params: Params }>('/:version/:id', async (request, reply) => {
      const { id } = request.params;
      const template = templates.find(id);
      if (template !== undefined) return reply.send(toTemplateAnswer(template));
      if (id === wabaId) return reply.send({ id });
      if (id === number.id) return reply.send(number);
      const file = media.find(id);
      if (file === undefined) return refuse(reply, { ...toVendorError(100), subcode: 33 });
      fetches += 1;
      const isDead = random.branch(`fetch ${fetches}`).chance(stage.fault('dead-address'));
      return reply.send({
        messaging_product: 'whatsapp',
        id,
        url: `${stage.address()}/_media/${media.address(id, isDead)}`,
        mime_type: file.mimeType,
        sha256: Buffer.from(toSha256(file.bytes), 'base64').toString('hex'),
        file_size: file.bytes.byteLength,
      });
    });
  }

  let fetches = 0;

  function toUserOf(from: unknown): SimulatedUser {
    if (from === undefined) return toUser(0);
    if (typeof from !== 'string' || !/^\d{5,15}$/.test(from))
      throw new GatewayError('bad_request', 'from has to be the digits of a number.');
    const waId = toWaId(from);
    return { waId, userId: `US.${waId}`, name: `User ${from}` };
  }

  return {
    routes,
    actions: {
      message: async ({ from, ...members }) =>
        say(toUserOf(from), { type: 'text', text: { body: 'Hi' }, ...members }),
      messages: async () => messages.list(),
      preference: async ({ from, value }) => prefer(toUserOf(from), value === 'resume' ? 'resume' : 'stop'),
      'template-event': async ({ name, event, reason }) => {
        const [template] = templates.list(String(name));
        if (template === undefined)
          throw new GatewayError('bad_request', `There is no template ${String(name)}.`);
        templates.tell(template, String(event), typeof reason === 'string' ? reason : undefined);
      },
      template: async (body) => {
        const made = templates.plant(body);
        if ('code' in made) throw new GatewayError('bad_request', made.details ?? made.title);
        return { id: made.id };
      },
      'fail-next': async ({ code }) => messages.failNext(Number(code)),
      'expire-token': async () => {
        isTokenGood = false;
      },
      'renew-token': async () => {
        isTokenGood = true;
      },
      event: async ({ field, value }) => {
        if (typeof field !== 'string' || typeof value !== 'object' || value === null)
          throw new GatewayError('bad_request', 'An event has a field and a value.');
        webhooks.emit({
          subject: field,
          wabaId,
          field,
          value: { messaging_product: 'whatsapp', metadata, ...value },
          time: Math.floor(clock.now() / second),
        });
      },
    },
    playUser: async (number) => {
      const chance = random.branch(`user ${number}`);
      const user = toUser(chance.whole(0, 999));
      return say(
        user,
        drawMessage(chance, (kind) => media.add(mimeTypeOf(kind), drawBytes(chance)).id),
      );
    },
    close: async () => webhooks.close(),
  };
}

/** What the simulated app has posted. */
const appFields = [
  'messages',
  'message_template_status_update',
  'template_category_update',
  'account_update',
  'user_preferences',
];

/** Numbers that nothing is sent from: they fill the pages of lists. */
function toOtherNumbers(count: number): readonly object[] {
  return Array.from({ length: count }, (_, n) => ({
    id: String(210_000_000_000_000 + n),
    display_phone_number: `+${15_550_100_000 + n}`,
    verified_name: `Simulated Branch ${n + 1}`,
    quality_rating: 'GREEN',
    status: 'CONNECTED',
    code_verification_status: 'VERIFIED',
  }));
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

function toTemplateAnswer(template: VendorTemplate): object {
  const { id, name, language, category, status, reason, parameterFormat, components, ttlSeconds } = template;
  return {
    ...{ id, name, language, category, status, components },
    parameter_format: parameterFormat,
    rejected_reason: reason,
    quality_score: { score: 'GREEN' },
    ...(ttlSeconds === null ? {} : { message_send_ttl_seconds: ttlSeconds }),
  };
}
