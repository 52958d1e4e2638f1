// Files that a business uploads: which of them are taken, and how one is kept.
import type { AccountId } from '../../domain/account.ts';
import { headBytes, toFileType, toMaxBytes, toUploadId, uploadExtensions } from '../../domain/upload.ts';
import type { Upload } from '../../domain/upload.ts';
import type { Directory } from '../../store/directory.ts';
import type { MediaStore, Store } from '../../store/store.ts';
import { isOverShare } from './budget.ts';
import type { BudgetStore } from './budget.ts';

export interface UploadDeps {
  readonly store: BudgetStore & Pick<Store, 'putUpload'>;
  readonly directory: Pick<Directory, 'channel'>;
  readonly files: MediaStore;
  readonly now: () => number;
  readonly settings: {
    /** Disk space that media and uploads share. */
    readonly budgetBytes: number;
    /** Bytes of the largest file, whatever its channel takes. */
    readonly maxBytes: number;
  };
}

type UploadRefusalReason = 'channel_gone' | 'file_type' | 'too_large' | 'too_small' | 'no_space';

/** A file that is not taken; the message says why, and what would be. */
export class UploadRefusal extends Error {
  readonly reason: UploadRefusalReason;

  constructor(reason: UploadRefusalReason, message: string) {
    super(message);
    this.name = 'UploadRefusal';
    this.reason = reason;
  }
}

export interface SizeBounds {
  readonly minBytes: number;
  readonly maxBytes: number;
}

/** A file that somebody may upload. */
interface GivenFile {
  readonly accountId: AccountId;
  readonly channelId: string;
  /** Its name with its folder; the extension says what it is. */
  readonly key: string;
  /** The media type that it is said to be of; empty when nothing is said. */
  readonly declared: string;
  /** What whoever allowed it has bounded its size to. */
  readonly bounds: SizeBounds;
  readonly content: AsyncIterable<Uint8Array>;
}

/** What a file is said to be of which nothing is said. */
const undeclared: ReadonlySet<string> = new Set(['', 'text/plain', 'application/octet-stream']);

/**
 * Keeps a file; resolves once its bytes and its row are on the disk. Throws `UploadRefusal` for one that its channel does not take,
 * that is not what it is said to be, or for which there is no space.
 */
export async function keepUpload(deps: UploadDeps, file: GivenFile): Promise<Upload> {
  const { accountId, key, content } = file;
  const createdAt = deps.now();
  const { fileType, bounds, channelId } = await admit(deps, file);
  await findSpace(deps, accountId);
  const id = toUploadId(accountId, key);
  const written = await deps.files.write({ accountId, id }, inspect(content, fileType.begins, bounds));
  const upload = { accountId, id, channelId, key, mimeType: fileType.mimeType, ...written, createdAt };
  await deps.store.putUpload(upload);
  return upload;
}

/** What the file is, and how large it may be. */
async function admit(deps: UploadDeps, { accountId, channelId, key, declared, bounds }: GivenFile) {
  const channel = await deps.directory.channel(channelId);
  if (channel?.accountId !== accountId)
    throw new UploadRefusal('channel_gone', 'The channel of this authorization is not there any more.');
  const fileType = toFileType(key);
  if (fileType === undefined)
    throw new UploadRefusal('file_type', `The key has to end in one of .${uploadExtensions.join(', .')}.`);
  if (!undeclared.has(declared) && !isSameType(declared, fileType.mimeType))
    throw new UploadRefusal(
      'file_type',
      `The content type ${declared} does not go with the key's extension.`,
    );
  const most = Math.min(toMaxBytes(channel.type, fileType.kind), deps.settings.maxBytes);
  if (most === 0)
    throw new UploadRefusal('file_type', `A ${channel.type} channel takes no ${fileType.kind}.`);
  return {
    fileType,
    channelId: channel.id,
    bounds: { ...bounds, maxBytes: Math.min(bounds.maxBytes, most) },
  };
}

async function findSpace(deps: UploadDeps, accountId: AccountId): Promise<void> {
  const held = await deps.store.sumFileBytes();
  if (held >= deps.settings.budgetBytes)
    throw new UploadRefusal('no_space', 'The disk space for media is used up.');
  if (await isOverShare(deps, accountId, held))
    throw new UploadRefusal('no_space', 'The disk space for media that this account may have is used up.');
}

function isSameType(declared: string, mimeType: string): boolean {
  const [kind] = mimeType.split('/', 1);
  return declared === mimeType || (kind !== 'application' && declared.startsWith(`${kind}/`));
}

/** Passes a file on while it looks whether it begins as its type does and keeps to its size. */
async function* inspect(
  stream: AsyncIterable<Uint8Array>,
  begins: (head: Buffer) => boolean,
  { minBytes, maxBytes }: SizeBounds,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const piece of stream) {
    bytes += piece.byteLength;
    if (bytes > maxBytes) throw new UploadRefusal('too_large', `The file is larger than ${maxBytes} bytes.`);
    if (head === undefined) {
      yield piece;
      continue;
    }
    head = Buffer.concat([head, piece]);
    if (head.byteLength < headBytes) continue;
    yield checkHead(head, begins);
    head = undefined;
  }
  if (bytes < Math.max(1, minBytes))
    throw new UploadRefusal('too_small', `The file is smaller than ${Math.max(1, minBytes)} bytes.`);
  if (head !== undefined) yield checkHead(head, begins);
}

function checkHead(head: Buffer, begins: (head: Buffer) => boolean): Buffer {
  if (begins(head.subarray(0, headBytes))) return head;
  throw new UploadRefusal('file_type', "The file is not of the type that its key's extension names.");
}
