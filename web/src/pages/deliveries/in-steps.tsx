import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Modal, Typography } from 'antd';
import { useState } from 'react';
import { useTexts } from '../../i18n/language.tsx';
import type { TextKey } from '../../i18n/texts.ts';
import { Answered, ProblemAlert } from '../../ui/problem.tsx';
import { deliveriesKey, destinationsKey } from './queries.ts';

/** One step of what is done to many deliveries, or a count of it: how many, and where to go on. */
export type Step = (
  dryRun: boolean,
  cursor: string | undefined,
) => Promise<{ readonly count: number; readonly next: string | null }>;

/** Takes steps until there are no more; resolves to how many deliveries they were. */
async function walk(
  step: Step,
  dryRun: boolean,
  onStep: (total: number) => void = () => undefined,
): Promise<number> {
  let total = 0;
  let cursor: string | undefined;
  do {
    const { count, next } = await step(dryRun, cursor);
    total += count;
    onStep(total);
    cursor = next ?? undefined;
  } while (cursor !== undefined);
  return total;
}

/** Steps taken once somebody agrees: how far they have come, and what went wrong. */
function useWalk(step: Step) {
  const client = useQueryClient();
  const [phase, setPhase] = useState<'asking' | 'running' | 'over'>('asking');
  const [total, setTotal] = useState(0);
  const [error, setError] = useState<unknown>(null);
  const run = async (): Promise<void> => {
    setPhase('running');
    setError(null);
    try {
      await walk(step, false, setTotal);
    } catch (caught) {
      setError(caught);
    }
    setPhase('over');
    for (const queryKey of [deliveriesKey, destinationsKey, ['receipts'], ['messages'], ['overview']])
      void client.invalidateQueries({ queryKey });
  };
  return { phase, total, error, run };
}

/** Says how many deliveries it is about, does it to them step by step once somebody agrees, and says how many they were. */
export function InSteps({
  title,
  ask,
  done,
  act,
  step,
  onClose,
}: {
  title: string;
  /** Texts with `{count}`. */
  ask: TextKey;
  done: TextKey;
  act: string;
  step: Step;
  onClose: () => void;
}) {
  const t = useTexts();
  const { phase, total, error, run } = useWalk(step);
  const count = useQuery({ queryKey: ['in-steps', title], queryFn: () => walk(step, true), gcTime: 0 });
  return (
    <Modal
      open
      title={title}
      closable={phase !== 'running'}
      mask={{ closable: false }}
      onCancel={onClose}
      footer={
        <>
          <Button disabled={phase === 'running'} onClick={onClose}>
            {t('action.close')}
          </Button>
          {phase !== 'over' && (
            <Button
              danger
              type="primary"
              disabled={(count.data ?? 0) === 0}
              loading={phase === 'running'}
              onClick={() => void run()}
            >
              {act}
            </Button>
          )}
        </>
      }
    >
      <Answered of={count} rows={1}>
        {(found) => (
          <Typography.Paragraph aria-live="polite">
            {phase === 'asking' && (found === 0 ? t('steps.none') : t(ask, { count: found }))}
            {phase !== 'asking' && t(done, { count: total })}
          </Typography.Paragraph>
        )}
      </Answered>
      {error !== null && <ProblemAlert error={error} />}
    </Modal>
  );
}
