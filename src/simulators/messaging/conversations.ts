// What goes on between users and the simulated account: who wrote when, and the events that tell of it.
import type { Stage } from '../simulator.ts';
import { toObject } from './rules.ts';
import type { MessagingType } from './rules.ts';
import type { MessagingWebhooks } from './webhooks.ts';

type Members = Readonly<Record<string, unknown>>;

/** Meta's id of the Page inbox (Messenger Platform, message_echoes). */
const inboxAppId = 26390203743090;

interface ConversationDeps {
  readonly type: MessagingType;
  readonly stage: Stage;
  readonly webhooks: MessagingWebhooks;
  readonly accountId: string;
}

export class Conversations {
  readonly #deps: ConversationDeps;
  readonly #wroteAt = new Map<string, number>();
  #said = 0;

  constructor(deps: ConversationDeps) {
    this.#deps = deps;
  }

  /** When a user wrote last. */
  wroteAt(user: string): number | undefined {
    return this.#wroteAt.get(user);
  }

  /** What a user does: posted as it is, and from then on the conversation is open. */
  act(user: string, members: Members): { id: string } {
    const { stage } = this.#deps;
    this.#said += 1;
    this.#wroteAt.set(user, stage.clock.now());
    const message = toObject(members['message']);
    const id =
      typeof message?.['mid'] === 'string'
        ? message['mid']
        : `m_${stage.random.branch(`said ${this.#said}`).digits(22)}`;
    const own = message === undefined ? members : { ...members, message: { ...message, mid: id } };
    this.tell(`user ${id}`, { user }, own);
    return { id };
  }

  /** A human answers in the inbox, which the platform echoes. */
  answerInInbox(user: string, text: string): { id: string } {
    const { type, stage } = this.#deps;
    this.#said += 1;
    const id = `m_${stage.random.branch(`inbox ${this.#said}`).digits(22)}`;
    const message = { mid: id, is_echo: true, text };
    const told = type === 'messenger' ? { ...message, app_id: inboxAppId } : message;
    this.tell(`inbox ${id}`, { user, isOurs: true }, { message: told });
    return { id };
  }

  /** Posts an event of a user, or one of the account's that is about the user. */
  tell(
    subject: string,
    from: { readonly user: string; readonly isOurs?: boolean },
    members: Members,
    afterMs = 0,
    at = this.#deps.stage.clock.now() + afterMs,
  ): void {
    const { webhooks, accountId } = this.#deps;
    const [sender, recipient] = from.isOurs === true ? [accountId, from.user] : [from.user, accountId];
    const event = { sender: { id: sender }, recipient: { id: recipient }, timestamp: at, ...members };
    webhooks.emit({ subject, list: 'messaging', event }, afterMs);
  }
}
