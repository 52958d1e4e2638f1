import { CheckCircleFilled } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, Card } from 'antd';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { api, take } from '../api/client.ts';
import type { FirstSteps as Steps } from '../api/model.ts';
import { useIsAtLeast, useSignedIn } from '../app/session.ts';
import { useTexts } from '../i18n/language.tsx';

const names = ['connect', 'receipts', 'verify', 'live'] as const;
type Name = (typeof names)[number];

/** Whether this browser need not show them to this account any more: they are done, or were put away. */
function useAway(accountId: number | string): readonly [boolean, () => void] {
  const key = `chasqui.steps.${accountId}`;
  const [isAway, setAway] = useState(() => localStorage.getItem(key) !== null);
  const putAway = (): void => {
    localStorage.setItem(key, 'away');
    setAway(true);
  };
  return [isAway, putAway];
}

/**
 * How far the account has come with what everybody does first, until it is done or put away; for those who may do it. What stands below
 * waits while `isPending`, so that it does not move.
 */
export function useFirstSteps() {
  const { account } = useSignedIn();
  const mayDo = useIsAtLeast('operator');
  const [isAway, putAway] = useAway(account.id);
  const steps = useQuery({
    queryKey: ['first-steps'],
    queryFn: () => take(api.GET('/api/v1/first-steps')),
    enabled: mayDo && !isAway,
    refetchInterval: 10_000,
  });
  const { data, isLoading } = steps;
  const isDone = data !== undefined && names.every((name) => data[name]);
  useEffect(() => {
    // The next visit need not ask.
    if (isDone) localStorage.setItem(`chasqui.steps.${account.id}`, 'done');
  }, [isDone, account.id]);
  return { isPending: isLoading, open: mayDo && !isAway && !isDone ? data : undefined, putAway };
}

/** What everybody does first, with how far the account has come and the way on. */
export function FirstSteps({ steps, onAway }: { steps: Steps; onAway: () => void }) {
  const t = useTexts();
  const done = names.filter((name) => steps[name]).length;
  return (
    <Card
      title={t('steps.title')}
      extra={
        <span className="row">
          <span className="faint">{t('steps.done', { done })}</span>
          <Button size="small" onClick={onAway}>
            {t('steps.away')}
          </Button>
        </span>
      }
    >
      <ul className="checks">
        {names.map((name) => (
          <li key={name}>
            {steps[name] ? (
              <CheckCircleFilled className="good" aria-label={t('steps.is_done')} />
            ) : (
              <span className="open-step" role="img" aria-label={t('steps.is_open')} />
            )}
            <span className="attention-text">
              <strong>{t(`steps.${name}`)}</strong>
              <br />
              {t(`steps.${name}.hint`)}
            </span>
            <StepLink name={name} steps={steps} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** Where the reader does it. */
function StepLink({ name, steps }: { name: Name; steps: Steps }): ReactNode {
  const t = useTexts();
  const { sender, destinationId } = steps;
  if (name === 'connect') return <Link to="/connect">{t('channels.connect')}</Link>;
  if (name === 'receipts' && sender === null) return <Link to="/channels">{t('steps.receipts.do')}</Link>;
  if (name === 'receipts' && sender !== null)
    return (
      <Link
        to="/channels/$channelId/senders/$senderId/webhook"
        params={{ channelId: sender.channelId, senderId: sender.id }}
      >
        {t('steps.receipts.do')}
      </Link>
    );
  if (name === 'verify' && destinationId !== null)
    return (
      <Link to="/destinations/$destinationId" params={{ destinationId: String(destinationId) }}>
        {t('destination.test')}
      </Link>
    );
  if (name === 'verify') return <Link to="/simulator">{t('steps.verify.do')}</Link>;
  return <Link to="/channels">{t('steps.live.do')}</Link>;
}
