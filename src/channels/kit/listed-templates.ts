// Templates as Meta lists them, in the words of CAMS (docs/protocols/cams.md; Graph API, message_templates).
import type { Route } from '../../domain/receipt.ts';
import type { ParameterFormat, TemplateComponent } from '../../domain/template.ts';
import type { ListedTemplate, UnreadTemplate } from '../channel.ts';
import { defined, toItems, toWord } from './gatherer.ts';
import { isObject, toObjects, toText } from './json.ts';
import type { JsonObject } from './json.ts';
import { readTemplateState } from './template-states.ts';

/** What is asked of each template of a list. */
export const listedFields =
  'id,name,language,category,status,rejected_reason,quality_score,parameter_format,message_send_ttl_seconds,components';

/** What a reading of one template gathers beside its components. */
interface Reading {
  readonly isNamed: boolean;
  readonly isCode: boolean;
  readonly example: Record<string, string>;
  readonly unread: string[];
}

/** The names that a template's variables have here, for those that Meta numbers: each place has numbers of its own. */
interface Place {
  /** In front of a number; empty for the body. */
  readonly prefix: string;
  /** What holds a sample of a text. */
  readonly samples: string;
}

/**
 * Reads one template of a list; undefined for what is none, and for one that does not tell its parts. A variable that Meta knows by a name keeps it. One that it knows by a
 * number is named by it in the body, `$(1)`, and by its place too elsewhere: `$(header_1)`, `$(button_1)` for the address of
 * the first button, `$(card_2_1)`. What a message gives beside texts has a name as well: `$(header_image)`, `$(couponCode)`.
 */
export function readListed(found: JsonObject, route: Route): ListedTemplate | undefined {
  const vendorId = toText(found['id']);
  const name = toText(found['name']);
  const language = toText(found['language'])?.replace('-', '_');
  if (vendorId === undefined || name === undefined || language === undefined) return undefined;
  if (!Array.isArray(found['components'])) return undefined;
  const category = (toText(found['category']) ?? 'UTILITY').toUpperCase();
  const reading: Reading = {
    isNamed: toText(found['parameter_format'])?.toUpperCase() === 'NAMED',
    isCode: category === 'AUTHENTICATION',
    example: {},
    unread: [],
  };
  const components = toObjects(found['components']).map((component) => readComponent(component, reading, ''));
  if (components.length < found['components'].length) reading.unread.push('a component that is no object');
  const review = readReview(found);
  if (review.status === null) reading.unread.push(`status ${toWord(found['status'])}`);
  const ttl = Number(found['message_send_ttl_seconds']);
  const quality = isObject(found['quality_score']) ? found['quality_score']['score'] : found['quality_score'];
  return {
    vendorId,
    route,
    name,
    language,
    category,
    components,
    example: reading.example,
    parameterFormat: reading.isNamed ? 'NAMED' : 'NUMBERED',
    ttlSeconds: Number.isSafeInteger(ttl) && ttl > 0 ? ttl : null,
    ...review,
    quality: toText(quality) ?? 'UNKNOWN',
    unread: reading.unread,
  };
}

/** Names what {@link readListed} cannot read; it is not taken over, and what is here under its name stays as it is. */
export function toUnread(found: JsonObject): UnreadTemplate {
  const absent = ['id', 'name', 'language'].filter((member) => toText(found[member]) === undefined);
  const missing = [...absent, ...(Array.isArray(found['components']) ? [] : ['components'])];
  return {
    name: toText(found['name']) ?? '',
    language: toText(found['language']) ?? '',
    parts: [`not taken over, for want of ${missing.join(', ')}`],
  };
}

/** Where a review stands, by Meta's word; null for a word that is not known, and for none. */
export function readReview(body: JsonObject): Pick<ListedTemplate, 'status' | 'word' | 'reason'> {
  const { status, word } = readTemplateState(body['status']);
  const reason = toText(body['rejected_reason']) ?? '';
  return { status, word: toWord(word), reason: status === 'fail' && reason !== 'NONE' ? reason : '' };
}

/** How Meta is told to take the parameters of a template. */
export function toVendorFormat(format: ParameterFormat): 'NAMED' | 'POSITIONAL' {
  return format === 'NAMED' ? 'NAMED' : 'POSITIONAL';
}

/** `card` stands in front of the names of a card's variables. */
function readComponent(component: JsonObject, reading: Reading, card: string): TemplateComponent {
  const type = (toText(component['type']) ?? '').toUpperCase();
  switch (type) {
    case 'HEADER':
      return { Type: type, ...readHeader(component, reading, card) };
    case 'BODY':
      if (reading.isCode)
        return { Type: type, AddSecretRecommendation: component['add_security_recommendation'] === true };
      return { Type: type, Text: readText(component, reading, { prefix: card, samples: 'body_text' }) };
    case 'FOOTER':
      return reading.isCode
        ? { Type: type, ...readExpiration(component) }
        : { Type: type, Text: toText(component['text']) ?? '' };
    case 'BUTTONS':
      return {
        Type: type,
        Buttons: toObjects(component['buttons']).map((button, n) =>
          reading.isCode ? readCodeButton(button) : readButton(button, reading, `${card}button_${n + 1}`),
        ),
      };
    case 'LIMITED_TIME_OFFER': {
      const offer = isObject(component['limited_time_offer']) ? component['limited_time_offer'] : {};
      return {
        Type: type,
        ...defined('Text', toText(offer['text'])),
        HasExpiration: offer['has_expiration'] === true,
      };
    }
    case 'CAROUSEL':
      return {
        Type: type,
        Cards: toObjects(component['cards']).map((one, n) => ({
          CardComponents: toObjects(one['components']).map((part) =>
            readComponent(part, { ...reading, isCode: false }, `card_${n + 1}_`),
          ),
        })),
      };
    default:
      reading.unread.push(`component ${toWord(type)}`);
      return { ...component, Type: type };
  }
}

const files = new Set(['IMAGE', 'VIDEO', 'DOCUMENT']);

function readHeader(component: JsonObject, reading: Reading, card: string): JsonObject {
  const format = (toText(component['format']) ?? 'TEXT').toUpperCase();
  if (format === 'TEXT')
    return {
      Format: format,
      Text: readText(component, reading, { prefix: `${card}header_`, samples: 'header_text' }),
    };
  if (!files.has(format)) {
    if (format !== 'LOCATION') reading.unread.push(`header ${toWord(format)}`);
    return { Format: format };
  }
  // Every message brings a file of its own; the sample that Meta has is of no use to one.
  const name = `${card}header_${format.toLowerCase()}`;
  return {
    Format: format,
    Url: `$(${name})`,
    ...(format === 'DOCUMENT' ? { FileName: `$(${card}header_filename)` } : {}),
  };
}

function readText(component: JsonObject, reading: Reading, { prefix, samples }: Place): string {
  const example = isObject(component['example']) ? component['example'] : {};
  const given = toItems(example[samples]);
  const list = Array.isArray(given[0]) ? toItems(given[0]) : given;
  const named = new Map(
    toObjects(example[`${samples}_named_params`]).map((sample) => [
      toText(sample['param_name']),
      toText(sample['example']),
    ]),
  );
  const text = toText(component['text']) ?? '';
  if (text.includes('$(')) reading.unread.push('a text with $(, which is how variables are written here');
  return text.replace(/\{\{\s*([^{}]{1,64}?)\s*\}\}/g, (_whole, mark: string) => {
    const isNumber = /^\d+$/.test(mark);
    const name = isNumber ? `${prefix}${mark}` : mark;
    const sample = isNumber ? toText(list[Number(mark) - 1]) : named.get(mark);
    if (sample !== undefined) reading.example[name] = sample;
    return `$(${name})`;
  });
}

function readButton(button: JsonObject, reading: Reading, name: string): JsonObject {
  const type = (toText(button['type']) ?? '').toUpperCase();
  const text = defined('Text', toText(button['text']));
  switch (type) {
    case 'PHONE_NUMBER':
      return { Type: type, ...text, PhoneNumber: toText(button['phone_number']) ?? '' };
    case 'URL':
      return { Type: type, ...text, ...readUrl(button, reading, name) };
    case 'COPY_CODE': {
      reading.example['couponCode'] = readSample(button);
      return { Type: type, ...text, CouponCode: '$(couponCode)' };
    }
    case 'FLOW':
      return {
        Type: type,
        ...text,
        ...defined('FlowId', toText(button['flow_id'])),
        ...defined('FlowAction', toText(button['flow_action'])?.toUpperCase()),
        ...defined('NavigateScreen', toText(button['navigate_screen'])),
      };
    case 'QUICK_REPLY':
    case 'CATALOG':
    case 'MPM':
      return { Type: type, ...text };
    default:
      reading.unread.push(`button ${toWord(type)}`);
      return { ...button, Type: type, ...text };
  }
}

/** A button's sample stands by itself or in a list. */
function readSample(button: JsonObject): string {
  return toText(toItems(button['example'])[0] ?? button['example']) ?? '';
}

/** The variable of an address has a number at Meta, whatever those of the texts have. */
function readUrl(button: JsonObject, reading: Reading, name: string): JsonObject {
  const url = toText(button['url']) ?? '';
  const start = url.indexOf('{{');
  if (start < 0) return { Url: url, UrlType: 'static' };
  const sample = readSample(button);
  const front = url.slice(0, start);
  const end = url.slice(url.lastIndexOf('}}') + 2);
  const inside = sample.startsWith(front) && sample.endsWith(end);
  reading.example[name] = inside ? sample.slice(front.length, sample.length - end.length) : sample;
  return { Url: url.replace(/\{\{[^{}]*\}\}/g, `$(${name})`), UrlType: 'dynamic' };
}

const otpAddress = /^https:\/\/(www\.)?whatsapp\.com\/otp\//;

/** Meta gives the button of a one-time code back as the link that it made of it. */
function readCodeButton(button: JsonObject): JsonObject {
  const url = toText(button['url']) ?? '';
  const linked = otpAddress.test(url)
    ? new URL(url.replaceAll(/[{}]/g, '')).searchParams.get('otp_type')
    : null;
  const apps = toObjects(button['supported_apps']).map((app) => ({
    PackageName: toText(app['package_name']) ?? '',
    SignatureHash: toText(app['signature_hash']) ?? '',
  }));
  return {
    Type: (toText(button['otp_type']) ?? linked ?? 'COPY_CODE').toUpperCase(),
    ...defined('Text', toText(button['text'])),
    ...defined('AutofillText', toText(button['autofill_text'])),
    ...(apps.length === 0 ? {} : { SupportedApps: apps }),
  };
}

/** Of a footer that Meta wrote itself, the minutes may be left in its text alone. */
function readExpiration(component: JsonObject): JsonObject {
  const minutes = Number(
    toText(component['code_expiration_minutes']) ?? /\d+/.exec(toText(component['text']) ?? '')?.[0],
  );
  return Number.isSafeInteger(minutes) ? { CodeExpirationMinutes: minutes } : {};
}
