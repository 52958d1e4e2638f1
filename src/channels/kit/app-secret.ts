// What a secret of Meta's apps is for: the handshake of webhooks, their signature, and the proof of calls (docs/protocols/meta.md).
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Channel } from '../../domain/channel.ts';
import { isEqual } from '../../domain/equality.ts';
import type { WebhookHead, WebhookRequest } from '../channel.ts';

/** Answers the verification handshake: the challenge to echo, or undefined when mode or token are wrong. */
export function answerChallenge(channel: Channel, query: WebhookRequest['query']): string | undefined {
  const token = query['hub.verify_token'];
  const challenge = query['hub.challenge'];
  const expected = channel.credentials['verifyToken'];
  if (query['hub.mode'] !== 'subscribe' || typeof token !== 'string' || typeof challenge !== 'string')
    return undefined;
  if (expected === undefined || expected === '' || !isEqual(token, expected)) return undefined;
  return challenge;
}

/** Whether there is an X-Hub-Signature-256 in its form. */
export function hasSignature(_channel: Channel, { headers }: WebhookHead): boolean {
  return readSignature(headers) !== undefined;
}

/** The digits of the signature; undefined where it is in another form. */
function readSignature(headers: WebhookHead['headers']): string | undefined {
  const header = headers['x-hub-signature-256'];
  return typeof header === 'string' && /^sha256=[0-9a-f]{64}$/i.test(header) ? header.slice(7) : undefined;
}

/** Whether X-Hub-Signature-256 was made over these bytes with the app secret, or with the one before it. */
export function isSigned(channel: Channel, { headers, body }: WebhookRequest): boolean {
  const digits = readSignature(headers);
  if (digits === undefined || body.byteLength === 0) return false;
  const given = Buffer.from(digits, 'hex');
  const secrets = [channel.credentials['appSecret'], channel.credentials['appSecretPrevious']];
  return secrets
    .filter((secret) => secret !== undefined && secret !== '')
    .map((secret) =>
      timingSafeEqual(
        createHmac('sha256', secret ?? '')
          .update(body)
          .digest(),
        given,
      ),
    )
    .includes(true);
}

/** What every call carries when the app is set to ask for the proof of its secret; the channel says so by its option. */
export function proofOf({ credentials, options }: Channel): { readonly appSecret?: string } {
  const { appSecret } = credentials;
  return options['appSecretProof'] === true && appSecret !== undefined ? { appSecret } : {};
}
