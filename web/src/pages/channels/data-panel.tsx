import { Link } from '@tanstack/react-router';
import { Alert, Button, Card, Descriptions } from 'antd';
import { useQuery } from '@tanstack/react-query';
import { api, take } from '../../api/client.ts';
import type { Channel } from '../../api/model.ts';
import { useTexts } from '../../i18n/language.tsx';
import { Copyable } from '../../ui/copy.tsx';
import { ChannelTypeTag, senderTexts } from '../../ui/labels.tsx';
import { Time } from '../../ui/time.tsx';
import { ReceiptTable } from '../messages/receipt-table.tsx';
import { useListing } from '../../ui/listing.tsx';
import { CheckCard } from './check.tsx';
import { useSenders } from './queries.ts';
import { SenderTable } from './senders.tsx';

/** What the channel is, its senders with their settings, and what came over it last. */
export function DataPanel({ channel }: { channel: Channel }) {
  const t = useTexts();
  const senders = useSenders(channel.id);
  const unrouted = useQuery({
    queryKey: ['unrouted', channel.id],
    queryFn: () => take(api.GET('/api/v1/unrouted', { params: { query: { limit: 500 } } })),
  });
  const waiting = unrouted.data?.items.filter(({ channelId }) => channelId === channel.id) ?? [];
  const waitingFor = [...new Set(waiting.map(({ id }) => id))];
  const receipts = useListing(['receipts', { channelId: channel.id }], ({ limit, cursor }) =>
    take(
      api.GET('/api/v1/receipts', {
        params: { query: { channelId: channel.id, limit: Math.min(limit, 10), cursor } },
      }),
    ).then(({ items }) => ({ items, next: null })),
  );
  return (
    <div className="stack">
      {waitingFor.length > 0 && (
        <Alert
          type="warning"
          showIcon
          title={t('channel.unrouted', { count: waiting.length, ids: waitingFor.slice(0, 3).join(', ') })}
          action={
            <Link to="/channels/$channelId/$tab" params={{ channelId: channel.id, tab: 'senders' }}>
              {t('senders.add')}
            </Link>
          }
        />
      )}
      <Card>
        <Descriptions
          column={{ xs: 1, sm: 1, md: 2 }}
          items={[
            {
              key: 'id',
              label: t('channel.id'),
              children: <Copyable text={channel.id} what={t('channel.id')} />,
            },
            { key: 'type', label: t('channel.type'), children: <ChannelTypeTag type={channel.type} /> },
            ...(channel.wabaId === null
              ? []
              : [
                  {
                    key: 'waba',
                    label: t('channel.waba'),
                    children: <Copyable text={channel.wabaId} what={t('channel.waba')} />,
                  },
                ]),
            {
              key: 'hook',
              label: t('channel.hook'),
              children: <Copyable text={channel.hookUrl} what={t('channel.hook')} />,
            },
            { key: 'created', label: t('field.created'), children: <Time at={channel.createdAt} /> },
          ]}
        />
      </Card>
      <Card
        title={t(senderTexts[channel.type])}
        extra={
          <Link to="/channels/$channelId/$tab" params={{ channelId: channel.id, tab: 'senders' }}>
            {t('action.open')}
          </Link>
        }
      >
        <SenderTable channel={channel} senders={senders} />
      </Card>
      <CheckCard channelId={channel.id} isSandbox={channel.type === 'sandbox'} />
      <Card
        title={t('channel.receipts')}
        extra={
          <Link to="/receipts" search={{ channelId: channel.id }}>
            {t('action.all')}
          </Link>
        }
      >
        <ReceiptTable listing={receipts} empty={t('receipts.empty.channel')} isExcerpt />
        {channel.type === 'sandbox' && (
          <div className="form-actions">
            <Link to="/simulator">
              <Button tabIndex={-1}>{t('channel.try')}</Button>
            </Link>
          </div>
        )}
      </Card>
    </div>
  );
}
