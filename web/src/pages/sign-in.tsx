import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Card, Form, Input, Segmented, Typography } from 'antd';
import { useEffect, useState } from 'react';
import { api, Problem, take } from '../api/client.ts';
import type { Session } from '../api/model.ts';
import { LanguageSwitch, ThemeSwitch } from '../app/switches.tsx';
import { sessionKey } from '../app/session.ts';
import { useTexts } from '../i18n/language.tsx';
import { toProblemText } from '../ui/problem.tsx';

interface Fields {
  name?: string;
  password?: string;
  repeated?: string;
  code?: string;
  account?: string;
  keyId?: string;
  keySecret?: string;
}

type Way = 'user' | 'key' | 'setup';

/** Passwords are at least so long; the service says so too. */
const minPassword = 12;

async function signIn(way: Way, fields: Fields): Promise<Session> {
  const { name = '', password = '', code, account, keyId = '', keySecret = '' } = fields;
  if (way === 'setup')
    return take(
      api.POST('/api/v1/session/setup', {
        body: { keyId: keyId.trim(), keySecret: keySecret.trim(), name, password },
      }),
    );
  if (way === 'key')
    return take(api.POST('/api/v1/session', { body: { keyId: keyId.trim(), keySecret: keySecret.trim() } }));
  return take(
    api.POST('/api/v1/session', {
      body: {
        name,
        password,
        ...(code !== undefined && code !== '' && { code }),
        ...(account !== undefined && account !== '' && { account }),
      },
    }),
  );
}

/** Sign-in, and on the very first visit the making of the owner with the key that the first start printed. */
export function SignIn({ isSetup }: { isSetup: boolean }) {
  const t = useTexts();
  const client = useQueryClient();
  const [way, setWay] = useState<Way>(isSetup ? 'setup' : 'user');
  const [asksCode, setAsksCode] = useState(false);
  const [asksAccount, setAsksAccount] = useState(false);
  const [form] = Form.useForm<Fields>();
  const title = way === 'setup' ? t('sign_in.setup.title') : t('sign_in.title');
  useEffect(() => {
    document.title = `${title} · Chasqui`;
  }, [title]);

  const mutation = useMutation({
    mutationFn: (fields: Fields) => signIn(way, fields),
    meta: { signsIn: true },
    onSuccess: (session) => {
      // What another user saw must not show up for this one.
      client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionKey[0] });
      client.setQueryData(sessionKey, session);
    },
    onError: (error) => {
      if (error instanceof Problem && error.code === 'code_required') setAsksCode(true);
    },
  });
  const isCodeAsked = mutation.error instanceof Problem && mutation.error.code === 'code_required';

  return (
    <main className="lone">
      <Card className="sign-in" variant="borderless">
        <div className="sign-in-head">
          <img src="/console/icon.svg" alt="" width={36} height={36} />
          <span className="brand">Chasqui</span>
          <span className="pager-gap" />
          <LanguageSwitch />
          <ThemeSwitch />
        </div>
        <Typography.Title level={1} className="page-title">
          {title}
        </Typography.Title>
        {way === 'setup' && (
          <Typography.Paragraph type="secondary">{t('sign_in.setup.hint')}</Typography.Paragraph>
        )}
        {!isSetup && (
          <Segmented<Way>
            block
            aria-label={t('sign_in.way')}
            value={way}
            onChange={(value) => {
              setWay(value);
              mutation.reset();
            }}
            options={[
              { value: 'user', label: t('sign_in.way.user') },
              { value: 'key', label: t('sign_in.way.key') },
            ]}
          />
        )}
        <Form<Fields>
          form={form}
          layout="vertical"
          requiredMark={false}
          className="sign-in-form"
          onFinish={(fields) => {
            mutation.mutate(fields);
          }}
        >
          {way !== 'user' && (
            <>
              <Form.Item
                name="keyId"
                label={t('key.id')}
                rules={[{ required: true, message: t('form.required') }]}
              >
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
          )}
          {way !== 'key' && (
            <>
              <Form.Item
                name="name"
                label={t('user.name')}
                rules={[{ required: true, message: t('form.required') }]}
              >
                <Input autoComplete="username" spellCheck={false} />
              </Form.Item>
              <Form.Item
                name="password"
                label={t('user.password')}
                extra={way === 'setup' ? t('user.password.rule', { min: minPassword }) : undefined}
                rules={[
                  { required: true, message: t('form.required') },
                  ...(way === 'setup'
                    ? [{ min: minPassword, message: t('user.password.rule', { min: minPassword }) }]
                    : []),
                ]}
              >
                <Input.Password autoComplete={way === 'setup' ? 'new-password' : 'current-password'} />
              </Form.Item>
            </>
          )}
          {way === 'setup' && (
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
          )}
          {way === 'user' && asksCode && (
            <Form.Item name="code" label={t('user.code')} extra={t('user.code.hint')}>
              <Input autoComplete="one-time-code" inputMode="numeric" maxLength={6} autoFocus />
            </Form.Item>
          )}
          {way === 'user' && asksAccount && (
            <Form.Item name="account" label={t('account.id')} extra={t('sign_in.account.hint')}>
              <Input inputMode="numeric" autoComplete="off" />
            </Form.Item>
          )}
          {mutation.error !== null && (
            <Alert
              type={isCodeAsked ? 'info' : 'error'}
              showIcon
              role="alert"
              className="sign-in-alert"
              title={
                mutation.error instanceof Problem && mutation.error.status === 401 && !isCodeAsked
                  ? t('sign_in.refused')
                  : toProblemText(mutation.error, t)
              }
            />
          )}
          <Button type="primary" htmlType="submit" block loading={mutation.isPending}>
            {way === 'setup' ? t('sign_in.setup.do') : t('sign_in.do')}
          </Button>
          {way === 'user' && !asksAccount && (
            <Button
              type="link"
              block
              onClick={() => {
                setAsksAccount(true);
              }}
            >
              {t('sign_in.account.other')}
            </Button>
          )}
        </Form>
      </Card>
    </main>
  );
}
