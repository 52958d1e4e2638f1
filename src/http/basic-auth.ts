import { createHash, timingSafeEqual } from 'node:crypto';
import type { AccessKey } from '../domain/account.ts';
import { GatewayError } from '../domain/errors.ts';

/**
 * Finds the access key that an `Authorization: Basic` header gives, id and secret. Throws `unauthorized` for a header that
 * is missing or malformed, a key that is unknown or disabled, and a wrong secret alike; the time taken tells them apart no
 * more than the answer does.
 */
export async function authenticateBasic(
  header: string | undefined,
  findKey: (id: string) => Promise<AccessKey | undefined>,
): Promise<AccessKey> {
  const encoded = /^Basic\s+([A-Za-z0-9+/=]{1,1000})$/i.exec(header ?? '')?.[1] ?? '';
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  const key = colon < 1 ? undefined : await findKey(text.slice(0, colon));
  const isSecret = isEqual(text.slice(colon + 1), key?.secret ?? '');
  if (key === undefined || key.state !== 'active' || !isSecret) throw new GatewayError('unauthorized');
  return key;
}

/** Digests are of one length, so that the comparison tells nothing of how long the secret is. */
function isEqual(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
