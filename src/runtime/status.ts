import type { Startable, WorkerStatus } from './activity.ts';

/** Whatever has a status among the workers. */
type Observable = Pick<Startable, 'status'>;

/** All that runs by itself in this process, in the order in which it was added. */
export class Workers {
  readonly #all: Observable[] = [];

  /** Adds one; returns it. */
  add<T extends Observable>(worker: T): T {
    this.#all.push(worker);
    return worker;
  }

  list(): readonly WorkerStatus[] {
    return this.#all.map((worker) => worker.status());
  }
}
