// Files that users sent, and where the bytes of all files are kept.
import type { Readable } from 'node:stream';
import type { AccountId } from '../../domain/account.ts';
import type { Media } from '../../domain/media.ts';

/** How much people have stored. */
export interface MediaViews {
  /** Bytes of all files that are stored, media and uploads, or of those of one account; it costs the same however many they are. */
  sumFileBytes(accountId?: AccountId): Promise<number>;
}

export interface MediaFiles extends MediaViews {
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
  /** Stored media made before `before`, oldest first. */
  listStoredMedia(before: number, limit: number): Promise<readonly Media[]>;
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
