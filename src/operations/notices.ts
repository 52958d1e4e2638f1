// Operator notices: what a person has to know or do, told once in a while and not at every turn.
import { noticed } from '../domain/findings.ts';
import type { NewNotice, RaiseNotice } from '../domain/notice.ts';
import type { Client } from '../http/client.ts';
import { Worker } from '../runtime/worker.ts';
import type { Duty } from '../runtime/worker.ts';
import type { Time } from '../runtime/clock.ts';
import type { Store } from '../store/store.ts';
import type { Emit } from '../telemetry/events.ts';

export interface NoticeDeps extends Time {
  readonly store: Pick<Store, 'recordNotice' | 'findOldestUndelivered' | 'probe'>;
  readonly emit: Emit;
  readonly client?: Pick<Client, 'post'>;
  /** Each notice is posted here as JSON, when set. */
  readonly operatorUrl?: string | null;
  /** Who looks at the deliveries of all; each node when left out. */
  readonly duty?: Pick<Duty, 'isOurs'>;
  /** A delivery that has waited longer raises `undelivered_too_old`. */
  readonly undeliveredAlarmMs: number;
  readonly setTimer?: (callback: () => void, ms: number) => () => void;
}

export interface Notices {
  /** Never throws and is not waited for. The same code and subject is told at most once in ten minutes. */
  readonly raise: RaiseNotice;
  /** Looks every minute, once it is started, for deliveries that have waited too long, and whether the store commits. */
  readonly watch: Worker;
  /** Ends the watch and waits for what is being told, with its own limit. */
  readonly close: () => Promise<void>;
}

const watchMs = 60_000;
const quietMs = 10 * 60_000;
/** Subjects remembered at most; more than that within ten minutes and the oldest may be told again. */
const maxRemembered = 10_000;
const postTimeoutMs = 10_000;
/** Posts under way at once; what comes above it is in the log, the metrics and the list all the same. */
const maxPosts = 8;

/** Opens the notices and their watch. A raised notice is logged and counted, recorded, and posted to the operator. */
export function openNotices(deps: NoticeDeps): Notices {
  const { now, monotonic } = deps;
  const told = new Map<string, number>();
  const underWay = new Set<Promise<void>>();
  let posts = 0;

  const isQuiet = (key: string): boolean => {
    const at = told.get(key);
    if (at !== undefined && monotonic() - at < quietMs) return true;
    told.delete(key);
    told.set(key, monotonic());
    const [oldest] = told.keys();
    if (told.size > maxRemembered && oldest !== undefined) told.delete(oldest);
    return false;
  };

  const tell = async (notice: NewNotice): Promise<void> => {
    const at = new Date(now()).toISOString();
    try {
      await deps.store.recordNotice(notice);
    } catch (error) {
      deps.emit('unit.crashed', { unit: 'notice.record', error });
    }
    const { client, operatorUrl } = deps;
    if (client === undefined || typeof operatorUrl !== 'string' || posts >= maxPosts) return;
    posts += 1;
    try {
      const answer = await client.post(operatorUrl, {
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body: JSON.stringify({ at, ...notice }),
        timeoutMs: postTimeoutMs,
        maxBytes: 1024,
      });
      if ('outcome' in answer || answer.status >= 300)
        deps.emit('unit.crashed', { unit: 'notice.post', error: new Error('operator URL') });
    } catch (error) {
      deps.emit('unit.crashed', { unit: 'notice.post', error });
    } finally {
      posts -= 1;
    }
  };

  const raise = (notice: NewNotice): void => {
    if (isQuiet(`${notice.accountId ?? ''} ${notice.code} ${notice.subject}`)) return;
    const { code, accountId, subject } = notice;
    deps.emit('notice.raised', { code, accountId, subject });
    const work = tell(notice).finally(() => underWay.delete(work));
    underWay.add(work);
  };

  const watch = new Worker({
    name: 'notice.watch',
    emit: deps.emit,
    now,
    monotonic,
    firstMs: watchMs,
    everyMs: watchMs,
    run: () => lookFor(deps, raise),
    ...(deps.setTimer && { setTimer: deps.setTimer }),
  });
  return {
    raise,
    watch,
    close: async () => {
      await watch.stop();
      await Promise.all(underWay);
    },
  };
}

/** Raises what has waited too long, and that the store does not commit. */
async function lookFor(deps: NoticeDeps, raise: RaiseNotice): Promise<void> {
  try {
    await deps.store.probe();
    if (deps.duty?.isOurs() === false) return;
    for (const { accountId, destinationId, since } of await deps.store.findOldestUndelivered()) {
      const ageMs = deps.now() - since;
      if (ageMs <= deps.undeliveredAlarmMs) continue;
      raise({
        accountId,
        subject: `destination/${destinationId}`,
        ...noticed('undelivered_too_old', { destinationId, minutes: Math.floor(ageMs / 60_000) }),
      });
    }
  } catch (error) {
    raise({ accountId: null, subject: 'store', ...noticed('store_unavailable', {}) });
    throw error;
  }
}
