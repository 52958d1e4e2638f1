import { useQuery } from '@tanstack/react-query';
import { Card } from 'antd';
import { lazy, Suspense, useState } from 'react';
import { api, take } from '../api/client.ts';
import type { Overview as OverviewAnswer, Point } from '../api/model.ts';
import { useTexts } from '../i18n/language.tsx';
import type { TextKey } from '../i18n/texts.ts';
import { Page } from '../ui/page.tsx';
import { Answered } from '../ui/problem.tsx';
import { SpanSwitch } from '../ui/span-switch.tsx';
import type { Span } from '../ui/span-switch.tsx';
import { useSignedIn } from '../app/session.ts';
import { FirstSteps, useFirstSteps } from './first-steps.tsx';
import { AttentionCard } from './overview-attention.tsx';
import { DestinationFigures } from './overview-destinations.tsx';

const Workers = lazy(() => import('./overview-workers.tsx').then((module) => ({ default: module.Workers })));
const Chart = lazy(() => import('../ui/chart.tsx').then((module) => ({ default: module.Chart })));

/** How much goes through, what needs attention, how callback URLs take it, and what the service is at; that is for the account that runs it. */
export function Overview() {
  const t = useTexts();
  const { account } = useSignedIn();
  const [span, setSpan] = useState<Span>('hour');
  const overview = useQuery({
    queryKey: ['overview'],
    queryFn: () => take(api.GET('/api/v1/overview')),
    refetchInterval: 10_000,
  });
  const steps = useFirstSteps();
  return (
    <Page title={t('nav.overview')} actions={<SpanSwitch span={span} onChange={setSpan} />}>
      <Answered of={steps.isPending ? { ...overview, data: undefined } : overview} rows={12}>
        {(data) => (
          <>
            {steps.open !== undefined && <FirstSteps steps={steps.open} onAway={steps.putAway} />}
            <Totals totals={data.totals[span]} />
            <AttentionCard overview={data} />
            <Charts points={data.rates[span]} />
            <DestinationFigures destinations={data.destinations} />
            {account.first && (
              <Suspense fallback={null}>
                <Workers />
              </Suspense>
            )}
          </>
        )}
      </Answered>
    </Page>
  );
}

const figures: readonly { name: Exclude<keyof Point, 'at'>; text: TextKey; isBad?: true }[] = [
  { name: 'inbounds', text: 'rate.inbounds' },
  { name: 'statuses', text: 'rate.statuses' },
  { name: 'audits', text: 'rate.audits' },
  { name: 'sent', text: 'rate.sent' },
  { name: 'sendFailed', text: 'rate.send_failed', isBad: true },
  { name: 'pushed', text: 'rate.pushed' },
  { name: 'pushFailed', text: 'rate.push_failed', isBad: true },
  { name: 'dead', text: 'rate.dead', isBad: true },
];

function Totals({ totals }: { totals: OverviewAnswer['totals'][Span] }) {
  const t = useTexts();
  return (
    <div className="cards cards-small">
      {figures.map(({ name, text, isBad }) => (
        <Card key={name} size="small">
          <div className="statistic-title">{t(text)}</div>
          <div className={isBad === true && totals[name] > 0 ? 'statistic-value bad' : 'statistic-value'}>
            {totals[name].toLocaleString()}
          </div>
        </Card>
      ))}
    </div>
  );
}

function Charts({ points }: { points: readonly Point[] }) {
  const t = useTexts();
  const times = points.map(({ at }) => Date.parse(at));
  const line = (name: Exclude<keyof Point, 'at'>): number[] => points.map((point) => point[name]);
  return (
    <div className="two">
      <Card title={t('rate.receipts')}>
        <Suspense fallback={<div className="chart" />}>
          <Chart
            label={t('rate.receipts')}
            times={times}
            lines={[
              { label: t('rate.inbounds'), tone: 'primary', values: line('inbounds') },
              { label: t('rate.statuses'), tone: 'success', values: line('statuses') },
            ]}
          />
        </Suspense>
      </Card>
      <Card title={t('rate.pushes')}>
        <Suspense fallback={<div className="chart" />}>
          <Chart
            label={t('rate.pushes')}
            times={times}
            lines={[
              { label: t('rate.pushed'), tone: 'success', values: line('pushed') },
              { label: t('rate.push_failed'), tone: 'error', values: line('pushFailed') },
            ]}
          />
        </Suspense>
      </Card>
    </div>
  );
}
