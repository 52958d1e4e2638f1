// Files that the business uploaded.
import type { AccountId } from '../../domain/account.ts';
import type { Upload } from '../../domain/upload.ts';

export interface Uploads {
  /** Notes an uploaded file whose bytes are on the disk; one of the same id takes the place of the former. */
  putUpload(upload: Upload): Promise<void>;
  findUpload(accountId: AccountId, id: string): Promise<Upload | undefined>;
  /** Made before `before`, oldest first. */
  listUploads(before: number, limit: number): Promise<readonly Upload[]>;
  /** Resolves to false when it is gone already, or another has taken its place. */
  removeUpload(upload: Pick<Upload, 'accountId' | 'id' | 'createdAt'>): Promise<boolean>;
}
