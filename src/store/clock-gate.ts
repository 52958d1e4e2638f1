import type { Clock, ClockDoubt } from '../runtime/clock.ts';
import { ClockRefusal } from '../domain/errors.ts';
import type { Store } from './store.ts';

/**
 * The same store, which takes on nothing while its clock is in doubt: what comes in is refused and nothing is claimed or
 * swept (`store_unavailable`, with what is wrong), so that nothing is dated, handed out or removed by a time that is not so. What
 * is in hand can be ended, and all can be read.
 */
export function refuseInDoubt(store: Store, clock: Pick<Clock, 'doubt'>): Store {
  const whenSound = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    const doubt = clock.doubt();
    if (doubt !== null) throw new ClockRefusal(doubt.text);
    return work();
  };
  return {
    ...store,
    // What it noted would be taken for the newest that is kept, and so for a word that the time is right.
    probe: () => store.probe(isSound(clock.doubt())),
    recordIntake: (intakes) => whenSound(() => store.recordIntake(intakes)),
    claimDeliveries: (request) => whenSound(() => store.claimDeliveries(request)),
    sendMessages: (...values) => whenSound(() => store.sendMessages(...values)),
    receiveMessages: (...values) => whenSound(() => store.receiveMessages(...values)),
    addOutbound: (...values) => whenSound(() => store.addOutbound(...values)),
    claimOutbound: (claim) => whenSound(() => store.claimOutbound(claim)),
    claimFallbacks: (...values) => whenSound(() => store.claimFallbacks(...values)),
    claimRemovedSenders: (...values) => whenSound(() => store.claimRemovedSenders(...values)),
    claimMedia: (...values) => whenSound(() => store.claimMedia(...values)),
    claimReviews: (...values) => whenSound(() => store.claimReviews(...values)),
    claimRemovals: (...values) => whenSound(() => store.claimRemovals(...values)),
    bringForward: (...values) => whenSound(() => store.bringForward(...values)),
    sweep: (...values) => whenSound(() => store.sweep(...values)),
  };
}

/** Whether the store's time is right all the same: a node's own clock has no part in it where the database's is the one. */
function isSound(doubt: ClockDoubt | null): boolean {
  return doubt === null || doubt.kind === 'database';
}
