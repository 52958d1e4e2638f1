import { Link, useParams } from '@tanstack/react-router';
import { Alert, Card, Descriptions } from 'antd';
import type { Message, MessageDetail, MessageEvent } from '../../api/model.ts';
import { useTexts } from '../../i18n/language.tsx';
import { CodeBlock, Copyable } from '../../ui/copy.tsx';
import { ChannelTypeTag, MessageTag } from '../../ui/labels.tsx';
import { Page } from '../../ui/page.tsx';
import { Answered } from '../../ui/problem.tsx';
import { Time } from '../../ui/time.tsx';
import { DeliveryCards } from './delivery-cards.tsx';
import { toEventDetail, toEventText } from './event-texts.ts';
import { QueueCard } from './queue-card.tsx';
import { useMessage } from './queries.ts';
import { RawEvent } from './raw-event.tsx';
import { toReceiptSummary } from './receipt-summary.ts';
import { ReceiptTypeTag } from './receipt-table.tsx';
import { Sequence } from './sequence.tsx';
import { toWhyTone, WhySentence } from './why.tsx';
import { DataTable } from '../../ui/table.tsx';

/** One message: where it stands and why, its way as a picture and as a list, its receipts with every attempt. */
export function MessagePage() {
  const t = useTexts();
  const { messageId = '' } = useParams({ strict: false });
  const message = useMessage(messageId);
  return (
    <Page title={t('message.title')} crumbs={[{ text: t('nav.messages'), to: '/messages' }]}>
      <Answered of={message} rows={10}>
        {(data) => <Detail detail={data} />}
      </Answered>
    </Page>
  );
}

function Detail({ detail }: { detail: MessageDetail }) {
  const t = useTexts();
  const { message, content, why, reasons, events, receipts } = detail;
  const [, ...others] = reasons;
  return (
    <>
      <Alert
        type={toWhyTone(why.code)}
        showIcon
        role="status"
        title={<WhySentence why={why} />}
        description={
          others.length > 0 && (
            <ul className="reasons">
              {others.map((reason, index) => (
                <li key={index}>
                  <WhySentence why={reason} />
                </li>
              ))}
            </ul>
          )
        }
      />
      {message !== null && <Facts message={message} content={content} />}
      <Card title={t('timeline.picture')}>
        <Sequence events={events} direction={message?.direction ?? 'mt'} />
      </Card>
      <Card title={t('timeline.list')}>
        <EventTable events={events} />
      </Card>
      {receipts.map(({ receipt, deliveries, queue, rawEvent }) => (
        <section
          key={receipt.receiptId}
          className="stack"
          aria-label={`${t('receipt.title')} ${receipt.receiptId}`}
        >
          <h2 className="section-head row">
            <ReceiptTypeTag type={receipt.type} />
            {toReceiptSummary(receipt, t)}
            <Link to="/receipts/$receiptId" params={{ receiptId: receipt.receiptId }}>
              <code>{receipt.receiptId}</code>
            </Link>
          </h2>
          <DeliveryCards deliveries={deliveries} />
          {queue !== null && <QueueCard queue={queue} />}
          <RawEvent rawEvent={rawEvent} />
        </section>
      ))}
    </>
  );
}

function Facts({ message, content }: { message: Message; content: unknown }) {
  const t = useTexts();
  return (
    <Card>
      <Descriptions
        column={{ xs: 1, sm: 1, md: 2 }}
        items={[
          {
            key: 'id',
            label: t('message.id'),
            children: <Copyable text={message.messageId} what={t('message.id')} />,
          },
          { key: 'status', label: t('field.status'), children: <MessageTag {...message} /> },
          {
            key: 'direction',
            label: t('message.direction'),
            children: t(`message.direction.${message.direction}`),
          },
          {
            key: 'number',
            label: t('message.number'),
            children: <Copyable text={message.number} what={t('message.number')} />,
          },
          {
            key: 'channel',
            label: t('channel.title'),
            children: (
              <>
                <ChannelTypeTag type={message.channelType} />
                <Link to="/channels/$channelId" params={{ channelId: message.channelId }}>
                  {message.channelId}
                </Link>
              </>
            ),
          },
          { key: 'sender', label: t('sender.id'), children: <code>{message.senderId ?? '—'}</code> },
          { key: 'at', label: t('field.time'), children: <Time at={message.at} milliseconds /> },
          ...(message.taskId === null
            ? []
            : [{ key: 'task', label: t('message.task'), children: message.taskId }]),
          ...(message.channelMessageId === null
            ? []
            : [
                {
                  key: 'channelId',
                  label: t('message.channel_id'),
                  children: <Copyable text={message.channelMessageId} what={t('message.channel_id')} />,
                },
              ]),
          ...(message.templateCode === null
            ? []
            : [
                {
                  key: 'template',
                  label: t('template.title'),
                  children: `${message.templateName ?? message.templateCode} (${message.language ?? '—'})`,
                },
              ]),
        ]}
      />
      {message.text !== '' && <blockquote className="user-text quote">{message.text}</blockquote>}
      {message.text === '' && content != null && (
        <CodeBlock what={t('receipt.content')} text={JSON.stringify(content, null, 2)} />
      )}
    </Card>
  );
}

function EventTable({ events }: { events: readonly MessageEvent[] }) {
  const t = useTexts();
  return (
    <DataTable<MessageEvent & { key: number }>
      label={t('timeline.list')}
      size="small"
      dataSource={events.map((event, key) => ({ ...event, key }))}
      pagination={events.length > 50 ? { pageSize: 50 } : false}
      columns={[
        { title: t('field.time'), dataIndex: 'at', render: (at: string) => <Time at={at} milliseconds /> },
        { title: t('timeline.event'), key: 'event', render: (_value, event) => toEventText(event, t) },
        {
          title: t('timeline.detail'),
          key: 'detail',
          render: (_value, event) => <span className="user-text">{toEventDetail(event, t)}</span>,
        },
      ]}
    />
  );
}
