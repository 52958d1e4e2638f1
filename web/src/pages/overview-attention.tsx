import { CheckCircleFilled, CloseCircleFilled, WarningFilled } from '@ant-design/icons';
import { Link } from '@tanstack/react-router';
import { Button, Card, Dropdown } from 'antd';
import { useState } from 'react';
import { api, take } from '../api/client.ts';
import type { Attention, Overview } from '../api/model.ts';
import { useIsAtLeast } from '../app/session.ts';
import type { StateReason } from '../i18n/findings.ts';
import { useFindings, useLanguage, useTexts } from '../i18n/language.tsx';
import type { TextKey } from '../i18n/texts.ts';
import { useChange } from '../ui/change.ts';
import { Ago, formatDuration, Time } from '../ui/time.tsx';
import { ConfirmClock } from './clock.tsx';
import { useStateReason } from './deliveries/state-reason.tsx';

const attentionTexts: Readonly<Record<string, TextKey>> = {
  destination_open: 'attention.destination_open',
  destination_off: 'attention.destination_off',
  destination_failing: 'attention.destination_failing',
  oldest_undelivered: 'attention.oldest_undelivered',
  template_rejected: 'attention.template_rejected',
  missing_receipts: 'attention.missing_receipts',
  token_ending: 'attention.token_ending',
  no_channel: 'attention.no_channel',
  no_subscription: 'attention.no_subscription',
};

/** What the things of one cause have in common; of a cause that is not here, that the service says so. */
const causeTexts: Readonly<Record<string, TextKey>> = {
  destination_open: 'cause.destination_open',
  destination_off: 'cause.destination_off',
  destination_failing: 'cause.destination_failing',
  oldest_undelivered: 'cause.oldest_undelivered',
  template_rejected: 'cause.template_rejected',
  missing_receipts: 'cause.missing_receipts',
  no_channel: 'cause.no_channel',
  no_subscription: 'cause.no_subscription',
  channel_unwell: 'cause.channel_unwell',
  token_refused: 'cause.token',
  token_ending: 'cause.token',
  sender_stopped: 'cause.sender_stopped',
  delivery_died: 'cause.delivery_died',
  fallback_died: 'cause.fallback_died',
  event_not_understood: 'cause.event_not_understood',
};

/** So many of one cause are shown at once. */
const shownAtOnce = 3;

/** What needs attention, by cause, the most urgent first; what was put away can be looked at and brought back. */
export function AttentionCard({ overview: { attention, dismissed } }: { overview: Overview }) {
  const t = useTexts();
  const [areAwayShown, setAwayShown] = useState(false);
  return (
    <Card title={t('attention.title')}>
      <div className="stack">
        {attention.length === 0 ? (
          <p className="row">
            <CheckCircleFilled className="good" /> {t('attention.none')}
          </p>
        ) : (
          [...Map.groupBy(attention, ({ cause }) => cause)].map(([cause, items]) => (
            <Cause key={cause} cause={cause} items={items} />
          ))
        )}
        {dismissed.length > 0 && (
          <div>
            <Button
              type="link"
              size="small"
              aria-expanded={areAwayShown}
              onClick={() => {
                setAwayShown(!areAwayShown);
              }}
            >
              {t('attention.dismissed', { count: dismissed.length })}
            </Button>
            {areAwayShown && <Dismissed items={dismissed} />}
          </div>
        )}
      </div>
    </Card>
  );
}

/** All of one cause with how many they are: the first few, and the rest when they are asked for. */
function Cause({ cause, items }: { cause: string; items: readonly Attention[] }) {
  const t = useTexts();
  const mayDismiss = useIsAtLeast('operator');
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? items : items.slice(0, shownAtOnce);
  const severity = items.some((item) => item.severity === 'error') ? 'error' : 'warning';
  return (
    <section aria-label={t(causeTexts[cause] ?? 'cause.notice')}>
      <div className="row">
        {severity === 'error' ? (
          <CloseCircleFilled className="bad" aria-label={t('attention.error')} />
        ) : (
          <WarningFilled className="warn" aria-label={t('attention.warning')} />
        )}
        <h2 className="cause-head">
          {t(causeTexts[cause] ?? 'cause.notice')}
          {items.length > 1 && ` (${items.length.toLocaleString()})`}
        </h2>
        {mayDismiss && <Dismiss items={items} />}
      </div>
      <ul className="checks cause-items">
        {shown.map((item) => (
          <li key={item.subject}>
            <span className="attention-text">
              <About item={item} />
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
      {items.length > shown.length && (
        <Button
          type="link"
          size="small"
          onClick={() => {
            setWhole(true);
          }}
        >
          {t('attention.more', { count: items.length - shown.length })}
        </Button>
      )}
    </section>
  );
}

/** The callback URL or channel that it is about, where its text does not name that. */
function About({ item: { about, params } }: { item: Attention }) {
  if (about === null || params['url'] === about.name) return null;
  return about.kind === 'destination' ? (
    <Link to="/destinations/$destinationId" params={{ destinationId: about.id }} className="about">
      {about.name}
    </Link>
  ) : (
    <Link to="/channels/$channelId" params={{ channelId: about.id }} className="about">
      {about.name}
    </Link>
  );
}

const waits = [
  { seconds: 3600, text: 'attention.dismiss.hour' },
  { seconds: 86_400, text: 'attention.dismiss.day' },
  { seconds: 604_800, text: 'attention.dismiss.week' },
] as const satisfies readonly { seconds: number; text: TextKey }[];
/** Taken by one call. */
const maxDismissed = 500;

function useDismissal(items: readonly Attention[]) {
  return useChange(
    (seconds: number) =>
      take(
        api.POST('/api/v1/overview/dismissals', {
          body: {
            seconds,
            items: items.slice(0, maxDismissed).map(({ cause, subject }) => ({ cause, subject })),
          },
        }),
      ),
    { refresh: [['overview']] },
  );
}

/** Puts all of one cause away for a time, for everybody of the account. */
function Dismiss({ items }: { items: readonly Attention[] }) {
  const t = useTexts();
  const dismissal = useDismissal(items);
  return (
    <Dropdown
      trigger={['click']}
      menu={{
        items: waits.map(({ seconds, text }) => ({ key: String(seconds), label: t(text) })),
        onClick: ({ key }) => {
          dismissal.mutate(Number(key));
        },
      }}
    >
      <Button size="small" type="text" loading={dismissal.isPending}>
        {t('attention.dismiss')}
      </Button>
    </Dropdown>
  );
}

function Dismissed({ items }: { items: Overview['dismissed'] }) {
  const t = useTexts();
  const mayDismiss = useIsAtLeast('operator');
  const dismissal = useDismissal(items);
  return (
    <>
      <ul className="checks cause-items">
        {items.map((item) => (
          <li key={`${item.cause} ${item.subject}`}>
            <span className="attention-text">
              <About item={item} />
              <AttentionText item={item} />{' '}
              <span className="faint">
                {t('attention.until')} <Time at={item.until} />
              </span>
            </span>
            <AttentionLink item={item} />
          </li>
        ))}
      </ul>
      {mayDismiss && (
        <Button
          size="small"
          loading={dismissal.isPending}
          onClick={() => {
            dismissal.mutate(0);
          }}
        >
          {t('attention.restore')}
        </Button>
      )}
    </>
  );
}

function AttentionText({ item }: { item: Attention }) {
  const { t, language } = useLanguage();
  const tell = useFindings();
  const toReason = useStateReason();
  const key = attentionTexts[item.code];
  if (key === undefined) return t('attention.notice', { text: tell.notice(item) });
  const params: Record<string, string> = {};
  for (const [name, value] of Object.entries(item.params))
    if (typeof value === 'string' || typeof value === 'number') params[name] = String(value);
  if (params['reasonCode'] !== undefined)
    params['reason'] = toReason({
      stateReason: params['reason'] ?? '',
      stateReasonCode: params['reasonCode'] as StateReason['stateReasonCode'],
      stateReasonParams: params,
    });
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
