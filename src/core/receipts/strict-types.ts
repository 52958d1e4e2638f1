// Inbound messages for consumers that know only the types that Alibaba documents (docs/protocols/receipts.md).
import type { InboundKind } from '../../domain/receipt.ts';

/** A message as consumers see it: its type, and the text or JSON that goes with it. */
interface ShownMessage {
  readonly Type: string;
  readonly Message: string;
}

const documented: readonly InboundKind[] = [
  'text',
  'image',
  'video',
  'audio',
  'document',
  'location',
  'reply',
  'contacts',
  'system',
];

/**
 * The nearest documented type of a message, with its `Message` in that type's shape: a sticker with a file is an IMAGE, a form's answer a
 * REPLY, a reaction and an edited text are TEXT; everything else is SYSTEM, with this project's name of it as `type`.
 */
export function toStrictType(kind: InboundKind, { Type, Message }: ShownMessage): ShownMessage {
  if (documented.includes(kind)) return { Type, Message };
  const data = readObject(Message);
  switch (kind) {
    case 'sticker':
      // Some are told by their number alone: an IMAGE has a file.
      if (data['url'] === undefined) return toSystem(kind, data);
      return {
        Type: 'IMAGE',
        Message: JSON.stringify({ id: data['id'], mimeType: data['mimeType'], url: data['url'] }),
      };
    case 'interactive':
      return { Type: 'REPLY', Message: JSON.stringify(toReply(data)) };
    case 'reaction':
      return { Type: 'TEXT', Message: textOf(data['emoji']) };
    case 'edit':
      return { Type: 'TEXT', Message: textOf(data['text']) };
    default:
      return toSystem(kind, data);
  }
}

/** What the members themselves say of a type is told as `of`: an echo tells what was echoed. */
function toSystem(kind: InboundKind, data: Readonly<Record<string, unknown>>): ShownMessage {
  return { Type: 'SYSTEM', Message: JSON.stringify({ ...data, type: kind, of: data['type'] }) };
}

/** A finished form: its text, and its answer as what a button would carry. */
function toReply(data: Readonly<Record<string, unknown>>): { text: string; payload: string } {
  const interactive = toObject(data['interactive']);
  const inner = toObject(interactive[textOf(interactive['type'])]);
  const answer = textOf(inner['response_json']);
  return {
    text: textOf(inner['body']),
    payload: answer === '' ? JSON.stringify(inner) : answer,
  };
}

function readObject(text: string): Readonly<Record<string, unknown>> {
  return toObject(JSON.parse(text));
}

function toObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
