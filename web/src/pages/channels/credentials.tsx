import { ReloadOutlined } from '@ant-design/icons';
import { Button, Form, Input } from 'antd';
import type { FormInstance } from 'antd';
import type { Channel, ChannelType } from '../../api/model.ts';
import { useTexts } from '../../i18n/language.tsx';
import type { TextKey } from '../../i18n/texts.ts';

export type ConnectableType = Exclude<ChannelType, 'sandbox'>;

interface CredentialField {
  readonly name: 'appSecret' | 'appSecretPrevious' | 'verifyToken' | 'accessToken' | 'authToken';
  readonly label: TextKey;
  readonly hint: TextKey;
  readonly isNeeded: boolean;
}

const meta: readonly CredentialField[] = [
  { name: 'appSecret', label: 'credential.appSecret', hint: 'credential.appSecret.hint', isNeeded: true },
  {
    name: 'verifyToken',
    label: 'credential.verifyToken',
    hint: 'credential.verifyToken.hint',
    isNeeded: true,
  },
  {
    name: 'accessToken',
    label: 'credential.accessToken',
    hint: 'credential.accessToken.hint',
    isNeeded: false,
  },
];

/** What each type of channel is connected with, and where the vendor shows it. */
const credentialFields: Readonly<Record<ConnectableType, readonly CredentialField[]>> = {
  whatsapp: meta,
  messenger: meta,
  instagram: meta,
  viber: [
    { name: 'authToken', label: 'credential.authToken', hint: 'credential.authToken.hint', isNeeded: true },
  ],
};

export type CredentialValues = Partial<Record<CredentialField['name'], string>>;

/** Hard to guess, and made of what every vendor's form takes. */
function makeToken(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(20)), (byte) =>
    byte.toString(36).padStart(2, '0'),
  ).join('');
}

/** Leaves out what the reader left empty. */
export function toCredentials(values: CredentialValues | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values ?? {}).flatMap(([name, value]) => {
      const text = value?.trim() ?? '';
      return text === '' ? [] : [[name, text]];
    }),
  );
}

/** The fields of a form's `credentials`; with `known`, what is set already may stay empty only as a whole. */
export function CredentialInputs({
  type,
  form,
  areNeeded,
}: {
  type: Channel['type'];
  form: FormInstance;
  areNeeded: boolean;
}) {
  const t = useTexts();
  if (type === 'sandbox') return null;
  return credentialFields[type].map(({ name, label, hint, isNeeded }) => (
    <Form.Item
      key={name}
      name={['credentials', name]}
      label={t(label)}
      extra={
        name === 'verifyToken' ? (
          <>
            {t(hint)}{' '}
            <Button
              type="link"
              size="small"
              icon={<ReloadOutlined />}
              onClick={() => {
                form.setFieldValue(['credentials', name], makeToken());
              }}
            >
              {t('credential.make')}
            </Button>
          </>
        ) : (
          t(hint)
        )
      }
      rules={[
        { required: areNeeded && isNeeded, message: t('form.required') },
        { pattern: /^[\x21-\x7e]+$/, message: t('form.no_spaces') },
      ]}
    >
      {name === 'verifyToken' ? (
        <Input autoComplete="off" spellCheck={false} />
      ) : (
        <Input.Password autoComplete="off" />
      )}
    </Form.Item>
  ));
}
