import { useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Card, Form, Input } from 'antd';
import { useState } from 'react';
import { api, take } from '../../api/client.ts';
import { sessionKey, useSignedIn } from '../../app/session.ts';
import { useTexts } from '../../i18n/language.tsx';
import { useChange } from '../../ui/change.ts';
import { Copyable } from '../../ui/copy.tsx';
import { ProblemAlert } from '../../ui/problem.tsx';

const minPassword = 12;

/** The reader's own sign-in: password, second factor, and signing out everywhere. */
export function MySettings() {
  const t = useTexts();
  const { user } = useSignedIn();
  if (user.id === null) return <Alert type="info" showIcon title={t('me.key')} />;
  return (
    <div className="stack">
      <Password />
      <Totp isOn={user.totp} />
      <Everywhere />
    </div>
  );
}

function Password() {
  const t = useTexts();
  const [form] = Form.useForm<{ password: string; newPassword: string; repeated: string }>();
  const change = useChange(
    ({ password, newPassword }: { password: string; newPassword: string }) =>
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
      <Form
        form={form}
        layout="vertical"
        className="narrow"
        onFinish={(fields) => {
          change.mutate(fields);
        }}
      >
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
        {change.error !== null && <ProblemAlert error={change.error} />}
        <div className="form-actions">
          <Button type="primary" htmlType="submit" loading={change.isPending}>
            {t('me.password.do')}
          </Button>
        </div>
      </Form>
    </Card>
  );
}

function Totp({ isOn }: { isOn: boolean }) {
  const t = useTexts();
  const client = useQueryClient();
  const [made, setMade] = useState<{ secret: string; uri: string } | null>(null);
  const begin = useChange(
    ({ password }: { password: string }) => take(api.POST('/api/v1/session/totp', { body: { password } })),
    { refresh: [], quiet: true, onDone: setMade },
  );
  const confirm = useChange(
    ({ code }: { code: string }) =>
      take(api.POST('/api/v1/session/totp/confirm', { body: { code: code.trim() } })),
    {
      done: 'me.totp.on',
      refresh: [sessionKey],
      quiet: true,
      onDone: () => {
        setMade(null);
      },
    },
  );
  const remove = useChange(
    ({ password }: { password: string }) =>
      take(api.POST('/api/v1/session/totp/remove', { body: { password } })),
    {
      done: 'me.totp.off',
      refresh: [sessionKey],
      quiet: true,
      onDone: () => void client.invalidateQueries({ queryKey: sessionKey }),
    },
  );
  if (made !== null)
    return (
      <Card title={t('me.totp')}>
        <p>{t('me.totp.enter')}</p>
        <p>
          <Copyable text={made.secret} what={t('me.totp.secret')} />
        </p>
        <p>
          <a href={made.uri}>{t('me.totp.open')}</a>
        </p>
        <Form<{ code: string }>
          layout="vertical"
          className="narrow"
          onFinish={(fields) => {
            confirm.mutate(fields);
          }}
        >
          <Form.Item
            name="code"
            label={t('user.code')}
            rules={[{ required: true, message: t('form.required') }]}
          >
            <Input inputMode="numeric" autoComplete="one-time-code" maxLength={6} />
          </Form.Item>
          {confirm.error !== null && <ProblemAlert error={confirm.error} />}
          <Button type="primary" htmlType="submit" loading={confirm.isPending}>
            {t('me.totp.confirm')}
          </Button>
        </Form>
      </Card>
    );
  const act = isOn ? remove : begin;
  return (
    <Card title={t('me.totp')}>
      <p>{t(isOn ? 'me.totp.is_on' : 'me.totp.is_off')}</p>
      <Form<{ password: string }>
        layout="vertical"
        className="narrow"
        onFinish={(fields) => {
          act.mutate(fields);
        }}
      >
        <Form.Item
          name="password"
          label={t('user.password')}
          rules={[{ required: true, message: t('form.required') }]}
        >
          <Input.Password autoComplete="current-password" />
        </Form.Item>
        {act.error !== null && <ProblemAlert error={act.error} />}
        <Button htmlType="submit" danger={isOn} loading={act.isPending}>
          {t(isOn ? 'me.totp.remove' : 'me.totp.begin')}
        </Button>
      </Form>
    </Card>
  );
}

function Everywhere() {
  const t = useTexts();
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
