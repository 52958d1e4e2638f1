// Free-form messages in the words of CAMS (docs/protocols/cams.md) to those of the Cloud API (docs/protocols/whatsapp.md).
import type { Outgoing } from '../channel.ts';
import { isObject, toText, without } from '../kit/json.ts';
import type { Json, JsonObject } from '../kit/json.ts';
import { pick } from '../kit/gatherer.ts';

/** Gives what stands for a media link in a request: the link itself, or the id of an upload. */
export type ToMedia = (link: string, kind: MediaKind) => Promise<{ link: string } | { id: string }>;
export type MediaKind = 'image' | 'video' | 'audio' | 'document' | 'sticker';

/** A message that cannot be put into a request, in words. */
export class Unsendable extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'Unsendable';
    this.code = code;
  }
}

type Write = (content: Json | undefined, outgoing: Outgoing, toMedia: ToMedia) => Promise<JsonObject>;

const writers: Readonly<Record<string, Write>> = {
  text: async (content) => {
    const { text, previewUrl } = toObject(content);
    return {
      type: 'text',
      text: {
        body: toText(text) ?? '',
        ...(typeof previewUrl === 'boolean' ? { preview_url: previewUrl } : {}),
      },
    };
  },
  image: writeMedia('image', 'caption'),
  video: writeMedia('video', 'caption'),
  audio: writeMedia('audio', 'voice'),
  document: writeMedia('document', 'caption'),
  sticker: writeMedia('sticker'),
  location: async (content) => ({
    type: 'location',
    location: pick(toObject(content), 'latitude', 'longitude', 'name', 'address'),
  }),
  contacts: async (content) => ({ type: 'contacts', contacts: content ?? [] }),
  reaction: async (content, outgoing) => ({
    type: 'reaction',
    reaction: { message_id: aboutOf(outgoing), emoji: toText(toObject(content)['emoji']) ?? '' },
  }),
  interactive: async (content) => ({ type: 'interactive', interactive: toObject(content) }),
  carousel: async (content) => ({
    type: 'interactive',
    interactive: { type: 'carousel', ...without(toObject(content), 'type') },
  }),
  pin: async (content, outgoing) => ({
    type: 'pin',
    pin: {
      type: toObject(content)['type'] === 'unpin' ? 'unpin' : 'pin',
      message_id: aboutOf(outgoing),
      ...pick(toObject(content), 'expiration_days'),
    },
  }),
};

/** The `type` of a request with its member. Throws {@link Unsendable}. */
export async function writeContent(outgoing: Outgoing, toMedia: ToMedia): Promise<JsonObject> {
  const { messageType, content } = outgoing.message.envelope;
  const write = Object.hasOwn(writers, messageType) ? writers[messageType] : undefined;
  if (write === undefined)
    throw new Unsendable('unsupported', `WhatsApp takes no message of type ${messageType}.`);
  // What the API took was JSON.
  return write(content as Json | undefined, outgoing, toMedia);
}

/** The message that a reaction, a pin or a sign is about. */
export function aboutOf({ quotedId }: Outgoing): string {
  if (quotedId !== null) return quotedId;
  throw new Unsendable(
    'no_such_message',
    'The message that messageId names is not known here, or was never sent.',
  );
}

function writeMedia(kind: MediaKind, ...members: readonly string[]): Write {
  return async (content, _outgoing, toMedia) => {
    const object = toObject(content);
    const id = toText(object['id']);
    const link = toText(object['link']);
    const fileName = kind === 'document' ? toText(object['fileName']) : undefined;
    if (id === undefined && link === undefined)
      throw new Unsendable('no_media', `A message of type ${kind} needs a link.`);
    return {
      type: kind,
      [kind]: {
        ...(link === undefined ? { id } : await toMedia(link, kind)),
        ...pick(object, ...members),
        ...(fileName === undefined ? {} : { filename: fileName }),
      },
    };
  };
}

function toObject(content: Json | undefined): JsonObject {
  return isObject(content) ? content : {};
}
