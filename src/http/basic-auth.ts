import { createHash, timingSafeEqual } from 'node:crypto';
import type { AccessKey } from '../domain/account.ts';
import { GatewayError, RetryError } from '../domain/errors.ts';
import { isWithin, toVisitor } from './addresses.ts';
import type { Lockout } from './lockout.ts';

/**
 * Finds the access key that an `Authorization: Basic` header gives, id and secret. Throws `unauthorized` without a
 * header, and `wrong_credentials` for one that is malformed, a key that is unknown, disabled or not for the caller's `address`, and a wrong secret alike; the
 * time taken tells them apart no more than the answer does. `too_many_tries` while an address that guessed has to wait.
 */
export async function authenticateBasic(
  header: string | undefined,
  address: string,
  findKey: (id: string) => Promise<AccessKey | undefined>,
  guesses: Lockout,
): Promise<AccessKey> {
  if (header === undefined) throw new GatewayError('unauthorized');
  const encoded = /^Basic\s+([A-Za-z0-9+/=]{1,1000})$/i.exec(header)?.[1] ?? '';
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  const id = text.slice(0, Math.max(0, colon));
  const key = colon < 1 ? undefined : await findKey(id);
  const guessed = { kind: 'machine', name: `key/${id}` } as const;
  const visitor = toVisitor(address);
  // No await from here on, so that tries made at once are counted one by one.
  const waitMs = guesses.waitOf(guessed, visitor);
  if (waitMs > 0) throw new RetryError(waitMs);
  const isRight = isSecret(text.slice(colon + 1), key?.secret);
  const isHere = key === undefined || key.addresses.length === 0 || isWithin(address, key.addresses);
  if (key?.state === 'active' && isRight && isHere) {
    guesses.note(guessed, visitor);
    return key;
  }
  guesses.fail(guessed, visitor);
  throw new GatewayError(
    'wrong_credentials',
    'The access key id or its secret is wrong, or the key is disabled or not for this address.',
  );
}

/** Whether a secret is the expected one; without one it takes as long and is a no. Digests hide how long it is. */
export function isSecret(given: string, expected: string | undefined): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected ?? '')) && expected !== undefined;
}
