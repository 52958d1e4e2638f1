// The review of templates by the simulated WhatsApp: submitted, looked at, passed or rejected, and told by an event (channels 2.5).
import type { Stage } from './core.ts';
import type { Webhooks } from './whatsapp-webhooks.ts';
import type { VendorError } from './whatsapp-rules.ts';
import { toVendorError } from './whatsapp-rules.ts';

export interface VendorTemplate {
  readonly id: string;
  readonly name: string;
  readonly language: string;
  readonly category: string;
  status: string;
  reason: string;
  /** Counts the edits, so that an older review says nothing of a newer text. */
  version: number;
}

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

  create(body: Readonly<Record<string, unknown>>): VendorTemplate | VendorError {
    const { name, language, category, components } = body;
    if (typeof name !== 'string' || !/^[a-z0-9_]{1,512}$/.test(name))
      return toVendorError(100, 'name has to be lower-case letters, digits and underscores.');
    if (typeof language !== 'string' || typeof category !== 'string' || !Array.isArray(components))
      return toVendorError(100, 'name, language, category and components are needed.');
    if (JSON.stringify(components).includes('$(')) return toVendorError(100, 'Variables are written {{1}}.');
    if (this.list(name).some((known) => known.language === language))
      return { ...toVendorError(100, 'Content in this language already exists.'), subcode: existsSubcode };
    this.#number += 1;
    const id = String(900_000_000_000 + this.#number);
    const template = { id, name, language, category, status: 'PENDING', reason: 'NONE', version: 0 };
    this.#templates.set(id, template);
    this.#review(template);
    return template;
  }

  edit(template: VendorTemplate): void {
    template.version += 1;
    template.status = 'PENDING';
    this.#review(template);
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
