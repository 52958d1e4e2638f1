import { createHmac, createSecretKey, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { AccountId } from '../../domain/account.ts';

interface LinkDeps {
  readonly masterKey: Buffer;
  /** Without a trailing slash; asked each time, because the listen address is known only once it listens. */
  readonly publicUrl: () => string;
  readonly lifeMs: number;
  readonly now: () => number;
}

export interface MediaLinks {
  /** A link to our copy of a media file, valid for `lifeMs` from now; it ends in an extension, as consumers expect. */
  url(accountId: AccountId, mediaId: string, mimeType: string): string;
  /** Whether a link's signature is ours and its time is not over. Compares in constant time. */
  check(accountId: string, mediaId: string, expires: string, signature: string): 'good' | 'bad' | 'expired';
}

const extensions: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/gif': 'gif',
  'video/mp4': 'mp4',
  'video/3gpp': '3gp',
  'audio/ogg': 'ogg',
  'audio/mpeg': 'mp3',
  'audio/mp4': 'm4a',
  'audio/amr': 'amr',
  'audio/aac': 'aac',
  'audio/wav': 'wav',
  'application/pdf': 'pdf',
  'text/plain': 'txt',
  'text/csv': 'csv',
  'video/quicktime': 'mov',
  'application/rtf': 'rtf',
  'application/msword': 'doc',
  'application/vnd.ms-excel': 'xls',
  'application/vnd.ms-powerpoint': 'ppt',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': 'pptx',
  'application/vnd.oasis.opendocument.text': 'odt',
  'application/vnd.oasis.opendocument.spreadsheet': 'ods',
};

export function createMediaLinks({ masterKey, publicUrl, lifeMs, now }: LinkDeps): MediaLinks {
  const key = createSecretKey(Buffer.from(hkdfSync('sha256', masterKey, '', 'chasqui media links v1', 32)));
  const sign = (accountId: string, mediaId: string, expires: string): string =>
    createHmac('sha256', key).update(`${accountId}/${mediaId}/${expires}`).digest('hex');

  return {
    url: (accountId, mediaId, mimeType) => {
      const expires = String(Math.floor((now() + lifeMs) / 1000));
      const extension = extensions[mimeType.split(';')[0]?.trim().toLowerCase() ?? ''] ?? 'bin';
      return `${publicUrl()}/media/${accountId}/${mediaId}.${extension}?Expires=${expires}&Signature=${sign(String(accountId), mediaId, expires)}`;
    },
    check: (accountId, mediaId, expires, signature) => {
      const expected = Buffer.from(sign(accountId, mediaId, expires));
      const given = Buffer.from(signature);
      if (given.byteLength !== expected.byteLength || !timingSafeEqual(given, expected)) return 'bad';
      return Number(expires) * 1000 > now() ? 'good' : 'expired';
    },
  };
}
