// What a template says, apart from samples: compared with what its channel has under the same name.
import { createHash } from 'node:crypto';
import { clip } from './cut.ts';
import { fillVariables, findVariables } from './template.ts';
import type { ParameterFormat, Template, TemplateComponent } from './template.ts';

/** A template's content, as far as two may differ in it. */
type TemplateContent = Pick<Template, 'category' | 'components' | 'parameterFormat'>;

type Members = Readonly<Record<string, unknown>>;

/** What Meta takes as the name of a parameter. */
const channelName = /^[a-z][a-z0-9_]*$/;
const maxShown = 120;

/**
 * How a channel shall know the variables of a new template: by their names where it takes all of them as names; by their numbers
 * where they are numbered from 1 on in each text; else by their places. Cards have no names at Meta.
 */
export function chooseFormat(components: readonly TemplateComponent[]): ParameterFormat {
  const hasCards = components.some(({ Type }) => Type === 'CAROUSEL');
  const texts = [...components, ...components.flatMap(findCardParts)]
    .filter(({ Type }) => Type === 'HEADER' || Type === 'BODY')
    .map((component) => findVariables(textOf(component, 'Text')));
  const names = texts.flat();
  if (names.length === 0) return 'POSITIONAL';
  if (texts.every((own) => own.toSorted(byNumber).every((name, n) => name === String(n + 1))))
    return 'NUMBERED';
  return !hasCards && names.every((name) => channelName.test(name)) ? 'NAMED' : 'POSITIONAL';
}

/** The names of a text's variables in the order in which the channel has them. */
export function orderVariables(text: string, format: ParameterFormat): readonly string[] {
  const names = findVariables(text);
  return format === 'NUMBERED' ? names.toSorted(byNumber) : names;
}

/** A text with its variables as the channel writes them: `{{name}}`, or `{{1}}`. */
export function toMarks(text: string, format: ParameterFormat): string {
  const mark = (name: string, n: number): string => {
    if (format === 'NAMED') return name;
    return String(format === 'NUMBERED' ? numberOf(name) : n + 1);
  };
  const marks = findVariables(text).map((name, n) => [name, `{{${mark(name, n)}}}`]);
  return fillVariables(text, Object.fromEntries(marks) as Record<string, string>);
}

/** The format in which what is here is what the channel has, where it knows parameters as `listed`. */
export function asListed(own: ParameterFormat, listed: ParameterFormat): ParameterFormat {
  if (listed === 'NAMED') return 'NAMED';
  return own === 'NAMED' ? 'POSITIONAL' : own;
}

/** A digest of what a template says, the same however its components are ordered. */
export function digestContent(template: TemplateContent): string {
  const said = [...describe(template, template.parameterFormat)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(said)).digest('hex').slice(0, 32);
}

/** One way in which two templates differ: a part of them, and what it is in each; '' where it is absent. */
export interface Difference {
  readonly field: string;
  readonly here: string;
  readonly there: string;
}

/**
 * Each way in which a template that is here says another thing than the one that its channel has; none when they say the same. The
 * channel's own name of a variable counts where it knows parameters by names; samples do not.
 */
export function compareContents(
  own: TemplateContent & Pick<Template, 'ttlSeconds'>,
  listed: TemplateContent & Pick<Template, 'ttlSeconds'>,
): readonly Difference[] {
  const here = describe(own, asListed(own.parameterFormat, listed.parameterFormat));
  const there = describe(listed, listed.parameterFormat);
  here.set('Category', own.category);
  there.set('Category', listed.category);
  if (own.ttlSeconds !== null) {
    here.set('MessageSendTtlSeconds', String(own.ttlSeconds));
    there.set('MessageSendTtlSeconds', String(listed.ttlSeconds ?? 'not set'));
  }
  return [...new Set([...here.keys(), ...there.keys()])]
    .map((field) => ({ field, here: here.get(field) ?? '', there: there.get(field) ?? '' }))
    .filter((one) => one.here !== one.there);
}

/** The same in words. */
export function findDifferences(
  own: TemplateContent & Pick<Template, 'ttlSeconds'>,
  listed: TemplateContent & Pick<Template, 'ttlSeconds'>,
): readonly string[] {
  return compareContents(own, listed).map(
    ({ field, here, there }) => `${field} is ${show(there)} there and ${show(here)} here`,
  );
}

/**
 * What the channel's template says, with the names that its variables have here and with what only we keep of it (addresses, file
 * names), where the variables stand in the same places; null where they do not.
 */
export function keepNames(
  own: TemplateContent,
  listed: TemplateContent,
): readonly TemplateComponent[] | null {
  const isNamed = listed.parameterFormat === 'NAMED';
  if (isNamed !== (own.parameterFormat === 'NAMED')) return null;
  let isKept = true;
  const rename = (text: string, known: string, format: ParameterFormat): string => {
    const names = orderVariables(known, format);
    const given = findVariables(text);
    if (given.some((name, n) => names[n] === undefined || (given.length > 1 && numberOf(name) !== n + 1)))
      isKept = false;
    return fillVariables(text, Object.fromEntries(given.map((name, n) => [name, `$(${names[n] ?? name})`])));
  };
  const merge = (part: Members, known: Members = {}): Members => {
    const isSame = part['Type'] === known['Type'] && part['Format'] === known['Format'];
    const { Text: words, Url: url, Buttons: buttons } = part;
    const isFile = part['Format'] !== undefined && part['Format'] !== 'TEXT';
    return {
      ...(isSame ? known : {}),
      ...part,
      ...(isSame && isFile ? pickOwn(known, ['Url', 'FileName']) : {}),
      ...(isSame ? pickOwn(known, ['CouponCode']) : {}),
      ...(typeof words === 'string' && !isNamed && part['Type'] !== 'FOOTER'
        ? { Text: rename(words, textOf(known, 'Text'), own.parameterFormat) }
        : {}),
      ...(typeof url === 'string' && !isFile ? { Url: rename(url, textOf(known, 'Url'), 'POSITIONAL') } : {}),
      ...(Array.isArray(buttons)
        ? { Buttons: toMembers(buttons).map((button, n) => merge(button, toMembers(known['Buttons'])[n])) }
        : {}),
    };
  };
  const components = listed.components.map((component) => ({
    ...merge(
      component,
      own.components.find(({ Type }) => Type === component.Type),
    ),
    Type: component.Type,
  }));
  // Cards are matched to nothing: one in front of them moves all the others.
  return isKept && !listed.components.some(({ Type }) => Type === 'CAROUSEL') ? components : null;
}

function pickOwn(known: Members, names: readonly string[]): Members {
  return Object.fromEntries(
    names.flatMap((name) => (known[name] === undefined ? [] : [[name, known[name]]])),
  );
}

function describe({ category, components }: TemplateContent, format: ParameterFormat): Map<string, string> {
  const said = new Map<string, string>();
  for (const component of components) describeComponent(said, '', component, category, format);
  return said;
}

function describeComponent(
  said: Map<string, string>,
  prefix: string,
  component: Members,
  category: string,
  format: ParameterFormat,
): void {
  const type = textOf(component, 'Type');
  const path = `${prefix}${type}`;
  const isCode = category === 'AUTHENTICATION';
  const put = (name: string, value: unknown): void => void said.set(`${path}.${name}`, tidy(text(value)));
  switch (type) {
    case 'HEADER': {
      const kind = textOf(component, 'Format') || 'TEXT';
      put('Format', kind);
      if (kind === 'TEXT') put('Text', toMarks(textOf(component, 'Text'), format));
      return;
    }
    case 'BODY':
      if (isCode) put('AddSecretRecommendation', component['AddSecretRecommendation'] === true);
      else put('Text', toMarks(textOf(component, 'Text'), format));
      return;
    case 'FOOTER':
      if (isCode) put('CodeExpirationMinutes', component['CodeExpirationMinutes']);
      else put('Text', component['Text']);
      return;
    case 'LIMITED_TIME_OFFER':
      put('Text', component['Text']);
      put('HasExpiration', component['HasExpiration'] === true);
      return;
    case 'BUTTONS':
      toMembers(component['Buttons']).forEach((button, n) =>
        describeButton(said, `${path}[${n}]`, button, isCode),
      );
      return;
    case 'CAROUSEL':
      toMembers(component['Cards']).forEach((card, n) => {
        for (const part of toMembers(card['CardComponents']))
          describeComponent(said, `${path}[${n}].`, part, '', format);
      });
      return;
    default:
      put('', JSON.stringify(component));
  }
}

/** The texts of some buttons are the channel's own, in the language of the template. */
const namedButtons = new Set(['QUICK_REPLY', 'URL', 'PHONE_NUMBER', 'FLOW']);

function describeButton(said: Map<string, string>, path: string, button: Members, isCode: boolean): void {
  const type = textOf(button, 'Type');
  said.set(`${path}.Type`, type);
  if (isCode) return;
  if (namedButtons.has(type)) said.set(`${path}.Text`, tidy(textOf(button, 'Text')));
  if (type === 'URL') said.set(`${path}.Url`, toMarks(textOf(button, 'Url'), 'POSITIONAL'));
  if (type === 'PHONE_NUMBER')
    said.set(`${path}.PhoneNumber`, textOf(button, 'PhoneNumber').replace(/\D/g, ''));
  if (type === 'FLOW') said.set(`${path}.FlowId`, textOf(button, 'FlowId'));
}

function findCardParts({
  Cards,
}: TemplateComponent & { readonly Cards?: unknown }): readonly TemplateComponent[] {
  return toMembers(Cards).flatMap((card) =>
    toMembers(card['CardComponents']).map((part) => ({ ...part, Type: textOf(part, 'Type') })),
  );
}

function numberOf(name: string): number {
  return Number(/\d+$/.exec(name)?.[0] ?? 0);
}

function byNumber(a: string, b: string): number {
  return numberOf(a) - numberOf(b);
}

function toMembers(value: unknown): readonly Members[] {
  return Array.isArray(value)
    ? (value as unknown[]).filter((item): item is Members => typeof item === 'object' && item !== null)
    : [];
}

function textOf(members: Members, name: string): string {
  return text(members[name]);
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : '';
}

/** Channels give texts back with their ends trimmed and one kind of line break. */
function tidy(value: string): string {
  return value.replaceAll('\r\n', '\n').trim();
}

function show(value: string): string {
  return value === '' ? 'absent' : `"${clip(value, maxShown)}"`;
}
