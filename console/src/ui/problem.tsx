import { Alert, Button, Result, Skeleton } from 'antd';
import type { ReactNode } from 'react';
import { Problem, unreachable } from '../api/client.ts';
import { useTexts } from '../i18n/language.tsx';
import type { Translate } from '../i18n/language.tsx';
import type { TextKey } from '../i18n/texts.ts';

const problemTexts: Readonly<Record<string, TextKey>> = {
  unreachable: 'problem.unreachable',
  unauthorized: 'problem.unauthorized',
  code_required: 'problem.code_required',
  forbidden: 'problem.forbidden',
  not_found: 'problem.not_found',
  conflict: 'problem.conflict',
  bad_callback_url: 'problem.bad_callback_url',
  bad_request: 'problem.bad_request',
  too_many: 'problem.too_many',
  store_unavailable: 'problem.store_unavailable',
  channel_unavailable: 'problem.channel_unavailable',
  internal: 'problem.internal',
};

/** What went wrong in the reader's words, with what the service itself said where that tells more. */
export function toProblemText(error: unknown, t: Translate): string {
  if (!(error instanceof Problem)) return t('problem.internal');
  const key = problemTexts[error.code];
  const wait =
    error.retryAfterSeconds === null ? '' : ` ${t('problem.wait', { seconds: error.retryAfterSeconds })}`;
  const general = key === undefined ? '' : t(key);
  const isTelling = !['unreachable', 'internal', 'unauthorized', 'too_many', 'code_required'].includes(
    error.code,
  );
  return [general, isTelling ? error.message : ''].filter((text) => text !== '').join(' ') + wait;
}

/** An error where something was asked for and did not come; keeps the place of what it stands for. */
export function ProblemAlert({ error, retry }: { error: unknown; retry?: () => void }) {
  const t = useTexts();
  return (
    <Alert
      type={error instanceof Problem && error.code === unreachable ? 'warning' : 'error'}
      showIcon
      role="alert"
      title={toProblemText(error, t)}
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
    return <Result status="404" title={t('problem.not_found')} subTitle={t('problem.not_found.hint')} />;
  if (error != null) return <ProblemAlert error={error} retry={() => void of.refetch()} />;
  return <Skeleton active title={false} paragraph={{ rows }} aria-label={t('state.loading')} />;
}
