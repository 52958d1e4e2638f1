// Refusals that may be one message's fault or its sender's.
import type { OutboundMessage } from '../../domain/message.ts';

/** So many different recipients in a row that hear one code, nobody being reached between them, make it the sender's. */
const sendersAfter = 3;
const maxKept = 10_000;

/** What one sender was refused with and has no certain meaning. In memory: a restart grants some more tries. */
export class Doubts {
  #code = '';
  readonly #recipients = new Set<number>();
  readonly #tries = new Map<number, number>();

  /** Counts a try of a message that ended so. Returns how many there were, this one included. */
  countTry({ id }: Pick<OutboundMessage, 'id'>): number {
    const tries = (this.#tries.get(id) ?? 0) + 1;
    this.#tries.delete(id);
    this.#tries.set(id, tries);
    const [oldest] = this.#tries.keys();
    if (this.#tries.size > maxKept && oldest !== undefined) this.#tries.delete(oldest);
    return tries;
  }

  /** Notes who heard a code. Returns whether it speaks of the sender by now. */
  note({ lane }: Pick<OutboundMessage, 'lane'>, code: string): boolean {
    if (code !== this.#code) this.#recipients.clear();
    this.#code = code;
    if (this.#recipients.size < sendersAfter) this.#recipients.add(lane);
    return this.#recipients.size >= sendersAfter;
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
}
