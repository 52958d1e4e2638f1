// A message with a template: the values of its variables, in the places where the Cloud API wants them (docs/protocols/whatsapp.md).
import type { Envelope } from '../../domain/message.ts';
import { orderVariables } from '../../domain/template-content.ts';
import type { ParameterFormat, Template, TemplateComponent } from '../../domain/template.ts';
import { fillVariables, findVariables } from '../../domain/template.ts';
import { isObject, toObjects, toText } from '../kit/json.ts';
import type { Json, JsonObject } from '../kit/json.ts';
import type { ToMedia } from './content.ts';
import { Unsendable } from './content.ts';

type Values = Readonly<Record<string, string>>;

/** The variable that gives the end of a limited-time offer, in epoch milliseconds. */
const offerEnd = 'offerExpirationTimeMs';

/** The `template` member of a request. Throws {@link Unsendable} when a value is missing that has no place in a text. */
export async function writeTemplate(
  template: Template,
  envelope: Envelope,
  toMedia: ToMedia,
): Promise<JsonObject> {
  const values = envelope.templateParams ?? {};
  const components: JsonObject[] = [];
  for (const component of template.components)
    components.push(...(await writeComponent(template, component, values, envelope, toMedia)));
  return {
    name: template.name,
    language: { code: template.language },
    ...(components.length === 0 ? {} : { components }),
  };
}

async function writeComponent(
  { category, parameterFormat }: Template,
  component: TemplateComponent,
  values: Values,
  envelope: Envelope,
  toMedia: ToMedia,
): Promise<readonly JsonObject[]> {
  switch (component.Type) {
    case 'HEADER':
      return toComponents('header', await writeHeader(component, values, parameterFormat, toMedia));
    case 'BODY':
      return toComponents(
        'body',
        category === 'AUTHENTICATION'
          ? [toTextParameter(toCode(values))]
          : writeText(component, values, parameterFormat),
      );
    case 'BUTTONS':
      return writeButtons(component, values, envelope, category, {
        payload: envelope.payload ?? [],
        used: 0,
      });
    case 'LIMITED_TIME_OFFER':
      return component['HasExpiration'] === true ? [writeOffer(values)] : [];
    case 'CAROUSEL':
      return [await writeCarousel(component, values, envelope, { category, parameterFormat }, toMedia)];
    default:
      return [];
  }
}

function toComponents(type: string, parameters: readonly JsonObject[]): readonly JsonObject[] {
  return parameters.length === 0 ? [] : [{ type, parameters }];
}

function toTextParameter(text: string): JsonObject {
  return { type: 'text', text };
}

/** One value for each variable, under its name or in the order of their numbers, as the review has them. */
function writeText(component: TemplateComponent, values: Values, format: ParameterFormat): JsonObject[] {
  return orderVariables(textOf(component, 'Text'), format).map((name) => ({
    ...toTextParameter(values[name] ?? ''),
    ...(format === 'NAMED' ? { parameter_name: name } : {}),
  }));
}

async function writeHeader(
  component: TemplateComponent,
  values: Values,
  parameterFormat: ParameterFormat,
  toMedia: ToMedia,
): Promise<JsonObject[]> {
  const format = textOf(component, 'Format').toLowerCase();
  if (format === 'image' || format === 'video' || format === 'document') {
    const link = fillVariables(textOf(component, 'Url'), values);
    if (!/^https?:\/\//i.test(link))
      throw new Unsendable('132012', `The header of the template needs the address of its ${format}.`);
    const named = format === 'document' ? fillVariables(textOf(component, 'FileName'), values) : '';
    // A name that the message leaves out is none.
    const fileName = findVariables(named).length === 0 ? named : '';
    const file = { ...(await toMedia(link, format)), ...(fileName === '' ? {} : { filename: fileName }) };
    return [{ type: format, [format]: file }];
  }
  if (format !== 'location') return writeText(component, values, parameterFormat);
  const latitude = values['latitude'] ?? textOf(component, 'Latitude');
  const longitude = values['longitude'] ?? textOf(component, 'Longitude');
  if (latitude === '' || longitude === '')
    throw new Unsendable('132012', 'The header of the template needs latitude and longitude.');
  const name = values['name'] ?? textOf(component, 'LocationName');
  const address = values['address'] ?? textOf(component, 'LocationAddress');
  return [{ type: 'location', location: { latitude, longitude, name, address } }];
}

function writeOffer(values: Values): JsonObject {
  const end = Number(values[offerEnd] ?? '');
  if (!Number.isSafeInteger(end) || end <= 0)
    throw new Unsendable('132012', `The offer of the template needs ${offerEnd}.`);
  return {
    type: 'limited_time_offer',
    parameters: [{ type: 'limited_time_offer', limited_time_offer: { expiration_time_ms: end } }],
  };
}

/** The one-time code of an authentication template: the variable of that name, or the only one given. */
function toCode(values: Values): string {
  const given = Object.values(values);
  const code = values['code'] ?? (given.length === 1 ? given[0] : undefined);
  if (code === undefined || code === '')
    throw new Unsendable('132000', 'An authentication template needs the value of code.');
  return code;
}

/** Payloads are given for all quick replies of a template in their order; cards take theirs one after the other. */
interface Payloads {
  readonly payload: readonly string[];
  used: number;
}

function writeButtons(
  component: TemplateComponent,
  values: Values,
  envelope: Envelope,
  category: string,
  payloads: Payloads,
): JsonObject[] {
  // The components of a template were checked when it was made.
  return toObjects(component['Buttons'] as Json | undefined).flatMap((button, index) => {
    const parameter = writeButton(button, values, envelope, category, payloads);
    return parameter === undefined
      ? []
      : [
          {
            type: 'button',
            sub_type: parameter.subType,
            index: String(index),
            parameters: [parameter.value],
          },
        ];
  });
}

function writeButton(
  button: JsonObject,
  values: Values,
  { flowAction, productAction }: Envelope,
  category: string,
  payloads: Payloads,
): { readonly subType: string; readonly value: JsonObject } | undefined {
  const type = toText(button['Type']) ?? '';
  // Codes are copied or filled in by a button that Meta treats as a link, whatever its kind.
  if (category === 'AUTHENTICATION') return { subType: 'url', value: toTextParameter(toCode(values)) };
  switch (type) {
    case 'QUICK_REPLY': {
      const payload = payloads.payload[payloads.used];
      payloads.used += 1;
      return payload === undefined
        ? undefined
        : { subType: 'quick_reply', value: { type: 'payload', payload } };
    }
    case 'URL': {
      const [name] = findVariables(toText(button['Url']) ?? '');
      return name === undefined ? undefined : { subType: 'url', value: toTextParameter(values[name] ?? '') };
    }
    case 'COPY_CODE': {
      const code = fillVariables(toText(button['CouponCode']) ?? '', values);
      return { subType: 'copy_code', value: { type: 'coupon_code', coupon_code: code } };
    }
    case 'FLOW':
      return { subType: 'flow', value: { type: 'action', action: toFlow(flowAction as Json | undefined) } };
    case 'CATALOG':
    case 'MPM': {
      const action = toProducts(productAction as Json | undefined, type === 'MPM');
      return action === undefined
        ? undefined
        : { subType: type.toLowerCase(), value: { type: 'action', action } };
    }
    default:
      return undefined;
  }
}

function toFlow(given: Json | undefined): JsonObject {
  const flow = isObject(given) ? given : {};
  const token = toText(memberOf(flow, 'FlowToken')) ?? 'unused';
  const data = memberOf(flow, 'FlowActionData');
  return { flow_token: token, ...(data === undefined ? {} : { flow_action_data: data }) };
}

function toProducts(given: Json | undefined, hasSections: boolean): JsonObject | undefined {
  const product = isObject(given) ? given : {};
  const thumbnail = toText(memberOf(product, 'ThumbnailProductRetailerId'));
  const sections = toObjects(memberOf(product, 'Sections')).map((section) => ({
    title: toText(memberOf(section, 'Title')) ?? '',
    product_items: toObjects(memberOf(section, 'ProductItems')).map((item) => ({
      product_retailer_id: toText(memberOf(item, 'ProductRetailerId')) ?? '',
    })),
  }));
  if (hasSections && sections.length === 0)
    throw new Unsendable('132012', 'A template with products needs ProductAction with its Sections.');
  if (thumbnail === undefined && !hasSections) return undefined;
  return {
    ...(thumbnail === undefined ? {} : { thumbnail_product_retailer_id: thumbnail }),
    ...(hasSections ? { sections } : {}),
  };
}

async function writeCarousel(
  component: TemplateComponent,
  values: Values,
  envelope: Envelope,
  { category, parameterFormat }: Pick<Template, 'category' | 'parameterFormat'>,
  toMedia: ToMedia,
): Promise<JsonObject> {
  const payloads: Payloads = { payload: envelope.payload ?? [], used: 0 };
  // Headers may have to be uploaded, which is done side by side.
  const cards = await Promise.all(
    toObjects(component['Cards'] as Json | undefined).map(async (card, index) => {
      const parts = toObjects(card['CardComponents']).map((part): TemplateComponent => ({
        ...part,
        Type: toText(part['Type']) ?? '',
      }));
      const buttons = parts
        .filter(({ Type }) => Type === 'BUTTONS')
        .flatMap((part) => writeButtons(part, values, envelope, category, payloads));
      const components: JsonObject[] = [];
      for (const part of parts) {
        if (part.Type === 'HEADER')
          components.push(
            ...toComponents('header', await writeHeader(part, values, parameterFormat, toMedia)),
          );
        if (part.Type === 'BODY')
          components.push(...toComponents('body', writeText(part, values, parameterFormat)));
      }
      return { card_index: index, components: [...components, ...buttons] };
    }),
  );
  return { type: 'carousel', cards };
}

/** Callers write these members in either case. */
function memberOf(object: JsonObject, name: string): Json | undefined {
  const found = Object.keys(object).find((key) => key.toLowerCase() === name.toLowerCase());
  return found === undefined ? undefined : object[found];
}

function textOf(component: TemplateComponent, name: string): string {
  const value = component[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
