import { CheckCircleFilled, CloseCircleFilled } from '@ant-design/icons';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Card, Typography } from 'antd';
import { api, take } from '../../api/client.ts';
import type { ChannelCheck } from '../../api/model.ts';
import { useIsAtLeast } from '../../app/session.ts';
import { useFindings, useTexts } from '../../i18n/language.tsx';
import { Finding } from '../../ui/finding.tsx';
import { ProblemAlert } from '../../ui/problem.tsx';
import type { ChannelKind } from './fields.ts';
import { sendersKey } from './queries.ts';
import { SubscribeButton } from './subscribe.tsx';

function toCheckKey(channelId: string) {
  return ['check', channelId] as const;
}

/** The check of a channel, made when it is asked for, or at once. */
function useCheck(channelId: string, runsAtOnce: boolean) {
  const client = useQueryClient();
  return useQuery({
    queryKey: toCheckKey(channelId),
    queryFn: async () => {
      const found = await take(
        api.POST('/api/v1/channels/{channelId}/check', { params: { path: { channelId } } }),
      );
      // The check notes what the vendor says of the senders.
      void client.invalidateQueries({ queryKey: sendersKey(channelId) });
      return found;
    },
    enabled: runsAtOnce,
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
    refetchOnReconnect: false,
  });
}

/**
 * Asks the service, and where it can the vendor, whether a channel can work; shows each finding. For those who may. `kind` is null for the
 * sandbox, which has no vendor.
 */
export function CheckCard({
  channelId,
  kind,
  runsAtOnce = false,
}: {
  channelId: string;
  kind: ChannelKind | null;
  runsAtOnce?: boolean;
}) {
  const t = useTexts();
  const mayCheck = useIsAtLeast('operator');
  const client = useQueryClient();
  const check = useCheck(channelId, runsAtOnce && mayCheck);
  if (!mayCheck) return null;
  // One that is under way saw the channel as it was before.
  const run = (): void =>
    void client.cancelQueries({ queryKey: toCheckKey(channelId) }).then(() => check.refetch());
  return (
    <Card
      title={t('check.title', { id: channelId })}
      extra={
        <span className="row">
          {kind !== null && kind !== 'viber-business' && (
            <SubscribeButton channelId={channelId} onDone={run} />
          )}
          <Button loading={check.isFetching} onClick={run}>
            {t('check.do')}
          </Button>
        </span>
      }
    >
      <div className="stack" aria-live="polite" aria-busy={check.isFetching}>
        {check.error !== null && <ProblemAlert error={check.error} />}
        {check.data === undefined && check.error === null && (
          <Typography.Text type="secondary">
            {t(check.isFetching ? 'check.running' : 'check.hint')}
          </Typography.Text>
        )}
        {check.data !== undefined && <Findings check={check.data} />}
      </div>
    </Card>
  );
}

function Findings({ check }: { check: ChannelCheck }) {
  const t = useTexts();
  const tell = useFindings();
  const wrong = check.checks.filter(({ ok }) => !ok).length;
  return (
    <>
      <Alert
        type={check.ok ? 'success' : 'warning'}
        showIcon
        title={check.ok ? t('check.all_good') : t('check.wrong', { count: wrong })}
      />
      <ul className="checks">
        {check.checks.map((one) => (
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
    </>
  );
}
