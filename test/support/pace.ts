// The only place of the tests that waits by a timer. What can tell that it is done is waited for itself: by its promise, by an event, by
// `untilQuiet`, or by asking it (`waitUntil`). What is left is time that is itself part of what is tested.
import { setImmediate, setTimeout } from 'node:timers/promises';
import { debuglog } from 'node:util';

/** `NODE_DEBUG=pace` shows where the time of a test goes. */
const log = debuglog('pace');

/**
 * Lets `ms` go by, for a reason that a reader is told: the pace of a peer, an interval of the service, a moment that chance picks, a
 * limit. What ends it before its time leaves no timer behind.
 */
export async function pause(ms: number, why: string, end?: AbortSignal): Promise<void> {
  log('%d ms: %s', ms, why);
  await setTimeout(ms, undefined, end === undefined ? {} : { signal: end }).catch(() => undefined);
}

/** Gives a long poll the time to look in vain and to wait; nobody outside of the node that holds it can see that it does. */
export function letPollBegin(): Promise<void> {
  return pause(300, 'a long poll looks in vain, then waits');
}

/** Lets what was begun go as far as it can without time passing: until `isBusy` has said no for so many turns of the loop. */
export async function untilQuiet(isBusy: () => boolean): Promise<void> {
  for (let quiet = 0; quiet < 20; quiet = isBusy() ? 0 : quiet + 1) await setImmediate();
}
