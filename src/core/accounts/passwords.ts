import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { FieldError, GatewayError } from '../../domain/errors.ts';
import { faultOf, toFaultText } from '../../domain/faults.ts';
import type { ValueFault, FaultCode } from '../../domain/faults.ts';
import { Shares, toQuarter } from '../../domain/shares.ts';

/** What a guess has to cost: scrypt's N, r and p. */
interface GuessCost {
  readonly cost: number;
  readonly blockSize: number;
  readonly parallelization: number;
}

/** What OWASP's password storage sheet (read 2026-11) names for 32 MiB: N=2^15, r=8, p=3. */
const current: GuessCost = { cost: 2 ** 15, blockSize: 8, parallelization: 3 };
const keyBytes = 32;
/** More than these wait for nobody: under a flood a longer line only makes everybody in it wait longer. */
const maxWaiting = 32;

export const passwordLength = { min: 12, max: 128 } as const;

/** Those who wait to have a password checked, and the places that each visitor has taken. */
class Line {
  readonly waiting: (() => void)[] = [];
  readonly visitors = new Shares<string>({ total: 1 + maxWaiting, each: toQuarter(maxWaiting) });
}

/**
 * Makes and checks hashes of passwords, one at a time, so that sign-ins cannot starve the rest: each takes 32 MiB, and a core for a
 * quarter of a second. One visitor has a quarter of the places, so that whoever guesses does not keep others from signing in. Who is
 * known has a line of his own, which goes first: a full line of guessers takes eight seconds, and several times that on a busy machine.
 */
export class Passwords {
  #isRunning = false;
  readonly #known = new Line();
  readonly #strangers = new Line();
  readonly #current: GuessCost;

  /** `cost` is that of the hashes that it makes; one that is there is checked by its own. */
  constructor(cost = current) {
    this.#current = cost;
  }

  /** Makes a hash, for somebody who is known, that says how it was made: `scrypt$N$r$p$salt$key`. Throws `too_many`. */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(16);
    const key = await this.#derive(password, salt, this.#current, this.#known);
    const { cost, blockSize, parallelization } = this.#current;
    return ['scrypt', cost, blockSize, parallelization, salt.toString('base64'), key.toString('base64')].join(
      '$',
    );
  }

  /**
   * Whether a password that a visitor (an address) gave is the one of the hash; without a hash it takes as long and is a no.
   * `isKnown`: whether he has shown lately who he is. Throws `too_many`, before anything is checked.
   */
  async verify(
    password: string,
    hash: string | undefined,
    visitor: string,
    isKnown: boolean,
  ): Promise<boolean> {
    const line = isKnown ? this.#known : this.#strangers;
    if (line.visitors.room(visitor) === 0) throw new GatewayError('too_many');
    const leave = line.visitors.take(visitor);
    try {
      return await this.#isPasswordOf(password, hash, line);
    } finally {
      leave();
    }
  }

  async #isPasswordOf(password: string, hash: string | undefined, line: Line): Promise<boolean> {
    const [scheme, cost, blockSize, parallelization, salt = '', key = ''] = (hash ?? '').split('$');
    if (scheme !== 'scrypt') {
      await this.#derive(password, Buffer.alloc(16), this.#current, line);
      return false;
    }
    const parameters = {
      cost: Number(cost),
      blockSize: Number(blockSize),
      parallelization: Number(parallelization),
    };
    const derived = await this.#derive(password, Buffer.from(salt, 'base64'), parameters, line);
    const expected = Buffer.from(key, 'base64');
    return derived.byteLength === expected.byteLength && timingSafeEqual(derived, expected);
  }

  async #derive(
    password: string,
    salt: Buffer,
    { cost, blockSize, parallelization }: GuessCost,
    line: Line,
  ): Promise<Buffer> {
    await this.#enter(line);
    try {
      return await new Promise((resolve, reject) => {
        const options = { cost, blockSize, parallelization, maxmem: 2 * 128 * cost * blockSize };
        scrypt(password.normalize('NFKC'), salt, keyBytes, options, (error, key) => {
          if (error === null) resolve(key);
          else reject(error);
        });
      });
    } finally {
      this.#leave();
    }
  }

  async #enter({ waiting }: Line): Promise<void> {
    if (!this.#isRunning) {
      this.#isRunning = true;
      return;
    }
    if (waiting.length >= maxWaiting) throw new GatewayError('too_many');
    // Whoever leaves hands his place on, so it stays taken.
    await new Promise<void>((resolve) => waiting.push(resolve));
  }

  #leave(): void {
    const next = this.#known.waiting.shift() ?? this.#strangers.waiting.shift();
    if (next === undefined) this.#isRunning = false;
    else next();
  }
}

/** Refuses passwords that are guessed first. Throws `bad_request` naming the field. */
export function checkPassword(field: string, password: string, name: string): void {
  const plain = password.normalize('NFKC').toLowerCase();
  const refuse = (code: FaultCode, params?: ValueFault['params']): never => {
    const fault = faultOf(code, params);
    throw new FieldError('bad_request', field, `${field}: ${toFaultText(fault)}`, fault);
  };
  if (plain.length < passwordLength.min) refuse('password_short', { min: passwordLength.min });
  if (new Set(plain).size < 5) refuse('password_few');
  if (plain.includes(name) && plain.length - name.length < 8) refuse('password_name');
  if (isRun(plain)) refuse('password_run');
}

/** Whether nearly every character follows the one before it, as in 123456789012 and abcdefghijkl. */
function isRun(text: string): boolean {
  const codes = [...text].map((character) => character.codePointAt(0) ?? 0);
  const steps = codes.filter((code, at) => at > 0 && Math.abs(code - (codes[at - 1] ?? 0)) <= 1).length;
  return steps >= text.length - 3;
}
