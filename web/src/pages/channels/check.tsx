import { CheckCircleFilled, CloseCircleFilled } from '@ant-design/icons';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Card, Typography } from 'antd';
import { api, take } from '../../api/client.ts';
import { useIsAtLeast } from '../../app/session.ts';
import { useFindings, useTexts } from '../../i18n/language.tsx';
import { Finding } from '../../ui/finding.tsx';
import { ProblemAlert } from '../../ui/problem.tsx';
import { sendersKey } from './queries.ts';
import { SubscribeButton } from './subscribe.tsx';

/** Asks the service, and where it can the vendor, whether a channel can work; shows each finding. For those who may. */
export function CheckCard({ channelId, isSandbox = false }: { channelId: string; isSandbox?: boolean }) {
  const t = useTexts();
  const tell = useFindings();
  const client = useQueryClient();
  const check = useMutation({
    mutationFn: () =>
      take(api.POST('/api/v1/channels/{channelId}/check', { params: { path: { channelId } } })),
    // The check notes what the vendor says of the senders.
    onSuccess: () => client.invalidateQueries({ queryKey: sendersKey(channelId) }),
  });
  const mayCheck = useIsAtLeast('operator');
  if (!mayCheck) return null;
  return (
    <Card
      title={t('check.title')}
      extra={
        <span className="row">
          {!isSandbox && <SubscribeButton channelId={channelId} />}
          <Button
            loading={check.isPending}
            onClick={() => {
              check.mutate();
            }}
          >
            {t('check.do')}
          </Button>
        </span>
      }
    >
      {check.error !== null && <ProblemAlert error={check.error} />}
      {check.data === undefined && check.error === null && (
        <Typography.Text type="secondary">{t('check.hint')}</Typography.Text>
      )}
      {check.data !== undefined && (
        <ul className="checks" aria-live="polite">
          {check.data.checks.map((one) => (
            <li key={`${one.name} ${one.code} ${one.senderId ?? ''}`}>
              {one.ok ? (
                <CheckCircleFilled className="good" aria-label={t('check.good')} />
              ) : (
                <CloseCircleFilled className="bad" aria-label={t('check.bad')} />
              )}
              <Finding {...tell.check(one)} />
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
