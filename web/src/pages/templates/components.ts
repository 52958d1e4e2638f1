// The components of a template in the words of the CAMS API, as the form and the preview read them.
import type { Template } from '../../api/model.ts';

type Component = Template['components'][number];

export interface TemplateButton {
  readonly Type: string;
  readonly Text?: string;
  readonly Url?: string;
  readonly PhoneNumber?: string;
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function find(components: readonly Component[], type: string): Component | undefined {
  return components.find((component) => toText(component['Type']).toUpperCase() === type);
}

/** The text of the component of a type; empty when there is none. */
export function textOf(components: readonly Component[], type: string): string {
  return toText(find(components, type)?.['Text']);
}

/** What the header is: `TEXT`, `IMAGE`, …; null when there is none. */
export function headerFormat(components: readonly Component[]): string | null {
  const header = find(components, 'HEADER');
  return header === undefined ? null : toText(header['Format']) || 'TEXT';
}

/** The buttons, with the members that a preview shows. */
export function buttonsOf(components: readonly Component[]): readonly TemplateButton[] {
  const list = find(components, 'BUTTONS')?.['Buttons'];
  if (!Array.isArray(list)) return [];
  return (list as unknown[]).flatMap((item) => {
    if (typeof item !== 'object' || item === null) return [];
    const button = item as Record<string, unknown>;
    return [
      {
        Type: toText(button['Type']),
        Text: toText(button['Text']),
        Url: toText(button['Url']),
        PhoneNumber: toText(button['PhoneNumber']),
      },
    ];
  });
}

/** The names of the variables, `$(name)`, in order of appearance. */
export function findVariables(components: readonly Component[]): readonly string[] {
  const text = JSON.stringify(components);
  return [...new Set([...text.matchAll(/\$\(([^()]{1,64})\)/g)].map(([, name = '']) => name))];
}

/** A text with its variables filled in; one without a value stays as it is written. */
export function fillVariables(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\$\(([^()]{1,64})\)/g, (whole, name: string) => values[name] || whole);
}

/** What the form holds. */
export interface Parts {
  readonly category: string;
  readonly headerFormat?: 'NONE' | 'TEXT' | 'IMAGE' | 'VIDEO' | 'DOCUMENT';
  readonly header?: string;
  readonly headerUrl?: string;
  readonly body?: string;
  readonly footer?: string;
  readonly buttons?: readonly (TemplateButton | undefined)[];
}

/** Makes components of what the form holds; empty parts are left out. */
export function toComponents(type: Template['type'], parts: Parts): Component[] {
  const isGenerated = type === 'WHATSAPP' && parts.category === 'AUTHENTICATION';
  if (isGenerated) {
    return [
      { Type: 'BODY', AddSecretRecommendation: true },
      { Type: 'BUTTONS', Buttons: [{ Type: 'COPY_CODE' }] },
    ];
  }
  const components: Component[] = [];
  const format = parts.headerFormat ?? 'NONE';
  if (format === 'TEXT' && (parts.header ?? '') !== '')
    components.push({ Type: 'HEADER', Format: 'TEXT', Text: parts.header });
  if (format !== 'TEXT' && format !== 'NONE')
    components.push({
      Type: 'HEADER',
      Format: format,
      ...((parts.headerUrl ?? '') !== '' && { Url: parts.headerUrl }),
    });
  if ((parts.body ?? '') !== '') components.push({ Type: 'BODY', Text: parts.body });
  if (type === 'WHATSAPP' && (parts.footer ?? '') !== '')
    components.push({ Type: 'FOOTER', Text: parts.footer });
  const buttons = (parts.buttons ?? []).flatMap((button) =>
    button?.Type === undefined ? [] : [toButton(button)],
  );
  if (buttons.length > 0) components.push({ Type: 'BUTTONS', Buttons: buttons });
  return components;
}

function toButton({ Type, Text = '', Url = '', PhoneNumber = '' }: TemplateButton): TemplateButton {
  if (Type === 'URL') return { Type, Text, Url };
  if (Type === 'PHONE_NUMBER') return { Type, Text, PhoneNumber };
  return { Type, Text };
}
