import type { SendOutcome } from '../channel.ts';

/** The outcome of a message that Viber is not asked to send, because it never would. */
export function refuse(code: string, text: string): SendOutcome {
  return { kind: 'refused', failure: 'permanent', code, text };
}
