import { Spin } from 'antd';
import { lazy, Suspense, useMemo } from 'react';
import type { ReactNode } from 'react';
import { useTexts } from '../i18n/language.tsx';
import { ProblemAlert } from '../ui/problem.tsx';
import { SignedInContext, useSession } from './session.ts';

/** Gets the script of the sign-in, which who is signed in does not need. */
export function loadSignIn() {
  return import('../pages/sign-in.tsx').then((page) => ({ default: page.SignIn }));
}

const SignIn = lazy(loadSignIn);

/**
 * Lets through who is signed in, and shows the sign-in to everyone else in the place of the page that was asked for: its
 * address stays, so that the page is there after signing in, and no address to go to is ever taken from the outside.
 */
export function SessionGate({ children }: { children: ReactNode }) {
  const t = useTexts();
  const session = useSession();
  const { data } = session;
  const signedIn = useMemo(
    () =>
      data?.state === 'signed_in' && data.account !== undefined && data.user !== undefined
        ? { account: data.account, user: data.user, version: data.version }
        : null,
    [data],
  );
  if (signedIn !== null) return <SignedInContext value={signedIn}>{children}</SignedInContext>;
  if (data !== undefined)
    return (
      <Suspense fallback={<Waiting label={t('state.loading')} />}>
        <SignIn isSetup={data.state === 'setup'} ways={data.ways} />
      </Suspense>
    );
  if (session.error !== null)
    return (
      <main className="lone">
        <ProblemAlert error={session.error} retry={() => void session.refetch()} />
      </main>
    );
  return <Waiting label={t('state.loading')} />;
}

function Waiting({ label }: { label: string }) {
  return (
    <main className="lone" aria-busy="true">
      <Spin size="large" aria-label={label} />
    </main>
  );
}
