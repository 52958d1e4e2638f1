import { createHash } from 'node:crypto';

/** Numbers that look like chance and are the same for the same seed. */
export interface Random {
  /** In [0, 1). */
  readonly fraction: () => number;
  /** A whole number from `min` to `max`, both included. */
  readonly whole: (min: number, max: number) => number;
  readonly chance: (probability: number) => boolean;
  readonly pick: <T>(items: readonly [T, ...T[]]) => T;
  /** So many decimal digits, the first not 0. */
  readonly digits: (count: number) => string;
  /**
   * Numbers of their own, which depend on the seed and on `name` alone. What happens to one message is drawn from its own
   * branch, so it is the same whatever happens beside it and in whatever order requests come.
   */
  readonly branch: (name: string) => Random;
}

/** Makes the numbers of a seed. */
export function seedRandom(seed: number | string): Random {
  const text = String(seed);
  let state = createHash('sha256').update(text).digest().readUInt32LE(0);
  // Mulberry32: 32 bits of state are plenty for a simulator, and every step is plain arithmetic.
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (min: number, max: number): number => min + Math.floor(fraction() * (max - min + 1));
  return {
    fraction,
    whole,
    chance: (probability) => fraction() < probability,
    pick: (items) => items[whole(0, items.length - 1)] ?? items[0],
    digits: (count) =>
      Array.from({ length: count }, (_, index) => String(whole(index === 0 ? 1 : 0, 9))).join(''),
    branch: (name) => seedRandom(`${text}/${name}`),
  };
}
