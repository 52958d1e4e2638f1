import type { Receipt } from '../../api/model.ts';

export const receiptTypes = [
  'ChatAppStatus',
  'ChatAppInbound',
  'ChatAppAudit',
] as const satisfies readonly Receipt['type'][];

/** A receipt type as written in an address; anything else is none. */
export function toReceiptType(text: string | undefined): Receipt['type'] | undefined {
  return receiptTypes.find((type) => type === text);
}
