import type { Json } from './meta.ts';

/**
 * The status that an answer of Viber's names, a whole number; NaN for anything else that stands there. Viber's 0 is success, so
 * nothing that merely converts to 0 (an empty text, `false`, `[]`) may pass for it.
 */
export function toStatus(value: Json | undefined): number {
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  return typeof value === 'string' && /^(?:0|[1-9]\d{0,8})$/.test(value) ? Number(value) : Number.NaN;
}
