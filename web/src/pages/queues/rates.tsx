import { useQuery } from '@tanstack/react-query';
import { Card } from 'antd';
import { lazy, Suspense } from 'react';
import { api, take } from '../../api/client.ts';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { Answered } from '../../ui/problem.tsx';
import { queuesKey } from './queries.ts';

const Chart = lazy(() => import('../../ui/chart.tsx').then((module) => ({ default: module.Chart })));

/** What came into a queue and what was deleted, by minute of the last hour: two lines that part say that nobody keeps up. */
export function Rates({ name }: { name: string }) {
  const t = usePageTexts();
  const rates = useQuery({
    queryKey: [...queuesKey, name, 'rates'],
    queryFn: () => take(api.GET('/api/v1/queues/{name}/rates', { params: { path: { name } } })),
    refetchInterval: 10_000,
  });
  return (
    <Card title={t('queue.rates')}>
      {/* As high as the chart, so that nothing moves when that comes. */}
      {rates.isPending && <div className="chart" aria-busy />}
      {!rates.isPending && (
        <Answered of={rates}>
          {({ items }) => (
            <Suspense fallback={<div className="chart" />}>
              <Chart
                label={t('queue.rates')}
                times={items.map(({ at }) => Date.parse(at))}
                lines={[
                  { label: t('queue.put'), tone: 'primary', values: items.map(({ put }) => put) },
                  { label: t('queue.taken'), tone: 'success', values: items.map(({ deleted }) => deleted) },
                ]}
              />
            </Suspense>
          )}
        </Answered>
      )}
    </Card>
  );
}
