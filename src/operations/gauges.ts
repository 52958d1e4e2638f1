import type { Clock } from '../runtime/clock.ts';
import type { Store } from '../store/store.ts';

/** Queues whose figures are in the metrics. */
const maxQueueGauges = 200;
/** Destinations that are left alone, in the metrics. */
const maxPauseGauges = 1000;
/** Targets of notices that fail, in the metrics. */
const maxTargetGauges = 1000;

/** What of the store the metrics tell of. */
type GaugeStore = Pick<
  Store,
  | 'findOldestUndelivered'
  | 'listPauses'
  | 'listFailingTellings'
  | 'sampleQueues'
  | 'countMessages'
  | 'findOldestMessage'
>;

/** What the metrics tell of the store at each scrape: what waits longest, the depth and age of queues, and its time. */
export function createGauges(store: GaugeStore, { now, aheadMs }: Pick<Clock, 'now' | 'aheadMs'>) {
  return {
    clockAheadSeconds: () => aheadMs() / 1000,
    oldestUndelivered: async () =>
      (await store.findOldestUndelivered()).map(({ accountId, destinationId, since }) => ({
        accountId,
        destinationId,
        ageSeconds: (now() - since) / 1000,
      })),
    pauses: async () =>
      (await store.listPauses(now(), maxPauseGauges)).map(({ accountId, destinationId, until }) => ({
        accountId,
        destinationId,
        seconds: (until - now()) / 1000,
      })),
    failingTargets: async () =>
      (await store.listFailingTellings(maxTargetGauges)).map(({ accountId, targetId, failedAt }) => ({
        accountId: accountId ?? 0,
        targetId,
        seconds: (now() - (failedAt ?? now())) / 1000,
      })),
    queues: async () => {
      // One look, however many accounts there are.
      const queues = await store.sampleQueues(maxQueueGauges);
      return Promise.all(
        queues.map(async (queue) => {
          const [depth, oldest] = await Promise.all([
            store.countMessages(queue),
            store.findOldestMessage(queue),
          ]);
          return {
            accountId: queue.accountId,
            name: queue.name,
            depth: depth.active,
            oldestAgeSeconds: oldest === undefined ? 0 : (now() - oldest) / 1000,
          };
        }),
      );
    },
  };
}
