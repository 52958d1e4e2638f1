import { PlusOutlined } from '@ant-design/icons';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { useState } from 'react';
import { api, take } from '../../api/client.ts';
import type { Queue } from '../../api/model.ts';
import { useIsAtLeast } from '../../app/session.ts';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { FilterBar, useFilters } from '../../ui/filter.tsx';
import { ListingTable, useListing } from '../../ui/listing.tsx';
import { Page } from '../../ui/page.tsx';
import { Ago, Time } from '../../ui/time.tsx';
import { queuesKey } from './queries.ts';
import { QueueForm } from './queue-form.tsx';

/** Every queue with how much waits in it. */
export function QueueList() {
  const t = usePageTexts();
  const mayChange = useIsAtLeast('operator');
  const { filters } = useFilters();
  const [isCreating, setCreating] = useState(false);
  const { prefix } = filters;
  const listing = useListing(
    [...queuesKey, { prefix }],
    (page) => take(api.GET('/api/v1/queues', { params: { query: { ...page, prefix } } })),
    { refetchInterval: 10_000 },
  );
  return (
    <Page
      title={t('nav.queues')}
      hint={t('queues.hint')}
      actions={
        mayChange && (
          <Button
            type="primary"
            icon={<PlusOutlined aria-hidden />}
            onClick={() => {
              setCreating(true);
            }}
          >
            {t('queue.create')}
          </Button>
        )
      }
    >
      <FilterBar fields={[{ kind: 'text', name: 'prefix', label: t('queue.prefix') }]} />
      <ListingTable<Queue>
        listing={listing}
        label={t('nav.queues')}
        empty={t('queues.empty')}
        rowKey="name"
        columns={[
          {
            title: t('queue.name'),
            dataIndex: 'name',
            className: 'given',
            render: (name: string) => (
              <Link to="/queues/$name" params={{ name }} data-opens>
                {name}
              </Link>
            ),
          },
          { title: t('queue.active'), dataIndex: 'active', align: 'right', render: toNumber },
          { title: t('queue.inactive'), dataIndex: 'inactive', align: 'right', render: toNumber },
          { title: t('queue.delayed'), dataIndex: 'delayed', align: 'right', render: toNumber },
          {
            title: t('queue.flow'),
            dataIndex: 'lastMinutes',
            align: 'right',
            render: ({ put, deleted }: Queue['lastMinutes']) => `${toNumber(put)} / ${toNumber(deleted)}`,
          },
          { title: t('queue.oldest'), dataIndex: 'oldestAt', render: (at: string | null) => <Ago at={at} /> },
          { title: t('field.created'), dataIndex: 'createdAt', render: (at: string) => <Time at={at} /> },
        ]}
      />
      {isCreating && (
        <QueueForm
          onClose={() => {
            setCreating(false);
          }}
        />
      )}
    </Page>
  );
}

function toNumber(value: number): string {
  return value.toLocaleString();
}
