import { checked } from '../../domain/findings.ts';
import type { Failure } from '../../http/client.ts';
import type { Check } from '../channel.ts';

export const callbackCheck = 'callback';

/** What it says of a channel's own webhook that a call to it came to no answer. */
export function toUnanswered(webhookUrl: string, { outcome, reason }: Failure): Check {
  // An address inside is told of by another check; from here it may not be tried.
  if (outcome === 'guarded') return { name: callbackCheck, ok: true, ...checked('callback_inside', {}) };
  return { name: callbackCheck, ok: false, ...checked('callback_unreachable', { url: webhookUrl, reason }) };
}
