import { writeAgain } from '../../runtime/outage.ts';
import type { AgainOptions } from '../../runtime/outage.ts';
import type { Settlement } from '../../domain/delivery.ts';
import { GatewayError } from '../../domain/errors.ts';
import type { Engine } from '../../store/store.ts';

/**
 * Writes what became of pushes: all that ended in one turn of the event loop in one call. What cannot be written together
 * is written one push by itself, and then without the answer's text, so that none is held back by another's and none comes again
 * and again for what its receiver said. While the store is away it is tried again; when that takes too long, the leases lapse and the
 * pushes come again.
 */
export class Settling {
  readonly #store: Pick<Engine, 'settleDeliveries'>;
  readonly #again: AgainOptions;
  readonly #waiting: {
    settlements: readonly Settlement[];
    done: () => void;
    failed: (error: unknown) => void;
  }[] = [];

  constructor(store: Pick<Engine, 'settleDeliveries'>, again: AgainOptions = {}) {
    this.#store = store;
    this.#again = again;
  }

  /** Resolves when it is written. */
  settle(settlements: readonly Settlement[]): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ settlements, done: resolve, failed: reject });
    if (this.#waiting.length === 1) setImmediate(() => this.#write());
    return promise;
  }

  #write(): void {
    const ended = this.#waiting.splice(0);
    const together = ended.flatMap(({ settlements }) => settlements);
    writeAgain(() => this.#store.settleDeliveries(together), this.#again).then(
      () => ended.forEach(({ done }) => done()),
      (error: unknown) => {
        for (const { settlements, done, failed } of ended) {
          if (isStoreFault(error)) failed(error);
          else this.#writeAlone(settlements).then(done, failed);
        }
      },
    );
  }

  async #writeAlone(settlements: readonly Settlement[]): Promise<void> {
    try {
      await this.#store.settleDeliveries(settlements);
    } catch (error) {
      if (isStoreFault(error)) throw error;
      const bare = settlements.map((settlement) => ({
        ...settlement,
        attempt: { ...settlement.attempt, durationMs: 0, answer: 'What came back cannot be kept.' },
      }));
      await this.#store.settleDeliveries(bare);
    }
  }
}

function isStoreFault(error: unknown): boolean {
  return error instanceof GatewayError && error.code === 'store_unavailable';
}
