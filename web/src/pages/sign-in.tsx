import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Card, Form, Input, Segmented } from 'antd';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { api, Problem, take } from '../api/client.ts';
import type { Session } from '../api/model.ts';
import { LanguageSwitch, ThemeSwitch } from '../app/switches.tsx';
import { forgetSeen, isSeen, leaveAccount, sessionKey, toPerson } from '../app/session.ts';
import type { SignedIn } from '../app/session.ts';
import { useTexts } from '../i18n/language.tsx';
import type { TextKey } from '../i18n/texts.ts';
import { FormProblem } from '../ui/form-problem.tsx';
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

/** `beside`: the session of another account in this browser goes on. */
async function signIn(way: Way, fields: Fields, beside: boolean): Promise<Session> {
  const { name = '', password = '', keyId = '', keySecret = '' } = fields;
  const { code, recoveryCode, newPassword, account } = fields;
  if (way === 'setup')
    return take(
      api.POST('/api/v1/session/setup', {
        body: { keyId: keyId.trim(), keySecret: keySecret.trim(), name, password },
      }),
    );
  if (way === 'key')
    return take(
      api.POST('/api/v1/session', {
        body: { keyId: keyId.trim(), keySecret: keySecret.trim(), keep: beside },
      }),
    );
  return take(
    api.POST('/api/v1/session', {
      body: {
        name,
        password,
        ...(code !== undefined && code !== '' && { code }),
        ...(recoveryCode !== undefined && recoveryCode !== '' && { recoveryCode }),
        ...(newPassword !== undefined && { newPassword }),
        ...(account !== undefined && account !== '' && { account }),
        keep: beside,
      },
    }),
  );
}

/** What the service asks for besides name and password, once it knows them. */
type Asked = 'code' | 'newPassword';

function useSignIn(way: Way, last: SignedIn | null, beside: boolean, onAsked: (asked: Asked) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (fields: Fields) => signIn(way, fields, beside),
    meta: { signsIn: true },
    onSuccess: (session) => {
      if (beside) {
        leaveAccount();
        return;
      }
      const { account, user } = session;
      const isSame =
        last !== null &&
        account !== undefined &&
        user !== undefined &&
        toPerson(last) === toPerson({ account, user });
      if (!isSame) forgetSeen(client);
      client.setQueryData(sessionKey, session);
      if (isSame) void client.invalidateQueries({ predicate: isSeen });
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

/** Who signs in first makes the owner, with the key that the first start printed. */
function toFirstWay(isSetup: boolean, last: SignedIn | null): Way {
  if (isSetup) return 'setup';
  return last !== null && last.user.id === null ? 'key' : 'user';
}

/** The window's title while this is shown. */
function useTitle(title: string): void {
  useEffect(() => {
    const before = document.title;
    document.title = `${title} · Chasqui`;
    return () => {
      document.title = before;
    };
  }, [title]);
}

/** Sign-in, and on the very first visit the making of the owner. `last` is who was signed in here until the session ended. */
export function SignIn({
  isSetup,
  ways,
  last = null,
}: {
  isSetup: boolean;
  ways: Session['ways'];
  last?: SignedIn | null;
}) {
  const t = useTexts();
  const [way, setWay] = useState<Way>(toFirstWay(isSetup, last));
  const title = way === 'setup' ? t('sign_in.setup.title') : t('sign_in.title');
  useTitle(title);

  return (
    <main className="lone">
      <Card className="sign-in" variant="borderless">
        <SignInHead />
        <h1 className="page-title">{title}</h1>
        {last !== null && <p className="quiet">{t('sign_in.again', { name: last.user.name })}</p>}
        <Doors ways={ways} beside={false}>
          <OwnDoor isSetup={isSetup} way={way} onWay={setWay} last={last} />
        </Doors>
      </Card>
    </main>
  );
}

/** To another account, beside the one that is on. */
export function AnotherDoor({ ways }: { ways: Session['ways'] }) {
  const [way, setWay] = useState<Way>('user');
  return (
    <Doors ways={ways} beside>
      <OwnDoor isSetup={false} way={way} onWay={setWay} last={null} beside />
    </Doors>
  );
}

/** The company's sign-in where there is one, and the own door, which stands behind one step where people come by the company alone. */
function Doors({ ways, beside, children }: { ways: Session['ways']; beside: boolean; children: ReactNode }) {
  const t = useTexts();
  const [isOther, setOther] = useState(ways.password);
  return (
    <>
      {ways.company !== null && (
        <CompanyDoor label={ways.company.label} isOnly={!ways.password} beside={beside} />
      )}
      {isOther ? (
        children
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
    </>
  );
}

/** Name and password, or a key. */
function OwnDoor({
  isSetup,
  way,
  onWay,
  last,
  beside = false,
}: {
  isSetup: boolean;
  way: Way;
  onWay: (way: Way) => void;
  last: SignedIn | null;
  beside?: boolean;
}) {
  const t = useTexts();
  const [asked, setAsked] = useState<readonly Asked[]>([]);
  const mutation = useSignIn(way, last, beside, (one) => {
    setAsked((before) => [...before, one]);
  });
  return (
    <>
      {isSetup ? (
        <p className="quiet">{t('sign_in.setup.hint')}</p>
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
        name={last?.user.id == null ? '' : last.user.name}
        asksAccountFirst={beside}
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
  name,
  asksAccountFirst,
  error,
  isBusy,
  onSubmit,
}: {
  way: Way;
  asked: readonly Asked[];
  /** Who signs in, as far as is known. */
  name: string;
  asksAccountFirst: boolean;
  error: Error | null;
  isBusy: boolean;
  onSubmit: (fields: Fields) => void;
}) {
  const t = useTexts();
  const [asksAccount, setAsksAccount] = useState(asksAccountFirst);
  const [form] = Form.useForm<Fields>();
  return (
    <Form<Fields>
      name="sign-in"
      form={form}
      initialValues={{ name }}
      layout="vertical"
      requiredMark={false}
      className="sign-in-form"
      onFinish={onSubmit}
    >
      {way !== 'user' && <KeyInputs areWrong={isRefused(error)} />}
      {way !== 'key' && <PasswordInputs isNew={way === 'setup'} />}
      {way === 'user' && asked.includes('newPassword') && <ReplacingPassword />}
      {way === 'user' && asked.includes('code') && <CodeInput />}
      {way === 'user' && asksAccount && (
        <Form.Item name="account" label={t('account.id')} extra={t('sign_in.account.hint')}>
          <Input inputMode="numeric" autoComplete="off" />
        </Form.Item>
      )}
      {isToldAtField(error) ? <FormProblem error={error} /> : <Refusal way={way} error={error} />}
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

const refusalTexts = {
  user: 'sign_in.refused',
  key: 'sign_in.refused.key',
  setup: 'sign_in.refused.setup',
} as const satisfies Record<Way, TextKey>;

/** Whether what was given is wrong, by the service's word; it does not tell which of it. */
function isRefused(error: Error | null): boolean {
  return error instanceof Problem && error.status === 401 && toAsked(error) === undefined;
}

function isToldAtField(error: Error | null): boolean {
  return error instanceof Problem && error.field !== null;
}

function Refusal({ way, error }: { way: Way; error: Error | null }) {
  const t = useTexts();
  if (error === null) return null;
  return (
    <Alert
      type={toAsked(error) === undefined ? 'error' : 'info'}
      showIcon
      role="alert"
      className="sign-in-alert"
      title={isRefused(error) ? t(refusalTexts[way]) : toProblemText(error, t)}
    />
  );
}
