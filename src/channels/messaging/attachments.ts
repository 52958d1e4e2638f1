// What users of Messenger and Instagram attach to their messages (docs/protocols/messenger-instagram.md).
import { clip } from '../../domain/cut.ts';
import type { InboundKind, MediaSource } from '../../domain/receipt.ts';
import { defined } from '../kit/gatherer.ts';
import { isObject, toText } from '../kit/json.ts';
import { Reader } from '../kit/reader.ts';

/** One thing that a message says: a text, a file, a place. */
export interface MessagePart {
  readonly kind: InboundKind;
  readonly text?: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly media?: MediaSource;
}

interface Frame {
  readonly mid: string;
  /** What stands before the attachments as a part of its own; undefined where nothing does. */
  readonly text: string | undefined;
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

/** Members of a share that tell its id; the last that is there is told as `shareId`. */
const shareIds: readonly string[] = ['story_media_id', 'reel_video_id', 'ig_post_media_id', 'id'];

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
  htm: 'text/html',
  html: 'text/html',
};

/** What the platform sends by default; the address tells more where it ends in a file name. */
const usualTypes: Readonly<Partial<Record<InboundKind, string>>> = {
  image: 'image/jpeg',
  video: 'video/mp4',
  audio: 'audio/mp4',
  sticker: 'image/png',
};

/**
 * Reads attachments in their order. One that is not known becomes `unsupported` with what it held; one that says nothing new becomes
 * no part, and travels along with the message.
 */
export function readAttachments(attachments: readonly Reader[], frame: Frame): readonly MessagePart[] {
  const before = frame.text === undefined ? 0 : 1;
  const stickers = new Set(attachments.filter((item) => item.peek('type') === 'sticker').map(stickerIdOf));
  const isNews = (item: Reader): boolean => {
    const stickerId = stickerIdOf(item);
    // For a time one sticker came twice, as image and as sticker.
    if (item.peek('type') === 'image' && stickerId !== undefined && stickers.has(stickerId)) return false;
    return item.peek('type') !== 'fallback' || !standsIn(frame.text ?? '', linkOf(item));
  };
  return attachments.filter(isNews).map((attachment, n) => {
    const place = before + n;
    return readAttachment(
      attachment,
      place === 0 ? frame.mid : `${frame.mid}#${place + 1}`,
      frame.sharesAreFiles,
    );
  });
}

function stickerIdOf(attachment: Reader): string | undefined {
  const payload = attachment.peek('payload');
  return isObject(payload) ? toText(payload['sticker_id']) : undefined;
}

/** Whether an address is one that the user wrote out, so that its attachment is no more than a preview. */
function standsIn(text: string, link: string | undefined): boolean {
  if (link === undefined) return false;
  // Facebook leads to other sites by way of its own.
  const target = URL.canParse(link) ? new URL(link).searchParams.get('u') : null;
  return [link, ...(target === null ? [] : [target])].some(
    (address) => /^https?:/i.test(address) && text.includes(address.replace(/\/$/, '')),
  );
}

function linkOf(attachment: Reader): string | undefined {
  const payload = attachment.peek('payload');
  return (isObject(payload) ? toText(payload['url']) : undefined) ?? toText(attachment.peek('url'));
}

function readAttachment(attachment: Reader, shownId: string, sharesAreFiles: boolean): MessagePart {
  const type = attachment.text('type') ?? '';
  const payload = attachment.object('payload') ?? new Reader({});
  if (type === 'sticker' || (type === 'image' && stickerIdOf(attachment) !== undefined)) {
    const stickerId = payload.text('sticker_id');
    const data = { animated: false, ...(stickerId === undefined ? {} : { stickerId }) };
    return toFile('sticker', payload, shownId, data, type);
  }
  const fileKind = Object.hasOwn(fileKinds, type) ? fileKinds[type] : undefined;
  if (fileKind !== undefined) return toFile(fileKind, payload, shownId, {}, type);
  // Instagram's word for a file whose kind it does not tell.
  if (type === 'media') return toFile(toKind(toText(payload.peek('url'))), payload, shownId, {}, type);
  if (shareTypes.has(type)) return readShare(type, payload, attachment, shownId, sharesAreFiles);
  switch (type) {
    case 'location':
      return readLocation(payload);
    case 'template':
    case 'appointment_booking':
      return { kind: 'interactive', data: { interactive: { type, [type]: payload.others() } } };
    case 'like_heart':
      return { kind: 'sticker', data: { animated: false, type } };
    default: {
      const of = payload.take('type');
      return { kind: 'unsupported', data: { ...payload.others('of'), ...defined('of', of), type } };
    }
  }
}

function toFile(
  kind: InboundKind,
  payload: Reader,
  shownId: string,
  data: Readonly<Record<string, unknown>>,
  type: string,
): MessagePart {
  const url = payload.text('url');
  if (url === undefined) return { kind: 'unsupported', data: { ...data, type } };
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

/** Whether an address is one that people open: those of files are on Meta's other hosts. */
function isPage(link: string): boolean {
  const host = URL.canParse(link) ? new URL(link).hostname : '';
  return /^((www|m|web|l)\.)?(instagram|facebook|messenger)\.com$|^(fb\.watch|fb\.me|ig\.me)$/.test(host);
}

/** Something of Facebook or Instagram that was passed on, or a story that names the account. */
function readShare(
  type: string,
  payload: Reader,
  attachment: Reader,
  shownId: string,
  sharesAreFiles: boolean,
): MessagePart {
  const link =
    payload.text('url') ??
    payload.text('story_media_url') ??
    attachment.text('url') ??
    attachment.text('URL');
  const title = payload.text('title') ?? attachment.text('title');
  const idName = shareIds.find((name) => toText(payload.peek(name)) !== undefined);
  const shareId = idName === undefined ? undefined : payload.text(idName);
  const data = {
    type,
    ...(title === undefined ? {} : { title }),
    ...(link === undefined ? {} : { link }),
    ...(shareId === undefined ? {} : { shareId }),
  };
  const isFile = sharesAreFiles && type !== 'fallback' && link !== undefined && !isPage(link);
  return { kind: 'share', data, ...(isFile ? { media: toMedia('share', link, shownId) } : {}) };
}

function readLocation(payload: Reader): MessagePart {
  const place = payload.peek('coordinates');
  const isPlace =
    isObject(place) && [place['lat'], place['long']].every((part) => toText(part) !== undefined);
  if (!isPlace) return { kind: 'unsupported', data: { ...payload.others('type'), type: 'location' } };
  const coordinates = payload.object('coordinates');
  const [latitude, longitude] = [coordinates?.text('lat'), coordinates?.text('long')];
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
