import { CheckCircleFilled, CloseCircleFilled } from '@ant-design/icons';
import { useMutation } from '@tanstack/react-query';
import { Button, Card, Typography } from 'antd';
import { api, take } from '../../api/client.ts';
import { useTexts } from '../../i18n/language.tsx';
import { ProblemAlert } from '../../ui/problem.tsx';

/** Asks the service, and where it can the vendor, whether a channel can work; shows each finding. */
export function CheckCard({ channelId }: { channelId: string }) {
  const t = useTexts();
  const check = useMutation({
    mutationFn: () =>
      take(api.POST('/api/v1/channels/{channelId}/check', { params: { path: { channelId } } })),
  });
  return (
    <Card
      title={t('check.title')}
      extra={
        <Button
          loading={check.isPending}
          onClick={() => {
            check.mutate();
          }}
        >
          {t('check.do')}
        </Button>
      }
    >
      {check.error !== null && <ProblemAlert error={check.error} />}
      {check.data === undefined && check.error === null && (
        <Typography.Text type="secondary">{t('check.hint')}</Typography.Text>
      )}
      {check.data !== undefined && (
        <ul className="checks" aria-live="polite">
          {check.data.checks.map(({ name, ok, text }) => (
            <li key={name}>
              {ok ? (
                <CheckCircleFilled className="good" aria-label={t('check.good')} />
              ) : (
                <CloseCircleFilled className="bad" aria-label={t('check.bad')} />
              )}
              <span>
                <strong>{name}</strong> — {text}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
