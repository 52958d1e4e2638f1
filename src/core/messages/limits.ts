// What the vendors take at most, as they say themselves; a message beyond it is refused before it is taken. docs/sending.md shows
// this table. A limit that no document of a vendor tells is none here: the channel's own answer tells it then.
import { cut } from '../../domain/cut.ts';
import { Refusal } from '../../domain/refusal.ts';
import type { JsonObject } from '../../domain/json.ts';

export interface Limit {
  readonly max: number;
  /** Characters are Unicode code points: the fewest that any vendor can count. */
  readonly unit: 'characters' | 'bytes';
  /** A key of {@link sources}. */
  readonly source: keyof typeof sources;
}

/** The vendors' pages, read in November 2026. */
export const sources = {
  text: 'developers.facebook.com/documentation/business-messaging/whatsapp/messages/text-messages',
  media: 'developers.facebook.com/documentation/business-messaging/whatsapp/messages/image-messages',
  buttons:
    'developers.facebook.com/documentation/business-messaging/whatsapp/messages/interactive-reply-buttons-messages',
  list: 'developers.facebook.com/documentation/business-messaging/whatsapp/messages/interactive-list-messages',
  link: 'developers.facebook.com/documentation/business-messaging/whatsapp/messages/interactive-cta-url-messages',
  template: 'developers.facebook.com/documentation/business-messaging/whatsapp/templates/components',
  offer:
    'developers.facebook.com/documentation/business-messaging/whatsapp/templates/marketing-templates/limited-time-offer-templates',
  carousel:
    'developers.facebook.com/documentation/business-messaging/whatsapp/templates/marketing-templates/media-card-carousel-templates',
  messenger: 'developers.facebook.com/docs/messenger-platform/reference/send-api',
  quickReplies: 'developers.facebook.com/docs/messenger-platform/send-messages/quick-replies',
  buttonTemplate: 'developers.facebook.com/docs/messenger-platform/reference/templates/button',
  genericTemplate: 'developers.facebook.com/docs/messenger-platform/reference/templates/generic',
  instagram:
    'developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/messaging-api',
  viberBot: 'developers.viber.com/docs/api/rest-bot-api',
  viberBusiness: 'Alibaba Cloud, Chat App Message Service, Viber message types',
  // Viber shows its partners' document to nobody else; several of them tell these figures.
  viberPartner: 'docs.routee.net/docs/other-viber-messaging-concept',
} as const;

const characters = (max: number, source: Limit['source']): Limit => ({ max, unit: 'characters', source });
const bytes = (max: number, source: Limit['source']): Limit => ({ max, unit: 'bytes', source });

/** Choices and cards, which Messenger and Instagram take alike. */
const choices = {
  'title of a choice': characters(20, 'quickReplies'),
  'payload of a choice': characters(1000, 'quickReplies'),
  'text of buttonTemplate': characters(640, 'buttonTemplate'),
  'title of a button': characters(20, 'buttonTemplate'),
  'payload of a button': characters(1000, 'buttonTemplate'),
  'title of a card': characters(80, 'genericTemplate'),
  'subtitle of a card': characters(80, 'genericTemplate'),
} as const satisfies Readonly<Record<string, Limit>>;

/** Every limit by channel and part. */
export const limits = {
  whatsapp: {
    text: characters(4096, 'text'),
    caption: characters(1024, 'media'),
    body: characters(1024, 'buttons'),
    'body of a list': characters(4096, 'list'),
    header: characters(60, 'list'),
    footer: characters(60, 'list'),
    'title of a reply button': characters(20, 'buttons'),
    'id of a reply button': characters(256, 'buttons'),
    'button of a list': characters(20, 'list'),
    'title of a section': characters(24, 'list'),
    'title of a row': characters(24, 'list'),
    'description of a row': characters(72, 'list'),
    'id of a row': characters(200, 'list'),
    'display_text of a link': characters(20, 'link'),
    'body of a template': characters(1024, 'template'),
    'header of a template': characters(60, 'template'),
    'footer of a template': characters(60, 'template'),
    'text of a template button': characters(25, 'template'),
    'url of a template button': characters(2000, 'template'),
    'offer of a template': characters(16, 'offer'),
    'body of a template with an offer': characters(600, 'offer'),
    'body of a template card': characters(160, 'carousel'),
  },
  messenger: {
    text: characters(2000, 'messenger'),
    ...choices,
  },
  instagram: {
    text: bytes(1000, 'instagram'),
    ...choices,
  },
  viber: {
    text: characters(1000, 'viberBusiness'),
    caption: characters(30, 'viberPartner'),
    fileName: characters(25, 'viberPartner'),
  },
  viberBot: { text: characters(7000, 'viberBot'), fileName: characters(256, 'viberBot') },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Limit>>>>;

/** Throws ContentError, or what `fault` makes, for a text that is longer than the vendor takes, with both figures and the vendor's page. */
export function within(
  name: string,
  text: string,
  limit: Limit,
  fault: (message: string) => Error = contentError,
): string {
  const { max, unit, source } = limit;
  const length = unit === 'bytes' ? Buffer.byteLength(text) : [...text].length;
  if (length <= max) return text;
  throw fault(
    `${name} has ${length} ${unit}${unit === 'bytes' ? ' in UTF-8' : ''}; at most ${max} are taken (${sources[source]}).`,
  );
}

export function contentError(message: string): Refusal {
  return new Refusal('content', message);
}

/** Throws ContentError that names the members which are not among the known ones; empty ones count as not given. */
export function refuseOthers(
  object: JsonObject,
  known: readonly string[],
  where: string,
  isKnown: (name: string) => boolean = (name) => known.includes(name),
): void {
  const others = Object.entries(object)
    .filter(([name, value]) => value !== '' && value !== null && !isKnown(name))
    .map(([name]) => name);
  if (others.length === 0) return;
  const said = cut(others.join(', '), 200);
  throw contentError(`${where} takes ${known.join(', ')}; there is no place for ${said}.`);
}
