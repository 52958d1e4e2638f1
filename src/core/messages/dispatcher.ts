// Sends what is due: a courier for each sender that has work, woken by the store and by time, never by polling.
import type { Startable, WorkerStatus } from '../../runtime/activity.ts';
import { GroupWriter } from '../../runtime/group-writer.ts';
import type { SetTimer } from '../../runtime/loop.ts';
import { Pool } from '../../runtime/pool.ts';
import type { ChannelType } from '../../domain/channel.ts';
import type { GivenUp, OutboundSettlement } from '../../domain/message.ts';
import type { SenderKey, Store } from '../../store/store.ts';
import { toConsequence } from './consequence.ts';
import { Courier } from './courier.ts';
import type { SendingDeps, Shared } from './courier.ts';

interface DispatcherDeps extends SendingDeps {
  readonly store: SendingDeps['store'] & Pick<Store, 'findBusySenders' | 'watch'>;
  readonly setTimer?: SetTimer;
}

/** A status that tells of a failure longer ago than this came late, or again. */
const newsMs = 5 * 60 * 1000;

/** Sending, as a worker. */
export class Sending implements Startable {
  readonly #deps: DispatcherDeps;
  readonly #pool: Pool;
  readonly #shared: Shared;
  readonly #couriers = new Map<string, Courier>();

  constructor(deps: DispatcherDeps) {
    const { store } = deps;
    this.#deps = deps;
    this.#pool = new Pool({
      ...deps,
      name: 'messages.send',
      search: () => this.#wakeBusy(),
      connect: () =>
        store.watch((signal) => {
          if (signal.kind === 'outbound') this.#wake(signal);
          if (signal.kind === 'directory') for (const courier of this.#couriers.values()) courier.resume();
          if (signal.kind === 'missed') this.#pool.search();
        }),
    });
    this.#shared = {
      ...deps,
      pool: this.#pool,
      settling: openSettling(store, this.#pool),
      crash: (error, unit) => this.#pool.crash(error, unit),
      forget: ({ key }) => this.#couriers.delete(toPath(key)),
    };
  }

  /** Finds what is due from before and begins. */
  start(): void {
    this.#pool.start();
  }

  /** Begins no more sends and waits for those under way. */
  stop(): Promise<void> {
    return this.#pool.stop();
  }

  status(): WorkerStatus {
    return this.#pool.status();
  }

  /** Senders that it has in memory: those with something to do, or that had some minutes ago. */
  countSenders(): number {
    return this.#couriers.size;
  }

  /**
   * Heeds that a channel gave up a message which it had taken: by what speaks of the sender, that stops or waits as after a send call
   * that was refused with the same code. What is old says nothing of the sender as it is now.
   */
  heedGivenUp(sender: SenderKey, channelType: ChannelType, { code, text, occurredAt }: GivenUp): void {
    const { connectors, now, random } = this.#deps;
    if (this.#pool.isStopped || now() - occurredAt > newsMs) return;
    const meaning = connectors[channelType]?.explainFailure?.(code);
    if (meaning === undefined) return;
    const consequence = toConsequence(meaning.failure, 1, meaning.waitMs, random(), meaning.scope);
    if (consequence.kind === 'pause') this.#open(sender).heedGivenUp(consequence, { code, text });
  }

  async #wakeBusy(): Promise<void> {
    for (const sender of await this.#deps.store.findBusySenders()) this.#wake(sender);
  }

  #wake(sender: SenderKey): void {
    this.#open(sender).wake();
  }

  #open(sender: SenderKey): Courier {
    const path = toPath(sender);
    let courier = this.#couriers.get(path);
    if (courier === undefined) {
      courier = new Courier(this.#shared, sender);
      this.#couriers.set(path, courier);
    }
    return courier;
  }
}

/**
 * Writes what ended, again while the store is away; what cannot be written leaves its lease to lapse. A step of a simulated channel
 * is counted, so it is not written twice.
 */
function openSettling(
  store: Pick<Store, 'settleOutbound'>,
  pool: Pick<Pool, 'isStopped'>,
): GroupWriter<OutboundSettlement> {
  return new GroupWriter({
    write: (settlements) => store.settleOutbound(settlements),
    again: (settlements) => {
      const isCounted = settlements.some(({ next }) => next.kind === 'step');
      return { isStopped: () => pool.isStopped || isCounted };
    },
  });
}

function toPath({ channelId, senderId }: Pick<SenderKey, 'channelId' | 'senderId'>): string {
  return `${channelId}/${senderId}`;
}
