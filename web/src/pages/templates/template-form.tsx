import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { AutoComplete, Button, Card, Form, Input, Segmented, Select } from 'antd';
import { useState } from 'react';
import type { Channel, Template } from '../../api/model.ts';
import { useTexts } from '../../i18n/language.tsx';
import { SaveProblem } from '../../ui/problem.tsx';
import { buttonsOf, findVariables, headerFormat, textOf, toComponents } from './components.ts';
import type { Parts, TemplateButton } from './components.ts';
import { Preview } from './preview.tsx';

export interface TemplateDraft {
  readonly channelId: string;
  readonly name: string;
  readonly language: string;
  readonly type: Template['type'];
  readonly category: string;
  readonly components: Template['components'];
  readonly example: Record<string, string>;
}

type Mode = 'form' | 'json';

interface Fields extends Parts {
  channelId: string;
  name: string;
  language: string;
  type: Template['type'];
  category: string;
  example?: Record<string, string>;
  json?: string;
}

const categories: Readonly<Record<Template['type'], readonly string[]>> = {
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

const languages = [
  'en',
  'en_US',
  'en_GB',
  'zh_CN',
  'zh_HK',
  'zh_TW',
  'es',
  'es_MX',
  'pt_BR',
  'fr',
  'de',
  'it',
  'id',
  'ja',
  'ko',
  'ar',
  'ru',
  'th',
  'tr',
  'vi',
];
const buttonTypes = ['QUICK_REPLY', 'URL', 'PHONE_NUMBER'] as const;
const maxButtons = 10;

/** Channels that templates are for; the sandbox plays WhatsApp and Viber. */
function isForTemplates({ type }: Channel): boolean {
  return type === 'whatsapp' || type === 'viber' || type === 'sandbox';
}

function parseComponents(json: string | undefined): Template['components'] | null {
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

/** Makes or changes a template part by part, or as the JSON of the CAMS API; the preview follows at once. */
export function TemplateForm({
  channels,
  initialChannelId,
  template,
  isBusy,
  error,
  showNow = () => undefined,
  submitText,
  onSubmit,
}: {
  channels: readonly Channel[];
  initialChannelId?: string | undefined;
  template?: Template;
  isBusy: boolean;
  error: unknown;
  /** Shows what is there now, where somebody else was quicker. */
  showNow?: () => void;
  submitText: string;
  onSubmit: (draft: TemplateDraft) => void;
}) {
  const t = useTexts();
  const [form] = Form.useForm<Fields>();
  const [mode, setMode] = useState<Mode>('form');
  const able = channels.filter(isForTemplates);
  const values = Form.useWatch([], form) as Partial<Fields> | undefined;
  const channelId = values?.channelId ?? template?.channelId ?? initialChannelId ?? able[0]?.id ?? '';
  const channelType = channels.find(({ id }) => id === channelId)?.type;
  const type = values?.type ?? template?.type ?? (channelType === 'viber' ? 'VIBER' : 'WHATSAPP');
  const category = values?.category ?? template?.category ?? categories[type][0] ?? '';
  const isGenerated = type === 'WHATSAPP' && category === 'AUTHENTICATION';
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
  const initial: Partial<Fields> =
    template === undefined
      ? { channelId, type, category, language: 'en', headerFormat: 'NONE' }
      : toFields(template);

  return (
    <div className="two">
      <Card>
        <Form<Fields>
          form={form}
          layout="vertical"
          initialValues={initial}
          onValuesChange={(changed: Partial<Fields>) => {
            if (changed.type !== undefined) form.setFieldValue('category', categories[changed.type][0]);
            const chosen = channels.find(({ id }) => id === changed.channelId)?.type;
            if (chosen === 'viber' || chosen === 'whatsapp') {
              const fitting = chosen === 'viber' ? 'VIBER' : 'WHATSAPP';
              form.setFieldsValue({ type: fitting, category: categories[fitting][0] });
            }
          }}
          onFinish={(fields) => {
            onSubmit({
              channelId,
              name: template?.name ?? fields.name.trim(),
              language: template?.language ?? fields.language.trim(),
              type,
              category,
              components,
              example: Object.fromEntries(Object.entries(example).filter(([, value]) => value !== '')),
            });
          }}
        >
          {template === undefined && (
            <>
              <Form.Item
                name="channelId"
                label={t('channel.title')}
                rules={[{ required: true, message: t('form.required') }]}
              >
                <Select
                  options={able.map(({ id, name }) => ({
                    value: id,
                    label: name === id ? id : `${name} (${id})`,
                  }))}
                />
              </Form.Item>
              {channelType === 'sandbox' && (
                <Form.Item name="type" label={t('template.type')}>
                  <Select
                    options={[
                      { value: 'WHATSAPP', label: t('channel.type.whatsapp') },
                      { value: 'VIBER', label: t('channel.type.viber') },
                    ]}
                  />
                </Form.Item>
              )}
              <Form.Item
                name="name"
                label={t('field.name')}
                className="hint-is-rule"
                extra={t('template.name.hint')}
                rules={[{ required: true, pattern: /^[a-z0-9_]{1,512}$/, message: t('template.name.hint') }]}
              >
                <Input autoComplete="off" spellCheck={false} />
              </Form.Item>
              <Form.Item
                name="language"
                label={t('template.language')}
                rules={[{ required: true, message: t('form.required') }]}
              >
                <AutoComplete
                  options={languages.map((value) => ({ value }))}
                  showSearch={{ filterOption: true }}
                />
              </Form.Item>
              <Form.Item
                name="category"
                label={t('template.category')}
                rules={[{ required: true, message: t('form.required') }]}
              >
                <Select options={categories[type].map((value) => ({ value, label: value }))} />
              </Form.Item>
            </>
          )}
          <Segmented<Mode>
            aria-label={t('template.mode')}
            value={mode}
            onChange={(next) => {
              if (next === 'json') form.setFieldValue('json', JSON.stringify(components, null, 2));
              setMode(next);
            }}
            options={[
              { value: 'form', label: t('template.mode.form') },
              { value: 'json', label: t('template.mode.json') },
            ]}
          />
          <div className="gap" />
          {mode === 'json' ? (
            <Form.Item
              name="json"
              label={t('template.components')}
              rules={[
                {
                  validator: (_rule, value: string | undefined) =>
                    parseComponents(value) === null
                      ? Promise.reject(new Error(t('template.json.rule')))
                      : Promise.resolve(),
                },
              ]}
            >
              <Input.TextArea rows={14} spellCheck={false} className="code-input" />
            </Form.Item>
          ) : isGenerated ? (
            <p>{t('template.generated')}</p>
          ) : (
            <PartInputs type={type} format={values?.headerFormat ?? 'NONE'} />
          )}
          {variables.length > 0 && (
            <fieldset className="section">
              <legend>{t('template.examples')}</legend>
              {variables.map((name) => (
                <Form.Item
                  key={name}
                  name={['example', name]}
                  label={`$(${name})`}
                  rules={[{ required: true, message: t('form.required') }]}
                >
                  <Input autoComplete="off" />
                </Form.Item>
              ))}
            </fieldset>
          )}
          {error != null && <SaveProblem error={error} showNow={showNow} />}
          <div className="form-actions">
            <Button type="primary" htmlType="submit" loading={isBusy}>
              {submitText}
            </Button>
          </div>
        </Form>
      </Card>
      <Card
        title={`${t('template.preview')} · ${t(type === 'VIBER' ? 'channel.type.viber' : 'channel.type.whatsapp')}`}
      >
        <Preview type={type} category={category} components={components} example={example} />
      </Card>
    </div>
  );
}

function toFields(template: Template): Partial<Fields> {
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

function PartInputs({
  type,
  format,
}: {
  type: Template['type'];
  format: NonNullable<Parts['headerFormat']>;
}) {
  const t = useTexts();
  const isWhatsapp = type === 'WHATSAPP';
  return (
    <>
      <Form.Item name="headerFormat" label={t('template.header')}>
        <Select
          options={(isWhatsapp
            ? (['NONE', 'TEXT', 'IMAGE', 'VIDEO', 'DOCUMENT'] as const)
            : (['NONE', 'IMAGE'] as const)
          ).map((value) => ({ value, label: t(`template.header.${value}`) }))}
        />
      </Form.Item>
      {format === 'TEXT' && (
        <Form.Item name="header" label={t('template.header.text')}>
          <Input maxLength={60} showCount autoComplete="off" />
        </Form.Item>
      )}
      {format !== 'TEXT' && format !== 'NONE' && (
        <Form.Item name="headerUrl" label={t('template.header.url')}>
          <Input type="url" autoComplete="off" placeholder="https://example.com/sample.jpg" />
        </Form.Item>
      )}
      <Form.Item
        name="body"
        label={t('template.body')}
        extra={t('template.body.hint')}
        rules={[{ required: isWhatsapp, message: t('form.required') }]}
      >
        <Input.TextArea rows={5} maxLength={1024} showCount />
      </Form.Item>
      {isWhatsapp && (
        <Form.Item name="footer" label={t('template.footer')}>
          <Input maxLength={60} showCount autoComplete="off" />
        </Form.Item>
      )}
      <Form.List name="buttons">
        {(fields, { add, remove }) => (
          <fieldset className="section">
            <legend>{t('template.buttons')}</legend>
            {fields.map(({ key, name }) => (
              <ButtonInputs
                key={key}
                name={name}
                isWhatsapp={isWhatsapp}
                onRemove={() => {
                  remove(name);
                }}
              />
            ))}
            {fields.length < (isWhatsapp ? maxButtons : 1) && (
              <Button
                icon={<PlusOutlined />}
                onClick={() => {
                  add({ Type: isWhatsapp ? 'QUICK_REPLY' : 'URL' } satisfies TemplateButton);
                }}
              >
                {t('template.buttons.add')}
              </Button>
            )}
          </fieldset>
        )}
      </Form.List>
    </>
  );
}

function ButtonInputs({
  name,
  isWhatsapp,
  onRemove,
}: {
  name: number;
  isWhatsapp: boolean;
  onRemove: () => void;
}) {
  const t = useTexts();
  const type = Form.useWatch(['buttons', name, 'Type']) as string | undefined;
  return (
    <div className="button-row">
      <Form.Item name={[name, 'Type']} label={t('channel.type')}>
        <Select
          options={buttonTypes
            .filter((value) => isWhatsapp || value === 'URL')
            .map((value) => ({ value, label: t(`template.button.${value}`) }))}
        />
      </Form.Item>
      <Form.Item
        name={[name, 'Text']}
        label={t('message.text')}
        rules={[{ required: true, message: t('form.required') }]}
      >
        <Input maxLength={25} autoComplete="off" />
      </Form.Item>
      {type === 'URL' && (
        <Form.Item name={[name, 'Url']} label="URL" rules={[{ required: true, message: t('form.required') }]}>
          <Input autoComplete="off" placeholder="https://example.com/$(order)" />
        </Form.Item>
      )}
      {type === 'PHONE_NUMBER' && (
        <Form.Item
          name={[name, 'PhoneNumber']}
          label={t('sender.id.whatsapp')}
          rules={[{ required: true, pattern: /^\+?\d{5,20}$/, message: t('form.digits') }]}
        >
          <Input inputMode="tel" autoComplete="off" />
        </Form.Item>
      )}
      <Button icon={<DeleteOutlined />} onClick={onRemove} aria-label={t('template.buttons.remove')} />
    </div>
  );
}
