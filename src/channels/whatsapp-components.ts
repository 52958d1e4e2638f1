// Templates in the words of CAMS (cams-openapi 4.5) to those that Meta reviews (Graph API, message_templates).
import { fillVariables, findVariables } from '../domain/template.ts';
import type { Template, TemplateComponent } from '../domain/template.ts';
import { defined, pick } from './gatherer.ts';
import { toObjects, toText } from './meta.ts';
import type { Json, JsonObject } from './meta.ts';

/** Gives the handle of an uploaded sample of a header's file. */
export type ToHandle = (link: string) => Promise<string>;

/**
 * The components of a template as Meta wants them for its review. Variables are numbered in each text in the order in which
 * they first appear, as a message with the template numbers their values. Rejects with what `toHandle` rejects with.
 */
export async function toVendorComponents(template: Template, toHandle: ToHandle): Promise<JsonObject[]> {
  return Promise.all(template.components.map((component) => toComponent(template, component, toHandle)));
}

async function toComponent(
  template: Pick<Template, 'category' | 'example'>,
  component: TemplateComponent,
  toHandle: ToHandle,
): Promise<JsonObject> {
  const { category, example } = template;
  const isCode = category === 'AUTHENTICATION';
  switch (component.Type) {
    case 'HEADER':
      return toHeader(component, example, toHandle);
    case 'BODY':
      if (isCode)
        return { type: 'BODY', add_security_recommendation: component['AddSecretRecommendation'] === true };
      return { type: 'BODY', ...toBody(textOf(component, 'Text'), example) };
    case 'FOOTER':
      return isCode
        ? {
            type: 'FOOTER',
            ...defined('code_expiration_minutes', component['CodeExpirationMinutes'] as number | undefined),
          }
        : { type: 'FOOTER', text: textOf(component, 'Text') };
    case 'BUTTONS':
      return { type: 'BUTTONS', buttons: toButtons(component, isCode, example) };
    case 'LIMITED_TIME_OFFER':
      return {
        type: 'LIMITED_TIME_OFFER',
        limited_time_offer: {
          text: textOf(component, 'Text'),
          has_expiration: component['HasExpiration'] === true,
        },
      };
    default:
      return { type: component.Type, cards: await toCards(template, component, toHandle) };
  }
}

async function toHeader(
  component: TemplateComponent,
  example: Template['example'],
  toHandle: ToHandle,
): Promise<JsonObject> {
  const format = textOf(component, 'Format');
  if (format === 'LOCATION') return { type: 'HEADER', format };
  if (format !== 'TEXT' && format !== '') {
    const handle = await toHandle(fillVariables(textOf(component, 'Url'), example));
    return { type: 'HEADER', format, example: { header_handle: [handle] } };
  }
  const text = textOf(component, 'Text');
  const samples = toSamples(text, example);
  return {
    type: 'HEADER',
    format: 'TEXT',
    text: number(text),
    ...(samples.length === 0 ? {} : { example: { header_text: samples } }),
  };
}

function toBody(text: string, example: Template['example']): JsonObject {
  const samples = toSamples(text, example);
  return { text: number(text), ...(samples.length === 0 ? {} : { example: { body_text: [samples] } }) };
}

function toButtons(
  component: TemplateComponent,
  isCode: boolean,
  example: Template['example'],
): JsonObject[] {
  // The components of a template were checked when it was made.
  return toObjects(component['Buttons'] as Json | undefined).map((button) =>
    isCode ? toCodeButton(button) : toButton(button, example),
  );
}

function toCodeButton(button: JsonObject): JsonObject {
  const type = toText(button['Type']) ?? '';
  const apps = toObjects(button['SupportedApps']).map((app) => ({
    package_name: app['PackageName'],
    signature_hash: app['SignatureHash'],
  }));
  const single = toText(button['PackageName']);
  const listed =
    apps.length === 0 && single !== undefined
      ? [{ package_name: single, signature_hash: button['SignatureHash'] }]
      : apps;
  return {
    type: 'OTP',
    otp_type: type,
    ...defined('text', toText(button['Text'])),
    ...defined('autofill_text', toText(button['AutofillText'])),
    ...(listed.length === 0 ? {} : { supported_apps: listed }),
    // Who makes such a template here has accepted Meta's terms for it there.
    ...(type === 'ZERO_TAP' ? { zero_tap_terms_accepted: true } : {}),
  };
}

function toButton(button: JsonObject, example: Template['example']): JsonObject {
  const type = toText(button['Type']) ?? '';
  const text = toText(button['Text']) ?? '';
  switch (type) {
    case 'PHONE_NUMBER':
      return { type, text, phone_number: toText(button['PhoneNumber']) ?? '' };
    case 'URL': {
      const url = toText(button['Url']) ?? '';
      const isDynamic = findVariables(url).length > 0;
      return {
        type,
        text,
        url: number(url),
        ...(isDynamic ? { example: [fillVariables(url, example)] } : {}),
      };
    }
    case 'COPY_CODE':
      return { type, example: fillVariables(toText(button['CouponCode']) ?? '', example) };
    case 'FLOW':
      return {
        type,
        text,
        flow_id: toText(button['FlowId']) ?? '',
        flow_action: (toText(button['FlowAction']) ?? 'NAVIGATE').toLowerCase(),
        ...defined('navigate_screen', toText(button['NavigateScreen'])),
      };
    default:
      return { type, text };
  }
}

async function toCards(
  { category, example }: Pick<Template, 'category' | 'example'>,
  component: TemplateComponent,
  toHandle: ToHandle,
): Promise<JsonObject[]> {
  return Promise.all(
    toObjects(component['Cards'] as Json | undefined).map(async (card) => ({
      components: await Promise.all(
        toObjects(card['CardComponents']).map((part) =>
          toComponent({ category, example }, { ...part, Type: toText(part['Type']) ?? '' }, toHandle),
        ),
      ),
    })),
  );
}

/** `$(name)` to `{{1}}`, by order of first appearance. */
function number(text: string): string {
  const names = findVariables(text);
  return fillVariables(text, Object.fromEntries(names.map((name, index) => [name, `{{${index + 1}}}`])));
}

function toSamples(text: string, example: Template['example']): string[] {
  return findVariables(text).map((name) => example[name] ?? name);
}

function textOf(component: TemplateComponent, name: string): string {
  // Of a component only texts are read here.
  return toText(pick(component as JsonObject, name)[name]) ?? '';
}
