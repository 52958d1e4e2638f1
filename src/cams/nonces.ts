// Signature nonces, each good once, and a bound on how many are kept.
import type { Store } from '../store/store.ts';
import { CamsError } from './errors.ts';

export interface NonceDeps {
  readonly store: Pick<Store, 'useNonce' | 'countNonces'>;
  readonly now: () => number;
  /** Milliseconds that no change of a clock moves, for what never leaves this process; `now` when left out. */
  readonly monotonic?: () => number;
  /** Nonces that this node adds within any half hour, at most. */
  readonly maxNonces: number;
}

const minute = 60_000;
/** As long as the store keeps them, and the time that a sweep may be late. */
const keptMinutes = 32;
const maxLength = 128;

/**
 * Counts the nonces of this node minute by minute, so that the store holds no more than `maxNonces` for each node. What the
 * store held at the start counts for as long as what comes then.
 */
export class Nonces {
  readonly #deps: NonceDeps;
  readonly #monotonic: () => number;
  /** By minute, oldest first. */
  readonly #counts = new Map<number, number>();
  #total = 0;
  #loading: Promise<void> | undefined;

  constructor(deps: NonceDeps) {
    this.#deps = deps;
    this.#monotonic = deps.monotonic ?? deps.now;
  }

  /** Uses a nonce up. Throws InvalidParameter, SignatureNonceUsed, and Throttling while the store is full. */
  async use(keyId: string, nonce: string): Promise<void> {
    if (nonce === '' || nonce.length > maxLength)
      throw CamsError.gateway(
        'InvalidParameter',
        `The signature nonce has to have 1 to ${maxLength} characters.`,
      );
    this.#loading ??= this.#load();
    await this.#loading;
    const { store, now, maxNonces } = this.#deps;
    const at = this.#monotonic();
    const minuteOf = Math.floor(at / minute);
    this.#forget(minuteOf);
    if (this.#total >= maxNonces)
      throw CamsError.gateway(
        'Throttling',
        `${maxNonces} signature nonces are remembered, as many as CHASQUI_NONCE_MAX allows. Each is forgotten after 30 minutes; send fewer requests, or allow more.`,
        Math.ceil(minute - (at % minute)),
      );
    // Counted before the store is asked, so that requests that come together do not pass the bound together.
    this.#add(minuteOf, 1);
    let isFresh = false;
    try {
      isFresh = await store.useNonce(keyId, nonce, now());
    } finally {
      if (!isFresh) this.#add(minuteOf, -1);
    }
    if (!isFresh) throw CamsError.gateway('SignatureNonceUsed');
  }

  async #load(): Promise<void> {
    try {
      this.#add(Math.floor(this.#monotonic() / minute), await this.#deps.store.countNonces());
    } catch (error) {
      this.#loading = undefined;
      throw error;
    }
  }

  #add(minuteOf: number, count: number): void {
    this.#counts.set(minuteOf, (this.#counts.get(minuteOf) ?? 0) + count);
    this.#total += count;
  }

  #forget(minuteOf: number): void {
    for (const [old, count] of this.#counts) {
      if (old > minuteOf - keptMinutes) return;
      this.#counts.delete(old);
      this.#total -= count;
    }
  }
}
