import type { Receipt } from '../../api/model.ts';
import { useTexts } from '../../i18n/language.tsx';
import type { FilterField } from '../../ui/filter.tsx';

const receiptTypes = [
  'ChatAppStatus',
  'ChatAppInbound',
  'ChatAppAudit',
] as const satisfies readonly Receipt['type'][];

/** A receipt type as written in an address; anything else is none. */
export function toReceiptType(text: string | undefined): Receipt['type'] | undefined {
  return receiptTypes.find((type) => type === text);
}

/** A page's filter by receipt type. */
export function useReceiptTypeFilter(): FilterField {
  const t = useTexts();
  const options = receiptTypes.map((value) => ({ value, label: t(`receipt.type.${value}`) }));
  return { kind: 'choice', name: 'type', label: t('receipt.type'), options };
}
