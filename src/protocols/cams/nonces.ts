// Signature nonces, each good once, and a bound on how many are kept.
import type { AccountId } from '../../domain/account.ts';
import { toKept } from '../../domain/shares.ts';
import type { Store } from '../../store/store.ts';
import { CamsError } from './errors.ts';
import type { Time } from '../../runtime/clock.ts';

export interface NonceDeps extends Time {
  readonly store: Pick<Store, 'useNonce' | 'countNonces'>;
  /** Nonces that this node adds within any half hour, at most. */
  readonly maxNonces: number;
}

const minute = 60_000;
/** As long as the store keeps them, and the time that a sweep may be late. */
const keptMinutes = 32;
const maxLength = 128;

/** How many came in a minute, in all and of each account. */
interface Minute {
  total: number;
  readonly of: Map<AccountId, number>;
}

/** Whose nonce it is. */
interface NonceUser {
  readonly accountId: AccountId;
  readonly keyId: string;
}

/**
 * Counts the nonces of this node minute by minute, so that the store holds no more than `maxNonces` for each node. The last quarter
 * is kept for accounts that use few (`toKept`). What the store held at the start counts for as long as what comes then, as nobody's.
 */
export class Nonces {
  readonly #deps: NonceDeps;
  readonly #monotonic: () => number;
  /** By minute, oldest first. */
  readonly #minutes = new Map<number, Minute>();
  #total = 0;
  readonly #of = new Map<AccountId, number>();
  #loading: Promise<void> | undefined;

  constructor(deps: NonceDeps) {
    this.#deps = deps;
    this.#monotonic = deps.monotonic;
  }

  /** Uses a nonce up. Throws InvalidParameter, SignatureNonceUsed, and Throttling while the store is full, or full for this account. */
  async use({ accountId, keyId }: NonceUser, nonce: string): Promise<void> {
    if (nonce === '' || nonce.length > maxLength)
      throw CamsError.gateway(
        'InvalidParameter',
        `The signature nonce has to have 1 to ${maxLength} characters.`,
      );
    this.#loading ??= this.#load();
    await this.#loading;
    const { store, now } = this.#deps;
    const at = this.#monotonic();
    const minuteOf = Math.floor(at / minute);
    this.#forget(minuteOf);
    this.#requireRoom(accountId, at);
    // Counted before the store is asked, so that requests that come together do not pass the bound together.
    this.#add(minuteOf, 1, accountId);
    let isFresh = false;
    try {
      isFresh = await store.useNonce(keyId, nonce, now());
    } finally {
      if (!isFresh) this.#add(minuteOf, -1, accountId);
    }
    if (!isFresh) throw CamsError.gateway('SignatureNonceUsed');
  }

  #requireRoom(accountId: AccountId, at: number): void {
    const { maxNonces } = this.#deps;
    const { from, little } = toKept(maxNonces);
    if (this.#total < from) return;
    const own = this.#of.get(accountId) ?? 0;
    if (this.#total < maxNonces && own < little) return;
    const which =
      this.#total < maxNonces
        ? `${own} signature nonces of this account are remembered; the last quarter of the ${maxNonces} that CHASQUI_NONCE_MAX allows is for accounts with fewer than ${little}.`
        : `${maxNonces} signature nonces are remembered, as many as CHASQUI_NONCE_MAX allows.`;
    throw CamsError.gateway(
      'Throttling',
      `${which} Each is forgotten after 30 minutes; send fewer requests, or allow more.`,
      Math.ceil(minute - (at % minute)),
    );
  }

  async #load(): Promise<void> {
    try {
      this.#add(Math.floor(this.#monotonic() / minute), await this.#deps.store.countNonces());
    } catch (error) {
      this.#loading = undefined;
      throw error;
    }
  }

  #add(minuteOf: number, count: number, accountId?: AccountId): void {
    const found = this.#minutes.get(minuteOf) ?? { total: 0, of: new Map<AccountId, number>() };
    this.#minutes.set(minuteOf, found);
    found.total += count;
    this.#total += count;
    if (accountId === undefined) return;
    addTo(found.of, accountId, count);
    addTo(this.#of, accountId, count);
  }

  #forget(minuteOf: number): void {
    for (const [old, { total, of }] of this.#minutes) {
      if (old > minuteOf - keptMinutes) return;
      this.#minutes.delete(old);
      this.#total -= total;
      for (const [accountId, count] of of) addTo(this.#of, accountId, -count);
    }
  }
}

function addTo(counts: Map<AccountId, number>, accountId: AccountId, count: number): void {
  const sum = (counts.get(accountId) ?? 0) + count;
  if (sum === 0) counts.delete(accountId);
  else counts.set(accountId, sum);
}
