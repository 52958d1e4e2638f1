// The review of templates by the simulated WhatsApp (docs/protocols/whatsapp.md): submitted, looked at, passed or rejected, and told.
import type { Stage } from '../simulator.ts';
import type { Webhooks } from './webhooks.ts';
import type { VendorError } from './rules.ts';
import { toVendorError } from './rules.ts';

export interface VendorTemplate {
  readonly id: string;
  readonly name: string;
  readonly language: string;
  readonly category: string;
  parameterFormat: 'NAMED' | 'POSITIONAL';
  components: readonly Member[];
  readonly ttlSeconds: number | null;
  status: string;
  reason: string;
  /** Counts the edits, so that an older review says nothing of a newer text. */
  version: number;
}

type Member = Readonly<Record<string, unknown>>;

const reviewMs = 30_000;
const existsSubcode = 2_388_024;

/** Keeps the templates of the WABA and reviews them. A name that holds `reject` does not pass. */
export class VendorTemplates {
  readonly #stage: Stage;
  readonly #webhooks: Webhooks;
  readonly #wabaId: string;
  readonly #templates = new Map<string, VendorTemplate>();
  #number = 0;

  constructor(stage: Stage, webhooks: Webhooks, wabaId: string) {
    this.#stage = stage;
    this.#webhooks = webhooks;
    this.#wabaId = wabaId;
  }

  find(id: string): VendorTemplate | undefined {
    return this.#templates.get(id);
  }

  list(name: string | undefined): readonly VendorTemplate[] {
    return [...this.#templates.values()].filter((template) => name === undefined || template.name === name);
  }

  create(body: Member): VendorTemplate | VendorError {
    const { name, language, category, components, message_send_ttl_seconds: ttl } = body;
    if (typeof name !== 'string' || !/^[a-z0-9_]{1,512}$/.test(name))
      return toVendorError(100, 'name has to be lower-case letters, digits and underscores.');
    if (typeof language !== 'string' || typeof category !== 'string')
      return toVendorError(100, 'name, language, category and components are needed.');
    const content = readContent(components, body['parameter_format']);
    if ('code' in content) return content;
    if (this.list(name).some((known) => known.language === language))
      return { ...toVendorError(100, 'Content in this language already exists.'), subcode: existsSubcode };
    this.#number += 1;
    const id = String(900_000_000_000 + this.#number);
    const template: VendorTemplate = {
      ...{ id, name, language, category, ...content, status: 'PENDING', reason: 'NONE', version: 0 },
      ttlSeconds: typeof ttl === 'number' ? ttl : null,
    };
    this.#templates.set(id, template);
    this.#review(template);
    return template;
  }

  /** Replaces what a template says; it is looked at anew. */
  edit(template: VendorTemplate, body: Member): VendorError | undefined {
    const content = readContent(body['components'], body['parameter_format'] ?? template.parameterFormat);
    if ('code' in content) return content;
    Object.assign(template, content);
    template.version += 1;
    template.status = 'PENDING';
    this.#review(template);
    return undefined;
  }

  /** What is done in WhatsApp Manager: a template that is there and passed, without any event. */
  plant(body: Member): VendorTemplate | VendorError {
    const made = this.create(body);
    if ('code' in made) return made;
    made.version += 1;
    made.status = 'APPROVED';
    return made;
  }

  remove(id: string): boolean {
    const template = this.#templates.get(id);
    if (template === undefined) return false;
    this.#templates.delete(id);
    this.tell(template, 'DELETED');
    return true;
  }

  /** Sets the status of a template and posts its event. */
  tell(template: VendorTemplate, event: string, reason = 'NONE'): void {
    template.status = event;
    template.reason = reason;
    this.#webhooks.emit({
      subject: `template ${template.name} ${event}`,
      wabaId: this.#wabaId,
      field: 'message_template_status_update',
      time: Math.floor(this.#stage.clock.now() / 1000),
      value: {
        event,
        message_template_id: Number(template.id),
        message_template_name: template.name,
        message_template_language: template.language,
        reason,
      },
    });
  }

  #review(template: VendorTemplate): void {
    const { version } = template;
    this.#stage.clock.after(reviewMs, () => {
      if (template.version !== version || !this.#templates.has(template.id)) return;
      if (template.name.includes('reject')) this.tell(template, 'REJECTED', 'INCORRECT_CATEGORY');
      else this.tell(template, 'APPROVED');
    });
  }
}

/** The components of a template, if the samples are there for all that its texts hold in its format. */
function readContent(
  components: unknown,
  given: unknown,
): Pick<VendorTemplate, 'components' | 'parameterFormat'> | VendorError {
  const parameterFormat = given ?? 'POSITIONAL';
  if (parameterFormat !== 'NAMED' && parameterFormat !== 'POSITIONAL')
    return toVendorError(100, 'parameter_format has to be NAMED or POSITIONAL.');
  if (!Array.isArray(components))
    return toVendorError(100, 'name, language, category and components are needed.');
  if (JSON.stringify(components).includes('$(')) return toVendorError(100, 'Variables are written {{1}}.');
  for (const component of components as readonly Member[]) {
    const marks = findMarks(component['text']);
    const isWrong = marks.some((mark) => /^\d+$/.test(mark) === (parameterFormat === 'NAMED'));
    if (isWrong || (parameterFormat === 'NAMED' && marks.some((mark) => !/^[a-z][a-z0-9_]*$/.test(mark))))
      return toVendorError(100, `Parameters are not ${parameterFormat}: ${marks.join(', ')}.`);
    if (marks.length > 0 && component['example'] === undefined)
      return toVendorError(100, 'A text with parameters needs an example.');
  }
  return { components: components as readonly Member[], parameterFormat };
}

/** What stands in the double braces of a text, each once. */
export function findMarks(text: unknown): readonly string[] {
  if (typeof text !== 'string') return [];
  return [...new Set([...text.matchAll(/\{\{([^{}]*)\}\}/g)].map(([, mark = '']) => mark))];
}
