import { hash } from 'node:crypto';

/** A nonce is remembered twice as long as a signature's time may be off, in milliseconds. */
export const nonceKeptMs = 30 * 60 * 1000;
/** Nonces are forgotten together with those of so many milliseconds before them. */
const spanMs = 10 * 60 * 1000;
/** Slots of a new span; a power of two, as always. */
const firstSlots = 1024;

/** Half of a fingerprint each; never both 0. */
interface Mark {
  readonly high: number;
  readonly low: number;
}

/**
 * The nonces of one process that were used of late, each as 64 bits of a SHA-256: a million take some 20 MB, a tenth of what a set of
 * texts takes. One that was used is never taken for unused; the other way round it happens once in 10^12 times among five million.
 */
export class UsedNonces {
  /** By when they began, the newest last. */
  #spans: Span[] = [];

  /** Notes that a nonce is used at `at`, milliseconds since 1970; false when it was used before. */
  use(keyId: string, nonce: string, at: number): boolean {
    if (this.#spans.some(({ newest }) => newest < at - nonceKeptMs))
      this.#spans = this.#spans.filter(({ newest }) => newest >= at - nonceKeptMs);
    const mark = toMark(keyId, nonce);
    if (this.#spans.some((span) => span.has(mark))) return false;
    this.#findSpan(at).add(mark, at);
    return true;
  }

  #findSpan(at: number): Span {
    const last = this.#spans.at(-1);
    if (last !== undefined && at < last.since + spanMs) return last;
    const next = new Span(at);
    this.#spans.push(next);
    return next;
  }
}

/** Marks in a table with open addressing. */
class Span {
  readonly since: number;
  newest: number;
  #slots = new Uint32Array(2 * firstSlots);
  #count = 0;

  constructor(since: number) {
    this.since = since;
    this.newest = since;
  }

  has(mark: Mark): boolean {
    return this.#slots[find(this.#slots, mark) + 1] !== 0;
  }

  add(mark: Mark, at: number): void {
    this.newest = Math.max(this.newest, at);
    if (this.#count * 2 >= this.#slots.length / 2) this.#slots = toTwice(this.#slots);
    put(this.#slots, mark);
    this.#count += 1;
  }
}

/** Where a mark stands, or the free place where it would. */
function find(slots: Uint32Array, { high, low }: Mark): number {
  const last = slots.length - 1;
  let at = (2 * low) & last;
  while (slots[at + 1] !== 0 && (slots[at] !== high || slots[at + 1] !== low)) at = (at + 2) & last;
  return at;
}

function put(slots: Uint32Array, mark: Mark): void {
  const at = find(slots, mark);
  slots[at] = mark.high;
  slots[at + 1] = mark.low;
}

function toTwice(slots: Uint32Array): Uint32Array<ArrayBuffer> {
  const twice = new Uint32Array(2 * slots.length);
  for (let at = 0; at < slots.length; at += 2) {
    const low = slots[at + 1] ?? 0;
    if (low !== 0) put(twice, { high: slots[at] ?? 0, low });
  }
  return twice;
}

/** Ids of keys hold no line break. */
function toMark(keyId: string, nonce: string): Mark {
  const digest = hash('sha256', `${keyId}\n${nonce}`, 'buffer');
  // 0 marks a free place.
  return { high: digest.readUInt32LE(0), low: digest.readUInt32LE(4) || 1 };
}
