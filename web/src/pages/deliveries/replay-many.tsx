import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Modal, Progress, Typography } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { api, take } from '../../api/client.ts';
import { useTexts } from '../../i18n/language.tsx';
import { Answered, ProblemAlert } from '../../ui/problem.tsx';
import { deliveriesKey, destinationsKey } from './queries.ts';

interface MatchingFilter {
  readonly state: 'dead' | 'done';
  readonly destinationId?: number;
  readonly since?: string;
  readonly until?: string;
}

/** Which deliveries are to be made due again: those that were ticked, or all that match. */
export type Replay =
  | { readonly kind: 'selected'; readonly deliveryIds: readonly string[] }
  | { readonly kind: 'matching'; readonly filter: MatchingFilter };

function toBody(replay: Replay) {
  return replay.kind === 'selected' ? { deliveryIds: [...replay.deliveryIds] } : replay.filter;
}

/** Small enough that stopping takes effect soon. */
const batch = 200;

type Phase = 'asking' | 'running' | 'done' | 'stopped';

/** Shows how many will be replayed, replays them batch by batch, and can be stopped in between. */
export function ReplayMany({ replay, onClose }: { replay: Replay; onClose: () => void }) {
  const t = useTexts();
  const client = useQueryClient();
  const [phase, setPhase] = useState<Phase>('asking');
  const [replayed, setReplayed] = useState(0);
  const [error, setError] = useState<unknown>(null);
  const isStopped = useRef(false);
  const count = useQuery({
    queryKey: ['replay-count', replay],
    queryFn: () => take(api.POST('/api/v1/deliveries/replay', { body: { ...toBody(replay), dryRun: true } })),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  useEffect(
    () => () => {
      isStopped.current = true;
    },
    [],
  );

  const run = async (): Promise<void> => {
    isStopped.current = false;
    setPhase('running');
    setError(null);
    let cursor: string | undefined;
    try {
      for (;;) {
        const answer = await take(
          api.POST('/api/v1/deliveries/replay', {
            body: { ...toBody(replay), limit: batch, ...(cursor !== undefined && { cursor }) },
          }),
        );
        setReplayed((before) => before + answer.replayed);
        if (answer.next === null) break;
        if (isStopped.current) {
          setPhase('stopped');
          return;
        }
        cursor = answer.next;
      }
      setPhase('done');
    } catch (caught) {
      setError(caught);
      setPhase('stopped');
    } finally {
      for (const queryKey of [deliveriesKey, destinationsKey, ['receipts'], ['messages'], ['overview']])
        void client.invalidateQueries({ queryKey });
    }
  };

  const total = count.data?.replayed ?? 0;
  const percent = total === 0 ? 100 : Math.min(100, Math.round((replayed / total) * 100));
  return (
    <Modal
      open
      title={t('replay.title')}
      closable={phase !== 'running'}
      mask={{ closable: false }}
      onCancel={onClose}
      footer={
        phase === 'running' ? (
          <Button
            danger
            onClick={() => {
              isStopped.current = true;
            }}
          >
            {t('replay.stop')}
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>{t('action.close')}</Button>
            {phase === 'asking' && (
              <Button
                type="primary"
                disabled={total === 0 && count.data?.more !== true}
                onClick={() => void run()}
              >
                {t('replay.do')}
              </Button>
            )}
          </>
        )
      }
    >
      <Answered of={count} rows={1}>
        {({ replayed: found, more }) => (
          <>
            <Typography.Paragraph aria-live="polite">
              {phase === 'asking' &&
                t(found === 0 && more !== true ? 'replay.none' : 'replay.count', {
                  count: more === true ? `${found.toLocaleString()}+` : found,
                })}
              {phase !== 'asking' && t(`replay.${phase}`, { count: replayed })}
            </Typography.Paragraph>
            {phase !== 'asking' && (
              <Progress
                percent={phase === 'done' ? 100 : percent}
                status={phase === 'running' ? 'active' : 'normal'}
                aria-label={t('replay.title')}
              />
            )}
          </>
        )}
      </Answered>
      {error !== null && <ProblemAlert error={error} />}
    </Modal>
  );
}
