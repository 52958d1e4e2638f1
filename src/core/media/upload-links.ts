// What lets a business upload files here, and others read them: temporary keys that nobody stores, and links.
import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { toAccountId } from '../../domain/account.ts';
import type { AccountId } from '../../domain/account.ts';
import { toFileType, toUploadId } from '../../domain/upload.ts';
import type { MediaStore, Store } from '../../store/store.ts';
import type { MediaLinks } from './links.ts';

/** The name of the only bucket. */
export const uploadBucket = 'uploads';
/** How long an authorization is good. */
const authorizationSeconds = 3600;
const maxKeyLength = 512;

/** A temporary key with which one folder may be uploaded to. */
export interface UploadAuthorization {
  readonly keyId: string;
  readonly keySecret: string;
  readonly securityToken: string;
  readonly bucket: string;
  /** Every uploaded key has to begin with it and a slash. */
  readonly folder: string;
  /** Base of the upload address, which is this and the bucket. */
  readonly endpoint: string;
  readonly lifeSeconds: number;
}

/** Whose folder a key is in, and until when it may be uploaded to. */
export interface UploadClaim {
  readonly accountId: AccountId;
  readonly channelId: string;
  readonly keyId: string;
  readonly folder: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

export interface UploadLinks {
  /** Makes a key for the folder of a channel; nothing is stored. */
  authorize(accountId: AccountId, channelId: string): UploadAuthorization;
  /** Reads a temporary key's id; undefined when it is none of ours. Proves nothing: a signature has to. */
  readKeyId(keyId: string): UploadClaim | undefined;
  /** The id of the temporary key for a file's folder; undefined for a file that is in none. */
  toKeyId(key: string): string | undefined;
  secretOf(keyId: string): string;
  /** Whether a security token belongs to a key. Constant time. */
  isTokenOf(keyId: string, token: string): boolean;
  /** The address of an uploaded file, which shows it to nobody by itself. */
  toAddress(key: string): string;
  /** The account's own key behind an address, or the key itself; undefined for anything else. */
  toKey(accountId: AccountId, address: string): string | undefined;
  /** A signed link to an uploaded file by its key. */
  sign(accountId: AccountId, key: string): string;
  /** Whether a file has been uploaded under the key. */
  has(accountId: AccountId, key: string): Promise<boolean>;
  /** A value with the addresses of the account's uploads in it, however deep, replaced by signed links. */
  signIn<T>(accountId: AccountId, value: T): T;
  /** The first address in a value that names a file which the account has not uploaded; undefined when there is none. */
  findMissing(accountId: AccountId, value: unknown): Promise<string | undefined>;
}

interface UploadLinkDeps {
  readonly masterKey: Buffer;
  readonly publicUrl: () => string;
  readonly links: Pick<MediaLinks, 'url'>;
  readonly store: Pick<Store, 'findUpload'>;
  readonly now: () => number;
}

export function createUploadLinks(deps: UploadLinkDeps): UploadLinks {
  return new SignedUploads(deps);
}

class SignedUploads implements UploadLinks {
  readonly #deps: UploadLinkDeps;
  readonly #secretKey: Buffer;

  constructor(deps: UploadLinkDeps) {
    this.#deps = deps;
    this.#secretKey = Buffer.from(hkdfSync('sha256', deps.masterKey, '', 'chasqui upload keys v1', 32));
  }

  authorize(accountId: AccountId, channelId: string): UploadAuthorization {
    const { now, publicUrl } = this.#deps;
    const expires = Math.floor(now() / 1000) + authorizationSeconds;
    const stamp = `${expires.toString(16).padStart(8, '0')}${randomBytes(8).toString('hex')}`;
    const keyId = `UPL.${accountId}.${stamp}.${channelId}`;
    return {
      keyId,
      keySecret: this.secretOf(keyId),
      securityToken: this.#derive('token', keyId),
      bucket: uploadBucket,
      folder: `${accountId}/${channelId}/${stamp}`,
      endpoint: publicUrl(),
      lifeSeconds: authorizationSeconds,
    };
  }

  readKeyId(keyId: string): UploadClaim | undefined {
    const [, account = '', stamp = '', channelId = ''] =
      /^UPL\.(\d{1,16})\.([0-9a-f]{24})\.(.{1,128})$/.exec(keyId) ?? [];
    const accountId = toAccountId(account);
    if (accountId === undefined) return undefined;
    const expiresAt = Number.parseInt(stamp.slice(0, 8), 16) * 1000;
    return { accountId, channelId, keyId, folder: `${account}/${channelId}/${stamp}`, expiresAt };
  }

  toKeyId(key: string): string | undefined {
    const [, account = '', channelId = '', stamp = ''] =
      /^(\d{1,16})\/([^/]{1,128})\/([0-9a-f]{24})\//.exec(key) ?? [];
    return stamp === '' ? undefined : `UPL.${account}.${stamp}.${channelId}`;
  }

  secretOf(keyId: string): string {
    return this.#derive('secret', keyId);
  }

  isTokenOf(keyId: string, token: string): boolean {
    const expected = Buffer.from(this.#derive('token', keyId));
    const given = Buffer.from(token);
    return expected.byteLength === given.byteLength && timingSafeEqual(expected, given);
  }

  toAddress(key: string): string {
    return `${this.#base()}${key.split('/').map(encodeURIComponent).join('/')}`;
  }

  toKey(accountId: AccountId, address: string): string | undefined {
    const base = this.#base();
    const path = address.startsWith(base) ? address.slice(base.length) : address;
    const key = path === address ? path : decodePath(path);
    return key !== undefined && key.startsWith(`${accountId}/`) && isKey(key) ? key : undefined;
  }

  sign(accountId: AccountId, key: string): string {
    return this.#deps.links.url(accountId, toUploadId(accountId, key), toFileType(key)?.mimeType ?? '');
  }

  async has(accountId: AccountId, key: string): Promise<boolean> {
    return (await this.#deps.store.findUpload(accountId, toUploadId(accountId, key))) !== undefined;
  }

  signIn<T>(accountId: AccountId, value: T): T {
    return mapTexts(value, (text) => {
      const key = text.startsWith(this.#base()) ? this.toKey(accountId, text) : undefined;
      return key === undefined ? text : this.sign(accountId, key);
    });
  }

  async findMissing(accountId: AccountId, value: unknown): Promise<string | undefined> {
    const addresses: string[] = [];
    mapTexts(value, (text) => {
      if (text.startsWith(this.#base())) addresses.push(text);
      return text;
    });
    for (const address of addresses) {
      const key = this.toKey(accountId, address);
      if (key === undefined || !(await this.has(accountId, key))) return address;
    }
    return undefined;
  }

  #derive(kind: 'secret' | 'token', keyId: string): string {
    return createHmac('sha256', this.#secretKey).update(`${kind}\n${keyId}`).digest('base64url');
  }

  #base(): string {
    return `${this.#deps.publicUrl()}/${uploadBucket}/`;
  }
}

/** Whether a file may be called so: printable, without steps up, and not too long. */
export function isKey(key: string): boolean {
  return (
    key.length <= maxKeyLength &&
    key.isWellFormed() &&
    // eslint-disable-next-line no-control-regex -- control characters are what is looked for
    !/[\u0000-\u001f\u007f\\?#]/.test(key) &&
    key.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
  );
}

/** A copy of a JSON value with every text in it replaced; what holds none stays the same. */
function mapTexts<T>(value: T, change: (text: string) => string): T {
  const map = (inner: unknown): unknown => {
    if (typeof inner === 'string') return change(inner);
    if (Array.isArray(inner)) return inner.map(map);
    if (typeof inner !== 'object' || inner === null) return inner;
    return Object.fromEntries(Object.entries(inner).map(([name, item]) => [name, map(item)]));
  };
  // Texts stay texts, and nothing else changes.
  return map(value) as T;
}

/** Undefined for a path that is not percent-encoded text. */
function decodePath(path: string): string | undefined {
  try {
    return decodeURIComponent(path.split(/[?#]/, 1)[0] ?? '');
  } catch {
    return undefined;
  }
}

/** Takes up to `limit` uploads away that are older than `keepMs`; resolves to how many went. */
export async function sweepUploads(
  deps: {
    readonly store: Pick<Store, 'listUploads' | 'removeUpload'>;
    readonly files: MediaStore;
    readonly now: () => number;
    readonly keepMs: number;
  },
  limit: number,
): Promise<number> {
  const old = await deps.store.listUploads(deps.now() - deps.keepMs, limit);
  for (const upload of old)
    // The row first: a file without a row is only wasted space, a row without its file would be a broken promise.
    if (await deps.store.removeUpload(upload)) await deps.files.remove(upload);
  return old.length;
}
