import { ConfigProvider, Spin } from 'antd';
import { lazy, Suspense, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { setPageAccount } from '../api/client.ts';
import type { Session } from '../api/model.ts';
import { useTexts } from '../i18n/language.tsx';
import { ProblemAlert } from '../ui/problem.tsx';
import { onLeftAccount, SignedInContext, toPerson, useSession } from './session.ts';
import type { SignedIn } from './session.ts';

/** Gets the script of the sign-in, which who is signed in does not need. */
export function loadSignIn() {
  return import('../pages/sign-in.tsx').then((page) => ({ default: page.SignIn }));
}

const SignIn = lazy(loadSignIn);

/**
 * Lets through who is signed in, and shows the sign-in to everyone else in the place of the page that was asked for: its
 * address stays, so that the page is there after signing in, and no address to go to is ever taken from the outside. A page over
 * which the session ends waits behind the sign-in with all that was typed; somebody else gets it anew.
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
  const [last, setLast] = useState(signedIn);
  if (signedIn !== null && signedIn !== last) setLast(signedIn);
  const { refetch } = session;
  useEffect(() => onLeftAccount(() => void refetch()), [refetch]);
  const isOver = data?.state === 'signed_out';
  const shown = signedIn ?? (isOver ? last : null);
  const accountId = shown?.account.id ?? null;
  // Before anything on the page asks.
  useLayoutEffect(() => {
    setPageAccount(accountId);
  }, [accountId]);
  if (shown !== null)
    return (
      <>
        <SignedInContext key={toPerson(shown)} value={shown}>
          <div className="behind" inert={isOver}>
            {children}
          </div>
        </SignedInContext>
        {isOver && <SignInAgain last={shown} ways={data.ways} />}
      </>
    );
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

/** Stands before everything on the page, dialogs included, which nobody can see or reach meanwhile. */
function SignInAgain({ last, ways }: { last: SignedIn; ways: Session['ways'] }) {
  const t = useTexts();
  const dialog = useRef<HTMLDialogElement>(null);
  const show = (): void => {
    if (dialog.current?.open === false) dialog.current.showModal();
  };
  useEffect(show, []);
  return (
    <dialog ref={dialog} className="sign-in-again" aria-label={t('sign_in.title')} onClose={show}>
      <ConfigProvider getPopupContainer={() => dialog.current ?? document.body}>
        <Suspense fallback={<Waiting label={t('state.loading')} />}>
          <SignIn isSetup={false} ways={ways} last={last} />
        </Suspense>
      </ConfigProvider>
    </dialog>
  );
}

function Waiting({ label }: { label: string }) {
  return (
    <main className="lone" aria-busy="true">
      <Spin size="large" aria-label={label} />
    </main>
  );
}
