import type { Upload } from '../../domain/upload.ts';
import { toHex } from '../receipts/rows.ts';

export interface UploadRow {
  readonly account_id: number;
  readonly id: Uint8Array;
  readonly channel_id: string;
  readonly key: string;
  readonly mime_type: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly created_at: number;
}

/** An uploaded file from its row. */
export function toUpload(row: UploadRow): Upload {
  return {
    accountId: row.account_id,
    id: toHex(row.id),
    channelId: row.channel_id,
    key: row.key,
    mimeType: row.mime_type,
    bytes: row.bytes,
    sha256: row.sha256,
    createdAt: row.created_at,
  };
}
