// Files that a business puts here, to be named in its templates and messages.
import { createHash } from 'node:crypto';
import type { AccountId } from './account.ts';
import type { ChannelType } from './channel.ts';

/** One uploaded file. */
export interface Upload {
  readonly accountId: AccountId;
  /** 32 hex digits, the same for the same key. */
  readonly id: string;
  readonly channelId: string;
  /** Its name as the uploader gave it, with its folder. */
  readonly key: string;
  readonly mimeType: string;
  readonly bytes: number;
  /** Hex digits. */
  readonly sha256: string;
  readonly createdAt: number;
}

/** The id under which the bytes of a key are kept; a second upload of a key takes the place of the first. */
export function toUploadId(accountId: AccountId, key: string): string {
  return createHash('sha256').update(`upload\n${accountId}\n${key}`).digest('hex').slice(0, 32);
}

type FileKind = 'image' | 'video' | 'audio' | 'document';

interface FileType {
  readonly kind: FileKind;
  readonly mimeType: string;
  /** Whether the file begins as its type does. */
  readonly begins: (head: Buffer) => boolean;
}

/** Bytes of a file that `begins` looks at. */
export const headBytes = 512;

const starts =
  (...texts: readonly string[]) =>
  (head: Buffer): boolean =>
    texts.some((text) => head.subarray(0, text.length).equals(Buffer.from(text, 'latin1')));
const at =
  (offset: number, text: string) =>
  (head: Buffer): boolean =>
    head.subarray(offset, offset + text.length).toString('latin1') === text;
const isIso = at(4, 'ftyp');
const isZip = starts('PK\x03\x04');
const isOle = starts('\xd0\xcf\x11\xe0');
const isText = (head: Buffer): boolean => !head.includes(0) && !starts('MZ', '\x7fELF', '#!')(head);
/** An MPEG audio frame begins with eleven bits that are set. */
const isFrame = (head: Buffer): boolean => head[0] === 0xff && ((head[1] ?? 0) & 0xe0) === 0xe0;

const office = 'application/vnd.openxmlformats-officedocument';
const opendocument = 'application/vnd.oasis.opendocument';

/** What may be uploaded, by extension. What runs is not among it. */
const types: Readonly<Record<string, FileType>> = {
  jpg: { kind: 'image', mimeType: 'image/jpeg', begins: starts('\xff\xd8\xff') },
  jpeg: { kind: 'image', mimeType: 'image/jpeg', begins: starts('\xff\xd8\xff') },
  png: { kind: 'image', mimeType: 'image/png', begins: starts('\x89PNG') },
  gif: { kind: 'image', mimeType: 'image/gif', begins: starts('GIF8') },
  webp: { kind: 'image', mimeType: 'image/webp', begins: at(8, 'WEBP') },
  mp4: { kind: 'video', mimeType: 'video/mp4', begins: isIso },
  m4v: { kind: 'video', mimeType: 'video/mp4', begins: isIso },
  mov: { kind: 'video', mimeType: 'video/quicktime', begins: isIso },
  '3gp': { kind: 'video', mimeType: 'video/3gpp', begins: isIso },
  aac: { kind: 'audio', mimeType: 'audio/aac', begins: isFrame },
  m4a: { kind: 'audio', mimeType: 'audio/mp4', begins: isIso },
  mp3: {
    kind: 'audio',
    mimeType: 'audio/mpeg',
    begins: (head) => starts('ID3')(head) || isFrame(head),
  },
  amr: { kind: 'audio', mimeType: 'audio/amr', begins: starts('#!AMR') },
  ogg: { kind: 'audio', mimeType: 'audio/ogg', begins: starts('OggS') },
  wav: { kind: 'audio', mimeType: 'audio/wav', begins: at(8, 'WAVE') },
  pdf: { kind: 'document', mimeType: 'application/pdf', begins: starts('%PDF') },
  doc: { kind: 'document', mimeType: 'application/msword', begins: isOle },
  xls: { kind: 'document', mimeType: 'application/vnd.ms-excel', begins: isOle },
  ppt: { kind: 'document', mimeType: 'application/vnd.ms-powerpoint', begins: isOle },
  docx: { kind: 'document', mimeType: `${office}.wordprocessingml.document`, begins: isZip },
  xlsx: { kind: 'document', mimeType: `${office}.spreadsheetml.sheet`, begins: isZip },
  pptx: { kind: 'document', mimeType: `${office}.presentationml.presentation`, begins: isZip },
  odt: { kind: 'document', mimeType: `${opendocument}.text`, begins: isZip },
  ods: { kind: 'document', mimeType: `${opendocument}.spreadsheet`, begins: isZip },
  rtf: { kind: 'document', mimeType: 'application/rtf', begins: starts('{\\rtf') },
  txt: { kind: 'document', mimeType: 'text/plain', begins: isText },
  csv: { kind: 'document', mimeType: 'text/csv', begins: isText },
};

const megabyte = 1024 * 1024;
const all = (bytes: number): Readonly<Record<FileKind, number>> => ({
  image: bytes,
  video: bytes,
  audio: bytes,
  document: bytes,
});

/** Bytes of a file that a channel takes of each kind (the vendors' own limits, read 2026-11-23). */
const maxBytes: Readonly<Record<ChannelType, Readonly<Record<FileKind, number>>>> = {
  whatsapp: {
    image: 5 * megabyte,
    video: 16 * megabyte,
    audio: 16 * megabyte,
    document: 100 * megabyte,
  },
  messenger: all(25 * megabyte),
  instagram: { ...all(25 * megabyte), image: 8 * megabyte },
  viber: { image: 50 * megabyte, video: 200 * megabyte, audio: 0, document: 200 * megabyte },
  sandbox: all(200 * megabyte),
};

/** The type that a file's extension stands for; undefined for one that may not be uploaded. */
export function toFileType(key: string): FileType | undefined {
  const extension = /\.([a-z0-9]{1,8})$/i.exec(key)?.[1]?.toLowerCase() ?? '';
  return Object.hasOwn(types, extension) ? types[extension] : undefined;
}

/** Bytes that a file of that kind may have on a channel. */
export function toMaxBytes(channelType: ChannelType, kind: FileKind): number {
  return maxBytes[channelType][kind];
}

/** The extensions of all types that may be uploaded. */
export const uploadExtensions: readonly string[] = Object.keys(types);
