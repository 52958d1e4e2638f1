import type { Media, MediaState } from '../../domain/media.ts';
import { toHex } from '../receipts/rows.ts';

export interface MediaRow {
  readonly account_id: number;
  readonly id: Uint8Array;
  readonly channel_id: string;
  readonly sender_id: string;
  readonly channel_media_id: string;
  readonly mime_type: string;
  readonly file_name: string | null;
  readonly sha256: string | null;
  readonly state: MediaState;
  readonly reason: string;
  readonly bytes: number | null;
  readonly attempts: number;
  readonly due_at: number;
  readonly created_at: number;
}

/** A media id as it is kept. */
export function toMediaKey(mediaId: string): Buffer {
  return Buffer.from(mediaId, 'hex');
}

/** A media file's facts from their row. */
export function toMedia(row: MediaRow): Media {
  return {
    accountId: row.account_id,
    id: toHex(row.id),
    channelId: row.channel_id,
    senderId: row.sender_id,
    channelMediaId: row.channel_media_id,
    mimeType: row.mime_type,
    fileName: row.file_name,
    sha256: row.sha256,
    state: row.state,
    reason: row.reason,
    bytes: row.bytes,
    attempts: row.attempts,
    dueAt: row.due_at,
    createdAt: row.created_at,
  };
}
