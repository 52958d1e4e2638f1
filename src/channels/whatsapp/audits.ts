// Templates, numbers and accounts of WhatsApp (docs/protocols/whatsapp.md).
import { toEventIdentity } from '../../domain/identity.ts';
import type { AuditFacts, ChannelEvent } from '../../domain/receipt.ts';
import { defined, toDigest, toWord } from '../kit/gatherer.ts';
import type { Unread } from '../kit/gatherer.ts';
import { toCanonicalJson, toText } from '../kit/json.ts';
import type { Reader } from '../kit/reader.ts';
import { readTemplateState } from '../kit/template-states.ts';

/** What the entry of a change tells. */
export interface EntryOf {
  readonly wabaId: string | undefined;
  /** When the POST was made, as Meta wrote it, and in epoch milliseconds. */
  readonly time: string | undefined;
  readonly at: number | undefined;
}

/** Reads a change of a template, a number or the account; undefined for a field that is not known. */
export function readAudit(
  index: number,
  { wabaId, time = '', at }: EntryOf,
  field: string,
  value: Reader,
  now: number,
): ChannelEvent | Unread | undefined {
  if (wabaId === undefined) return { reason: 'wrong_shape', detail: 'entry without an id' };
  // One documentation sample carries a quality update under the field of status updates.
  const isQuality =
    field === 'message_template_status_update' && value.peek('new_quality_score') !== undefined;
  const kind = isQuality ? 'message_template_quality_update' : field;
  const told = Object.hasOwn(readers, kind) ? readers[kind]?.(value) : undefined;
  if (told === undefined || 'reason' in told) return told;
  return {
    index,
    route: { by: 'waba', id: wabaId },
    identity: toEventIdentity('audit', time, field, toDigest(toCanonicalJson(value.source))),
    occurredAt: at ?? now,
    facts: { type: 'ChatAppAudit', wabaId, ...told.facts },
  };
}

/** What the value of a field tells. */
type ReadValue = (value: Reader) => { readonly facts: Omit<AuditFacts, 'type' | 'wabaId'> } | Unread;

const readers: Readonly<Record<string, ReadValue>> = {
  message_template_status_update: readTemplateStatus,
  message_template_quality_update: (value) => ({
    facts: {
      event: 'templateQualityUpdate',
      ...readTemplate(value),
      ...defined('status', value.text('new_quality_score')),
    },
  }),
  template_category_update: (value) => ({
    facts: {
      event: 'templateCategoryUpdate',
      ...readTemplate(value),
      ...defined('status', value.text('new_category')),
      // Announced a day ahead: the category is still the old one.
      ...defined('reason', value.text('correct_category')),
    },
  }),
  phone_number_name_update: (value) => ({
    facts: {
      event: 'phoneNameUpdate',
      ...readPhone(value),
      ...defined('status', value.text('decision')),
      ...defined('reason', value.text('rejection_reason')),
    },
  }),
  phone_number_quality_update: (value) => ({
    facts: {
      event: 'phoneQualityUpdate',
      ...readPhone(value),
      ...defined('status', value.text('event')),
      ...defined(
        'currentLimit',
        value.text('current_limit') ?? value.text('max_daily_conversations_per_business'),
      ),
    },
  }),
  business_username_update: readUserName,
  business_username_updates: readUserName,
  account_review_update: (value) => ({
    facts: { event: 'wabaReviewUpdate', ...defined('status', value.text('decision')) },
  }),
  account_update: readAccount,
  security: readAccount,
  account_alerts: (value) => {
    const alert = value.object('alert_info') ?? value;
    const status = alert.text('alert_type');
    if (status === undefined) return { reason: 'wrong_shape', detail: 'alert without a type' };
    const reason = alert.text('alert_description');
    return { facts: { event: 'wabaAccountUpdate', status, ...defined('reason', reason) } };
  },
};

/** Of the business itself: the name that people find the number by. */
function readUserName(value: Reader): ReturnType<ReadValue> {
  return {
    facts: {
      event: 'phoneUsernameUpdate',
      ...readPhone(value),
      ...defined('status', value.text('status')),
      ...defined('userName', value.text('username')?.replace(/^@/, '')),
    },
  };
}

function readAccount(value: Reader): ReturnType<ReadValue> {
  const status = value.text('event');
  return { facts: { event: 'wabaAccountUpdate', ...readPhone(value), ...defined('status', status) } };
}

function readTemplateStatus(value: Reader): ReturnType<ReadValue> {
  const { word, status: auditStatus, isPlain } = readTemplateState(value.peek('event'));
  if (auditStatus === null) return { reason: 'unknown_event', detail: toWord(`template ${word}`) };
  if (isPlain) value.skip('event');
  // Meta's word for none.
  value.skipSame('reason', 'NONE');
  const reason = auditStatus === 'fail' ? toRejection(value) : undefined;
  return {
    facts: { event: 'template', ...readTemplate(value), auditStatus, ...defined('reason', reason) },
  };
}

function readTemplate(value: Reader): Pick<AuditFacts, 'templateCode' | 'templateName' | 'language'> {
  return {
    ...defined('templateCode', value.text('message_template_id')),
    ...defined('templateName', value.text('message_template_name')),
    ...defined('language', value.text('message_template_language')?.replace('-', '_')),
  };
}

function readPhone(value: Reader): Pick<AuditFacts, 'phoneNumber'> {
  const shown = toText(value.peek('display_phone_number'));
  // However it is written, a number is told in bare digits; what is none stays as it is, beside them.
  if (shown !== undefined && /^[\d\s().+-]+$/.test(shown)) value.skip('display_phone_number');
  return defined('phoneNumber', shown?.replace(/\D/g, ''));
}

function toRejection(value: Reader): string {
  const info = value.object('rejection_info')?.text('reason');
  const reason = value.text('reason') ?? '';
  return info === undefined ? reason : `${reason}: ${info}`;
}
