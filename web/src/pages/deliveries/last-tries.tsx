import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Card, Empty } from 'antd';
import { api, take } from '../../api/client.ts';
import type { Delivery } from '../../api/model.ts';
import { useTexts } from '../../i18n/language.tsx';
import { useMillis } from '../../ui/figures.ts';
import { DeliveryStateTag } from '../../ui/labels.tsx';
import { Answered } from '../../ui/problem.tsx';
import { DataTable } from '../../ui/table.tsx';
import { Ago } from '../../ui/time.tsx';
import { What } from './delivery-table.tsx';
import { OutcomeText } from './outcome.tsx';
import { deliveriesKey } from './queries.ts';

const shown = 10;

type Tried = Delivery & { readonly lastTry: NonNullable<Delivery['lastTry']> };

/** The last tries at a callback URL: of the newest deliveries, and of those that wait longest for it to take them. */
export function LastTries({ destinationId }: { destinationId: number }) {
  const t = useTexts();
  const tries = useQuery({
    queryKey: [...deliveriesKey, 'last-tries', destinationId],
    queryFn: async () => {
      const of = (state?: Delivery['state']) =>
        take(
          api.GET('/api/v1/deliveries', {
            params: { query: { destinationId, limit: 50, ...(state !== undefined && { state }) } },
          }),
        );
      const pages = await Promise.all([of(), of('waiting')]);
      const deliveries = new Map(pages.flatMap(({ items }) => items).map((one) => [one.id, one]));
      return [...deliveries.values()]
        .filter((one): one is Tried => one.lastTry !== null)
        .sort((a, b) => Date.parse(b.lastTry.at) - Date.parse(a.lastTry.at))
        .slice(0, shown);
    },
    refetchInterval: 10_000,
  });
  return (
    <Card
      title={t('last_tries.title')}
      extra={
        <Link to="/deliveries" search={{ destinationId: String(destinationId) }}>
          {t('destination.deliveries')}
        </Link>
      }
    >
      <Answered of={tries} rows={8}>
        {(data) => <TryTable tries={data} />}
      </Answered>
    </Card>
  );
}

function TryTable({ tries }: { tries: readonly Tried[] }) {
  const t = useTexts();
  const toText = useMillis();
  return (
    <DataTable<Tried>
      label={t('last_tries.title')}
      rowKey="id"
      size="small"
      pagination={false}
      dataSource={[...tries]}
      locale={{
        emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('delivery.no_tries')} />,
      }}
      columns={[
        {
          title: t('field.time'),
          key: 'at',
          render: (_value, { lastTry }) => <Ago at={lastTry.at} />,
        },
        { title: t('receipt.what'), key: 'what', render: (_value, one) => <What delivery={one} /> },
        {
          title: t('delivery.outcome'),
          key: 'outcome',
          render: (_value, { lastTry: { outcome, status } }) => (
            <OutcomeText outcome={outcome} status={status} />
          ),
        },
        {
          title: t('delivery.duration'),
          key: 'duration',
          align: 'right',
          render: (_value, { lastTry }) => toText(lastTry.durationMs),
        },
        {
          title: t('field.state'),
          dataIndex: 'state',
          render: (state: Delivery['state']) => <DeliveryStateTag state={state} />,
        },
        {
          title: t('field.action'),
          key: 'action',
          render: (_value, { receiptId }) => (
            <Link
              to="/receipts/$receiptId"
              params={{ receiptId }}
              aria-label={`${t('receipt.timeline')} ${receiptId}`}
            >
              {t('receipt.timeline')}
            </Link>
          ),
        },
      ]}
    />
  );
}
