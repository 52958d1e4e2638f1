import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Card, Form, Input, Segmented, Typography } from 'antd';
import { useEffect, useState } from 'react';
import { api, Problem, take } from '../api/client.ts';
import type { Session } from '../api/model.ts';
import { LanguageSwitch, ThemeSwitch } from '../app/switches.tsx';
import { sessionKey } from '../app/session.ts';
import { useTexts } from '../i18n/language.tsx';
import { toProblemText } from '../ui/problem.tsx';
import { CompanyDoor } from './sign-in-company.tsx';
import { CodeInput, KeyInputs, PasswordInputs, ReplacingPassword } from './sign-in-inputs.tsx';

interface Fields {
  name?: string;
  password?: string;
  repeated?: string;
  code?: string;
  recoveryCode?: string;
  newPassword?: string;
  account?: string;
  keyId?: string;
  keySecret?: string;
}

type Way = 'user' | 'key' | 'setup';

async function signIn(way: Way, fields: Fields): Promise<Session> {
  const { name = '', password = '', keyId = '', keySecret = '' } = fields;
  const { code, recoveryCode, newPassword, account } = fields;
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
        ...(recoveryCode !== undefined && recoveryCode !== '' && { recoveryCode }),
        ...(newPassword !== undefined && { newPassword }),
        ...(account !== undefined && account !== '' && { account }),
      },
    }),
  );
}

/** What the service asks for besides name and password, once it knows them. */
type Asked = 'code' | 'newPassword';

function useSignIn(way: Way, onAsked: (asked: Asked) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (fields: Fields) => signIn(way, fields),
    meta: { signsIn: true },
    onSuccess: (session) => {
      // What another user saw must not show up for this one.
      client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionKey[0] });
      client.setQueryData(sessionKey, session);
    },
    onError: (error) => {
      const asked = toAsked(error);
      if (asked !== undefined) onAsked(asked);
    },
  });
}

function toAsked(error: Error): Asked | undefined {
  if (!(error instanceof Problem)) return undefined;
  if (error.code === 'password_over') return 'newPassword';
  return error.code === 'code_required' ? 'code' : undefined;
}

/** Sign-in, and on the very first visit the making of the owner with the key that the first start printed. */
export function SignIn({ isSetup, ways }: { isSetup: boolean; ways: Session['ways'] }) {
  const t = useTexts();
  const [isOther, setOther] = useState(ways.password);
  const [way, setWay] = useState<Way>(isSetup ? 'setup' : 'user');
  const title = way === 'setup' ? t('sign_in.setup.title') : t('sign_in.title');
  useEffect(() => {
    document.title = `${title} · Chasqui`;
  }, [title]);

  return (
    <main className="lone">
      <Card className="sign-in" variant="borderless">
        <SignInHead />
        <Typography.Title level={1} className="page-title">
          {title}
        </Typography.Title>
        {ways.company !== null && <CompanyDoor label={ways.company.label} isOnly={!ways.password} />}
        {isOther ? (
          <OwnDoor isSetup={isSetup} way={way} onWay={setWay} />
        ) : (
          <Button
            type="link"
            block
            onClick={() => {
              setOther(true);
            }}
          >
            {t('sign_in.company.other')}
          </Button>
        )}
      </Card>
    </main>
  );
}

/** Name and password, or a key. */
function OwnDoor({ isSetup, way, onWay }: { isSetup: boolean; way: Way; onWay: (way: Way) => void }) {
  const t = useTexts();
  const [asked, setAsked] = useState<readonly Asked[]>([]);
  const mutation = useSignIn(way, (one) => {
    setAsked((before) => [...before, one]);
  });
  return (
    <>
      {isSetup ? (
        <Typography.Paragraph type="secondary">{t('sign_in.setup.hint')}</Typography.Paragraph>
      ) : (
        <WaySwitch
          way={way}
          onChange={(chosen) => {
            onWay(chosen);
            mutation.reset();
          }}
        />
      )}
      <SignInForm
        way={way}
        asked={asked}
        error={mutation.error}
        isBusy={mutation.isPending}
        onSubmit={mutation.mutate}
      />
    </>
  );
}

function SignInHead() {
  return (
    <div className="sign-in-head">
      <img src="/console/icon.svg" alt="" width={36} height={36} />
      <span className="brand">Chasqui</span>
      <span className="pager-gap" />
      <LanguageSwitch />
      <ThemeSwitch />
    </div>
  );
}

function WaySwitch({ way, onChange }: { way: Way; onChange: (way: Way) => void }) {
  const t = useTexts();
  return (
    <Segmented<Way>
      block
      aria-label={t('sign_in.way')}
      value={way}
      onChange={onChange}
      options={[
        { value: 'user', label: t('sign_in.way.user') },
        { value: 'key', label: t('sign_in.way.key') },
      ]}
    />
  );
}

function SignInForm({
  way,
  asked,
  error,
  isBusy,
  onSubmit,
}: {
  way: Way;
  asked: readonly Asked[];
  error: Error | null;
  isBusy: boolean;
  onSubmit: (fields: Fields) => void;
}) {
  const t = useTexts();
  const [asksAccount, setAsksAccount] = useState(false);
  const [form] = Form.useForm<Fields>();
  return (
    <Form<Fields>
      form={form}
      layout="vertical"
      requiredMark={false}
      className="sign-in-form"
      onFinish={onSubmit}
    >
      {way !== 'user' && <KeyInputs />}
      {way !== 'key' && <PasswordInputs isNew={way === 'setup'} />}
      {way === 'user' && asked.includes('newPassword') && <ReplacingPassword />}
      {way === 'user' && asked.includes('code') && <CodeInput />}
      {way === 'user' && asksAccount && (
        <Form.Item name="account" label={t('account.id')} extra={t('sign_in.account.hint')}>
          <Input inputMode="numeric" autoComplete="off" />
        </Form.Item>
      )}
      {error !== null && <Refusal error={error} />}
      <Button type="primary" htmlType="submit" block loading={isBusy}>
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
  );
}

function Refusal({ error }: { error: Error }) {
  const t = useTexts();
  const isAsking = toAsked(error) !== undefined;
  const isRefused = error instanceof Problem && error.status === 401 && !isAsking;
  return (
    <Alert
      type={isAsking ? 'info' : 'error'}
      showIcon
      role="alert"
      className="sign-in-alert"
      title={isRefused ? t('sign_in.refused') : toProblemText(error, t)}
    />
  );
}
