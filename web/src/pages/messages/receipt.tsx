import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { Alert, Card, Descriptions, Tag } from 'antd';
import { api, take } from '../../api/client.ts';
import type { Timeline } from '../../api/model.ts';
import { useTexts } from '../../i18n/language.tsx';
import { CodeBlock, Copyable } from '../../ui/copy.tsx';
import { ChannelTypeTag } from '../../ui/labels.tsx';
import { Page } from '../../ui/page.tsx';
import { Answered } from '../../ui/problem.tsx';
import { Time } from '../../ui/time.tsx';
import { DeliveryCards } from './delivery-cards.tsx';
import { QueueCard } from './queue-card.tsx';
import { RawEvent } from './raw-event.tsx';
import { ReceiptTypeTag } from './receipt-table.tsx';

/** One receipt with everything that happened to it. */
export function ReceiptPage() {
  const t = useTexts();
  const { receiptId = '' } = useParams({ strict: false });
  const timeline = useQuery({
    queryKey: ['receipts', receiptId],
    queryFn: () => take(api.GET('/api/v1/receipts/{receiptId}', { params: { path: { receiptId } } })),
    refetchInterval: 5000,
  });
  return (
    <Page
      title={t('receipt.title')}
      crumbs={[
        { text: t('nav.messages'), to: '/messages' },
        { text: t('receipts.title'), to: '/receipts' },
      ]}
    >
      <Answered of={timeline} rows={8}>
        {(data) => <Body timeline={data} />}
      </Answered>
    </Page>
  );
}

function Body({ timeline }: { timeline: Timeline }) {
  const t = useTexts();
  const { receipt, deliveries, queue, media, rawEvent } = timeline;
  const messageId = receipt.facts['messageId'];
  return (
    <>
      {receipt.superseded && <Alert type="info" showIcon title={t('receipt.superseded')} />}
      <Card>
        <Descriptions
          column={{ xs: 1, sm: 1, md: 2 }}
          items={[
            {
              key: 'id',
              label: t('receipt.id'),
              children: <Copyable text={receipt.receiptId} what={t('receipt.id')} />,
            },
            { key: 'type', label: t('receipt.type'), children: <ReceiptTypeTag type={receipt.type} /> },
            {
              key: 'channel',
              label: t('channel.title'),
              children: (
                <>
                  <ChannelTypeTag type={receipt.channelType} />
                  <Link to="/channels/$channelId" params={{ channelId: receipt.channelId }}>
                    {receipt.channelId}
                  </Link>
                </>
              ),
            },
            { key: 'sender', label: t('sender.id'), children: receipt.senderId ?? '—' },
            {
              key: 'occurred',
              label: t('receipt.occurred'),
              children: <Time at={receipt.occurredAt} milliseconds />,
            },
            {
              key: 'recorded',
              label: t('receipt.recorded'),
              children: <Time at={receipt.recordedAt} milliseconds />,
            },
            ...(typeof messageId === 'string'
              ? [
                  {
                    key: 'message',
                    label: t('message.title'),
                    children: (
                      <Link
                        to="/messages/$messageId"
                        params={{
                          messageId: receipt.type === 'ChatAppInbound' ? receipt.receiptId : messageId,
                        }}
                      >
                        <code>{messageId}</code>
                      </Link>
                    ),
                  },
                ]
              : []),
            ...(media === null
              ? []
              : [
                  {
                    key: 'media',
                    label: t('receipt.media'),
                    children: (
                      <>
                        {media.mimeType} · <Tag>{t(`media.state.${media.state}`)}</Tag> {media.reason}
                      </>
                    ),
                  },
                ]),
          ]}
        />
      </Card>
      <DeliveryCards deliveries={deliveries} />
      {queue !== null && <QueueCard queue={queue} />}
      {deliveries.length === 0 && queue === null && (
        <Alert type="info" showIcon title={t('receipt.nowhere')} />
      )}
      <Card title={t('receipt.content')}>
        <CodeBlock
          what={t('receipt.content')}
          text={JSON.stringify({ facts: receipt.facts, content: receipt.content }, null, 2)}
        />
      </Card>
      <RawEvent rawEvent={rawEvent} />
    </>
  );
}
