import { Link } from '@tanstack/react-router';
import { Button, Card } from 'antd';
import type { Attempt, Timeline } from '../../api/model.ts';
import { useIsAtLeast } from '../../app/session.ts';
import { useLanguage, useTexts } from '../../i18n/language.tsx';
import { DeliveryStateTag } from '../../ui/labels.tsx';
import { Due, formatDuration, Time } from '../../ui/time.tsx';
import { OutcomeText } from '../deliveries/outcome.tsx';
import { useReplay } from '../deliveries/replay.ts';
import { DataTable } from '../../ui/table.tsx';

type TimelineDelivery = Timeline['deliveries'][number];

/** Each callback URL that a receipt goes to, with every try. */
export function DeliveryCards({ deliveries }: { deliveries: readonly TimelineDelivery[] }) {
  return deliveries.map((delivery) => <DeliveryCard key={delivery.id} delivery={delivery} />);
}

function DeliveryCard({ delivery }: { delivery: TimelineDelivery }) {
  const t = useTexts();
  const mayReplay = useIsAtLeast('operator');
  const replay = useReplay();
  const { id, destinationId, url, state, tries, dueAt } = delivery;
  const isOver = state === 'done' || state === 'dead';
  return (
    <Card
      size="small"
      title={
        <span className="row">
          <Link
            to="/destinations/$destinationId"
            params={{ destinationId: String(destinationId) }}
            className="url"
          >
            {url}
          </Link>
          <DeliveryStateTag state={state} />
        </span>
      }
      extra={
        isOver &&
        mayReplay && (
          <Button
            loading={replay.isPending}
            onClick={() => {
              replay.mutate(id);
            }}
          >
            {t('delivery.replay')}
          </Button>
        )
      }
    >
      {state === 'waiting' && (
        <p>
          {t('delivery.next_try')} <Due at={dueAt} />
        </p>
      )}
      <Attempts tries={tries} />
    </Card>
  );
}

/** Every try that was recorded, with the beginning of the answer. */
function Attempts({ tries }: { tries: readonly Attempt[] }) {
  const { t, language } = useLanguage();
  return (
    <DataTable<Attempt>
      label={t('delivery.tries')}
      size="small"
      rowKey={({ at }) => at}
      dataSource={[...tries]}
      rowsOfPage={20}
      locale={{ emptyText: t('delivery.no_tries') }}
      columns={[
        { title: t('field.time'), dataIndex: 'at', render: (at: string) => <Time at={at} milliseconds /> },
        {
          title: t('delivery.outcome'),
          key: 'outcome',
          render: (_value, { outcome, status }) => <OutcomeText outcome={outcome} status={status} />,
        },
        {
          title: t('delivery.duration'),
          dataIndex: 'durationMs',
          render: (ms: number) => formatDuration(ms, language),
        },
        {
          title: t('delivery.answer'),
          dataIndex: 'answer',
          render: (answer: string) => <code className="answer">{answer === '' ? '—' : answer}</code>,
        },
      ]}
    />
  );
}
