import { need } from '../contract/fixture.ts';

/** What a model of a queue remembers of one message. */
interface Entry {
  readonly body: string;
  readonly priority: number;
  readonly enqueuedAt: number;
  /** Ready from then on. */
  visibleAt: number;
  dequeueCount: number;
  firstDequeuedAt: number;
  /** The handles that are good as long as `visibleAt` is to come. */
  handles: Set<string>;
}

interface Seen {
  readonly body: string;
  readonly dequeueCount: number;
  readonly firstDequeuedAt: number;
}

/** A queue as the protocol tells it, in a plain array: what any store's queue is compared with. */
export class QueueModel {
  readonly #visibilityMs: number;
  readonly #retentionMs: number;
  #entries: Entry[] = [];
  /** Handles of queues of this name that have been deleted. */
  readonly #foreign = new Set<string>();

  constructor(settings: { readonly visibilityMs: number; readonly retentionMs: number }) {
    this.#visibilityMs = settings.visibilityMs;
    this.#retentionMs = settings.retentionMs;
  }

  send(body: string, priority: number, delayMs: number, handle: string | null, now: number): void {
    this.#entries.push({
      body,
      priority,
      enqueuedAt: now,
      visibleAt: now + delayMs,
      dequeueCount: 0,
      firstDequeuedAt: now,
      handles: new Set(handle === null ? [] : [handle]),
    });
  }

  /** What a receive or a peek gives next. */
  next(limit: number, now: number): readonly Seen[] {
    return this.#next(limit, now).map(({ body, dequeueCount, firstDequeuedAt }) => ({
      body,
      dequeueCount,
      firstDequeuedAt,
    }));
  }

  /** Holds what {@link next} shows; the store's handles become those of the model. */
  receive(limit: number, handles: readonly string[], now: number): readonly Seen[] {
    return this.#next(limit, now).map((entry, index) => {
      if (entry.dequeueCount === 0) entry.firstDequeuedAt = now;
      entry.dequeueCount += 1;
      entry.visibleAt = now + this.#visibilityMs;
      entry.handles = new Set(handles.slice(index, index + 1));
      return {
        body: entry.body,
        dequeueCount: entry.dequeueCount,
        firstDequeuedAt: entry.firstDequeuedAt,
      };
    });
  }

  /** Takes a receive back; only for a handle that is good. */
  unreceive(handle: string, now: number): void {
    const entry = need(this.#find(handle, now));
    entry.dequeueCount -= 1;
    if (entry.dequeueCount === 0) entry.firstDequeuedAt = entry.enqueuedAt;
    entry.visibleAt = now;
    entry.handles.clear();
  }

  isHeldBy(handle: string, now: number): boolean {
    return (this.#find(handle, now)?.dequeueCount ?? 0) > 0;
  }

  /** How many handles are good for the message of one that is. */
  countHandles(handle: string, now: number): number {
    return this.#find(handle, now)?.handles.size ?? 0;
  }

  isDelayed(handle: string, now: number): boolean {
    return this.#find(handle, now)?.dequeueCount === 0;
  }

  delete(handle: string, now: number): 'stale' | 'garbage' | null {
    const entry = this.#find(handle, now);
    if (entry === undefined) return this.faultOf(handle);
    this.#entries.splice(this.#entries.indexOf(entry), 1);
    return null;
  }

  changeVisibility(handle: string, seconds: number, newHandle: string, now: number): void {
    const entry = need(this.#find(handle, now));
    entry.visibleAt = now + seconds * 1000;
    entry.handles.add(newHandle);
  }

  /** What a use of a handle that is not good answers. */
  faultOf(handle: string): 'stale' | 'garbage' {
    return this.#foreign.has(handle) ? 'garbage' : 'stale';
  }

  /** Undefined while there is an expired message that nobody has come across, which may be counted or not. */
  count(now: number): { active: number; inactive: number; delayed: number } | undefined {
    const ready = this.#entries.filter(({ visibleAt }) => visibleAt <= now);
    if (ready.some((entry) => this.#isExpired(entry, now))) return undefined;
    const waiting = this.#entries.filter(({ visibleAt }) => visibleAt > now);
    const delayed = waiting.filter(({ dequeueCount }) => dequeueCount === 0).length;
    return { active: ready.length, inactive: waiting.length - delayed, delayed };
  }

  nextReady(now: number): number | undefined {
    const times = this.#entries.map(({ visibleAt }) => visibleAt).filter((at) => at > now);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** The queue is deleted and made again: `handles` are all that were ever given. */
  recreate(handles: readonly string[]): void {
    this.#entries = [];
    for (const handle of handles) this.#foreign.add(handle);
  }

  #find(handle: string, now: number): Entry | undefined {
    return this.#entries.find((entry) => entry.handles.has(handle) && entry.visibleAt > now);
  }

  #next(limit: number, now: number): Entry[] {
    // The sort is stable, and entries stand in the order in which they were sent.
    return this.#entries
      .filter((entry) => entry.visibleAt <= now && !this.#isExpired(entry, now))
      .toSorted((a, b) => a.priority - b.priority)
      .slice(0, limit);
  }

  #isExpired({ enqueuedAt }: Entry, now: number): boolean {
    return enqueuedAt + this.#retentionMs <= now;
  }
}
