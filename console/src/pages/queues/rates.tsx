import { Card } from 'antd';
import { lazy, Suspense, useState } from 'react';
import type { Queue } from '../../api/model.ts';
import { useTexts } from '../../i18n/language.tsx';

const Chart = lazy(() => import('../../ui/chart.tsx').then((module) => ({ default: module.Chart })));

interface Sample {
  readonly at: number;
  readonly waiting: number;
}

/** So many samples are kept: half an hour of five seconds each. */
const maxSamples = 360;

/** How many messages wait, as seen since the page was opened: a rising line says that nobody keeps up. */
export function Rates({ queue, at }: { queue: Queue; at: number }) {
  const t = useTexts();
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  const [last, setLast] = useState<Queue | null>(null);
  if (last !== queue) {
    setLast(queue);
    const waiting = queue.active + queue.inactive + queue.delayed;
    setSamples([...samples, { at, waiting }].slice(-maxSamples));
  }
  const [first] = samples;
  const newest = samples.at(-1);
  const minutes = first === undefined || newest === undefined ? 0 : (newest.at - first.at) / 60_000;
  const change = first === undefined || newest === undefined ? 0 : newest.waiting - first.waiting;
  return (
    <Card title={t('queue.rates')}>
      {samples.length < 2 || minutes === 0 ? (
        <p>{t('queue.rates.wait')}</p>
      ) : (
        <>
          <p aria-live="off">{t('queue.rates.text', { rate: (change / minutes).toFixed(1) })}</p>
          <Suspense fallback={<div className="chart" />}>
            <Chart
              label={t('queue.rates')}
              times={samples.map(({ at }) => at)}
              lines={[
                { label: t('queue.waiting'), tone: 'primary', values: samples.map(({ waiting }) => waiting) },
              ]}
            />
          </Suspense>
        </>
      )}
    </Card>
  );
}
