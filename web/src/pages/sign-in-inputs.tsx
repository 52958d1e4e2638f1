import { Form, Input } from 'antd';
import { useTexts } from '../i18n/language.tsx';

/** Passwords are at least so long; the service says so too. */
const minPassword = 12;

/** The access key that somebody signs in with. */
export function KeyInputs() {
  const t = useTexts();
  return (
    <>
      <Form.Item name="keyId" label={t('key.id')} rules={[{ required: true, message: t('form.required') }]}>
        <Input autoComplete="off" spellCheck={false} />
      </Form.Item>
      <Form.Item
        name="keySecret"
        label={t('key.secret')}
        rules={[{ required: true, message: t('form.required') }]}
      >
        <Input.Password autoComplete="off" />
      </Form.Item>
    </>
  );
}

/** Name and password; a new one by its rule, and twice. */
export function PasswordInputs({ isNew }: { isNew: boolean }) {
  const t = useTexts();
  const rule = t('user.password.rule', { min: minPassword });
  return (
    <>
      <Form.Item name="name" label={t('user.name')} rules={[{ required: true, message: t('form.required') }]}>
        <Input autoComplete="username" spellCheck={false} />
      </Form.Item>
      <Form.Item
        name="password"
        label={t('user.password')}
        extra={isNew ? rule : undefined}
        rules={[
          { required: true, message: t('form.required') },
          ...(isNew ? [{ min: minPassword, message: rule }] : []),
        ]}
      >
        <Input.Password autoComplete={isNew ? 'new-password' : 'current-password'} />
      </Form.Item>
      {isNew && <RepeatedPassword />}
    </>
  );
}

function RepeatedPassword() {
  const t = useTexts();
  return (
    <Form.Item
      name="repeated"
      label={t('user.password.again')}
      dependencies={['password']}
      rules={[
        ({ getFieldValue }) => ({
          validator: (_rule, value: unknown) =>
            value === getFieldValue('password')
              ? Promise.resolve()
              : Promise.reject(new Error(t('user.password.differs'))),
        }),
      ]}
    >
      <Input.Password autoComplete="new-password" />
    </Form.Item>
  );
}
