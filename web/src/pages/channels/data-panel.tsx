import { Link } from '@tanstack/react-router';
import { Alert, Button, Card, Descriptions } from 'antd';
import { useQuery } from '@tanstack/react-query';
import { api, take } from '../../api/client.ts';
import type { Channel } from '../../api/model.ts';
import { useIsAtLeast } from '../../app/session.ts';
import { useTexts } from '../../i18n/language.tsx';
import { Copyable } from '../../ui/copy.tsx';
import { ChannelTypeTag, senderTexts } from '../../ui/labels.tsx';
import { Time } from '../../ui/time.tsx';
import { ReceiptTable } from '../messages/receipt-table.tsx';
import { useListing } from '../../ui/listing.tsx';
import { CheckCard } from './check.tsx';
import { toKind } from './fields.ts';
import { useSenders } from './queries.ts';
import { SenderTable } from './sender-table.tsx';

/** What the channel is, its senders with their settings, and what came over it last. */
export function DataPanel({ channel }: { channel: Channel }) {
  const t = useTexts();
  const senders = useSenders(channel.id);
  return (
    <div className="stack">
      <UnroutedAlert channelId={channel.id} />
      <Card>
        <ChannelFacts channel={channel} />
      </Card>
      <Card
        title={t(senderTexts[channel.type])}
        extra={
          <Link to="/channels/$channelId/$tab" params={{ channelId: channel.id, tab: 'senders' }}>
            {t('action.open')}
          </Link>
        }
      >
        <SenderTable channel={channel} senders={senders} rowsOfPage={10} />
      </Card>
      {!senders.isPending && (
        <>
          <CheckCard channelId={channel.id} kind={toKind(channel)} />
          <LastReceipts channel={channel} />
        </>
      )}
    </div>
  );
}

/** Says that events came for senders that nobody has added yet. */
function UnroutedAlert({ channelId }: { channelId: string }) {
  const t = useTexts();
  const mayAdd = useIsAtLeast('operator');
  const unrouted = useQuery({
    queryKey: ['unrouted', channelId],
    queryFn: () => take(api.GET('/api/v1/unrouted', { params: { query: { limit: 500 } } })),
  });
  const waiting = unrouted.data?.items.filter((event) => event.channelId === channelId) ?? [];
  const waitingFor = [...new Set(waiting.map(({ id }) => id))];
  if (waitingFor.length === 0) return null;
  return (
    <Alert
      type="warning"
      showIcon
      title={t('channel.unrouted', { count: waiting.length, ids: waitingFor.slice(0, 3).join(', ') })}
      action={
        mayAdd && (
          <Link to="/channels/$channelId/$tab" params={{ channelId, tab: 'senders' }}>
            {t('senders.add')}
          </Link>
        )
      }
    />
  );
}

function ChannelFacts({ channel: { id, type, wabaId, hookUrl, createdAt } }: { channel: Channel }) {
  const t = useTexts();
  const toCopy = (key: string, label: string, text: string) => ({
    key,
    label,
    children: <Copyable text={text} what={label} />,
  });
  return (
    <Descriptions
      column={{ xs: 1, sm: 1, md: 2 }}
      items={[
        toCopy('id', t('channel.id'), id),
        { key: 'type', label: t('channel.type'), children: <ChannelTypeTag type={type} /> },
        ...(wabaId === null ? [] : [toCopy('waba', t('channel.waba'), wabaId)]),
        toCopy('hook', t('channel.hook'), hookUrl),
        { key: 'created', label: t('field.created'), children: <Time at={createdAt} /> },
      ]}
    />
  );
}

const maxLast = 10;

function LastReceipts({ channel: { id, type } }: { channel: Channel }) {
  const t = useTexts();
  const receipts = useListing(['receipts', { channelId: id }], ({ limit, cursor }) =>
    take(
      api.GET('/api/v1/receipts', {
        params: { query: { channelId: id, limit: Math.min(limit, maxLast), cursor } },
      }),
    ).then(({ items }) => ({ items, next: null })),
  );
  return (
    <Card
      title={t('channel.receipts')}
      extra={
        <Link to="/receipts" search={{ channelId: id }}>
          {t('action.all')}
        </Link>
      }
    >
      <ReceiptTable listing={receipts} empty={t('receipts.empty.channel')} isExcerpt />
      {type === 'sandbox' && (
        <div className="form-actions">
          <Link to="/simulator">
            <Button tabIndex={-1}>{t('channel.try')}</Button>
          </Link>
        </div>
      )}
    </Card>
  );
}
