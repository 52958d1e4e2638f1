// What users of Messenger and Instagram attach to their messages (channels 3.3, 4.2).
import { clip } from '../domain/cut.ts';
import type { InboundKind, MediaSource } from '../domain/receipt.ts';
import { isObject, toText, without } from './meta.ts';
import type { Json, JsonObject } from './meta.ts';

/** One thing that a message says: a text, a file, a place. */
export interface MessagePart {
  readonly kind: InboundKind;
  readonly text?: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly media?: MediaSource;
}

interface Frame {
  readonly mid: string;
  /** Parts of the message that stand before its attachments: its text, if it has one. */
  readonly before: 0 | 1;
  readonly sharesAreFiles: boolean;
}

const fileKinds: Readonly<Record<string, InboundKind>> = {
  image: 'image',
  video: 'video',
  audio: 'audio',
  file: 'document',
};

const shareTypes = new Set([
  'share',
  'fallback',
  'post',
  'ig_post',
  'reel',
  'ig_reel',
  'story',
  'ig_story',
  'story_mention',
]);

/** Members of a share by the names that receipts give them. */
const shareMembers: Readonly<Record<string, string>> = {
  title: 'title',
  id: 'shareId',
  ig_post_media_id: 'shareId',
  reel_video_id: 'shareId',
  story_media_id: 'shareId',
};

const extensions: Readonly<Record<string, string>> = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
  webp: 'image/webp',
  mp4: 'video/mp4',
  mov: 'video/quicktime',
  webm: 'video/webm',
  mp3: 'audio/mpeg',
  m4a: 'audio/mp4',
  aac: 'audio/aac',
  ogg: 'audio/ogg',
  wav: 'audio/wav',
  pdf: 'application/pdf',
  txt: 'text/plain',
  zip: 'application/zip',
};

/** What the platform sends by default; the address tells more where it ends in a file name. */
const usualTypes: Readonly<Partial<Record<InboundKind, string>>> = {
  image: 'image/jpeg',
  video: 'video/mp4',
  audio: 'audio/mp4',
  sticker: 'image/png',
};

/** Reads attachments in their order. One that is not known becomes `unsupported` with what it held. */
export function readAttachments(items: readonly Json[], frame: Frame): readonly MessagePart[] {
  const attachments = items.filter(isObject);
  const stickers = new Set(
    attachments
      .filter(({ type }) => type === 'sticker')
      .map(({ payload }) => (isObject(payload) ? toText(payload['sticker_id']) : undefined)),
  );
  const isNews = ({ type, payload }: JsonObject): boolean => {
    const stickerId = isObject(payload) ? toText(payload['sticker_id']) : undefined;
    // For a time one sticker came twice, as image and as sticker.
    if (type === 'image' && stickerId !== undefined && stickers.has(stickerId)) return false;
    // The preview of a link that stands in the text says nothing new.
    return type !== 'fallback' || frame.before === 0;
  };
  return attachments.filter(isNews).map((attachment, n) => {
    const place = frame.before + n;
    return readAttachment(
      attachment,
      place === 0 ? frame.mid : `${frame.mid}#${place + 1}`,
      frame.sharesAreFiles,
    );
  });
}

function readAttachment(attachment: JsonObject, shownId: string, sharesAreFiles: boolean): MessagePart {
  const type = toText(attachment['type']) ?? '';
  const payload = isObject(attachment['payload']) ? attachment['payload'] : {};
  const url = toText(payload['url']);
  const stickerId = toText(payload['sticker_id']);
  if (type === 'sticker' || (type === 'image' && stickerId !== undefined))
    return toFile(
      'sticker',
      url,
      shownId,
      { animated: false, ...(stickerId === undefined ? {} : { stickerId }) },
      type,
    );
  const fileKind = Object.hasOwn(fileKinds, type) ? fileKinds[type] : undefined;
  if (fileKind !== undefined) return toFile(fileKind, url, shownId, {}, type);
  // Instagram's word for a file whose kind it does not tell.
  if (type === 'media') return toFile(toKind(url), url, shownId, {}, type);
  if (shareTypes.has(type)) return readShare(type, payload, attachment, shownId, sharesAreFiles);
  switch (type) {
    case 'location':
      return readLocation(payload);
    case 'template':
    case 'appointment_booking':
      return { kind: 'interactive', data: { interactive: { type, [type]: without(payload) } } };
    case 'like_heart':
      return { kind: 'sticker', data: { animated: false, type } };
    default:
      return { kind: 'unsupported', data: { ...without(payload), type } };
  }
}

function toFile(
  kind: InboundKind,
  url: string | undefined,
  shownId: string,
  data: Readonly<Record<string, unknown>>,
  type: string,
): MessagePart {
  if (url === undefined) return { kind: 'unsupported', data: { type } };
  return { kind, data, media: toMedia(kind, url, shownId) };
}

function toMedia(kind: InboundKind, url: string, shownId: string): MediaSource {
  const fileName = toFileName(url);
  const known = extensions[toExtension(fileName)];
  const usual = usualTypes[kind] ?? 'application/octet-stream';
  // A voice message is an MP4 file without pictures.
  const mimeType = kind === 'audio' && known === 'video/mp4' ? 'audio/mp4' : (known ?? usual);
  return {
    channelMediaId: url,
    shownId,
    mimeType,
    ...(kind === 'document' && toExtension(fileName) !== '' ? { fileName } : {}),
  };
}

/** Something of Facebook or Instagram that was passed on, or a story that names the account. */
function readShare(
  type: string,
  payload: JsonObject,
  attachment: JsonObject,
  shownId: string,
  sharesAreFiles: boolean,
): MessagePart {
  const link =
    toText(payload['url']) ??
    toText(payload['story_media_url']) ??
    toText(attachment['url']) ??
    toText(attachment['URL']);
  const title = toText(payload['title']) ?? toText(attachment['title']);
  const members = Object.entries(shareMembers).flatMap(([from, to]) => {
    const value = toText(payload[from]);
    return value === undefined ? [] : [[to, value] as const];
  });
  const data = {
    type,
    ...(title === undefined ? {} : { title }),
    ...(link === undefined ? {} : { link }),
    ...Object.fromEntries(members),
  };
  const isFile = sharesAreFiles && type !== 'fallback' && link !== undefined;
  return { kind: 'share', data, ...(isFile ? { media: toMedia('share', link, shownId) } : {}) };
}

function readLocation(payload: JsonObject): MessagePart {
  const place = isObject(payload['coordinates']) ? payload['coordinates'] : {};
  const latitude = toText(place['lat']);
  const longitude = toText(place['long']);
  if (latitude === undefined || longitude === undefined)
    return { kind: 'unsupported', data: { ...without(payload), type: 'location' } };
  return { kind: 'location', data: { latitude, longitude } };
}

function toKind(url: string | undefined): InboundKind {
  const mimeType = extensions[toExtension(toFileName(url ?? ''))] ?? '';
  const kind = mimeType.split('/')[0];
  return kind === 'image' || kind === 'video' || kind === 'audio' ? kind : 'document';
}

/** The last part of an address's path; empty when it has none. */
function toFileName(url: string): string {
  if (!URL.canParse(url)) return '';
  const last = new URL(url).pathname.split('/').at(-1) ?? '';
  try {
    return clip(decodeURIComponent(last), 200);
  } catch {
    // A percent sign that begins no escape.
    return last.slice(0, 200);
  }
}

function toExtension(fileName: string): string {
  return /\.([A-Za-z0-9]{1,8})$/.exec(fileName)?.[1]?.toLowerCase() ?? '';
}
