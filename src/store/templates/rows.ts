// Rows of templates as both stores select them.
import type { AuditStatus } from '../../domain/receipt.ts';
import type {
  AskedStatus,
  ParameterFormat,
  Template,
  TemplateRemoval,
  TemplateType,
} from '../../domain/template.ts';
import { readList, readObject } from '../rows/json-column.ts';

export interface TemplateRow {
  readonly account_id: number;
  readonly channel_id: string;
  readonly code: string;
  readonly language: string;
  readonly name: string;
  readonly type: TemplateType;
  readonly category: string;
  readonly components: string;
  readonly example: string;
  readonly status: AuditStatus;
  readonly reason: string;
  readonly allow_send: number;
  readonly category_change_paused: number;
  readonly ttl_seconds: number | null;
  readonly quality: string;
  readonly vendor_id: string | null;
  readonly parameter_format: ParameterFormat;
  readonly is_edited: number;
  readonly offered: string;
  readonly asked: string | null;
  readonly review_at: number | null;
  readonly created_at: number;
  readonly updated_at: number;
}

export function toTemplate(row: TemplateRow): Template {
  return {
    accountId: row.account_id,
    channelId: row.channel_id,
    code: row.code,
    language: row.language,
    name: row.name,
    type: row.type,
    category: row.category,
    components: readList(row.components) as Template['components'],
    example: readObject(row.example) as Template['example'],
    status: row.status,
    reason: row.reason,
    allowSend: row.allow_send === 1,
    categoryChangePaused: row.category_change_paused === 1,
    ttlSeconds: row.ttl_seconds,
    quality: row.quality,
    vendorId: row.vendor_id,
    parameterFormat: row.parameter_format,
    isEdited: row.is_edited === 1,
    offered: readList(row.offered) as string[],
    asked: row.asked === null ? null : (readObject(row.asked) as AskedStatus),
    reviewAt: row.review_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** The columns of what may be changed of a template, in the order of {@link toColumns}. */
export const contentColumns = [
  'category',
  'components',
  'example',
  'status',
  'reason',
  'allow_send',
  'category_change_paused',
  'ttl_seconds',
  'quality',
  'vendor_id',
  'parameter_format',
  'is_edited',
  'offered',
  'asked',
  'review_at',
] as const;

/** What may be changed of a template, as both stores write it. */
export function toColumns(template: Omit<Template, 'accountId' | 'createdAt' | 'updatedAt'>) {
  return [
    template.category,
    JSON.stringify(template.components),
    JSON.stringify(template.example),
    template.status,
    template.reason,
    template.allowSend ? 1 : 0,
    template.categoryChangePaused ? 1 : 0,
    template.ttlSeconds,
    template.quality,
    template.vendorId,
    template.parameterFormat,
    template.isEdited ? 1 : 0,
    JSON.stringify(template.offered),
    template.asked === null ? null : JSON.stringify(template.asked),
    template.reviewAt,
  ] as const;
}

export interface RemovalRow {
  readonly account_id: number;
  readonly channel_id: string;
  readonly name: string;
  readonly language: string;
  readonly code: string;
  readonly vendor_id: string | null;
  readonly offered: string;
  readonly attempts: number;
}

export function toRemoval(row: RemovalRow): TemplateRemoval {
  return {
    accountId: row.account_id,
    channelId: row.channel_id,
    name: row.name,
    language: row.language,
    code: row.code,
    vendorId: row.vendor_id,
    offered: readList(row.offered) as string[],
    attempts: row.attempts,
  };
}
