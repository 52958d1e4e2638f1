import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { api, take } from '../../api/client.ts';
import { deliveriesKey, destinationsKey } from './queries.ts';

interface MatchingFilter {
  readonly state: 'dead' | 'done';
  readonly destinationId?: number;
  readonly since?: string;
  readonly until?: string;
}

/** Which deliveries are to be made due again: those that were ticked, or all that match. */
export type Replay =
  | { readonly kind: 'selected'; readonly deliveryIds: readonly string[] }
  | { readonly kind: 'matching'; readonly filter: MatchingFilter };

type Phase = 'asking' | 'running' | 'done' | 'stopped';

/** Small enough that stopping takes effect soon. */
const batch = 200;

/** `until`: when they were counted; what comes after the number was shown is not part of what was asked for. */
function toBody(replay: Replay, until?: string) {
  if (replay.kind === 'selected') return { deliveryIds: [...replay.deliveryIds] };
  return { ...replay.filter, ...(until !== undefined && { until }) };
}

/** How many a replay would make due again; the service stops counting at some point. */
export function countReplay(replay: Replay) {
  return take(api.POST('/api/v1/deliveries/replay', { body: { ...toBody(replay), dryRun: true } }));
}

function replayBatch(replay: Replay, until: string | undefined, cursor: string | null) {
  const body = { ...toBody(replay, until), limit: batch, ...(cursor !== null && { cursor }) };
  return take(api.POST('/api/v1/deliveries/replay', { body }));
}

/** A replay batch by batch, which can be stopped in between and stops when nobody looks at it any more. */
export function useReplayRun(replay: Replay) {
  const client = useQueryClient();
  const [phase, setPhase] = useState<Phase>('asking');
  const [replayed, setReplayed] = useState(0);
  const [error, setError] = useState<unknown>(null);
  const isStopped = useRef(false);
  const stop = (): void => {
    isStopped.current = true;
  };
  useEffect(() => stop, []);

  const run = async (until: string | undefined): Promise<void> => {
    isStopped.current = false;
    setPhase('running');
    setError(null);
    try {
      let next: string | null = null;
      do {
        const answer: Awaited<ReturnType<typeof replayBatch>> = await replayBatch(replay, until, next);
        setReplayed((before) => before + answer.replayed);
        next = answer.next;
      } while (next !== null && !isStopped.current);
      setPhase(next === null ? 'done' : 'stopped');
    } catch (caught) {
      setError(caught);
      setPhase('stopped');
    } finally {
      for (const queryKey of [deliveriesKey, destinationsKey, ['receipts'], ['messages'], ['overview']])
        void client.invalidateQueries({ queryKey });
    }
  };

  return { phase, replayed, error, run, stop };
}
