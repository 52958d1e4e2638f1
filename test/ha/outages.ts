// How long nodes take nothing: each is sent something small again and again, and the longest time without a success counts.
import { rootAccount } from '../support/service.ts';
import { SmqClient } from '../support/smq-client.ts';
import { pause } from '../support/pace.ts';

const everyMs = 100;
/** Calls under way at once, so that one that hangs hides no success. */
const maxUnderWay = 60;
const queue = 'probes';

/** One node, asked all the time. */
export class Probe {
  readonly #client: SmqClient;
  readonly #successes: { readonly startedAt: number; readonly endedAt: number }[] = [];
  #underWay = 0;
  #isOpen = true;
  readonly #asking: Promise<void>;

  private constructor(client: SmqClient) {
    this.#client = client;
    this.#asking = this.#ask();
  }

  static async open(url: string): Promise<Probe> {
    const client = new SmqClient(url, { id: rootAccount.keyId, secret: rootAccount.keySecret });
    await client.createQueue(queue);
    return new Probe(client);
  }

  /** Whether something was taken that was sent after this moment. */
  hasTakenSince(at: number): boolean {
    return this.#successes.some(({ startedAt }) => startedAt > at);
  }

  /** The longest time without a success between two moments, in seconds. */
  outageSeconds(from: number, to: number): number {
    const ends = this.#successes.map(({ endedAt }) => endedAt).filter((at) => at > from && at < to);
    const marks = [from, ...ends.toSorted((a, b) => a - b), to];
    const gaps = marks.slice(1).map((at, index) => at - (marks[index] ?? at));
    return Math.max(...gaps) / 1000;
  }

  /** Forgets what was before a moment. */
  forget(before: number): void {
    const first = this.#successes.findIndex(({ endedAt }) => endedAt >= before);
    this.#successes.splice(0, first === -1 ? this.#successes.length : first);
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    await this.#asking;
    await this.#client.close();
  }

  async #ask(): Promise<void> {
    while (this.#isOpen) {
      if (this.#underWay < maxUnderWay) void this.#send();
      await pause(everyMs, 'the pace of a probe');
    }
  }

  async #send(): Promise<void> {
    const startedAt = performance.now();
    this.#underWay += 1;
    try {
      const { status } = await this.#client.send(queue, 'probe');
      if (status === 201) this.#successes.push({ startedAt, endedAt: performance.now() });
    } catch {
      // No answer is no success.
    } finally {
      this.#underWay -= 1;
    }
  }
}
