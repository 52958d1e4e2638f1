// What the webhooks of all simulated Meta channels have in common: handshake, signature, and their faults (docs/protocols/meta.md).
import { createHmac } from 'node:crypto';
import { GatewayError } from '../../domain/errors.ts';
import type { Fault, Stage } from '../simulator.ts';
import { postForged } from '../forgery.ts';
import type { Posting } from '../poster.ts';

export const webhookFaults: Readonly<Record<string, Fault>> = {
  duplicate: { meaning: 'a webhook comes twice', initial: 0.05 },
  regrouped: { meaning: 'the events of a webhook come again in other groups', initial: 0.05 },
  'out-of-order': { meaning: 'the events of a webhook stand in the wrong order', initial: 0.05 },
  'bad-signature': { meaning: 'a webhook comes with a wrong signature first', initial: 0.02 },
  unescaped: { meaning: 'a webhook has its text as it is, and not as escapes', initial: 0.05 },
  stranger: { meaning: "a webhook begins with somebody else's event", initial: 0.02 },
};

/** Nobody whom a simulator plays. */
export const strangerId = '999999999999999';

const challenge = '1158201444';

/**
 * Asks for the challenge with a token that is not the one, which is noted when it is answered all the same, and then as Meta
 * does. Throws `bad_request` when the address does not echo the challenge.
 */
export async function shakeHands(
  { get, ledger, clock }: Pick<Stage, 'get' | 'ledger' | 'clock'>,
  url: string,
  verifyToken: string,
): Promise<void> {
  const ask = async (token: string): Promise<boolean> => {
    const query = new URLSearchParams({
      'hub.mode': 'subscribe',
      'hub.challenge': challenge,
      'hub.verify_token': token,
    });
    const answer = await get(`${url}?${query.toString()}`);
    return answer?.status === 200 && answer.body === challenge;
  };
  if (await ask(`${verifyToken}-of-somebody-else`))
    ledger.note(clock.now(), 'handshake', 'A wrong verify token was accepted.', 200);
  if (await ask(verifyToken)) return;
  throw new GatewayError(
    'bad_request',
    'The callback did not answer the handshake with the challenge; look at its address and verify token.',
  );
}

export interface Envelope {
  readonly object: string;
  readonly entry: readonly object[];
}

/** What one post is made of, whatever its faults. */
interface Wrapping {
  readonly appSecret: string;
  /** An entry of somebody else's account. */
  readonly stranger: () => object;
}

/**
 * The bytes and headers of a webhook: signed over the bytes as they go, escaped as Meta escapes them or not, and perhaps with
 * somebody else's event before its own. The same `name` gives the same faults.
 */
export function wrap(
  { random, fault }: Pick<Stage, 'random' | 'fault'>,
  name: string,
  { object, entry }: Envelope,
  { appSecret, stranger }: Wrapping,
): Pick<Posting, 'headers' | 'body'> {
  const chance = random.branch(`wrap ${name}`);
  const all = chance.chance(fault('stranger')) ? [stranger(), ...entry] : entry;
  const json = JSON.stringify({ object, entry: all });
  const body = Buffer.from(chance.chance(fault('unescaped')) ? json : toAscii(json));
  return { headers: toHeaders(body, appSecret), body };
}

/** Posts a webhook with a wrong signature, if its fault says so. */
export function forge(
  stage: Stage,
  name: string,
  { subject, url, body }: Pick<Posting, 'subject' | 'url' | 'body'>,
): void {
  const { random, fault } = stage;
  if (url === '' || !random.branch(`forge ${name}`).chance(fault('bad-signature'))) return;
  postForged(stage, { subject, url, headers: toHeaders(body, 'forged'), body });
}

/** What the ledger calls a webhook with these events. */
export function toSubject(events: readonly { readonly subject: string }[]): string {
  return events
    .map(({ subject }) => subject)
    .join(', ')
    .slice(0, 200);
}

/** The second half of some events and the first, as Meta groups them anew. */
export function toHalves<T>(events: readonly T[]): readonly (readonly T[])[] {
  const middle = Math.ceil(events.length / 2);
  return [events.slice(middle), events.slice(0, middle)];
}

function toHeaders(body: Buffer, appSecret: string): Readonly<Record<string, string>> {
  return {
    'content-type': 'application/json',
    'user-agent': 'facebookexternalua',
    'x-hub-signature-256': `sha256=${createHmac('sha256', appSecret).update(body).digest('hex')}`,
  };
}

/** Meta signs and sends everything beyond ASCII as an escape in lower-case hex. */
function toAscii(json: string): string {
  return json.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
