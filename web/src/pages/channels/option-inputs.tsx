import { Form, Input, Select, Switch } from 'antd';
import { useTexts } from '../../i18n/language.tsx';
import { optionFields, optionNames } from './fields.ts';
import type { ChannelKind, OptionName } from './fields.ts';
import { useChannelTexts } from './texts.ts';

/** The fields of a form's `options`: all that a kind of channel has a use for. */
export function OptionInputs({ kind }: { kind: ChannelKind }) {
  return optionNames
    .filter((name) => optionFields[name].kinds.includes(kind))
    .map((name) => <OptionInput key={name} name={name} />);
}

function OptionInput({ name }: { name: OptionName }) {
  const t = useTexts();
  const toText = useChannelTexts();
  const { input } = optionFields[name];
  const label = toText(`option.${name}`);
  const common = { name: ['options', name], label, extra: toText(`option.${name}.hint`) };
  if (input === 'switch')
    return (
      <Form.Item {...common} valuePropName="checked">
        <Switch aria-label={label} />
      </Form.Item>
    );
  if (input === 'digits')
    return (
      <Form.Item {...common} rules={[{ pattern: /^\s*[0-9]{0,32}\s*$/, message: t('form.digits') }]}>
        <Input inputMode="numeric" autoComplete="off" />
      </Form.Item>
    );
  if (input === 'address')
    return (
      <Form.Item
        {...common}
        rules={[
          {
            pattern: /^\s*(https?:\/\/[^\s/?#@]+(\/[^\s?#]*[^\s?#/])?)?\s*$/,
            message: toText('option.address.rule'),
          },
        ]}
      >
        <Input type="url" autoComplete="off" spellCheck={false} maxLength={500} />
      </Form.Item>
    );
  return (
    <Form.Item {...common}>
      <Select
        allowClear
        placeholder={toText('option.default')}
        options={input.map((value) => ({
          value,
          label: toText(`option.choice.${value as 'link' | 'upload'}`),
        }))}
      />
    </Form.Item>
  );
}
