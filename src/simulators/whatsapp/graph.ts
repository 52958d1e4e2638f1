// The Graph API of the simulated WhatsApp: messages, media, templates, numbers and subscription (docs/protocols/whatsapp.md).
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isOfSimulator } from '../meta/graph-calls.ts';
import { toPage } from '../meta/lists.ts';
import { readJsonBody } from '../simulator.ts';
import type { Stage } from '../simulator.ts';
import type { Waba } from './waba.ts';
import { readForm, toSha256 } from './media.ts';
import type { VendorMedia } from './media.ts';
import type { VendorMessages } from './messages.ts';
import { toErrorBody, toVendorError } from './rules.ts';
import type { VendorError } from './rules.ts';
import type { VendorTemplate, VendorTemplates } from './templates.ts';
import type { Webhooks } from './webhooks.ts';

interface Params {
  readonly id: string;
}

interface GraphDeps {
  readonly stage: Stage;
  readonly account: Waba;
  readonly messages: VendorMessages;
  readonly media: VendorMedia;
  readonly templates: VendorTemplates;
  readonly webhooks: Webhooks;
}

export class WhatsAppGraph {
  readonly #deps: GraphDeps;
  #fetches = 0;

  constructor(deps: GraphDeps) {
    this.#deps = deps;
  }

  /** Adds the calls, each of which needs a token that is good. */
  routes(app: FastifyInstance): void {
    app.addHook('preHandler', async (request, reply) => {
      if (isOfSimulator(request)) return;
      const error = this.#deps.account.findCallFault(request);
      if (error !== undefined) await refuse(reply, error);
    });
    for (const call of ['messages', 'marketing_messages'])
      app.post<{ Params: Params }>(`/:version/:id/${call}`, (request, reply) =>
        this.#takeMessage(request, reply),
      );
    this.#mediaRoutes(app);
    this.#templateRoutes(app);
    this.#accountRoutes(app);
    this.#subscriptionRoutes(app);
    app.get<{ Params: Params }>('/:version/:id', async (request, reply) =>
      this.#tellNode(request.params.id, reply),
    );
    app.post<{ Params: Params }>('/:version/:id', async (request, reply) => this.#change(request, reply));
    app.delete<{ Params: Params }>('/:version/:id', async (request, reply) =>
      this.#deps.media.remove(request.params.id)
        ? reply.send({ success: true })
        : refuse(reply, toVendorError(100)),
    );
  }

  async #takeMessage(
    request: FastifyRequest<{ Params: Params }>,
    reply: FastifyReply,
  ): Promise<FastifyReply> {
    const { account, messages, stage } = this.#deps;
    const { clock, ledger } = stage;
    const { id } = request.params;
    if (id !== account.metadata.phone_number_id)
      return refuse(reply, { ...toVendorError(100), subcode: 33, title: `Unsupported post request: ${id}` });
    const taken = messages.take(readJsonBody(request.body));
    if (taken.kind === 'refused') return refuse(reply, taken.error);
    if (taken.kind === 'sign') return reply.send({ success: true });
    if (taken.isLost) {
      ledger.note(clock.now(), `lost the answer of ${taken.id}`);
      request.raw.socket.destroy();
      return reply.hijack();
    }
    const { input, recipient, answerAfterMs } = taken;
    if (answerAfterMs > 0) await new Promise<void>((resolve) => clock.after(answerAfterMs, resolve));
    const isUserId = /^[A-Z]{2}\./.test(recipient);
    const contact = { input, ...(isUserId ? { user_id: recipient } : { wa_id: recipient }) };
    return reply.send({ messaging_product: 'whatsapp', contacts: [contact], messages: [{ id: taken.id }] });
  }

  #mediaRoutes(app: FastifyInstance): void {
    const { media } = this.#deps;
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
  }

  #templateRoutes(app: FastifyInstance): void {
    const { templates, stage } = this.#deps;
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
    // A sample file of a template: its bytes are posted to the id that is given here.
    app.post('/:version/:id/uploads', async () => ({ id: `upload:${stage.random.digits(16)}` }));
  }

  #accountRoutes(app: FastifyInstance): void {
    const { account, stage } = this.#deps;
    app.get('/:version/debug_token', async () => ({
      data: {
        app_id: account.appId,
        is_valid: account.isTokenGood,
        expires_at: 0,
        scopes: ['whatsapp_business_management', 'whatsapp_business_messaging'],
      },
    }));
    app.get('/:version/:id/phone_numbers', async (request) =>
      toPage(request, stage.address(), [
        ...toOtherNumbers(Number(stage.option('other-numbers'))),
        toOwnNumber(account),
      ]),
    );
  }

  /** Where the app's events go, and those of the WABA. */
  #subscriptionRoutes(app: FastifyInstance): void {
    const { account, stage, webhooks } = this.#deps;
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
    app.get('/:version/:id/subscribed_apps', async (request) => {
      const { override, appId: id } = account;
      const own = { whatsapp_business_api_data: { id, name: 'App' }, override_callback_uri: override };
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
        account.override = uri;
      }
      return reply.send({ success: true });
    });
    app.delete('/:version/:id/subscribed_apps', async () => {
      account.override = undefined;
      return { success: true };
    });
  }

  /** Whatever has an id of its own: a template, the WABA, the number, a file. */
  #tellNode(id: string, reply: FastifyReply): FastifyReply {
    const { account, templates, media, stage } = this.#deps;
    const template = templates.find(id);
    if (template !== undefined) return reply.send(toTemplateAnswer(template));
    if (id === account.wabaId) return reply.send({ id });
    if (id === account.metadata.phone_number_id) return reply.send(toOwnNumber(account));
    const file = media.find(id);
    if (file === undefined) return refuse(reply, { ...toVendorError(100), subcode: 33 });
    this.#fetches += 1;
    const isDead = stage.random.branch(`fetch ${this.#fetches}`).chance(stage.fault('dead-address'));
    return reply.send({
      messaging_product: 'whatsapp',
      id,
      url: `${stage.address()}/_media/${media.address(id, isDead)}`,
      mime_type: file.mimeType,
      sha256: Buffer.from(toSha256(file.bytes), 'base64').toString('hex'),
      file_size: file.bytes.byteLength,
    });
  }

  /** The bytes of a sample, or another text of a template. */
  #change(request: FastifyRequest<{ Params: Params }>, reply: FastifyReply): FastifyReply {
    const { templates } = this.#deps;
    const { id } = request.params;
    if (id.startsWith('upload:')) return reply.send({ h: `4::${Buffer.from(id).toString('base64')}` });
    const template = templates.find(id);
    if (template === undefined) return refuse(reply, toVendorError(100));
    const fault = templates.edit(template, readJsonBody(request.body));
    return fault === undefined ? reply.send({ success: true }) : refuse(reply, fault);
  }
}

function refuse(reply: FastifyReply, error: VendorError): FastifyReply {
  return reply
    .code(error.status)
    .headers(error.headers ?? {})
    .send(toErrorBody(error));
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

function toOwnNumber({ metadata }: Waba): object {
  return {
    id: metadata.phone_number_id,
    display_phone_number: `+${metadata.display_phone_number}`,
    verified_name: 'Simulated Shop',
    quality_rating: 'GREEN',
    status: 'CONNECTED',
    code_verification_status: 'VERIFIED',
  };
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
