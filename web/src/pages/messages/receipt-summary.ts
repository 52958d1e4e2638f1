import type { Receipt } from '../../api/model.ts';
import { toKindText } from '../../i18n/kinds-zh.ts';
import type { Language, Translate } from '../../i18n/language.tsx';
import { toStatusText } from './event-texts.ts';

function toText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function toMember(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** The user that a receipt is of: a number or the channel's own id. */
export function toReceiptUser({ facts }: Receipt): string {
  return toText(toMember(facts['user'], 'id'));
}

/** A receipt in one line: what a user wrote, which status, which review. */
export function toReceiptSummary(receipt: Receipt, t: Translate, language: Language): string {
  const { type, facts, content } = receipt;
  if (type === 'ChatAppInbound') {
    const text = toText(toMember(content, 'text'));
    const said = text === '' ? toKindText(toText(facts['kind']), language) : text;
    return [toReceiptUser(receipt), said].filter(Boolean).join(': ');
  }
  if (type === 'ChatAppStatus')
    return [toReceiptUser(receipt), toStatusText(toText(facts['status']), t), toText(facts['errorCode'])]
      .filter(Boolean)
      .join(' · ');
  return ['event', 'templateCode', 'language', 'status', 'phoneNumber', 'reason']
    .map((name) => toText(facts[name]))
    .filter(Boolean)
    .join(' · ');
}
