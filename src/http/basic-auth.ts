import { createHash, timingSafeEqual } from 'node:crypto';
import type { AccessKey } from '../domain/account.ts';
import { GatewayError } from '../domain/errors.ts';
import { isWithin } from './addresses.ts';

/**
 * Finds the access key that an `Authorization: Basic` header gives, id and secret. Throws `unauthorized` for a header that
 * is missing or malformed, a key that is unknown, disabled or not for the caller's `address`, and a wrong secret alike; the
 * time taken tells them apart no more than the answer does.
 */
export async function authenticateBasic(
  header: string | undefined,
  address: string,
  findKey: (id: string) => Promise<AccessKey | undefined>,
): Promise<AccessKey> {
  const encoded = /^Basic\s+([A-Za-z0-9+/=]{1,1000})$/i.exec(header ?? '')?.[1] ?? '';
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  const key = colon < 1 ? undefined : await findKey(text.slice(0, colon));
  const isRight = isSecret(text.slice(colon + 1), key?.secret);
  const isHere = key === undefined || key.addresses.length === 0 || isWithin(address, key.addresses);
  if (key?.state !== 'active' || !isRight || !isHere) throw new GatewayError('unauthorized');
  return key;
}

/** Whether a secret is the expected one; without one it takes as long and is a no. Digests hide how long it is. */
export function isSecret(given: string, expected: string | undefined): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected ?? '')) && expected !== undefined;
}
