// Messages that the simulated WhatsApp takes, and what becomes of them: its statuses, in their order or not (docs/protocols/whatsapp.md).
import type { Stage } from '../simulator.ts';
import type { Random } from '../random.ts';
import { TakenMessages } from '../taken-messages.ts';
import type { TakenMessage, TakenStatus } from '../taken-messages.ts';
import type { VendorError } from './rules.ts';
import { NumberLimit, PairLimits, toVendorError } from './rules.ts';
import { findMarks } from './templates.ts';
import type { VendorTemplate, VendorTemplates } from './templates.ts';
import { toWaId } from './end-users.ts';
import type { Webhooks } from './webhooks.ts';

type Body = Readonly<Record<string, unknown>>;

interface MessageDeps {
  readonly stage: Stage;
  readonly webhooks: Webhooks;
  readonly templates: VendorTemplates;
  readonly metadata: { readonly display_phone_number: string; readonly phone_number_id: string };
  readonly wabaId: string;
}

/** What the send API does with a request. */
type Taken =
  | { readonly kind: 'refused'; readonly error: VendorError }
  | { readonly kind: 'sign' }
  | {
      readonly kind: 'taken';
      readonly id: string;
      /** The number or id as it was given. */
      readonly input: string;
      /** What WhatsApp calls the user of it. */
      readonly recipient: string;
      /** The answer gets lost: the caller never learns that the message was taken. */
      readonly isLost: boolean;
      /** The answer comes this much later than the statuses. */
      readonly answerAfterMs: number;
    };

const types = [
  'text',
  'image',
  'video',
  'audio',
  'document',
  'sticker',
  'location',
  'contacts',
  'reaction',
  'interactive',
  'template',
  'pin',
];
const windowMs = 24 * 60 * 60_000;
const overtakenMs = 1500;

/** Takes and refuses messages. */
export class VendorMessages {
  readonly #deps: MessageDeps;
  readonly #limit: NumberLimit;
  readonly #pairs: PairLimits;
  readonly #wroteAt = new Map<string, number>();
  readonly #failNext: number[] = [];
  readonly #taken = new TakenMessages();
  #number = 0;
  #calls = 0;

  constructor(deps: MessageDeps) {
    this.#deps = deps;
    this.#limit = new NumberLimit(Number(deps.stage.option('number-rate')));
    this.#pairs = new PairLimits(Number(deps.stage.option('pair-burst')));
  }

  /** A user has written, which opens the window of 24 hours. */
  noteUser(waId: string): void {
    this.#wroteAt.set(waId, this.#deps.stage.clock.now());
  }

  /** The next call is refused with this code. */
  failNext(code: number): void {
    this.#failNext.push(code);
  }

  /** What it took, oldest first. */
  list(): readonly TakenMessage[] {
    return this.#taken.list();
  }

  take(body: Body): Taken {
    const { stage } = this.#deps;
    const asked = this.#failNext.shift();
    if (asked !== undefined) return { kind: 'refused', error: toVendorError(asked) };
    if (body['status'] === 'read')
      return typeof body['message_id'] === 'string'
        ? { kind: 'sign' }
        : { kind: 'refused', error: toVendorError(131008, 'message_id is missing.') };
    this.#calls += 1;
    const chance = stage.random.branch(`call ${this.#calls}`);
    const error = this.#findFault(body, chance);
    if (error !== undefined) return { kind: 'refused', error };
    return this.#accept(body, chance);
  }

  #findFault(body: Body, chance: Random): VendorError | undefined {
    const { stage, metadata, templates } = this.#deps;
    const { type, messaging_product: product } = body;
    const recipient = body['to'] ?? body['recipient'];
    if (product !== 'whatsapp') return toVendorError(100, 'messaging_product has to be whatsapp.');
    if (typeof recipient !== 'string' || recipient === '') return toVendorError(131008, 'to is missing.');
    if (typeof type !== 'string' || !types.includes(type)) return toVendorError(131051);
    if (typeof body[type] !== 'object' || body[type] === null)
      return toVendorError(131008, `${type} is missing.`);
    if (recipient === metadata.display_phone_number) return toVendorError(131021);
    if (type === 'text') {
      const text = (body['text'] as Body)['body'];
      if (typeof text !== 'string' || text === '') return toVendorError(131008, 'text.body is missing.');
      if (text.length > 4096) return toVendorError(131009, 'text.body is longer than 4096 characters.');
    }
    if (type === 'template') {
      const template = body['template'] as Body;
      const code = (template['language'] as Body | undefined)?.['code'];
      const found = templates.list(String(template['name'])).find(({ language }) => language === code);
      if (found === undefined) return toVendorError(132001);
      if (found.status === 'PAUSED') return toVendorError(132015);
      if (found.status !== 'APPROVED') return toVendorError(132016);
      const fault = findParameterFault(found, template);
      if (fault !== undefined) return fault;
    }
    const now = stage.clock.now();
    if (!this.#limit.take(now)) return { ...toVendorError(130429), headers: { 'retry-after': '1' } };
    if (!this.#pairs.take(recipient, now)) return toVendorError(131056);
    if (chance.chance(stage.fault('throttled'))) return toVendorError(80007);
    if (chance.chance(stage.fault('transient'))) return toVendorError(chance.pick([131000, 131016, 2]));
    return undefined;
  }

  #accept(body: Body, chance: Random): Taken {
    const { stage } = this.#deps;
    this.#number += 1;
    const input = String(body['to'] ?? body['recipient']);
    const recipient = isNumber(input) ? toWaId(input) : input;
    const id = `wamid.${Buffer.from(`${recipient}/${this.#number}`).toString('base64')}`;
    this.#taken.add(id, recipient);
    this.#live(id, recipient, body, chance);
    const isLost = chance.chance(stage.fault('lost-answer'));
    if (isLost) this.#taken.loseAnswer(id);
    return {
      kind: 'taken',
      id,
      input,
      recipient,
      isLost,
      answerAfterMs: chance.chance(stage.fault('overtaking')) ? overtakenMs : 0,
    };
  }

  /** Plans the statuses of a message. */
  #live(id: string, recipient: string, body: Body, chance: Random): void {
    const { stage } = this.#deps;
    const isClosed =
      stage.option('window') === 'on' &&
      body['type'] !== 'template' &&
      (this.#wroteAt.get(recipient) ?? 0) + windowMs < stage.clock.now();
    const tell = (status: TakenStatus, afterMs: number, error?: VendorError): void =>
      this.#tell(id, recipient, body, status, afterMs, error);
    if (isClosed) return tell('failed', 500, toVendorError(131047, 'The window of 24 hours is closed.'));
    if (chance.chance(stage.fault('undeliverable')))
      return tell('failed', 500, toVendorError(131026, 'Message Undeliverable.'));
    if (!chance.chance(stage.fault('no-sent'))) tell('sent', 300);
    const reads = chance.chance(Number(stage.option('reads')));
    // Read implies delivered, which Meta then may leave out.
    if (!(reads && chance.chance(stage.fault('no-delivered')))) tell('delivered', chance.whole(500, 3000));
    if (reads) tell('read', chance.whole(3000, 10_000));
  }

  #tell(
    id: string,
    recipient: string,
    body: Body,
    status: TakenStatus,
    afterMs: number,
    error: VendorError | undefined,
  ): void {
    this.#taken.tell(id, status);
    const { stage, webhooks, metadata, wabaId } = this.#deps;
    const isUserId = /^[A-Z]{2}\./.test(recipient);
    const callback = body['biz_opaque_callback_data'];
    const failure =
      error === undefined
        ? {}
        : {
            errors: [
              {
                code: error.code,
                title: error.title,
                message: error.title,
                error_data: { details: error.details },
              },
            ],
          };
    const event = {
      id,
      status,
      timestamp: String(Math.floor((stage.clock.now() + afterMs) / 1000)),
      ...(isUserId ? { recipient_user_id: recipient } : { recipient_id: recipient }),
      ...(callback === undefined ? {} : { biz_opaque_callback_data: callback }),
      ...failure,
    };
    webhooks.emit(
      {
        subject: `${status} ${id}`,
        wabaId,
        field: 'messages',
        value: { messaging_product: 'whatsapp', metadata, statuses: [event] },
      },
      afterMs,
    );
  }
}

/** Whether a recipient is a number, and neither a group nor a business-scoped id. */
function isNumber(recipient: string): boolean {
  return /^\+?[\d\s().-]+$/.test(recipient);
}

/** What is wrong with the values of the header and body of a template: a wrong count, or names that it has not. */
function findParameterFault(template: VendorTemplate, sent: Body): VendorError | undefined {
  const given = Array.isArray(sent['components']) ? (sent['components'] as readonly Body[]) : [];
  for (const kind of ['HEADER', 'BODY']) {
    const component = template.components.find(({ type }) => type === kind);
    const isText = kind === 'BODY' || component?.['format'] === 'TEXT';
    if (template.category === 'AUTHENTICATION' || !isText) continue;
    const marks = findMarks(component?.['text']);
    const parameters = given.find(({ type }) => String(type).toUpperCase() === kind)?.['parameters'];
    const values = Array.isArray(parameters) ? (parameters as readonly Body[]) : [];
    if (values.length !== marks.length)
      return toVendorError(
        132000,
        `${kind.toLowerCase()}: number of localizable_params (${values.length}) does not match the expected number of params (${marks.length})`,
      );
    const names = values.map((value) => value['parameter_name']);
    if (template.parameterFormat === 'NAMED' && !marks.every((mark) => names.includes(mark)))
      return toVendorError(100, 'Parameter name is missing or empty');
  }
  return undefined;
}
