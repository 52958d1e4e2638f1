import { Form } from 'antd';
import type { FormInstance } from 'antd';
import { useState } from 'react';
import type { Channel, Template } from '../../api/model.ts';
import { buttonsOf, findVariables, headerFormat, textOf, toComponents } from './components.ts';
import type { Parts } from './components.ts';

export interface TemplateDraft {
  readonly channelId: string;
  readonly name: string;
  readonly language: string;
  readonly type: Template['type'];
  readonly category: string;
  readonly components: Template['components'];
  readonly example: Record<string, string>;
}

/** Part by part, or as the JSON of the CAMS API. */
export type Mode = 'form' | 'json';

export interface DraftFields extends Parts {
  channelId: string;
  name: string;
  language: string;
  type: Template['type'];
  category: string;
  example?: Record<string, string>;
  json?: string;
}

export const categories: Readonly<Record<Template['type'], readonly string[]>> = {
  WHATSAPP: ['UTILITY', 'MARKETING', 'AUTHENTICATION'],
  VIBER: [
    'text',
    'image',
    'text_image',
    'text_button',
    'text_image_button',
    'document',
    'video',
    'text_video',
    'text_video_button',
  ],
};

/** What is being written, read off the form at every change, so that the preview follows at once. */
export function useDraft({
  channels,
  initialChannelId,
  template,
  kept,
}: {
  channels: readonly Channel[];
  initialChannelId: string;
  template: Template | undefined;
  /** What was written before the page was loaded anew. */
  kept: { readonly fields: Partial<DraftFields>; readonly mode: Mode } | null;
}) {
  const [form] = Form.useForm<DraftFields>();
  const [mode, setMode] = useState<Mode>(kept?.mode ?? 'form');
  const values = Form.useWatch([], form) as Partial<DraftFields> | undefined;
  const channelId = values?.channelId ?? template?.channelId ?? initialChannelId;
  const channelType = channels.find(({ id }) => id === channelId)?.type;
  const type = values?.type ?? template?.type ?? (channelType === 'viber' ? 'VIBER' : 'WHATSAPP');
  const category = values?.category ?? template?.category ?? categories[type][0] ?? '';
  const components =
    mode === 'json'
      ? (parseComponents(values?.json) ?? [])
      : values === undefined
        ? (template?.components ?? [])
        : toComponents(type, { ...values, category });
  const variables = findVariables(components);
  const example = Object.fromEntries(
    variables.map((name) => [name, values?.example?.[name] ?? template?.example[name] ?? '']),
  );
  return {
    form,
    mode,
    /** Goes on in the other form, with what has been written so far. */
    switchTo: (next: Mode): void => {
      if (next === 'json') form.setFieldValue('json', JSON.stringify(components, null, 2));
      setMode(next);
    },
    initial: {
      ...(template === undefined ? toFirstFields(channelId, type, category) : toFields(template)),
      ...kept?.fields,
    },
    channelType,
    headerFormat: values?.headerFormat ?? 'NONE',
    variables,
    /** What the form says of the template, but for its name and language. */
    content: { channelId, type, category, components, example },
  };
}

export type Draft = ReturnType<typeof useDraft>;

/** Sets what follows from a choice: a channel has one type of templates, and a type has categories of its own. */
export function followChoice(
  form: FormInstance<DraftFields>,
  channels: readonly Channel[],
  changed: Partial<DraftFields>,
): void {
  if (changed.type !== undefined) form.setFieldValue('category', categories[changed.type][0]);
  const chosen = channels.find(({ id }) => id === changed.channelId)?.type;
  if (chosen === 'viber' || chosen === 'whatsapp') {
    const fitting = chosen === 'viber' ? 'VIBER' : 'WHATSAPP';
    form.setFieldsValue({ type: fitting, category: categories[fitting][0] });
  }
}

/** The components of a JSON text; null when it is none. */
export function parseComponents(json: string | undefined): Template['components'] | null {
  try {
    const value: unknown = JSON.parse(json ?? '');
    return Array.isArray(value) && value.every((item) => typeof item === 'object' && item !== null)
      ? (value as Template['components'])
      : null;
  } catch {
    // Not JSON yet: the reader is typing.
    return null;
  }
}

function toFirstFields(channelId: string, type: Template['type'], category: string): Partial<DraftFields> {
  return { channelId, type, category, language: 'en', headerFormat: 'NONE' };
}

function toFields(template: Template): Partial<DraftFields> {
  const { components } = template;
  const format = headerFormat(components);
  return {
    channelId: template.channelId,
    type: template.type,
    category: template.category,
    headerFormat: (format ?? 'NONE') as NonNullable<Parts['headerFormat']>,
    header: textOf(components, 'HEADER'),
    body: textOf(components, 'BODY'),
    footer: textOf(components, 'FOOTER'),
    buttons: buttonsOf(components),
    example: { ...template.example },
  };
}
