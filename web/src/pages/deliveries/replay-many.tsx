import { useQuery } from '@tanstack/react-query';
import { Button, Modal, Progress, Typography } from 'antd';
import { useTexts } from '../../i18n/language.tsx';
import { Answered, ProblemAlert } from '../../ui/problem.tsx';
import { countReplay, useReplayRun } from './replay-run.ts';
import type { Replay } from './replay-run.ts';

type Run = ReturnType<typeof useReplayRun>;
type Count = Awaited<ReturnType<typeof countReplay>>;

/** Shows how many will be replayed, replays them batch by batch, and can be stopped in between. */
export function ReplayMany({ replay, onClose }: { replay: Replay; onClose: () => void }) {
  const t = useTexts();
  const run = useReplayRun(replay);
  const count = useQuery({
    queryKey: ['replay-count', replay],
    queryFn: () => countReplay(replay),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  return (
    <Modal
      open
      title={t('replay.title')}
      closable={run.phase !== 'running'}
      mask={{ closable: false }}
      onCancel={onClose}
      footer={<ReplayButtons run={run} count={count.data} onClose={onClose} />}
    >
      <Answered of={count} rows={1}>
        {(counted) => <ReplayProgress run={run} count={counted} />}
      </Answered>
      {run.error !== null && <ProblemAlert error={run.error} />}
    </Modal>
  );
}

function ReplayButtons({
  run: { phase, run, stop },
  count,
  onClose,
}: {
  run: Run;
  count: Count | undefined;
  onClose: () => void;
}) {
  const t = useTexts();
  if (phase === 'running')
    return (
      <Button danger onClick={stop}>
        {t('replay.stop')}
      </Button>
    );
  const isNothing = (count?.replayed ?? 0) === 0 && count?.more !== true;
  return (
    <>
      <Button onClick={onClose}>{t('action.close')}</Button>
      {phase === 'asking' && (
        <Button type="primary" disabled={isNothing} onClick={() => void run(count?.until)}>
          {t('replay.do')}
        </Button>
      )}
    </>
  );
}

function ReplayProgress({ run: { phase, replayed }, count }: { run: Run; count: Count }) {
  const t = useTexts();
  const { replayed: total, more } = count;
  const percent = total === 0 ? 100 : Math.min(100, Math.round((replayed / total) * 100));
  return (
    <>
      <Typography.Paragraph aria-live="polite">
        {phase === 'asking'
          ? t(total === 0 && more !== true ? 'replay.none' : 'replay.count', {
              count: more === true ? `${total.toLocaleString()}+` : total,
            })
          : t(`replay.${phase}`, { count: replayed })}
      </Typography.Paragraph>
      {phase !== 'asking' && (
        <Progress
          percent={phase === 'done' ? 100 : percent}
          status={phase === 'running' ? 'active' : 'normal'}
          aria-label={t('replay.title')}
        />
      )}
    </>
  );
}
