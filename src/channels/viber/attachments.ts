// What both Viber APIs share when they are read: files by their address.
import type { InboundKind, MediaSource } from '../../domain/receipt.ts';
import { toText } from '../kit/json.ts';
import type { Reader } from '../kit/reader.ts';

const mimeTypes: Readonly<Record<string, string>> = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
  webp: 'image/webp',
  mp4: 'video/mp4',
  m4v: 'video/mp4',
  mov: 'video/quicktime',
  '3gp': 'video/3gpp',
  pdf: 'application/pdf',
  doc: 'application/msword',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xls: 'application/vnd.ms-excel',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  csv: 'text/csv',
  txt: 'text/plain',
  mp3: 'audio/mpeg',
  m4a: 'audio/mp4',
  ogg: 'audio/ogg',
  htm: 'text/html',
  html: 'text/html',
};

const usualTypes: Readonly<Partial<Record<InboundKind, string>>> = {
  image: 'image/jpeg',
  video: 'video/mp4',
  sticker: 'image/png',
};

/** The file of a message by its `media` address; undefined when it has none. Its type is known for sure once it is fetched. */
export function readFile(kind: InboundKind, message: Reader, messageId: string): MediaSource | undefined {
  const url = toText(message.peek('media'));
  if (url === undefined || !/^https?:\/\//i.test(url) || !URL.canParse(url)) return undefined;
  // Where the file is at Viber for a while; receipts lead to our copy.
  message.skip('media');
  // The name is told of documents and sounds alone.
  const hasName = kind === 'document' || kind === 'audio';
  const fileName = hasName ? message.text('file_name') : toText(message.peek('file_name'));
  return {
    channelMediaId: url,
    shownId: messageId,
    mimeType: toMimeType(fileName) ?? toMimeType(new URL(url).pathname) ?? usualTypes[kind] ?? unknownType,
    ...(fileName === undefined ? {} : { fileName }),
  };
}

const unknownType = 'application/octet-stream';

/** Which kind of message a file is by its name or address, where the channel does not say. */
export function toFileKind(...names: readonly (string | undefined)[]): InboundKind {
  const type = names.map(toMimeType).find((found) => found !== undefined) ?? '';
  const kind = type.split('/')[0];
  return kind === 'image' || kind === 'video' || kind === 'audio' ? kind : 'document';
}

function toMimeType(name: string | undefined): string | undefined {
  const extension = /\.([a-z0-9]{2,5})$/i.exec(name ?? '')?.[1]?.toLowerCase() ?? '';
  return Object.hasOwn(mimeTypes, extension) ? mimeTypes[extension] : undefined;
}
