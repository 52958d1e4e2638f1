// What the users of the simulated WhatsApp do, as its webhooks tell it.
import type { Stage } from '../simulator.ts';
import type { Waba } from './waba.ts';
import type { VendorMessages } from './messages.ts';
import type { SimulatedUser } from './end-users.ts';
import type { Webhooks } from './webhooks.ts';

type Members = Readonly<Record<string, unknown>>;

interface ConversationDeps {
  readonly clock: Stage['clock'];
  readonly account: Waba;
  readonly messages: VendorMessages;
  readonly webhooks: Webhooks;
}

export class Conversations {
  readonly #deps: ConversationDeps;
  #written = 0;

  constructor(deps: ConversationDeps) {
    this.#deps = deps;
  }

  /** A user writes, which opens the window in which the business may answer freely. */
  say(user: SimulatedUser, members: Members): { id: string } {
    const { account, messages } = this.#deps;
    this.#written += 1;
    messages.noteUser(user.waId);
    const id = typeof members['id'] === 'string' ? members['id'] : `wamid.${user.waId}.${this.#written}`;
    const message = {
      from: user.waId,
      from_user_id: user.userId,
      timestamp: String(this.#seconds()),
      ...members,
      id,
    };
    const contact = { profile: { name: user.name }, wa_id: user.waId, user_id: user.userId };
    this.#deps.webhooks.emit({
      subject: `message ${id}`,
      wabaId: account.wabaId,
      field: 'messages',
      value: this.#toValue({ contacts: [contact], messages: [message] }),
    });
    return { id };
  }

  /** A user stops marketing messages, or resumes them. */
  prefer(user: SimulatedUser, value: 'stop' | 'resume'): void {
    const preference = {
      wa_id: user.waId,
      user_id: user.userId,
      detail: `User requested to ${value} marketing messages`,
      category: 'marketing_messages',
      value,
      timestamp: this.#seconds(),
    };
    this.#deps.webhooks.emit({
      subject: `preference ${value}`,
      wabaId: this.#deps.account.wabaId,
      field: 'user_preferences',
      value: this.#toValue({ user_preferences: [preference] }),
    });
  }

  /** Any event of the vendor's documentation. */
  tell(field: string, value: object): void {
    this.#deps.webhooks.emit({
      subject: field,
      wabaId: this.#deps.account.wabaId,
      field,
      value: this.#toValue(value),
      time: this.#seconds(),
    });
  }

  #toValue(members: object): Members {
    return { messaging_product: 'whatsapp', metadata: this.#deps.account.metadata, ...members };
  }

  #seconds(): number {
    return Math.floor(this.#deps.clock.now() / 1000);
  }
}
