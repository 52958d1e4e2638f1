import { Card, Form, Input, QRCode } from 'antd';
import { useState } from 'react';
import { api, take } from '../../api/client.ts';
import { sessionKey } from '../../app/session.ts';
import { useTexts } from '../../i18n/language.tsx';
import { ActionForm } from '../../ui/action-form.tsx';
import { useChange } from '../../ui/change.ts';
import { Copyable } from '../../ui/copy.tsx';

interface Enrolment {
  readonly secret: string;
  readonly uri: string;
}

/** The second factor of the reader's sign-in: put on with an app, or taken off. */
export function Totp({ isOn }: { isOn: boolean }) {
  const t = useTexts();
  const [made, setMade] = useState<Enrolment | null>(null);
  return (
    <Card title={t('me.totp')}>
      {made === null ? (
        <TotpSwitch key={String(isOn)} isOn={isOn} onMade={setMade} />
      ) : (
        <Enrol
          made={made}
          onDone={() => {
            setMade(null);
          }}
        />
      )}
    </Card>
  );
}

function TotpSwitch({ isOn, onMade }: { isOn: boolean; onMade: (made: Enrolment) => void }) {
  const t = useTexts();
  const begin = useChange(
    ({ password }: { password: string }) => take(api.POST('/api/v1/session/totp', { body: { password } })),
    { refresh: [], quiet: true, onDone: onMade },
  );
  const remove = useChange(
    ({ password }: { password: string }) =>
      take(api.POST('/api/v1/session/totp/remove', { body: { password } })),
    { done: 'me.totp.off', refresh: [sessionKey], quiet: true },
  );
  const field = (
    <Form.Item
      name="password"
      label={t('user.password')}
      rules={[{ required: true, message: t('form.required') }]}
    >
      <Input.Password autoComplete="current-password" />
    </Form.Item>
  );
  return isOn ? (
    <>
      <p>{t('me.totp.is_on')}</p>
      <ActionForm<{ password: string }>
        name="totp-remove"
        change={remove}
        submit={t('me.totp.remove')}
        look="danger"
      >
        {field}
      </ActionForm>
    </>
  ) : (
    <>
      <p>{t('me.totp.is_off')}</p>
      <ActionForm<{ password: string }>
        name="totp-begin"
        change={begin}
        submit={t('me.totp.begin')}
        look="default"
      >
        {field}
      </ActionForm>
    </>
  );
}

/** The secret as a picture to scan, as text to type, and as a link for an app on this device. It is drawn here, not fetched. */
function Enrol({ made, onDone }: { made: Enrolment; onDone: () => void }) {
  const t = useTexts();
  const confirm = useChange(
    ({ code }: { code: string }) =>
      take(api.POST('/api/v1/session/totp/confirm', { body: { code: code.trim() } })),
    { done: 'me.totp.on', refresh: [sessionKey], quiet: true, onDone },
  );
  return (
    <>
      <p>{t('me.totp.enter')}</p>
      <div role="img" aria-label={t('me.totp.qr')}>
        <QRCode type="svg" value={made.uri} size={200} color="#000000" bgColor="#ffffff" />
      </div>
      <p>
        <Copyable text={made.secret} what={t('me.totp.secret')} />
      </p>
      <p>
        <a href={made.uri}>{t('me.totp.open')}</a>
      </p>
      <ActionForm<{ code: string }> name="totp-confirm" change={confirm} submit={t('me.totp.confirm')}>
        <Form.Item
          name="code"
          label={t('user.code')}
          rules={[{ required: true, message: t('form.required') }]}
        >
          <Input inputMode="numeric" autoComplete="one-time-code" maxLength={6} />
        </Form.Item>
      </ActionForm>
    </>
  );
}
