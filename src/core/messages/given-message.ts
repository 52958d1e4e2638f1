// What a message is asked for with, as it was given: texts and values that no rule has looked at yet.
import type { Channel, SenderType } from '../../domain/channel.ts';
import type { FallbackWish } from '../../domain/fallback.ts';
import { requireStorableText } from '../../domain/json.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Envelope } from '../../domain/message.ts';
import { invalid } from '../../domain/refusal.ts';

export interface GivenSender {
  readonly from: string;
  readonly channelType: SenderType;
  /** Whose it has to be, where the caller says so. */
  readonly channel?: Channel | undefined;
}

export interface GivenRecipient {
  readonly to: string;
  /** `individual` when left out. */
  readonly recipientType?: string | undefined;
}

/** A template by its code or its name. */
export interface GivenTemplateName {
  readonly code?: string | undefined;
  readonly name?: string | undefined;
  readonly language?: string | undefined;
}

/** What a message gives to its template. */
export interface GivenValues {
  readonly templateParams?: JsonObject | undefined;
  readonly payload?: readonly unknown[] | undefined;
  readonly flowAction?: JsonObject | undefined;
  readonly productAction?: JsonObject | undefined;
}

export interface GivenFallback {
  readonly id?: string | undefined;
  readonly content?: string | undefined;
  readonly durationSeconds?: number | undefined;
  readonly rule?: FallbackWish['rule'] | undefined;
}

/** What all messages of one call have in common. */
export interface GivenOptions {
  readonly sender: GivenSender;
  readonly template: GivenTemplateName;
  readonly fallBack: GivenFallback;
  readonly label?: string | undefined;
  readonly tag?: string | undefined;
  readonly trackingData?: string | undefined;
  readonly taskId?: string | undefined;
  readonly ttlSeconds?: number | undefined;
}

export interface GivenMessage extends GivenOptions {
  readonly frame: Envelope['frame'];
  readonly recipient: GivenRecipient;
  readonly contextMessageId?: string | undefined;
  /** Of a free-form message. Content is a value, or the JSON text of it. */
  readonly messageType?: string | undefined;
  readonly content?: unknown;
  /** Of a template. */
  readonly values: GivenValues;
}

export interface GivenMass extends GivenOptions {
  readonly recipients: readonly (GivenRecipient & { readonly values: GivenValues })[];
}

/** A text that may be left out. Throws a refusal for one that is longer than it may be, or that cannot be kept. */
export function short(name: string, text: string | undefined, maxLength: number): string | undefined {
  if (text === undefined) return undefined;
  if (text.length > maxLength) throw invalid(name, `is longer than ${maxLength} characters`);
  requireStorableText(name, text);
  return text;
}

/** Throws a refusal for a number that is not within its bounds, or none. */
export function whole(
  name: string,
  number: number | undefined,
  [min, max]: readonly [min: number, max: number],
): number | undefined {
  if (number === undefined || (Number.isInteger(number) && number >= min && number <= max)) return number;
  throw invalid(name, `has to be a whole number from ${min} to ${max}`);
}
