import { ReloadOutlined } from '@ant-design/icons';
import { Button, DatePicker, Form, Input } from 'antd';
import type { Rule } from 'antd/es/form/index.js';
import type { ReactNode } from 'react';
import { useTexts } from '../../i18n/language.tsx';
import type { Translate } from '../../i18n/language.tsx';
import { credentialFields } from './fields.ts';
import type { CredentialName } from './fields.ts';
import { useChannelTexts } from './texts.ts';
import type { TranslateChannel } from './texts.ts';

/** Hard to guess, and made of what every vendor's form and any address takes. */
function makeToken(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(20)), (byte) =>
    byte.toString(36).padStart(2, '0'),
  ).join('');
}

/** The fields of a form's `credentials`; where they are needed, those without which nothing works may not stay empty. */
export function CredentialInputs({
  names,
  areNeeded = false,
}: {
  names: readonly CredentialName[];
  areNeeded?: boolean;
}) {
  return names.map((name) => <CredentialInput key={name} name={name} areNeeded={areNeeded} />);
}

function CredentialInput({ name, areNeeded }: { name: CredentialName; areNeeded: boolean }) {
  const t = useTexts();
  const toText = useChannelTexts();
  const { input, isNeeded = false } = credentialFields[name];
  return (
    <Form.Item
      name={['credentials', name]}
      label={toText(`credential.${name}`)}
      extra={<Hint name={name} />}
      rules={[{ required: areNeeded && isNeeded, message: t('form.required') }, ...toRules(input, t, toText)]}
    >
      {toControl(input)}
    </Form.Item>
  );
}

function Hint({ name }: { name: CredentialName }) {
  const toText = useChannelTexts();
  const form = Form.useFormInstance<object>();
  const { input } = credentialFields[name];
  const hint = toText(`credential.${name}.hint`);
  if (input !== 'made' && input !== 'path') return hint;
  return (
    <>
      {hint}{' '}
      <Button
        type="link"
        size="small"
        icon={<ReloadOutlined aria-hidden />}
        onClick={() => {
          form.setFieldValue(['credentials', name] as never, makeToken());
        }}
      >
        {toText('credential.make')}
      </Button>
    </>
  );
}

type InputKind = (typeof credentialFields)[CredentialName]['input'];

function toRules(input: InputKind, t: Translate, toText: TranslateChannel): Rule[] {
  switch (input) {
    case 'secret':
    case 'made':
      return [{ pattern: /^\s*[\x21-\x7e]+\s*$/, message: t('form.no_spaces') }];
    case 'path':
      return [{ pattern: /^\s*[A-Za-z0-9_-]{16,128}\s*$/, message: toText('credential.path.rule') }];
    case 'addresses':
      return [{ pattern: /^[0-9A-Fa-f.:/, ]*$/, message: toText('credential.addresses.rule') }];
    case 'digits':
      return [{ pattern: /^\s*[0-9]{0,32}\s*$/, message: t('form.digits') }];
    case 'text':
    case 'time':
      return [];
  }
}

function toControl(input: InputKind): ReactNode {
  switch (input) {
    case 'secret':
      return <Input.Password autoComplete="off" />;
    case 'text':
      return <Input.TextArea autoSize={{ minRows: 2, maxRows: 8 }} maxLength={7000} />;
    case 'time':
      return <DatePicker showTime={{ format: 'HH:mm' }} format="YYYY-MM-DD HH:mm" />;
    case 'digits':
      return <Input inputMode="numeric" autoComplete="off" />;
    case 'made':
    case 'path':
    case 'addresses':
      return <Input autoComplete="off" spellCheck={false} maxLength={2000} />;
  }
}
