// Files: those that users sent, and those that the business uploaded.
import type { Readable } from 'node:stream';
import type { AccountId } from '../../domain/account.ts';
import type { Media } from '../../domain/media.ts';
import type { Upload } from '../../domain/upload.ts';

export interface MediaFiles {
  /** Accounts with media that are pending and due, in order, after the account `after`; it costs nothing how many media those are. */
  listDueMediaAccounts(now: number, after: AccountId, limit: number): Promise<readonly AccountId[]>;
  /** Channels of an account with media that are pending and due, in order, after the channel `after`; likewise. */
  listDueMediaChannels(
    accountId: AccountId,
    now: number,
    after: string,
    limit: number,
  ): Promise<readonly string[]>;
  /** Leases up to `limit` media of a channel that are pending and due, oldest first. */
  claimMedia(
    channel: Pick<Media, 'accountId' | 'channelId'>,
    limit: number,
    now: number,
    leaseMs: number,
  ): Promise<readonly Media[]>;
  settleMedia(accountId: AccountId, mediaId: string, result: MediaResult): Promise<void>;
  findMedia(accountId: AccountId, mediaId: string): Promise<Media | undefined>;
  /** When the next of those falls due that are not due at `now`. */
  findNextMediaDue(now: number): Promise<number | undefined>;
  /** Bytes of all media that are stored, or of those of one account. */
  sumMediaBytes(accountId?: AccountId): Promise<number>;
  /** Stored media made before `before`, oldest first. */
  listStoredMedia(before: number, limit: number): Promise<readonly Media[]>;
}

export interface Uploads {
  /** Notes an uploaded file whose bytes are on the disk; one of the same id takes the place of the former. */
  putUpload(upload: Upload): Promise<void>;
  findUpload(accountId: AccountId, id: string): Promise<Upload | undefined>;
  /** Made before `before`, oldest first. */
  listUploads(before: number, limit: number): Promise<readonly Upload[]>;
  /** Resolves to false when it is gone already, or another has taken its place. */
  removeUpload(upload: Pick<Upload, 'accountId' | 'id' | 'createdAt'>): Promise<boolean>;
  /** Bytes of all uploads, or of those of one account. */
  sumUploadBytes(accountId?: AccountId): Promise<number>;
}

export type MediaResult =
  | {
      readonly state: 'stored';
      readonly bytes: number;
      /** What the file was found to be; as it was told before when left out. */
      readonly mimeType?: string;
      /** A name for a file that has none. */
      readonly fileName?: string | null;
    }
  | { readonly state: 'pending'; readonly dueAt: number; readonly reason: string }
  | { readonly state: 'gone' | 'erased'; readonly reason: string };

/** Names a media file. */
export type MediaKey = Pick<Media, 'accountId' | 'id'>;

export interface WrittenMedia {
  readonly bytes: number;
  /** Hex digits. */
  readonly sha256: string;
}

/** Where the bytes of media live. A media id has 32 hex digits. */
export interface MediaStore {
  /** Writes a file as a whole; once it resolves the bytes are on the disk. Throws what `chunks` throws, and then leaves nothing. */
  write(media: MediaKey, chunks: AsyncIterable<Uint8Array>): Promise<WrittenMedia>;
  /** Opens a file from byte `start` to `end`, both included; undefined when it is not there. */
  read(
    media: MediaKey,
    range?: { readonly start: number; readonly end: number },
  ): Promise<{ readonly bytes: number; readonly stream: Readable } | undefined>;
  remove(media: MediaKey): Promise<void>;
}
