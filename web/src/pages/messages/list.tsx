import { Link } from '@tanstack/react-router';
import { Segmented } from 'antd';
import { api, take } from '../../api/client.ts';
import type { Message } from '../../api/model.ts';
import { useTexts } from '../../i18n/language.tsx';
import { FilterBar, useFilters } from '../../ui/filter.tsx';
import type { FilterField } from '../../ui/filter.tsx';
import { ChannelTypeTag, MessageTag } from '../../ui/labels.tsx';
import { ListingTable, useListing } from '../../ui/listing.tsx';
import { Page } from '../../ui/page.tsx';
import { Time } from '../../ui/time.tsx';
import { useChannelFilter } from '../channels/queries.ts';
import { messagesKey } from './queries.ts';

const statuses = ['sent', 'delivered', 'read', 'failed', 'deleted'] as const;

/** The filter that stands in the page's address; what only messages of the business have counts for them alone. */
function useMessageFilter() {
  const { filters } = useFilters();
  const direction = filters['direction'] === 'mo' ? 'mo' : 'mt';
  const { number, messageId, taskId, templateCode, channelId, since, until } = filters;
  const status = statuses.find((one) => one === filters['status']);
  const ofBusiness = direction === 'mt' ? { taskId, templateCode, status } : {};
  return { direction, number, messageId, channelId, since, until, ...ofBusiness } as const;
}

/** Messages of the business and of users, found by number, id, task, template, status and time. */
export function MessageList() {
  const t = useTexts();
  const filter = useMessageFilter();
  return (
    <Page
      title={t('nav.messages')}
      hint={t('messages.hint')}
      actions={
        <>
          <Link to="/receipts">{t('receipts.title')}</Link>
          <Link to="/raw-events" search={{ kind: 'remarked' }}>
            {t('raw.list')}
          </Link>
        </>
      }
    >
      <MessageFilters direction={filter.direction} />
      <MessageTable filter={filter} />
    </Page>
  );
}

function MessageFilters({ direction }: { direction: Message['direction'] }) {
  const t = useTexts();
  const { setFilter } = useFilters();
  const business: readonly FilterField[] = [
    { kind: 'text', name: 'taskId', label: t('message.task') },
    { kind: 'text', name: 'templateCode', label: t('template.code') },
    {
      kind: 'choice',
      name: 'status',
      label: t('field.status'),
      options: statuses.map((value) => ({ value, label: t(`message.status.${value}`) })),
    },
  ];
  return (
    <>
      <div>
        <Segmented
          aria-label={t('message.direction')}
          value={direction}
          onChange={(value) => {
            setFilter('direction', value);
          }}
          options={[
            { value: 'mt', label: t('message.direction.mt') },
            { value: 'mo', label: t('message.direction.mo') },
          ]}
        />
      </div>
      <FilterBar
        fields={[
          { kind: 'text', name: 'number', label: t('message.number') },
          { kind: 'text', name: 'messageId', label: t('message.id') },
          ...(direction === 'mt' ? business : []),
          useChannelFilter(),
          { kind: 'period' },
        ]}
      />
    </>
  );
}

function MessageTable({ filter }: { filter: ReturnType<typeof useMessageFilter> }) {
  const t = useTexts();
  const listing = useListing(
    [...messagesKey, filter],
    (page) => take(api.GET('/api/v1/messages', { params: { query: { ...page, ...filter } } })),
    { refetchInterval: 10_000 },
  );
  return (
    <ListingTable<Message>
      listing={listing}
      label={t('nav.messages')}
      empty={t(filter.direction === 'mt' ? 'messages.empty.mt' : 'messages.empty.mo')}
      rowKey={({ messageId: id, receiptId }) => receiptId ?? id}
      columns={[
        { title: t('field.time'), dataIndex: 'at', render: (at: string) => <Time at={at} /> },
        { title: t('message.number'), dataIndex: 'number', render: (text: string) => <code>{text}</code> },
        {
          title: t('channel.title'),
          dataIndex: 'channelType',
          render: (type: Message['channelType']) => <ChannelTypeTag type={type} />,
        },
        {
          title: t('message.text'),
          key: 'text',
          render: (_value, message) => <span className="clip">{toPreview(message)}</span>,
        },
        {
          title: t('field.status'),
          key: 'status',
          render: (_value, message) => <MessageTag {...message} />,
        },
        {
          title: t('field.action'),
          key: 'action',
          render: (_value, message) => <TimelineLink message={message} />,
        },
      ]}
    />
  );
}

function TimelineLink({ message }: { message: Message }) {
  const t = useTexts();
  const { direction, receiptId, messageId } = message;
  const id = direction === 'mo' ? (receiptId ?? messageId) : messageId;
  return (
    <Link to="/messages/$messageId" params={{ messageId: id }} aria-label={`${t('receipt.timeline')} ${id}`}>
      {t('receipt.timeline')}
    </Link>
  );
}

function toPreview({ text, type, templateName, templateCode }: Message): string {
  if (text !== '') return text;
  return templateName ?? templateCode ?? type;
}
