import type { AccountId } from '../../domain/account.ts';
import type { ChannelRemark } from '../../domain/receipt.ts';
import type { Intake, RawEventEntry, RawEventFilter } from '../store.ts';
import { readList } from '../rows/json-column.ts';

export interface RemarkedRow {
  readonly id: number;
  readonly account_id: AccountId;
  readonly channel_id: string;
  readonly received_at: number;
  readonly reader: string | null;
  readonly remarks: string | null;
}

export function toRawEventEntry(row: RemarkedRow): RawEventEntry {
  return {
    accountId: row.account_id,
    id: row.id,
    channelId: row.channel_id,
    receivedAt: row.received_at,
    reader: row.reader ?? '',
    remarks: row.remarks === null ? [] : (readList(row.remarks) as readonly ChannelRemark[]),
  };
}

/** The columns of what is said of a raw event; undefined when nothing is. */
export function toRemarked({
  remarks,
  reader = '',
}: Intake): { readonly fromUser: 0 | 1; readonly reader: string; readonly remarks: string } | undefined {
  if (remarks.length === 0) return undefined;
  const fromUser = remarks.some(({ mayBeMessage }) => mayBeMessage) ? 1 : 0;
  return { fromUser, reader, remarks: JSON.stringify(remarks) };
}

/** Whether only raw events with remarks are wanted. */
export function isOfRemarked({ remarked, reason, mayBeMessage }: RawEventFilter): boolean {
  return remarked === true || reason !== undefined || mayBeMessage !== undefined;
}

/** What the JSON of remarks holds when one of them has this reason; null for any. */
export function toReasonText(reason: string | undefined): string | null {
  return reason === undefined ? null : `"reason":"${reason}"`;
}
