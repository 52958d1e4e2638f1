import { PlusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, Empty } from 'antd';
import { api, take } from '../../api/client.ts';
import type { Channel } from '../../api/model.ts';
import { useIsAtLeast } from '../../app/session.ts';
import { useTexts } from '../../i18n/language.tsx';
import { useFind } from '../../ui/find.tsx';
import { ChannelTypeTag } from '../../ui/labels.tsx';
import { Page } from '../../ui/page.tsx';
import { ProblemAlert } from '../../ui/problem.tsx';
import { Time } from '../../ui/time.tsx';
import { channelsKey } from './queries.ts';
import { DataTable } from '../../ui/table.tsx';

/** Channel management: every channel, each opened by its ID or by Management. */
export function ChannelList() {
  const t = useTexts();
  const mayConnect = useIsAtLeast('operator');
  const channels = useQuery({ queryKey: channelsKey, queryFn: () => take(api.GET('/api/v1/channels')) });
  const { field, found } = useFind(channels.data?.items ?? [], ({ id, name, wabaId }) => [id, name, wabaId]);
  return (
    <Page
      title={t('nav.channels')}
      hint={t('channels.hint')}
      actions={
        mayConnect && (
          <Link to="/connect">
            <Button type="primary" icon={<PlusOutlined aria-hidden />} tabIndex={-1}>
              {t('channels.connect')}
            </Button>
          </Link>
        )
      }
    >
      {channels.error !== null && channels.data === undefined ? (
        <ProblemAlert error={channels.error} retry={() => void channels.refetch()} />
      ) : (
        <div className="stack">
          {field}
          <DataTable<Channel>
            label={t('nav.channels')}
            rowKey="id"
            loading={channels.isPending}
            dataSource={found}
            locale={{ emptyText: channels.isPending ? ' ' : <Empty description={t('channels.empty')} /> }}
            columns={[
              {
                title: t('channel.id'),
                dataIndex: 'id',
                className: 'given',
                render: (id: string) => (
                  <Link to="/channels/$channelId" params={{ channelId: id }}>
                    {id}
                  </Link>
                ),
              },
              { title: t('channel.name'), dataIndex: 'name', className: 'given' },
              {
                title: t('channel.type'),
                dataIndex: 'type',
                render: (type: Channel['type']) => <ChannelTypeTag type={type} />,
              },
              { title: t('channel.waba'), dataIndex: 'wabaId', render: (id: string | null) => id ?? '—' },
              { title: t('field.created'), dataIndex: 'createdAt', render: (at: string) => <Time at={at} /> },
              {
                title: t('field.action'),
                key: 'action',
                render: (_value, { id }) => (
                  <Link
                    to="/channels/$channelId"
                    params={{ channelId: id }}
                    aria-label={t('channels.manage.label', { id })}
                  >
                    {t('channels.manage')}
                  </Link>
                ),
              },
            ]}
          />
        </div>
      )}
    </Page>
  );
}
