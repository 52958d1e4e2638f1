import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { Alert, Card, Descriptions, Tag } from 'antd';
import type { DescriptionsProps } from 'antd';
import { api, take } from '../../api/client.ts';
import type { Timeline } from '../../api/model.ts';
import { useTexts } from '../../i18n/language.tsx';
import { CodeBlock, Copyable } from '../../ui/copy.tsx';
import { ChannelTypeTag } from '../../ui/labels.tsx';
import { Page } from '../../ui/page.tsx';
import { Answered } from '../../ui/problem.tsx';
import { Time } from '../../ui/time.tsx';
import { DeliveryCards } from './delivery-cards.tsx';
import { PayloadView } from './payload.tsx';
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
  const { receipt, deliveries, queue, rawEvent } = timeline;
  return (
    <>
      {receipt.superseded && <Alert type="info" showIcon title={t('receipt.superseded')} />}
      <Card>
        <ReceiptFacts timeline={timeline} />
      </Card>
      <DeliveryCards deliveries={deliveries} />
      {queue !== null && <QueueCard queue={queue} />}
      <section className="stack" aria-label={t('payload.title')}>
        <h2 className="section-head">{t('payload.title')}</h2>
        <PayloadView receiptId={receipt.receiptId} />
      </section>
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

function ReceiptFacts({ timeline: { receipt, media } }: { timeline: Timeline }) {
  const t = useTexts();
  const { receiptId, type, channelType, channelId, senderId, occurredAt, recordedAt, facts } = receipt;
  const items: DescriptionsProps['items'] = [
    {
      key: 'id',
      label: t('receipt.id'),
      children: <Copyable text={receiptId} what={t('receipt.id')} />,
    },
    { key: 'type', label: t('receipt.type'), children: <ReceiptTypeTag type={type} /> },
    {
      key: 'channel',
      label: t('channel.title'),
      children: (
        <>
          <ChannelTypeTag type={channelType} />
          <Link to="/channels/$channelId" params={{ channelId }}>
            {channelId}
          </Link>
        </>
      ),
    },
    { key: 'sender', label: t('sender.id'), children: senderId ?? '—' },
    { key: 'occurred', label: t('receipt.occurred'), children: <Time at={occurredAt} milliseconds /> },
    { key: 'recorded', label: t('receipt.recorded'), children: <Time at={recordedAt} milliseconds /> },
  ];
  const { messageId } = facts;
  if (typeof messageId === 'string')
    items.push({
      key: 'message',
      label: t('message.title'),
      children: <MessageLink receipt={receipt} messageId={messageId} />,
    });
  if (media !== null)
    items.push({
      key: 'media',
      label: t('receipt.media'),
      children: (
        <>
          {media.mimeType} · <Tag>{t(`media.state.${media.state}`)}</Tag> {media.reason}
        </>
      ),
    });
  return <Descriptions column={{ xs: 1, sm: 1, md: 2 }} items={items} />;
}

/** The way to a message's page: a user's message has its page under the id of its receipt. */
function MessageLink({
  receipt: { type, receiptId },
  messageId,
}: {
  receipt: Timeline['receipt'];
  messageId: string;
}) {
  return (
    <Link to="/messages/$messageId" params={{ messageId: type === 'ChatAppInbound' ? receiptId : messageId }}>
      <code>{messageId}</code>
    </Link>
  );
}
