import { Alert, Button, Skeleton } from 'antd';
import type { ReactNode } from 'react';
import { Problem, unreachable } from '../api/client.ts';
import type { TellFinding } from '../i18n/findings.ts';
import { useFindings, useTexts } from '../i18n/language.tsx';
import type { Translate } from '../i18n/language.tsx';
import type { TextKey } from '../i18n/texts.ts';
import { NotHere } from './not-here.tsx';

const problemTexts: Readonly<Record<string, TextKey>> = {
  unreachable: 'problem.unreachable',
  unauthorized: 'problem.unauthorized',
  session_over: 'problem.unauthorized',
  wrong_credentials: 'problem.wrong_credentials',
  wrong_password: 'problem.wrong_password',
  code_required: 'problem.code_required',
  password_over: 'problem.password_over',
  forbidden: 'problem.forbidden',
  not_found: 'problem.not_found',
  foreign_page: 'problem.foreign_page',
  company_only: 'problem.company_only',
  sign_in_over: 'problem.sign_in_over',
  sign_in_denied: 'problem.sign_in_denied',
  sign_in_no_role: 'problem.sign_in_no_role',
  sign_in_disabled: 'problem.sign_in_disabled',
  sign_in_untrusted: 'problem.sign_in_untrusted',
  sign_in_unavailable: 'problem.sign_in_unavailable',
  conflict: 'problem.conflict',
  wrong_state: 'problem.wrong_state',
  last_one: 'problem.last_one',
  limit_reached: 'problem.limit_reached',
  already_exists: 'problem.already_exists',
  changed_meanwhile: 'problem.changed_meanwhile',
  operation_refused: 'problem.operation_refused',
  channel_refused: 'problem.channel_refused',
  bad_callback_url: 'problem.bad_callback_url',
  bad_request: 'problem.bad_request',
  too_many: 'problem.too_many',
  too_many_tries: 'problem.too_many_tries',
  store_unavailable: 'problem.store_unavailable',
  channel_unavailable: 'problem.channel_unavailable',
  internal: 'problem.internal',
};

/** Codes of which the service says no more than the text here. */
const selfTelling: readonly string[] = [
  'unreachable',
  'internal',
  'not_found',
  'unauthorized',
  'session_over',
  'wrong_credentials',
  'wrong_password',
  'too_many',
  'too_many_tries',
  'code_required',
  'password_over',
  'already_exists',
  'changed_meanwhile',
  'company_only',
  'sign_in_over',
  'sign_in_denied',
  'sign_in_no_role',
  'sign_in_disabled',
  'sign_in_untrusted',
  'sign_in_unavailable',
];

/** What a code by itself says; of one that is not known here, that something went wrong. */
export function toCodeText(code: string, t: Translate): string {
  return t(
    Object.hasOwn(problemTexts, code) ? (problemTexts[code] ?? 'problem.internal') : 'problem.internal',
  );
}

const standstills: Readonly<Record<string, TextKey>> = {
  delivery_absent: 'standstill.delivery_absent',
  delivery_over: 'standstill.delivery_over',
  delivery_open: 'standstill.delivery_open',
  delivery_unwanted: 'standstill.delivery_unwanted',
  delivery_behind: 'standstill.delivery_behind',
  destination_off: 'standstill.destination_off',
  destination_removed: 'standstill.destination_removed',
};

/** Why something is left as it is, by its code; undefined for a code that is not known here. */
export function toStandstillText(code: string | null, t: Translate): string | undefined {
  const key = standstills[code ?? ''];
  return key === undefined ? undefined : t(key);
}

/** What went wrong in the reader's words, with what the service itself said where that tells more. */
export function toProblemText(error: unknown, t: Translate, tell?: TellFinding): string {
  if (!(error instanceof Problem)) return t('problem.internal');
  const standstill = toStandstillText(error.reason, t);
  if (standstill !== undefined) return standstill;
  // Where it is said what stands in the way, the code of the whole says nothing more.
  if (error.fault !== null && error.field === null) return tell?.detail(error) ?? error.message;
  const key = problemTexts[error.code];
  const wait =
    error.retryAfterSeconds === null ? '' : ` ${t('problem.wait', { seconds: error.retryAfterSeconds })}`;
  const general = key === undefined ? '' : t(key);
  const isTelling = !selfTelling.includes(error.code);
  return (
    [general, isTelling ? (tell?.detail(error) ?? error.message) : '']
      .filter((text) => text !== '')
      .join(' ') + wait
  );
}

/** An error where something was asked for and did not come; keeps the place of what it stands for. */
export function ProblemAlert({ error, retry }: { error: unknown; retry?: () => void }) {
  const t = useTexts();
  const tell = useFindings();
  return (
    <Alert
      type={error instanceof Problem && error.code === unreachable ? 'warning' : 'error'}
      showIcon
      role="alert"
      title={toProblemText(error, t, tell)}
      action={
        retry && (
          <Button size="small" onClick={retry}>
            {t('action.retry')}
          </Button>
        )
      }
    />
  );
}

/** Why a form was not saved; where somebody else was quicker, with a button that shows what is there now in its place. */
export function SaveProblem({ error, showNow }: { error: unknown; showNow: () => void }) {
  const t = useTexts();
  if (!(error instanceof Problem) || error.code !== 'changed_meanwhile')
    return <ProblemAlert error={error} />;
  return (
    <Alert
      type="warning"
      showIcon
      role="alert"
      title={toProblemText(error, t)}
      description={t('problem.changed_meanwhile.hint')}
      action={
        <Button size="small" onClick={showNow}>
          {t('action.show_now')}
        </Button>
      }
    />
  );
}

interface Asked<T> {
  readonly data: T | undefined;
  readonly error: unknown;
  readonly isPending: boolean;
  readonly refetch: () => unknown;
}

/** What an answer is shown as while it is awaited, when it is there, and when it did not come. */
export function Answered<T>({
  of,
  children,
  rows = 4,
}: {
  of: Asked<T>;
  children: (data: T) => ReactNode;
  rows?: number;
}) {
  const t = useTexts();
  const { data, error } = of;
  if (data !== undefined) return children(data);
  if (error instanceof Problem && error.code === 'not_found')
    return <NotHere title={t('problem.not_found')} hint={t('problem.not_found.hint')} />;
  if (error != null) return <ProblemAlert error={error} retry={() => void of.refetch()} />;
  return <Skeleton active title={false} paragraph={{ rows }} aria-label={t('state.loading')} />;
}
