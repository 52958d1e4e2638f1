import type { EventName, Events } from './events.ts';

/** Seconds after which a kind that goes on is told again, with how many were held back; the last for as long as it goes on. */
const waitsSeconds: readonly number[] = [60, 600, 3600];
/** Kinds known at once; further ones share one for each event, so that a caller who makes up names makes no more lines. */
const maxKinds = 1000;

export type HeldBack = {
  readonly [N in EventName]: { readonly name: N; readonly fields: Events[N]; readonly heldBack: number };
}[EventName];

interface Kind {
  /** The latest that was held back since the last line. */
  latest: Pick<HeldBack, 'name' | 'fields'> | null;
  heldBack: number;
  lines: number;
  dueSeconds: number;
}

/**
 * Bounds what is told of things that go on: of each kind the first, then after 1 minute, 10 minutes and every hour how many more there
 * were. A kind of which nothing came for that long is forgotten, and its next is a first again.
 */
export class Repeats {
  readonly #kinds = new Map<string, Kind>();

  /** Whether an event of that kind is to be told now; else it is counted. */
  admit<N extends EventName>(name: N, kind: string, fields: Events[N]): boolean {
    const full = `${name} ${kind}`;
    const key = this.#kinds.has(full) || this.#kinds.size < maxKinds ? full : name;
    const known = this.#kinds.get(key);
    if (known === undefined) {
      this.#kinds.set(key, { latest: null, heldBack: 0, lines: 1, dueSeconds: toWait(1) });
      return true;
    }
    known.heldBack += 1;
    known.latest = { name, fields };
    return false;
  }

  /** Lets a second go by; gives what is due to be told. */
  passSecond(): readonly HeldBack[] {
    const due: HeldBack[] = [];
    for (const [key, kind] of this.#kinds) {
      kind.dueSeconds -= 1;
      if (kind.dueSeconds > 0) continue;
      const held = take(kind);
      if (held === undefined) this.#kinds.delete(key);
      else due.push(held);
      kind.lines += 1;
      kind.dueSeconds = toWait(kind.lines);
    }
    return due;
  }

  /** Gives all that was held back, since nothing follows. */
  end(): readonly HeldBack[] {
    const kinds = [...this.#kinds.values()];
    this.#kinds.clear();
    return kinds.flatMap((kind) => take(kind) ?? []);
  }

  get isEmpty(): boolean {
    return this.#kinds.size === 0;
  }
}

function toWait(lines: number): number {
  return waitsSeconds[Math.min(lines, waitsSeconds.length) - 1] ?? 0;
}

function take(kind: Kind): HeldBack | undefined {
  const { latest, heldBack } = kind;
  if (latest === null) return undefined;
  kind.latest = null;
  kind.heldBack = 0;
  return { ...latest, heldBack } as HeldBack;
}
