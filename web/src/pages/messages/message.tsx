import { Link, useParams } from '@tanstack/react-router';
import { Card, Descriptions, Select } from 'antd';
import type { DescriptionsProps } from 'antd';
import type { ReactNode } from 'react';
import type { Message, MessageDetail } from '../../api/model.ts';
import { useLanguage } from '../../i18n/language.tsx';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { CodeBlock, Copyable } from '../../ui/copy.tsx';
import { useFilters } from '../../ui/filter.tsx';
import { ChannelTypeTag, MessageTag } from '../../ui/labels.tsx';
import { Page } from '../../ui/page.tsx';
import { Answered } from '../../ui/problem.tsx';
import { Sections } from '../../ui/sections.tsx';
import { Time } from '../../ui/time.tsx';
import { DeliveryCards } from './delivery-cards.tsx';
import { Headline, OtherReasons } from './headline.tsx';
import { PayloadView } from './payload.tsx';
import { QueueCard } from './queue-card.tsx';
import { useMessage } from './queries.ts';
import { RawBytes } from './raw-event.tsx';
import { toReceiptSummary } from './receipt-summary.ts';
import { ReceiptTypeTag } from './receipt-table.tsx';
import { EventList } from './timeline.tsx';

/** One message: where it stands in a line, then its way, its receipts with every attempt, and what came and went. */
export function MessagePage() {
  const t = usePageTexts();
  const { messageId = '' } = useParams({ strict: false });
  const message = useMessage(messageId);
  return (
    <Page
      title={t('message.title')}
      heading={message.data === undefined ? undefined : <Headline detail={message.data} />}
      crumbs={[{ text: t('nav.messages'), to: '/messages' }]}
    >
      <Answered of={message} rows={10}>
        {(data) => <Detail messageId={messageId} detail={data} />}
      </Answered>
    </Page>
  );
}

function Detail({ messageId, detail }: { messageId: string; detail: MessageDetail }) {
  const t = usePageTexts();
  const { filters } = useFilters();
  const { message, content, reasons, events, receipts } = detail;
  const parts: Readonly<Record<string, [label: string, children: ReactNode]>> = {
    timeline: [
      t('message.tab.timeline'),
      <Card size="small">
        <EventList events={events} direction={message?.direction ?? 'mt'} />
      </Card>,
    ],
    deliveries: [
      t('message.tab.deliveries'),
      receipts.map((story) => <ReceiptSection key={story.receipt.receiptId} story={story} />),
    ],
    payload: [t('message.tab.payload'), <OfReceipt receipts={receipts}>{toPayload}</OfReceipt>],
    raw: [t('raw.title'), <OfReceipt receipts={receipts}>{toRaw}</OfReceipt>],
  };
  return (
    <>
      <OtherReasons reasons={reasons} />
      {message !== null && <Facts message={message} content={content} />}
      <Sections
        label={t('message.sections')}
        open={filters['tab'] ?? 'timeline'}
        items={Object.entries(parts).map(([key, [label, children]]) => ({ key, label, children }))}
        toLink={(key, text, isOpen) => (
          <Link
            to="/messages/$messageId"
            params={{ messageId }}
            search={key === 'timeline' ? {} : { tab: key }}
            replace
            resetScroll={false}
            {...(isOpen && { 'aria-current': 'page' })}
          >
            {text}
          </Link>
        )}
      />
    </>
  );
}

function toPayload({ receipt: { receiptId } }: ReceiptStory): ReactNode {
  return <PayloadView key={receiptId} receiptId={receiptId} />;
}

function toRaw({ rawEvent }: ReceiptStory): ReactNode {
  return <RawCard rawEvent={rawEvent} />;
}

function RawCard({ rawEvent: { id, index } }: Pick<ReceiptStory, 'rawEvent'>) {
  const t = usePageTexts();
  return (
    <Card size="small">
      <p className="hint">
        {t('raw.hint', { index: index + 1 })}{' '}
        <Link to="/raw-events/$rawEventId" params={{ rawEventId: id }}>
          {t('raw.title')} {id}
        </Link>
      </p>
      <RawBytes id={id} />
    </Card>
  );
}

type ReceiptStory = MessageDetail['receipts'][number];

/** One receipt of the message with where it goes. */
function ReceiptSection({ story: { receipt, deliveries, queue } }: { story: ReceiptStory }) {
  const t = usePageTexts();
  const { language } = useLanguage();
  return (
    <section className="stack" aria-label={`${t('receipt.title')} ${receipt.receiptId}`}>
      <h2 className="section-head row">
        <ReceiptTypeTag type={receipt.type} />
        {toReceiptSummary(receipt, t, language)}
        <Link to="/receipts/$receiptId" params={{ receiptId: receipt.receiptId }}>
          <code>{receipt.receiptId}</code>
        </Link>
      </h2>
      <DeliveryCards deliveries={deliveries} />
      {queue !== null && <QueueCard queue={queue} />}
    </section>
  );
}

/** One receipt of the message, chosen where there are several; the choice stands in the address. */
function OfReceipt({
  receipts,
  children,
}: {
  receipts: readonly ReceiptStory[];
  children: (story: ReceiptStory) => ReactNode;
}) {
  const t = usePageTexts();
  const { language } = useLanguage();
  const { filters, setFilter } = useFilters();
  const chosen = receipts.find(({ receipt }) => receipt.receiptId === filters['receipt']) ?? receipts.at(-1);
  if (chosen === undefined) return <p>{t('message.no_receipt')}</p>;
  return (
    <>
      {receipts.length > 1 && (
        <div className="filter narrow">
          <label htmlFor="message-receipt">{t('receipt.title')}</label>
          <Select
            id="message-receipt"
            aria-label={t('receipt.title')}
            value={chosen.receipt.receiptId}
            options={receipts.map(({ receipt }) => ({
              value: receipt.receiptId,
              label: toReceiptSummary(receipt, t, language),
            }))}
            onChange={(id) => {
              setFilter('receipt', id);
            }}
          />
        </div>
      )}
      {children(chosen)}
    </>
  );
}

function Facts({ message, content }: { message: Message; content: unknown }) {
  const t = usePageTexts();
  return (
    <Card size="small">
      <Descriptions size="small" column={{ xs: 1, sm: 1, md: 2, xl: 3 }} items={useFacts(message)} />
      {message.text !== '' && <blockquote className="user-text quote">{message.text}</blockquote>}
      {message.text === '' && content != null && (
        <div className="low">
          <CodeBlock what={t('receipt.content')} text={JSON.stringify(content, null, 2)} />
        </div>
      )}
    </Card>
  );
}

function useFacts(message: Message): DescriptionsProps['items'] {
  const t = usePageTexts();
  const { channelMessageId, templateCode, templateName, language, taskId } = message;
  const copyable = (key: string, label: string, text: string) => ({
    key,
    label,
    children: <Copyable text={text} what={label} />,
  });
  return [
    copyable('id', t('message.id'), message.messageId),
    copyable('number', t('message.number'), message.number),
    { key: 'status', label: t('field.status'), children: <MessageTag {...message} /> },
    {
      key: 'direction',
      label: t('message.direction'),
      children: t(`message.direction.${message.direction}`),
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
    ...(channelMessageId === null || channelMessageId === message.messageId
      ? []
      : [copyable('channelId', t('message.channel_id'), channelMessageId)]),
    ...(taskId === null ? [] : [{ key: 'task', label: t('message.task'), children: taskId }]),
    ...(templateCode === null
      ? []
      : [
          {
            key: 'template',
            label: t('template.title'),
            children: (
              <TemplateLink message={message} code={templateCode} name={templateName} language={language} />
            ),
          },
        ]),
  ];
}

function TemplateLink({
  message,
  code,
  name,
  language,
}: {
  message: Message;
  code: string;
  name: string | null;
  language: string | null;
}) {
  const text = `${name ?? code} (${language ?? '—'})`;
  if (language === null) return text;
  return (
    <Link
      to="/templates/$channelId/$code/$language"
      params={{ channelId: message.channelId, code, language }}
    >
      {text}
    </Link>
  );
}
