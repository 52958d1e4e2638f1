// Looks at the templates of every channel every few hours: those made at the channel, and reviews whose webhooks were lost.
import type { Channel } from '../../domain/channel.ts';
import { GatewayError } from '../../domain/errors.ts';
import { Worker } from '../../runtime/worker.ts';
import type { Duty } from '../../runtime/worker.ts';
import type { Time } from '../../runtime/clock.ts';
import type { Store } from '../../store/store.ts';
import type { Emit } from '../../telemetry/events.ts';

interface TemplateWatchDeps extends Time {
  readonly store: Pick<Store, 'listAccounts' | 'listChannels'>;
  /** Whether a channel has templates to list. */
  readonly hasTemplates: (channel: Channel) => boolean;
  readonly adopt: (channel: Channel) => Promise<unknown>;
  readonly emit: Emit;
  /** In [0, 1). */
  readonly random: () => number;
  /** 0 looks never. */
  readonly intervalMs: number;
  /** One node looks for all; each for itself when left out. */
  readonly duty?: Duty;
  readonly setTimer?: (callback: () => void, ms: number) => () => void;
}

/** A service that has just started has other things to do. */
const firstLookMs = 15 * 60_000;

/** Watches, once it is started, one channel after the other. A channel that refuses is left until the next time. */
export function watchTemplates(deps: TemplateWatchDeps): Worker {
  const { store, emit } = deps;
  return new Worker({
    name: 'templates.watch',
    emit,
    now: deps.now,
    monotonic: deps.monotonic,
    firstMs: firstLookMs,
    everyMs: deps.intervalMs,
    random: deps.random,
    duty: deps.duty,
    ...(deps.setTimer && { setTimer: deps.setTimer }),
    run: async ({ isOver, attempt }) => {
      for (const { id } of await store.listAccounts())
        for (const channel of (await store.listChannels(id)).filter(deps.hasTemplates)) {
          if (isOver()) return;
          await attempt(() => deps.adopt(channel).catch(unlessRefused));
        }
    },
  });
}

/** That a channel refused has been told by the look at it. */
function unlessRefused(error: unknown): void {
  if (!(error instanceof GatewayError)) throw error;
}
