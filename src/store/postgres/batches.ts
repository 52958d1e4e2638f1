/** Calls of one kind that wait for a free lane, and how many lanes of the key are busy. */
interface Line<In, Out> {
  readonly calls: { readonly input: In; resolve: (output: Out) => void; reject: (error: unknown) => void }[];
  busy: number;
  /** Whether a free lane is about to take what has gathered by the end of this turn of the event loop. */
  isAwaited: boolean;
}

interface BatchesOptions<In, Out> {
  /** Does one batch in one transaction; outputs stand in the order of the inputs. */
  readonly run: (inputs: readonly In[]) => Promise<readonly Out[]>;
  /** How much of a batch one call takes up. */
  readonly weigh: (input: In) => number;
  readonly maxWeight: number;
  /** Batches of one key under way at once. */
  readonly lanes: number;
}

/**
 * Lets calls share a transaction. A free lane takes what has gathered by the end of the turn of the event loop; while all
 * are busy, calls gather and go together, so the batches grow with the load. When a batch fails for a reason of its own, each of its calls is run by
 * itself; when it is not known what became of it, all are told so.
 */
export class Batches<In, Out> {
  readonly #options: BatchesOptions<In, Out>;
  readonly #isOwnFault: (error: unknown) => boolean;
  readonly #lines = new Map<string, Line<In, Out>>();

  constructor(options: BatchesOptions<In, Out>, isOwnFault: (error: unknown) => boolean) {
    this.#options = options;
    this.#isOwnFault = isOwnFault;
  }

  add(key: string, input: In): Promise<Out> {
    const { promise, resolve, reject } = Promise.withResolvers<Out>();
    let line = this.#lines.get(key);
    if (line === undefined) {
      line = { calls: [], busy: 0, isAwaited: false };
      this.#lines.set(key, line);
    }
    line.calls.push({ input, resolve, reject });
    if (!line.isAwaited && line.busy < this.#options.lanes) this.#await(key, line);
    return promise;
  }

  #await(key: string, line: Line<In, Out>): void {
    line.isAwaited = true;
    setImmediate(() => {
      line.isAwaited = false;
      this.#go(key, line);
      // A batch that ended meanwhile has taken them.
      if (line.busy === 0) this.#lines.delete(key);
    });
  }

  #go(key: string, line: Line<In, Out>): void {
    while (line.calls.length > 0 && line.busy < this.#options.lanes) {
      let weight = 0;
      let count = 0;
      for (const { input } of line.calls) {
        weight += this.#options.weigh(input);
        if (count > 0 && weight > this.#options.maxWeight) break;
        count += 1;
      }
      const batch = line.calls.splice(0, count);
      line.busy += 1;
      void this.#run(batch).finally(() => {
        line.busy -= 1;
        if (line.calls.length > 0) this.#go(key, line);
        else if (line.busy === 0 && !line.isAwaited) this.#lines.delete(key);
      });
    }
  }

  async #run(batch: Line<In, Out>['calls']): Promise<void> {
    try {
      const outputs = await this.#options.run(batch.map(({ input }) => input));
      // One output stands for each input.
      batch.forEach(({ resolve }, index) => resolve(outputs[index] as Out));
    } catch (error) {
      if (batch.length > 1 && this.#isOwnFault(error)) for (const call of batch) await this.#run([call]);
      else for (const { reject } of batch) reject(error);
    }
  }
}
