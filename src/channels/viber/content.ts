// What a business sends on Viber, in one shape for both of Viber's APIs: from the Content of a message or from a template.
import { fillVariables } from '../../domain/template.ts';
import type { Template, TemplateComponent } from '../../domain/template.ts';
import type { Outgoing } from '../channel.ts';
import { isObject, toText } from '../kit/json.ts';
import type { Json, JsonObject } from '../kit/json.ts';

const viberContentTypes = [
  'text',
  'image',
  'video',
  'document',
  'text_image',
  'text_button',
  'text_image_button',
  'text_video',
  'text_video_button',
] as const;
export type ViberContentType = (typeof viberContentTypes)[number];

/** A message by its parts; which are there follows from its type (docs/protocols/cams.md). */
export interface ViberContent {
  readonly type: ViberContentType;
  readonly text: string;
  /** Address of the image, video or file. */
  readonly link: string;
  /** Label and address of the button. */
  readonly caption: string;
  readonly action: string;
  readonly thumbnail: string;
  readonly fileName: string;
  readonly fileType: string;
  /** Seconds and bytes; null when they were not given. */
  readonly duration: number | null;
  readonly fileSize: number | null;
}

/** The content of a message with its template filled in; undefined for what Viber has no message for. */
export function toViberContent({ message, template }: Outgoing): ViberContent | undefined {
  const { frame, messageType, content, templateParams } = message.envelope;
  if (frame === 'template')
    return template === null ? undefined : fromTemplate(template, templateParams ?? {});
  const type = viberContentTypes.find((candidate) => candidate === messageType);
  // It was read from JSON, or checked into what could be.
  const members = content as Json | undefined;
  return type === undefined || !isObject(members) ? undefined : fromMembers(type, members);
}

function fromMembers(type: ViberContentType, members: JsonObject): ViberContent {
  const text = (name: string): string => toText(members[name]) ?? '';
  return {
    type,
    text: text('text'),
    link: text('link'),
    caption: text('caption'),
    action: text('action'),
    thumbnail: text('thumbnail'),
    fileName: text('fileName'),
    fileType: text('fileType'),
    duration: toNumber(members['duration']),
    fileSize: toNumber(members['fileSize']),
  };
}

/** A Viber template's category is the type of its messages. */
function fromTemplate(
  template: Template,
  params: Readonly<Record<string, string>>,
): ViberContent | undefined {
  const type = viberContentTypes.find((candidate) => candidate === template.category);
  if (type === undefined) return undefined;
  const part = (wanted: TemplateComponent['Type']): JsonObject =>
    (template.components.find(({ Type }) => Type === wanted) ?? {}) as JsonObject;
  const header = part('HEADER');
  const buttons = part('BUTTONS')['Buttons'];
  const [button] = Array.isArray(buttons) ? (buttons as readonly Json[]).filter(isObject) : [];
  const text = (value: Json | undefined): string => fillVariables(toText(value) ?? '', params);
  return {
    type,
    text: text(part('BODY')['Text']),
    link: text(header['Url']),
    caption: text(button?.['Text']),
    action: text(button?.['Url']),
    thumbnail: text(header['ThumbUrl']),
    fileName: text(header['FileName'] ?? header['Caption']),
    fileType: text(header['FileType']),
    duration: toNumber(header['Duration']),
    fileSize: null,
  };
}

function toNumber(value: Json | undefined): number | null {
  const number = Number(value ?? Number.NaN);
  return value === '' || !Number.isFinite(number) ? null : number;
}
