import { GroupWriter } from '../../runtime/group-writer.ts';
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
  readonly #writer: GroupWriter<readonly Settlement[]>;

  constructor(store: Pick<Engine, 'settleDeliveries'>, again: AgainOptions = {}) {
    this.#store = store;
    this.#writer = new GroupWriter({
      write: (pushes) => store.settleDeliveries(pushes.flat()),
      writeAlone: (settlements) => this.#writeAlone(settlements),
      again: () => again,
    });
  }

  /** Resolves when it is written. */
  settle(settlements: readonly Settlement[]): Promise<void> {
    return this.#writer.write(settlements);
  }

  async #writeAlone(settlements: readonly Settlement[]): Promise<void> {
    try {
      await this.#store.settleDeliveries(settlements);
    } catch (error) {
      if (error instanceof GatewayError && error.code === 'store_unavailable') throw error;
      const bare = settlements.map((settlement) => ({
        ...settlement,
        attempt: { ...settlement.attempt, durationMs: 0, answer: 'What came back cannot be kept.' },
      }));
      await this.#store.settleDeliveries(bare);
    }
  }
}
