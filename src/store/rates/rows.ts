// Rows of rates of pushes as both stores select them.
import type { AttemptOutcome } from '../../domain/delivery.ts';
import type { PushPoint, PushSum } from '../store.ts';

export interface PushSumRow {
  readonly destination_id: number;
  /** '' where one POST held receipts of several channels. */
  readonly channel_id: string;
  readonly outcome: AttemptOutcome;
  /** 0 where there was no answer. */
  readonly status: number;
  readonly took: number;
  readonly count: number;
}

export type PushPointRow = Pick<PushSumRow, 'outcome' | 'status' | 'count'> & { readonly minute: number };

export function toPushSum({
  destination_id: destinationId,
  channel_id: channelId,
  ...row
}: PushSumRow): PushSum {
  return { ...row, destinationId, channelId: channelId || null, status: row.status || null };
}

export function toPushPoint(row: PushPointRow): PushPoint {
  return { ...row, status: row.status || null };
}
