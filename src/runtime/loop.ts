import type { Emit } from '../telemetry/events.ts';

export interface LoopOptions {
  /** What it is called where a look ends by an error. */
  readonly unit: string;
  readonly emit: Emit;
  /** From the end of a look to the next. */
  readonly everyMs: number;
}

/** Looks at once and then again and again, one look at a time. Returns what ends it, once the look under way has ended. */
export function startLoop(
  { unit, emit, everyMs }: LoopOptions,
  look: () => Promise<void>,
): () => Promise<void> {
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();

  const run = async (): Promise<void> => {
    try {
      await look();
    } catch (error) {
      if (!isStopped) emit('unit.crashed', { unit, error });
    }
    if (!isStopped) timer = setTimeout(start, everyMs);
  };
  const start = (): void => {
    running = run();
  };
  start();
  return async () => {
    isStopped = true;
    clearTimeout(timer);
    await running;
  };
}
