import { createHash, createHmac, createSecretKey, randomBytes } from 'node:crypto';
import type { DestinationSecret, RepeatCause } from '../../domain/delivery.ts';

const prefix = 'whsec_';

/** Makes a signing secret of 24 random bytes in the spelling of Standard Webhooks. */
export function generateSecret(): string {
  return prefix + randomBytes(24).toString('base64');
}

/** The `webhook-id` of a POST: a lone receipt's own id; for several an id made of theirs, so that a batch which keeps its members keeps its id. */
export function toWebhookId(receiptIds: readonly string[]): string {
  const [only] = receiptIds;
  if (receiptIds.length === 1 && only !== undefined) return only;
  return `batch_${createHash('sha256').update(receiptIds.join()).digest('hex').slice(0, 32)}`;
}

interface Signing {
  readonly id: string;
  /** Epoch milliseconds of this try. */
  readonly at: number;
  readonly body: string;
  readonly secrets: readonly DestinationSecret[];
  readonly attempt: number;
  readonly cause: RepeatCause | null;
}

/**
 * The headers of a push: Standard Webhooks 1.0 (https://www.standardwebhooks.com, read 2026-11-23) with a signature for
 * each secret that is valid, then the number of the try and, on a possible repeat, why it may be one.
 */
export function toHeaders({ id, at, body, secrets, attempt, cause }: Signing): Record<string, string> {
  const timestamp = String(Math.floor(at / 1000));
  const valid = secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > at);
  const signatures = valid.map(({ secret }) => `v1,${sign(secret, `${id}.${timestamp}.${body}`)}`);
  return {
    'content-type': 'application/json; charset=utf-8',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    ...(signatures.length === 0 ? {} : { 'webhook-signature': signatures.join(' ') }),
    'chasqui-attempt': String(attempt),
    ...(cause === null ? {} : { 'chasqui-repeat-cause': cause }),
  };
}

function sign(secret: string, text: string): string {
  const key = Buffer.from(secret.startsWith(prefix) ? secret.slice(prefix.length) : secret, 'base64');
  return createHmac('sha256', createSecretKey(key)).update(text).digest('base64');
}
