import { AutoComplete, Form, Input, Select } from 'antd';
import type { Channel, Template } from '../../api/model.ts';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { categories } from './draft.ts';

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
/** What a template is told by from its first version on: its channel, name, language and category. */
export function IdentityInputs({
  channels,
  isSandbox,
  type,
}: {
  /** Those that templates are for. */
  channels: readonly Channel[];
  /** It plays WhatsApp and Viber, so the type has to be chosen. */
  isSandbox: boolean;
  type: Template['type'];
}) {
  const t = usePageTexts();
  return (
    <>
      <Form.Item
        name="channelId"
        label={t('channel.title')}
        rules={[{ required: true, message: t('form.required') }]}
      >
        <Select
          options={channels.map(({ id, name }) => ({
            value: id,
            label: name === id ? id : `${name} (${id})`,
          }))}
        />
      </Form.Item>
      {isSandbox && (
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
        <AutoComplete options={languages.map((value) => ({ value }))} showSearch={{ filterOption: true }} />
      </Form.Item>
      <Form.Item
        name="category"
        label={t('template.category')}
        rules={[{ required: true, message: t('form.required') }]}
      >
        <Select options={categories[type].map((value) => ({ value, label: value }))} />
      </Form.Item>
    </>
  );
}
