// Looks at the templates of every channel every few hours: those made at the channel, and reviews whose webhooks were lost.
import type { Channel } from '../../domain/channel.ts';
import { GatewayError } from '../../domain/errors.ts';
import { beginRounds } from '../../runtime/rounds.ts';
import type { Store } from '../../store/store.ts';
import type { Emit } from '../../telemetry/events.ts';

export interface TemplateWatchDeps {
  readonly store: Pick<Store, 'listAccounts' | 'listChannels'>;
  /** Whether a channel has templates to list. */
  readonly hasTemplates: (channel: Channel) => boolean;
  readonly adopt: (channel: Channel) => Promise<unknown>;
  readonly emit: Emit;
  /** In [0, 1). */
  readonly random: () => number;
  /** 0 looks never. */
  readonly intervalMs: number;
  readonly setTimer?: (callback: () => void, ms: number) => () => void;
}

export interface TemplateWatch {
  /** Looks at all channels now; one look at a time. */
  readonly look: () => Promise<void>;
  /** Ends the watch and waits for the channel that is being looked at. */
  readonly stop: () => Promise<void>;
}

/** A service that has just started has other things to do. */
const firstLookMs = 15 * 60_000;

/** Begins to watch, one channel after the other. A channel that refuses is left until the next time. */
export function watchTemplates(deps: TemplateWatchDeps): TemplateWatch {
  const { store, emit } = deps;
  const crashed = (error: unknown): void => emit('unit.crashed', { unit: 'templates.watch', error });

  async function look(isStopped: () => boolean): Promise<void> {
    for (const { id } of await store.listAccounts())
      for (const channel of (await store.listChannels(id)).filter(deps.hasTemplates)) {
        if (isStopped()) return;
        try {
          await deps.adopt(channel);
        } catch (error) {
          // That a channel refused has been told by the look at it.
          if (!(error instanceof GatewayError)) crashed(error);
        }
      }
  }

  return beginRounds({ ...deps, look, firstMs: firstLookMs, onError: crashed });
}
