// How what became of many pieces of work is written down: together, and again while the store is away.
import { GatewayError } from '../domain/errors.ts';
import { writeAgain } from './outage.ts';
import type { AgainOptions } from './outage.ts';

interface GroupOptions<Item> {
  readonly write: (items: readonly Item[]) => Promise<unknown>;
  /** Writes one that could not be written with the others; by `write` when left out. */
  readonly writeAlone?: (item: Item) => Promise<unknown>;
  /** How the items of a group are written again while the store is away. */
  readonly again?: (items: readonly Item[]) => AgainOptions;
}

interface Waiting<Item> {
  readonly item: Item;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Writes what ended in one turn of the event loop in one call. What cannot be written together is written one by one, so that
 * none is held back by another's. While the store is away it is tried again; when that takes too long all of them fail.
 */
export class GroupWriter<Item> {
  readonly #options: GroupOptions<Item>;
  #waiting: Waiting<Item>[] = [];

  constructor(options: GroupOptions<Item>) {
    this.#options = options;
  }

  /** Resolves when it is written. */
  write(item: Item): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ item, done: resolve, failed: reject });
    if (this.#waiting.length === 1) setImmediate(this.#writeAll);
    return promise;
  }

  readonly #writeAll = (): void => {
    const group = this.#waiting;
    this.#waiting = [];
    const { write, again } = this.#options;
    const items = group.map(({ item }) => item);
    writeAgain(() => write(items), again?.(items)).then(
      () => group.forEach(({ done }) => done()),
      (error: unknown) => this.#writeApart(group, error),
    );
  };

  #writeApart(group: readonly Waiting<Item>[], error: unknown): void {
    const { write, writeAlone } = this.#options;
    const isStoreFault = error instanceof GatewayError && error.code === 'store_unavailable';
    // One that was alone has been written as `write` can.
    const isLost = isStoreFault || (group.length === 1 && writeAlone === undefined);
    for (const { item, done, failed } of group) {
      if (isLost) failed(error);
      else (writeAlone?.(item) ?? write([item])).then(done, failed);
    }
  }
}
