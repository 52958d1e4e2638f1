/** How far a message has come by what its vendor tells, each better than the one before. */
const ranks = ['sent', 'failed', 'delivered', 'read'] as const;
export type TakenStatus = (typeof ranks)[number];

/** A message that a simulated vendor took from the business. */
export interface TakenMessage {
  readonly id: string;
  readonly to: string;
  /** The best that the vendor tells of it, from the moment on at which that is decided. */
  readonly status: TakenStatus;
  /** Whether the answer with its id broke off. */
  readonly isAnswerLost: boolean;
}

/** The messages that a simulated vendor took, oldest first. Only the newest `maxMessages` are kept. */
export class TakenMessages {
  readonly #maxMessages: number;
  readonly #messages = new Map<string, TakenMessage>();

  constructor(maxMessages = 100_000) {
    this.#maxMessages = maxMessages;
  }

  add(id: string, to: string): void {
    this.#messages.set(id, { id, to, status: 'sent', isAnswerLost: false });
    const [oldest] = this.#messages.size > this.#maxMessages ? this.#messages.keys() : [];
    if (oldest !== undefined) this.#messages.delete(oldest);
  }

  loseAnswer(id: string): void {
    const message = this.#messages.get(id);
    if (message !== undefined) this.#messages.set(id, { ...message, isAnswerLost: true });
  }

  /** A status that is worse than one told before changes nothing. */
  tell(id: string, status: TakenStatus): void {
    const message = this.#messages.get(id);
    if (message !== undefined && ranks.indexOf(status) > ranks.indexOf(message.status))
      this.#messages.set(id, { ...message, status });
  }

  list(): readonly TakenMessage[] {
    return [...this.#messages.values()];
  }
}
