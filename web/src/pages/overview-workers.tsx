import { useQuery } from '@tanstack/react-query';
import { Button, Card, Tag } from 'antd';
import { useState } from 'react';
import type { ComponentType } from 'react';
import { api, take } from '../api/client.ts';
import type { Worker } from '../api/model.ts';
import { useLanguage, useTexts } from '../i18n/language.tsx';
import type { TextKey } from '../i18n/texts.ts';
import { phoneWidth, useMedia } from '../ui/media.ts';
import { Answered } from '../ui/problem.tsx';
import { Ago, formatDuration } from '../ui/time.tsx';

/** What runs by itself on the node that answers: those that are late or failed last stand first. */
export function Workers() {
  const t = useTexts();
  const workers = useQuery({
    queryKey: ['workers'],
    queryFn: () => take(api.GET('/api/v1/workers')),
    refetchInterval: 10_000,
  });
  return (
    <Card title={t('worker.title')}>
      <p className="faint">{t('worker.hint')}</p>
      <Answered of={workers} rows={12}>
        {({ items }) => <WorkerTable workers={items.toSorted((a, b) => toRank(a) - toRank(b))} />}
      </Answered>
    </Card>
  );
}

const columns: readonly {
  readonly title: TextKey;
  readonly isFigure?: true;
  readonly Cell: ComponentType<{ worker: Worker }>;
}[] = [
  { title: 'worker.name', Cell: Name },
  { title: 'worker.state', isFigure: true, Cell: State },
  { title: 'worker.last_run', isFigure: true, Cell: ({ worker }) => <Ago at={worker.lastRunAt} /> },
  { title: 'worker.duration', isFigure: true, Cell: ({ worker }) => <Duration ms={worker.lastDurationMs} /> },
  { title: 'worker.waiting', isFigure: true, Cell: ({ worker }) => worker.waiting ?? '—' },
  {
    title: 'worker.lag',
    isFigure: true,
    Cell: ({ worker: { lagMs } }) => <Duration ms={lagMs === 0 ? null : lagMs} />,
  },
  { title: 'worker.last_error', Cell: LastError },
];

/** There each is a card of its own. */
const shownOnPhone = 5;

/** A plain table: those of listings are more than the first page should load. */
function WorkerTable({ workers }: { workers: readonly Worker[] }) {
  const t = useTexts();
  const isPhone = useMedia(phoneWidth);
  const [areAllShown, setAllShown] = useState(false);
  const shown = isPhone && !areAllShown ? workers.slice(0, shownOnPhone) : workers;
  return (
    <>
      <div className="scroller" tabIndex={0} role="group" aria-label={t('worker.title')}>
        <table className="plain-table">
          <thead>
            <tr>
              {columns.map(({ title }) => (
                <th key={title} scope="col">
                  {t(title)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((worker) => (
              <tr key={worker.name} className="plain-row">
                {columns.map(({ title, isFigure, Cell }) => (
                  <td key={title} data-label={t(title)} className={isFigure === true ? 'figure' : undefined}>
                    <Cell worker={worker} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {workers.length > shown.length && (
        <Button
          type="link"
          size="small"
          onClick={() => {
            setAllShown(true);
          }}
        >
          {t('attention.more', { count: workers.length - shown.length })}
        </Button>
      )}
    </>
  );
}

function toRank({ isLate, lastError }: Worker): number {
  return isLate ? 0 : lastError === null ? 2 : 1;
}

const names: Readonly<Record<string, TextKey>> = {
  'keys.write_uses': 'worker.keys_write_uses',
  'rates.write': 'worker.rates_write',
  'push_rates.write': 'worker.push_rates_write',
  'queue_rates.write': 'worker.queue_rates_write',
  'queues.compact': 'worker.queues_compact',
  'node.lead': 'worker.node_lead',
  'notice.watch': 'worker.notice_watch',
  'notices.tell': 'worker.notices_tell',
  'limits.watch': 'worker.limits_watch',
  'clock.watch': 'worker.clock_watch',
  'certificate.watch': 'worker.certificate_watch',
  'workers.watch': 'worker.workers_watch',
  'store.sweep': 'worker.store_sweep',
  'store.backup': 'worker.store_backup',
  'intake.holding': 'worker.intake_holding',
  'intake.reread': 'worker.intake_reread',
  'intake.remarked': 'worker.intake_remarked',
  'deliveries.push': 'worker.deliveries_push',
  'delivery.unwanted': 'worker.delivery_unwanted',
  'messages.send': 'worker.messages_send',
  expiry: 'worker.expiry',
  closing: 'worker.closing',
  fallbacks: 'worker.fallbacks',
  'media.fetch': 'worker.media_fetch',
  reviews: 'worker.reviews',
  removals: 'worker.removals',
  'channels.watch': 'worker.channels_watch',
  'templates.watch': 'worker.templates_watch',
};

function Name({ worker: { name } }: { worker: Worker }) {
  const t = useTexts();
  const text = names[name];
  return (
    <>
      {text !== undefined && <div>{t(text)}</div>}
      <code>{name}</code>
    </>
  );
}

const states: Readonly<Record<Worker['state'], { color: string; text: TextKey }>> = {
  new: { color: 'default', text: 'worker.state.new' },
  idle: { color: 'green', text: 'worker.state.idle' },
  running: { color: 'blue', text: 'worker.state.running' },
  standby: { color: 'default', text: 'worker.state.standby' },
  stopped: { color: 'default', text: 'worker.state.stopped' },
};

function State({ worker: { state, isLate } }: { worker: Worker }) {
  const t = useTexts();
  if (isLate) return <Tag color="red">{t('worker.state.late')}</Tag>;
  const { color, text } = states[state];
  return <Tag color={color}>{t(text)}</Tag>;
}

function Duration({ ms }: { ms: number | null }) {
  const { language } = useLanguage();
  if (ms === null) return '—';
  return ms === 0 ? `< ${formatDuration(1, language)}` : formatDuration(ms, language);
}

function LastError({ worker: { failures, lastError } }: { worker: Worker }) {
  const t = useTexts();
  if (lastError === null) return <span>—</span>;
  return (
    <>
      <div className="user-text">{lastError.text}</div>
      <div className="faint">
        <Ago at={lastError.at} /> · {t('worker.failures', { failures })}
      </div>
    </>
  );
}
