import { Button, Form, Input } from 'antd';
import { useState } from 'react';
import { useTexts } from '../i18n/language.tsx';

/** Passwords are at least so long; the service says so too. */
const minPassword = 12;

/** The access key that somebody signs in with. */
export function KeyInputs({ areWrong }: { areWrong: boolean }) {
  const t = useTexts();
  const status = areWrong ? { validateStatus: 'error' as const } : {};
  return (
    <>
      <Form.Item
        name="keyId"
        label={t('key.id')}
        {...status}
        rules={[{ required: true, message: t('form.required') }]}
      >
        <Input autoComplete="off" spellCheck={false} />
      </Form.Item>
      <Form.Item
        name="keySecret"
        {...status}
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
      {isNew && <RepeatedPassword of="password" />}
    </>
  );
}

/** A password in the place of one that was for this sign-in alone. */
export function ReplacingPassword() {
  const t = useTexts();
  const rule = t('user.password.rule', { min: minPassword });
  return (
    <>
      <Form.Item
        name="newPassword"
        label={t('me.password.new')}
        extra={rule}
        rules={[{ required: true, min: minPassword, message: rule }]}
      >
        <Input.Password autoComplete="new-password" autoFocus />
      </Form.Item>
      <RepeatedPassword of="newPassword" />
    </>
  );
}

/** The six digits of the app, or a recovery code in their place. */
export function CodeInput() {
  const t = useTexts();
  const [hasApp, setHasApp] = useState(true);
  const form = Form.useFormInstance();
  return (
    <>
      {hasApp ? (
        <Form.Item key="code" name="code" label={t('user.code')} extra={t('user.code.hint')} preserve={false}>
          <Input autoComplete="one-time-code" inputMode="numeric" maxLength={6} autoFocus />
        </Form.Item>
      ) : (
        <Form.Item
          key="recoveryCode"
          name="recoveryCode"
          label={t('user.recovery_code')}
          extra={t('user.recovery_code.hint')}
          preserve={false}
        >
          <Input autoComplete="off" spellCheck={false} maxLength={64} autoFocus />
        </Form.Item>
      )}
      <Button
        type="link"
        block
        onClick={() => {
          form.resetFields(['code', 'recoveryCode']);
          setHasApp(!hasApp);
        }}
      >
        {t(hasApp ? 'user.recovery_code.use' : 'user.code.use')}
      </Button>
    </>
  );
}

function RepeatedPassword({ of }: { of: 'password' | 'newPassword' }) {
  const t = useTexts();
  return (
    <Form.Item
      name="repeated"
      label={t('user.password.again')}
      dependencies={[of]}
      rules={[
        ({ getFieldValue }) => ({
          validator: (_rule, value: unknown) =>
            value === getFieldValue(of)
              ? Promise.resolve()
              : Promise.reject(new Error(t('user.password.differs'))),
        }),
      ]}
    >
      <Input.Password autoComplete="new-password" />
    </Form.Item>
  );
}
