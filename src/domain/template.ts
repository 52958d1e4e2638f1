import type { AccountId } from './account.ts';
import type { AuditStatus } from './receipt.ts';

export const templateTypes = ['WHATSAPP', 'VIBER'] as const;
export type TemplateType = (typeof templateTypes)[number];

/** A part of a template in the words of the CAMS API, checked; `Type` is always there. */
export type TemplateComponent = Readonly<Record<string, unknown>> & { readonly Type: string };

/**
 * How a channel knows the variables of a template's texts: by their names; by their places, in the order in which they first
 * appear in a text; or by the numbers that their names end in, as one that was made at the channel by numbers has them.
 */
export const parameterFormats = ['NAMED', 'POSITIONAL', 'NUMBERED'] as const;
export type ParameterFormat = (typeof parameterFormats)[number];

/** The word of a review that was asked for, when that was, and when the template had been changed last before it. */
export interface AskedStatus {
  readonly status: AuditStatus;
  readonly updatedAt: number;
  readonly at: number;
}

/** One language of a template. A code covers all languages of a name. */
export interface Template {
  readonly accountId: AccountId;
  readonly channelId: string;
  readonly code: string;
  readonly language: string;
  readonly name: string;
  readonly type: TemplateType;
  readonly category: string;
  readonly components: readonly TemplateComponent[];
  /** A sample for each variable by name. */
  readonly example: Readonly<Record<string, string>>;
  readonly status: AuditStatus;
  readonly reason: string;
  readonly allowSend: boolean;
  readonly categoryChangePaused: boolean;
  readonly ttlSeconds: number | null;
  readonly quality: string;
  /** The channel's own id of it; null before it was submitted, or where there is none. */
  readonly vendorId: string | null;
  readonly parameterFormat: ParameterFormat;
  /** Whether it was changed here and the channel has not taken that yet; where it has the template, it is to be changed there. */
  readonly isEdited: boolean;
  /** What was handed to the channel under this name without an answer that tells its id: digests of what it said. */
  readonly offered: readonly string[];
  /** The newest word of its review that was asked for, and not told by the channel; null when there is none. */
  readonly asked: AskedStatus | null;
  /** When its review is to be asked for or done next; null when nothing is open. */
  readonly reviewAt: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A template that was deleted here and is still to be deleted at its channel. */
export interface TemplateRemoval extends Pick<
  Template,
  'accountId' | 'channelId' | 'code' | 'name' | 'language' | 'vendorId' | 'offered'
> {
  /** Tries so far. */
  readonly attempts: number;
}

export type RemovalNext = { readonly kind: 'over' } | { readonly kind: 'retry'; readonly dueAt: number };

const variable = /\$\(([^()]{1,64})\)/g;

/** The names of the variables of a text in order of appearance, each once. */
export function findVariables(text: string): string[] {
  return [...new Set([...text.matchAll(variable)].map(([, name = '']) => name))];
}

/** All texts of a component in which a variable may stand, outermost first. */
export function findTexts(component: Readonly<Record<string, unknown>>): string[] {
  const texts: string[] = [];
  for (const name of ['Text', 'Url', 'CouponCode']) {
    const value = component[name];
    if (typeof value === 'string') texts.push(value);
  }
  for (const name of ['Buttons', 'Cards', 'CardComponents']) {
    const inner = component[name];
    if (Array.isArray(inner))
      for (const item of inner as unknown[])
        if (typeof item === 'object' && item !== null)
          texts.push(...findTexts(item as Record<string, unknown>));
  }
  return texts;
}

/** Every variable that a message with this template has to give. */
export function findTemplateVariables(components: readonly TemplateComponent[]): string[] {
  return [...new Set(components.flatMap((component) => findTexts(component).flatMap(findVariables)))];
}

/** A text with its variables filled in; one that is not given stays as it is written. */
export function fillVariables(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(variable, (whole, name: string) => values[name] ?? whole);
}
