// Templates in the words of CAMS (docs/protocols/cams.md) to those that Meta reviews (Graph API, message_templates).
import { orderVariables, toMarks } from '../../domain/template-content.ts';
import { fillVariables, findVariables } from '../../domain/template.ts';
import type { Template, TemplateComponent } from '../../domain/template.ts';
import { defined, pick } from '../kit/gatherer.ts';
import { toObjects, toText } from '../kit/json.ts';
import type { Json, JsonObject } from '../kit/json.ts';

/** Gives the handle of an uploaded sample of a header's file. */
type ToHandle = (link: string) => Promise<string>;

/**
 * The components of a template as Meta wants them for its review: variables by their names or numbered in each text, as a message
 * with the template gives their values. Rejects with what `toHandle` rejects with.
 */
export async function toVendorComponents(template: Template, toHandle: ToHandle): Promise<JsonObject[]> {
  return Promise.all(template.components.map((component) => toComponent(template, component, toHandle)));
}

type Content = Pick<Template, 'category' | 'example' | 'parameterFormat'>;

async function toComponent(
  template: Content,
  component: TemplateComponent,
  toHandle: ToHandle,
): Promise<JsonObject> {
  const { category, example } = template;
  const isCode = category === 'AUTHENTICATION';
  switch (component.Type) {
    case 'HEADER':
      return toHeader(component, template, toHandle);
    case 'BODY':
      if (isCode)
        return { type: 'BODY', add_security_recommendation: component['AddSecretRecommendation'] === true };
      return { type: 'BODY', ...writeText(textOf(component, 'Text'), template, 'body_text') };
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
  template: Content,
  toHandle: ToHandle,
): Promise<JsonObject> {
  const format = textOf(component, 'Format');
  if (format === 'LOCATION') return { type: 'HEADER', format };
  if (format !== 'TEXT' && format !== '') {
    const handle = await toHandle(fillVariables(textOf(component, 'Url'), template.example));
    return { type: 'HEADER', format, example: { header_handle: [handle] } };
  }
  return { type: 'HEADER', format: 'TEXT', ...writeText(textOf(component, 'Text'), template, 'header_text') };
}

/** A text and a sample for each of its variables. */
function writeText(
  text: string,
  { example, parameterFormat }: Content,
  samples: 'header_text' | 'body_text',
): JsonObject {
  const names = orderVariables(text, parameterFormat);
  const written = { text: toMarks(text, parameterFormat) };
  if (names.length === 0) return written;
  if (parameterFormat === 'NAMED') {
    const named = names.map((name) => ({ param_name: name, example: example[name] ?? name }));
    return { ...written, example: { [`${samples}_named_params`]: named } };
  }
  const values = names.map((name) => example[name] ?? name);
  return { ...written, example: { [samples]: samples === 'body_text' ? [values] : values } };
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
        url: toMarks(url, 'POSITIONAL'),
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
  template: Content,
  component: TemplateComponent,
  toHandle: ToHandle,
): Promise<JsonObject[]> {
  return Promise.all(
    toObjects(component['Cards'] as Json | undefined).map(async (card) => ({
      components: await Promise.all(
        toObjects(card['CardComponents']).map((part) =>
          toComponent(template, { ...part, Type: toText(part['Type']) ?? '' }, toHandle),
        ),
      ),
    })),
  );
}

function textOf(component: TemplateComponent, name: string): string {
  // Of a component only texts are read here.
  return toText(pick(component as JsonObject, name)[name]) ?? '';
}
