// Refusals that may be one message's fault or its sender's.
import type { SendOutcome } from '../../channels/channel.ts';
import type { OutboundMessage } from '../../domain/message.ts';
import { stopped, toConsequence } from './consequence.ts';
import type { Consequence } from './consequence.ts';

export type Refused = Extract<SendOutcome, { readonly kind: 'refused' }>;

/** So many different recipients in a row that hear one code, nobody being reached between them, make it the sender's. */
const sendersAfter = 3;
const maxKept = 10_000;

/** What one sender was refused with and has no certain meaning. In memory: a restart grants some more tries. */
export class Doubts {
  #code = '';
  readonly #recipients = new Set<number>();
  readonly #tries = new Map<number, number>();

  /** What follows a refusal: a class that is not certain is judged by how often and by how many recipients in a row it was heard. */
  weigh(
    message: Pick<OutboundMessage, 'id' | 'lane' | 'attempts'>,
    { failure, code, retryAfterMs, scope }: Refused,
    random: number,
  ): Consequence {
    const isUncertain = failure === 'ambiguous' || failure === 'unrecognized';
    const isCounted = isUncertain || failure === 'media';
    const tries = isCounted ? this.#countTry(message) : message.attempts + 1;
    const own = toConsequence(failure, tries, retryAfterMs, random, scope);
    if (!isUncertain || !this.#note(message, code)) return own;
    // What nothing explains has its end even so: it may be what the messages hold.
    return failure === 'unrecognized' && own.kind === 'fail' ? own : stopped;
  }

  /** Somebody was reached. */
  clear(): void {
    this.#code = '';
    this.#recipients.clear();
  }

  /** A message has ended. */
  forget({ id }: Pick<OutboundMessage, 'id'>): void {
    this.#tries.delete(id);
  }

  /** Counts a try of a message that ended so. Returns how many there were, this one included. */
  #countTry({ id }: Pick<OutboundMessage, 'id'>): number {
    const tries = (this.#tries.get(id) ?? 0) + 1;
    this.#tries.delete(id);
    this.#tries.set(id, tries);
    const [oldest] = this.#tries.keys();
    if (this.#tries.size > maxKept && oldest !== undefined) this.#tries.delete(oldest);
    return tries;
  }

  /** Notes who heard a code. Returns whether it speaks of the sender by now. */
  #note({ lane }: Pick<OutboundMessage, 'lane'>, code: string): boolean {
    if (code !== this.#code) this.#recipients.clear();
    this.#code = code;
    if (this.#recipients.size < sendersAfter) this.#recipients.add(lane);
    return this.#recipients.size >= sendersAfter;
  }
}
