import { CheckCircleFilled, CloseCircleFilled, WarningFilled } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Card, Segmented, Statistic } from 'antd';
import { lazy, Suspense, useState } from 'react';
import { api, take } from '../api/client.ts';
import type { Attention, Overview as OverviewAnswer, Point } from '../api/model.ts';
import { useFindings, useLanguage, useTexts } from '../i18n/language.tsx';
import type { TextKey } from '../i18n/texts.ts';
import { Page } from '../ui/page.tsx';
import { Answered } from '../ui/problem.tsx';
import { Ago, formatDuration } from '../ui/time.tsx';
import { useSignedIn } from '../app/session.ts';
import { ConfirmClock } from './clock.tsx';

const Workers = lazy(() => import('./overview-workers.tsx').then((module) => ({ default: module.Workers })));
const Chart = lazy(() => import('../ui/chart.tsx').then((module) => ({ default: module.Chart })));

/** What needs attention first, then how much goes through, and what the service is at; that is for the account that runs it. */
export function Overview() {
  const t = useTexts();
  const { account } = useSignedIn();
  const overview = useQuery({
    queryKey: ['overview'],
    queryFn: () => take(api.GET('/api/v1/overview')),
    refetchInterval: 10_000,
  });
  return (
    <Page title={t('nav.overview')}>
      <Answered of={overview} rows={12}>
        {(data) => (
          <>
            <AttentionCard items={data.attention} />
            <Traffic overview={data} />
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

const attentionTexts: Readonly<Record<string, TextKey>> = {
  destination_open: 'attention.destination_open',
  destination_off: 'attention.destination_off',
  oldest_undelivered: 'attention.oldest_undelivered',
  template_rejected: 'attention.template_rejected',
  missing_receipts: 'attention.missing_receipts',
  token_ending: 'attention.token_ending',
  no_channel: 'attention.no_channel',
  no_subscription: 'attention.no_subscription',
};

function AttentionCard({ items }: { items: readonly Attention[] }) {
  const t = useTexts();
  return (
    <Card title={t('attention.title')}>
      {items.length === 0 ? (
        <p className="row">
          <CheckCircleFilled className="good" /> {t('attention.none')}
        </p>
      ) : (
        <ul className="checks">
          {items.map((item) => (
            <li key={`${item.code} ${item.subject}`}>
              {item.severity === 'error' ? (
                <CloseCircleFilled className="bad" aria-label={t('attention.error')} />
              ) : (
                <WarningFilled className="warn" aria-label={t('attention.warning')} />
              )}
              <span className="attention-text">
                <AttentionText item={item} />{' '}
                {item.since !== null && item.params['ageSeconds'] === undefined && (
                  <span className="faint">
                    <Ago at={item.since} />
                  </span>
                )}
              </span>
              <AttentionLink item={item} />
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function AttentionText({ item }: { item: Attention }) {
  const { t, language } = useLanguage();
  const tell = useFindings();
  const key = attentionTexts[item.code];
  if (key === undefined) return t('attention.notice', { text: tell.notice(item) });
  const params: Record<string, string> = {};
  for (const [name, value] of Object.entries(item.params))
    if (typeof value === 'string' || typeof value === 'number') params[name] = String(value);
  const age = Number(item.params['ageSeconds']);
  if (Number.isFinite(age)) params['age'] = formatDuration(age * 1000, language);
  return t(key, params);
}

/** What a person's word on the clock ends. */
const clockNotices: ReadonlySet<string> = new Set(['clock_off', 'sweep_held']);

/** Where the reader sees to it. */
function AttentionLink({ item }: { item: Attention }) {
  const t = useTexts();
  const text = (name: string): string => {
    const value = item.params[name];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  };
  const look = t('attention.look');
  if (clockNotices.has(text('noticeCode'))) return <ConfirmClock />;
  if (text('destinationId') !== '')
    return (
      <Link to="/destinations/$destinationId" params={{ destinationId: text('destinationId') }}>
        {look}
      </Link>
    );
  if (item.code === 'template_rejected')
    return (
      <Link
        to="/templates/$channelId/$code/$language"
        params={{ channelId: text('channelId'), code: text('code'), language: text('language') }}
      >
        {look}
      </Link>
    );
  if (item.code === 'missing_receipts')
    return (
      <Link to="/messages" search={{ direction: 'mt' }}>
        {look}
      </Link>
    );
  if (item.code === 'no_channel')
    return (
      <span className="row">
        <Link to="/simulator">{t('attention.try')}</Link>
        <Link to="/connect">{t('channels.connect')}</Link>
      </span>
    );
  if (item.code === 'no_subscription')
    return (
      <Link
        to="/channels/$channelId/senders/$senderId/webhook"
        params={{ channelId: text('channelId'), senderId: text('senderId') }}
      >
        {t('webhook.settings')}
      </Link>
    );
  if (text('channelId') !== '')
    return (
      <Link to="/channels/$channelId" params={{ channelId: text('channelId') }}>
        {look}
      </Link>
    );
  return null;
}

type Span = 'hour' | 'day';

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

function Traffic({ overview }: { overview: OverviewAnswer }) {
  const t = useTexts();
  const [span, setSpan] = useState<Span>('hour');
  const points = overview.rates[span];
  const totals = overview.totals[span];
  const times = points.map(({ at }) => Date.parse(at));
  const line = (name: Exclude<keyof Point, 'at'>): number[] => points.map((point) => point[name]);
  return (
    <>
      <div className="row">
        <h2 className="section-head">{t('rate.title')}</h2>
        <span className="pager-gap" />
        <Segmented<Span>
          aria-label={t('rate.span')}
          value={span}
          onChange={setSpan}
          options={[
            { value: 'hour', label: t('rate.hour') },
            { value: 'day', label: t('rate.day') },
          ]}
        />
      </div>
      <div className="cards cards-small">
        {figures.map(({ name, text, isBad }) => (
          <Card key={name} size="small">
            <Statistic
              title={t(text)}
              value={totals[name]}
              classNames={{ content: isBad === true && totals[name] > 0 ? 'bad' : '' }}
            />
          </Card>
        ))}
      </div>
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
    </>
  );
}
