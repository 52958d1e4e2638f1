import { Alert, App, Button, Card, Form, Input } from 'antd';
import { api, take } from '../../api/client.ts';
import { useSignedIn } from '../../app/session.ts';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { ActionForm } from '../../ui/action-form.tsx';
import { useChange } from '../../ui/change.ts';
import { Totp } from './totp.tsx';

const minPassword = 12;

/** The reader's own sign-in: password, second factor, and signing out everywhere. */
export function MySettings() {
  const t = usePageTexts();
  const { user } = useSignedIn();
  if (user.id === null) return <Alert type="info" showIcon title={t('me.key')} />;
  if (user.issuer !== null)
    return (
      <div className="stack">
        <Alert type="info" showIcon title={t('me.company')} />
        <Everywhere />
      </div>
    );
  return (
    <div className="stack">
      <Password />
      <Totp isOn={user.totp} codesLeft={user.recoveryCodes} />
      <Everywhere />
    </div>
  );
}

interface Fields {
  readonly password: string;
  readonly newPassword: string;
  readonly repeated: string;
}

function Password() {
  const t = usePageTexts();
  const [form] = Form.useForm<Fields>();
  const change = useChange(
    ({ password, newPassword }: Fields) =>
      take(api.POST('/api/v1/session/password', { body: { password, newPassword } })),
    {
      done: 'state.saved',
      refresh: [],
      quiet: true,
      onDone: () => {
        form.resetFields();
      },
    },
  );
  return (
    <Card title={t('me.password')}>
      <ActionForm<Fields> name="password" form={form} change={change} submit={t('me.password.do')}>
        <Form.Item
          name="password"
          label={t('me.password.now')}
          rules={[{ required: true, message: t('form.required') }]}
        >
          <Input.Password autoComplete="current-password" />
        </Form.Item>
        <Form.Item
          name="newPassword"
          label={t('me.password.new')}
          rules={[
            { required: true, min: minPassword, message: t('user.password.rule', { min: minPassword }) },
          ]}
        >
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        <Form.Item
          name="repeated"
          label={t('user.password.again')}
          required
          dependencies={['newPassword']}
          rules={[
            ({ getFieldValue }) => ({
              validator: (_rule, value: unknown) =>
                value === getFieldValue('newPassword')
                  ? Promise.resolve()
                  : Promise.reject(new Error(t('user.password.differs'))),
            }),
          ]}
        >
          <Input.Password autoComplete="new-password" />
        </Form.Item>
      </ActionForm>
    </Card>
  );
}

function Everywhere() {
  const t = usePageTexts();
  const { modal } = App.useApp();
  const leave = useChange(() => take(api.DELETE('/api/v1/session/all')), {
    refresh: [],
    onDone: () => {
      globalThis.location.assign('/console/');
    },
  });
  return (
    <Card title={t('me.everywhere')}>
      <p>{t('me.everywhere.text')}</p>
      <Button
        danger
        onClick={() =>
          void modal.confirm({
            title: t('me.everywhere'),
            content: t('me.everywhere.text'),
            okText: t('sign_out'),
            okButtonProps: { danger: true },
            onOk: () => leave.mutateAsync(undefined).catch(() => undefined),
          })
        }
      >
        {t('me.everywhere')}
      </Button>
    </Card>
  );
}
