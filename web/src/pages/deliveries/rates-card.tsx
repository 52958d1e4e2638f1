import { useQuery } from '@tanstack/react-query';
import { Card, Statistic } from 'antd';
import { lazy, Suspense, useState } from 'react';
import { api, take } from '../../api/client.ts';
import type { DestinationRates } from '../../api/model.ts';
import { useTexts } from '../../i18n/language.tsx';
import { formatShare, useMillis } from '../../ui/figures.ts';
import { DataTable } from '../../ui/table.tsx';
import { Answered } from '../../ui/problem.tsx';
import { SpanSwitch } from '../../ui/span-switch.tsx';
import type { Span } from '../../ui/span-switch.tsx';
import { outcomes, toOutcomeText } from './outcome.tsx';
import { destinationKey } from './queries.ts';

const Chart = lazy(() => import('../../ui/chart.tsx').then((module) => ({ default: module.Chart })));

type Channel = DestinationRates['channels'][number];

/** How pushes to a callback URL went of late: how many were taken, how long they took, and what came back over time. */
export function RatesCard({ destinationId }: { destinationId: string }) {
  const t = useTexts();
  const [span, setSpan] = useState<Span>('hour');
  const rates = useQuery({
    queryKey: [...destinationKey(destinationId), 'rates', span],
    queryFn: () =>
      take(
        api.GET('/api/v1/destinations/{destinationId}/rates', {
          params: { path: { destinationId }, query: { span } },
        }),
      ),
    refetchInterval: 10_000,
    placeholderData: (before) => before,
  });
  return (
    <Card title={t('destination.rates')} extra={<SpanSwitch span={span} onChange={setSpan} />}>
      {/* As high as what comes, so that nothing below moves. */}
      <div className="stack rates">
        <Answered of={rates} rows={9}>
          {(data) => (
            <>
              <Figures rates={data} />
              <Codes rates={data} />
              {data.channels.length > 1 && <ByChannel channels={data.channels} />}
            </>
          )}
        </Answered>
      </div>
    </Card>
  );
}

function Figures({ rates: { tries, accepted, p50Ms, p95Ms } }: { rates: DestinationRates }) {
  const t = useTexts();
  const toText = useMillis();
  return (
    <div className="cards cards-small">
      <Statistic
        title={t('figures.share')}
        value={formatShare(accepted, tries)}
        classNames={{ content: accepted < tries ? 'bad' : '' }}
      />
      <Statistic title={t('figures.tries')} value={tries} />
      <Statistic title={t('figures.p50')} value={toText(p50Ms)} />
      <Statistic title={t('figures.p95')} value={toText(p95Ms)} />
    </div>
  );
}

/** So many codes have a line of their own. */
const maxLines = 4;
const tones = ['success', 'error', 'warning', 'primary'] as const;

/** What came back over time: a line for what was taken, then for each other code, the commonest first. */
function Codes({ rates: { points } }: { rates: DestinationRates }) {
  const t = useTexts();
  const totals = new Map<string, number>();
  for (const { codes } of points)
    for (const [code, count] of Object.entries(codes)) totals.set(code, (totals.get(code) ?? 0) + count);
  const others = [...totals].filter(([code]) => !isTaken(code)).sort(([, a], [, b]) => b - a);
  const own = others.slice(0, maxLines - 1).map(([code]) => code);
  const isRest = (code: string): boolean => !isTaken(code) && !own.includes(code);
  const toLine = (label: string, isOf: (code: string) => boolean) => ({
    label,
    values: points.map(({ codes }) =>
      Object.entries(codes).reduce((sum, [code, count]) => sum + (isOf(code) ? count : 0), 0),
    ),
  });
  const lines = [
    toLine('HTTP 2xx', isTaken),
    ...own.map((code) => toLine(toCodeName(code, t), (one) => one === code)),
    ...(others.length > own.length ? [toLine(t('figures.rest'), isRest)] : []),
  ];
  return (
    <Suspense fallback={<div className="chart" />}>
      <Chart
        label={t('figures.codes')}
        times={points.map(({ at }) => Date.parse(at))}
        lines={lines.map((line, at) => ({ ...line, tone: tones[at] ?? 'primary' }))}
      />
    </Suspense>
  );
}

function isTaken(code: string): boolean {
  return /^2\d\d$/.test(code);
}

function toCodeName(code: string, t: ReturnType<typeof useTexts>): string {
  return outcomes.some((outcome) => outcome === code) ? toOutcomeText(code, t) : `HTTP ${code}`;
}

function ByChannel({ channels }: { channels: readonly Channel[] }) {
  const t = useTexts();
  const toText = useMillis();
  return (
    <DataTable<Channel>
      label={t('figures.by_channel')}
      rowKey={({ channelId }) => channelId ?? ''}
      size="small"
      pagination={false}
      dataSource={[...channels]}
      columns={[
        {
          title: t('channel.title'),
          dataIndex: 'channelId',
          render: (id: string | null) => id ?? t('figures.several'),
        },
        {
          title: t('figures.share'),
          key: 'share',
          align: 'right',
          render: (_value, { accepted, tries }) => formatShare(accepted, tries),
        },
        {
          title: t('figures.tries'),
          dataIndex: 'tries',
          align: 'right',
          render: (count: number) => count.toLocaleString(),
        },
        { title: t('figures.p50'), dataIndex: 'p50Ms', align: 'right', render: toText },
        { title: t('figures.p95'), dataIndex: 'p95Ms', align: 'right', render: toText },
      ]}
    />
  );
}
