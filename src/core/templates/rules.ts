// What a template may be called, what it may be for and for how long its messages may wait.
import type { Channel } from '../../domain/channel.ts';
import { invalid, Refusal } from '../../domain/refusal.ts';
import { templateTypes } from '../../domain/template.ts';
import type { TemplateType } from '../../domain/template.ts';

const maxNameLength = 512;
/** Languages of templates that a channel may have. */
const maxTemplates = 6000;
const whatsappCategories = ['UTILITY', 'MARKETING', 'AUTHENTICATION'] as const;
const viberCategories = [
  'text',
  'image',
  'text_image_button',
  'text_button',
  'document',
  'video',
  'text_video',
  'text_video_button',
  'text_image',
] as const;
/** Seconds that a message may wait at the channel, by category. */
const sendTtl: Readonly<Record<string, readonly [min: number, max: number]>> = {
  AUTHENTICATION: [30, 900],
  UTILITY: [30, 43_200],
};
const otherTtl = [30, 2_592_000] as const;

/** Throws a refusal for a name that the vendor does not take. */
export function requireName(type: TemplateType, name: string): void {
  if (type === 'WHATSAPP' && !/^[a-z0-9_]{1,512}$/.test(name))
    throw new Refusal('template', 'Name has to be lower-case letters, digits and underscores.');
  if (name.length > maxNameLength)
    throw new Refusal('template', `Name is longer than ${maxNameLength} characters.`);
}

/** A language as the vendor writes it. Throws a refusal for any other. */
export function readLanguage(given: string): string {
  if (/^[a-z]{2,3}(_[A-Z]{2,3})?$/.test(given)) return given;
  throw new Refusal('language', `${given} is no language code such as en or pt_BR.`);
}

/** A type, in any case. Throws a refusal for any other. */
export function readTemplateType(given: string): TemplateType {
  const found = templateTypes.find((type) => type === given.toUpperCase());
  if (found !== undefined) return found;
  throw new Refusal('template_type', `TemplateType has to be one of ${templateTypes.join(', ')}.`);
}

/** A category of the type, in any case. Throws a refusal for any other. */
export function readCategory(type: TemplateType, given: string): string {
  const categories: readonly string[] = type === 'VIBER' ? viberCategories : whatsappCategories;
  const found = categories.find((category) => category.toLowerCase() === given.toLowerCase());
  if (found !== undefined) return found;
  throw invalid('Category', `has to be one of ${categories.join(', ')}`);
}

/** Throws a refusal for a time to live that the category does not have; null stands for the vendor's own. */
export function requireTtl(category: string, seconds: number | null): void {
  const [min, max] = sendTtl[category] ?? otherTtl;
  if (seconds === null || (Number.isInteger(seconds) && seconds >= min && seconds <= max)) return;
  throw invalid('MessageSendTtlSeconds', `has to be a whole number from ${min} to ${max}`);
}

/** Throws a refusal where a channel has as many templates as it may. */
export function requireRoom(count: number): void {
  if (count >= maxTemplates)
    throw new Refusal('template', `The channel has ${maxTemplates} templates already; delete some.`);
}

/** The type that templates of a channel have; those of a sandbox where none is given. */
export function toTemplateType({ type }: Pick<Channel, 'type'>): TemplateType {
  return type === 'viber' ? 'VIBER' : 'WHATSAPP';
}

/** Throws a refusal for a type that is another channel's; a sandbox plays all. */
export function requireTemplateType(channel: Pick<Channel, 'id' | 'type'>, type: TemplateType): void {
  if (channel.type === 'sandbox' || toTemplateType(channel) === type) return;
  throw new Refusal('template_type', `${channel.id} is a channel of ${channel.type}.`);
}
