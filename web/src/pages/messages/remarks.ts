import type { KeptEvent } from '../../api/model.ts';

type Reason = KeptEvent['remarks'][number]['reason'];

export const remarkReasons = [
  'not_json',
  'wrong_shape',
  'unknown_object',
  'unknown_field',
  'unknown_event',
  'not_a_receipt',
  'parse_failed',
] as const satisfies readonly Reason[];

/** A reason as written in an address; anything else is none. */
export function toReason(text: string | undefined): Reason | undefined {
  return remarkReasons.find((reason) => reason === text);
}
