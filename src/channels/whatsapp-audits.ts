// Templates, numbers and accounts of WhatsApp (channels 2.5).
import type { AuditFacts, AuditStatus, ChannelEvent } from '../domain/receipt.ts';
import { defined, toDigest, toWord } from './gatherer.ts';
import type { Unread } from './gatherer.ts';
import { isObject, toCanonicalJson, toText, toTime } from './meta.ts';
import type { JsonObject } from './meta.ts';

/** A flagged template may still be sent; an archived, locked or deleted one may not. */
export const auditStatusOf: Readonly<Record<string, AuditStatus>> = {
  APPROVED: 'pass',
  REINSTATED: 'pass',
  UNARCHIVED: 'pass',
  FLAGGED: 'pass',
  REJECTED: 'fail',
  PENDING: 'auditing',
  IN_APPEAL: 'auditing',
  PAUSED: 'paused',
  DISABLED: 'disabled',
  LOCKED: 'disabled',
  LIMIT_EXCEEDED: 'disabled',
  ARCHIVED: 'disabled',
  PENDING_DELETION: 'disabled',
  DELETED: 'disabled',
};

/** Reads a change of a template, a number or the account; undefined for a field that is not known. */
export function readAudit(
  index: number,
  entry: JsonObject,
  field: string,
  value: JsonObject,
  now: number,
): ChannelEvent | Unread | undefined {
  const wabaId = toText(entry['id']);
  if (wabaId === undefined) return { reason: 'wrong_shape', detail: 'entry without an id' };
  const facts = toAuditFacts(wabaId, field, value);
  if (facts === undefined || 'reason' in facts) return facts;
  const time = toText(entry['time']) ?? '';
  return {
    index,
    route: { by: 'waba', id: wabaId },
    identity: ['audit', time, field, toDigest(toCanonicalJson(value))],
    occurredAt: toTime(entry['time']) ?? now,
    facts: facts.facts,
  };
}

function toAuditFacts(
  wabaId: string,
  field: string,
  value: JsonObject,
): { facts: AuditFacts } | Unread | undefined {
  const base = { type: 'ChatAppAudit', wabaId } as const;
  const template = {
    ...defined('templateCode', toText(value['message_template_id'])),
    ...defined('templateName', toText(value['message_template_name'])),
    ...defined('language', toText(value['message_template_language'])?.replace('-', '_')),
  };
  const phone = defined('phoneNumber', toText(value['display_phone_number'])?.replace(/\D/g, ''));
  // One documentation sample carries a quality update under the field of status updates.
  if (
    field === 'message_template_quality_update' ||
    (field === 'message_template_status_update' && value['new_quality_score'] !== undefined)
  ) {
    const quality = {
      ...defined('status', toText(value['new_quality_score'])),
      ...defined('previous', toText(value['previous_quality_score'])),
    };
    return { facts: { ...base, event: 'templateQualityUpdate', ...template, ...quality } };
  }
  switch (field) {
    case 'message_template_status_update': {
      const event = toText(value['event']) ?? '';
      const auditStatus = Object.hasOwn(auditStatusOf, event) ? auditStatusOf[event] : undefined;
      if (auditStatus === undefined) return { reason: 'unknown_event', detail: toWord(`template ${event}`) };
      const reason = auditStatus === 'fail' ? toRejection(value) : undefined;
      return {
        facts: { ...base, event: 'template', ...template, auditStatus, ...defined('reason', reason) },
      };
    }
    case 'template_category_update': {
      const category = {
        ...defined('status', toText(value['new_category'])),
        ...defined('previous', toText(value['previous_category'])),
        // Announced a day ahead: the category is still the old one.
        ...defined('reason', toText(value['correct_category'])),
      };
      return { facts: { ...base, event: 'templateCategoryUpdate', ...template, ...category } };
    }
    case 'phone_number_name_update':
      return {
        facts: {
          ...base,
          event: 'phoneNameUpdate',
          ...phone,
          ...defined('status', toText(value['decision'])),
          ...defined('reason', toText(value['rejection_reason'])),
        },
      };
    case 'phone_number_quality_update': {
      const limit = toText(value['current_limit']) ?? toText(value['max_daily_conversations_per_business']);
      return {
        facts: {
          ...base,
          event: 'phoneQualityUpdate',
          ...phone,
          ...defined('status', toText(value['event'])),
          ...defined('currentLimit', limit),
        },
      };
    }
    case 'account_review_update':
      return {
        facts: { ...base, event: 'wabaReviewUpdate', ...defined('status', toText(value['decision'])) },
      };
    case 'account_update':
      return {
        facts: {
          ...base,
          event: 'wabaAccountUpdate',
          ...phone,
          ...defined('status', toText(value['event'])),
        },
      };
    case 'account_alerts': {
      const alert = isObject(value['alert_info']) ? value['alert_info'] : value;
      if (toText(alert['alert_type']) === undefined)
        return { reason: 'wrong_shape', detail: 'alert without a type' };
      return {
        facts: {
          ...base,
          event: 'wabaAccountUpdate',
          ...defined('status', toText(alert['alert_type'])),
          ...defined('reason', toText(alert['alert_description'])),
        },
      };
    }
    case 'security':
      return {
        facts: {
          ...base,
          event: 'wabaAccountUpdate',
          ...phone,
          ...defined('status', toText(value['event'])),
        },
      };
    default:
      return undefined;
  }
}

function toRejection(value: JsonObject): string {
  const info = isObject(value['rejection_info']) ? toText(value['rejection_info']['reason']) : undefined;
  const reason = toText(value['reason']) ?? '';
  return info === undefined ? reason : `${reason}: ${info}`;
}
