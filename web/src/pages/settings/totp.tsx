import { Button, Card, Form, Input, QRCode } from 'antd';
import { useState } from 'react';
import { api, take } from '../../api/client.ts';
import { sessionKey } from '../../app/session.ts';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { ActionForm } from '../../ui/action-form.tsx';
import { useChange } from '../../ui/change.ts';
import { CodeBlock, Copyable } from '../../ui/copy.tsx';

interface Enrolment {
  readonly secret: string;
  readonly uri: string;
}

/** The second factor of the reader's sign-in: put on with an app, or taken off, and the codes that stand in for the app. */
export function Totp({ isOn, codesLeft }: { isOn: boolean; codesLeft: number }) {
  const t = usePageTexts();
  const [made, setMade] = useState<Enrolment | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const showCodes = (answer: { readonly codes: readonly string[] }): void => {
    setMade(null);
    setCodes(answer.codes);
  };
  return (
    <Card title={t('me.totp')}>
      {codes !== null ? (
        <RecoveryCodes
          codes={codes}
          onDone={() => {
            setCodes(null);
          }}
        />
      ) : made !== null ? (
        <Enrol made={made} onDone={showCodes} />
      ) : isOn ? (
        <TotpOn codesLeft={codesLeft} onCodes={showCodes} />
      ) : (
        <TotpOff onMade={setMade} />
      )}
    </Card>
  );
}

/** The new codes, shown this once. */
function RecoveryCodes({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
  const t = usePageTexts();
  return (
    <>
      <p>{t('me.codes.keep')}</p>
      <CodeBlock text={codes.join('\n')} what={t('me.codes')} />
      <Button onClick={onDone}>{t('me.codes.kept')}</Button>
    </>
  );
}

interface PasswordField {
  readonly password: string;
}

function OwnPassword() {
  const t = usePageTexts();
  return (
    <Form.Item
      name="password"
      label={t('user.password')}
      rules={[{ required: true, message: t('form.required') }]}
    >
      <Input.Password autoComplete="current-password" />
    </Form.Item>
  );
}

function TotpOn({
  codesLeft,
  onCodes,
}: {
  codesLeft: number;
  onCodes: (answer: { readonly codes: readonly string[] }) => void;
}) {
  const t = usePageTexts();
  const renew = useChange(
    ({ password }: PasswordField) =>
      take(api.POST('/api/v1/session/totp/recovery-codes', { body: { password } })),
    { refresh: [sessionKey], quiet: true, onDone: onCodes },
  );
  const remove = useChange(
    ({ password }: PasswordField) => take(api.POST('/api/v1/session/totp/remove', { body: { password } })),
    { done: 'me.totp.off', refresh: [sessionKey], quiet: true },
  );
  return (
    <>
      <p>{t('me.codes.left', { count: codesLeft })}</p>
      <ActionForm<PasswordField> name="totp-codes" change={renew} submit={t('me.codes.make')} look="default">
        <OwnPassword />
      </ActionForm>
      <p>{t('me.totp.is_on')}</p>
      <ActionForm<PasswordField>
        name="totp-remove"
        change={remove}
        submit={t('me.totp.remove')}
        look="danger"
      >
        <OwnPassword />
      </ActionForm>
    </>
  );
}

function TotpOff({ onMade }: { onMade: (made: Enrolment) => void }) {
  const t = usePageTexts();
  const begin = useChange(
    ({ password }: PasswordField) => take(api.POST('/api/v1/session/totp', { body: { password } })),
    { refresh: [], quiet: true, onDone: onMade },
  );
  return (
    <>
      <p>{t('me.totp.is_off')}</p>
      <ActionForm<PasswordField> name="totp-begin" change={begin} submit={t('me.totp.begin')} look="default">
        <OwnPassword />
      </ActionForm>
    </>
  );
}

/** The secret as a picture to scan, as text to type, and as a link for an app on this device. It is drawn here, not fetched. */
function Enrol({
  made,
  onDone,
}: {
  made: Enrolment;
  onDone: (answer: { readonly codes: readonly string[] }) => void;
}) {
  const t = usePageTexts();
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
