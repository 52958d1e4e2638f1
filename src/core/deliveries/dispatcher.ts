// Pushes what is due: a pusher for each destination that has work, woken by the store and by time, never by polling.
import type { Startable, WorkerStatus } from '../../runtime/activity.ts';
import type { SetTimer } from '../../runtime/loop.ts';
import { Pool } from '../../runtime/pool.ts';
import type { AccountId } from '../../domain/account.ts';
import type { Store } from '../../store/store.ts';
import { Places } from './places.ts';
import { Pusher } from './pusher.ts';
import type { PushingDeps, Shared } from './pusher.ts';
import { Settling } from './settlement.ts';

interface DispatcherDeps extends PushingDeps {
  readonly store: PushingDeps['store'] & Pick<Store, 'findBusyDestinations' | 'watch'>;
  readonly setTimer?: SetTimer;
}

/** Push, as a worker. */
export class Dispatcher implements Startable {
  readonly #deps: DispatcherDeps;
  readonly #pool: Pool;
  readonly #shared: Shared;
  readonly #pushers = new Map<number, Pusher>();

  constructor(deps: DispatcherDeps) {
    const { store, settings } = deps;
    const ahead = { count: 0 };
    this.#deps = deps;
    this.#pool = new Pool({
      ...deps,
      name: 'deliveries.push',
      waiting: () => ahead.count,
      search: () => this.#wakeBusy(),
      connect: () =>
        store.watch((signal) => {
          if (signal.kind === 'deliveries') this.#wake(signal.accountId, signal.destinationId);
          if (signal.kind === 'missed') this.#pool.search();
        }),
      giveBack: () => this.#giveBack(),
    });
    this.#shared = {
      ...deps,
      ahead,
      pool: this.#pool,
      places: new Places(settings.maxInFlight),
      settling: new Settling(store),
      forget: ({ destinationId }) => this.#pushers.delete(destinationId),
    };
  }

  /** Finds what is due from before and begins. */
  start(): void {
    this.#pool.start();
  }

  /** Begins no more pushes, waits for those under way, and gives back the rest. */
  stop(): Promise<void> {
    return this.#pool.stop();
  }

  status(): WorkerStatus {
    return this.#pool.status();
  }

  async #wakeBusy(): Promise<void> {
    for (const { accountId, destinationId } of await this.#deps.store.findBusyDestinations())
      this.#wake(accountId, destinationId);
  }

  #wake(accountId: AccountId, destinationId: number): void {
    let pusher = this.#pushers.get(destinationId);
    if (pusher === undefined) {
      pusher = new Pusher(this.#shared, accountId, destinationId);
      this.#pushers.set(destinationId, pusher);
    }
    pusher.wake();
  }

  async #giveBack(): Promise<void> {
    for (const pusher of this.#pushers.values()) await pusher.giveBackAll();
  }
}
