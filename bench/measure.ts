/** The value below which `part` of the sorted values lie; 0 of none. */
export function percentile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** The middle one. */
export function median(values: readonly number[]): number {
  return percentile(
    [...values].sort((a, b) => a - b),
    0.5,
  );
}

/** Processor time by thread. */
export interface Threads {
  readonly main: number;
  /** What the program itself started, the pool of libuv among it. */
  readonly own: number;
  /** What V8 collects and compiles beside. */
  readonly helpers: number;
}

/** What a driver measured. */
export interface Load {
  /** Requests, or cycles of requests, that succeeded. */
  readonly count: number;
  /** Events or messages in each. */
  readonly weight: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly errors: number;
  /** Processor time of what was driven, in microseconds for each event or message; unlike the rate it hardly knows what else runs. */
  readonly cpuMicros: number;
  /** The same of each node. */
  readonly nodeMicros?: readonly number[];
  /** The same of the first node, by thread. */
  readonly threadMicros?: Threads;
  /** The same of the database server, where there is one. */
  readonly databaseMicros?: number;
  /** Messages that were received twice though their deletion had been answered. */
  readonly unexplained: number;
}

/** Events or messages a second. */
export function toRate({ count, weight, seconds }: Load): number {
  return (count * weight) / seconds;
}
