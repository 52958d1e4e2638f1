import { Link } from '@tanstack/react-router';
import { Segmented } from 'antd';
import { memo } from 'react';
import { api, take } from '../../api/client.ts';
import type { Message } from '../../api/model.ts';
import { toKindText } from '../../i18n/kinds-zh.ts';
import { useLanguage } from '../../i18n/language.tsx';
import type { Language } from '../../i18n/language.tsx';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { FilterBar, useFilters } from '../../ui/filter.tsx';
import type { FilterField } from '../../ui/filter.tsx';
import { MessageTag } from '../../ui/labels.tsx';
import { ListTools } from '../../ui/list-tools.tsx';
import { ListingTable, useListing } from '../../ui/listing.tsx';
import { Page } from '../../ui/page.tsx';
import { Time } from '../../ui/time.tsx';
import { toChannelColumn, toSenderColumn } from '../channels/name-columns.tsx';
import { useChannelFilter, useNames } from '../channels/queries.ts';
import { EraseUser } from './erase-user.tsx';
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
  const t = usePageTexts();
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
          <EraseUser number={filter.number} />
        </>
      }
    >
      <MessageFilters direction={filter.direction} />
      <MessageTable filter={filter} />
    </Page>
  );
}

function MessageFilters({ direction }: { direction: Message['direction'] }) {
  const t = usePageTexts();
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
  const t = usePageTexts();
  const { language } = useLanguage();
  const listing = useListing(
    [...messagesKey, filter],
    (page) => take(api.GET('/api/v1/messages', { params: { query: { ...page, ...filter } } })),
    { refetchInterval: 10_000 },
  );
  const names = useNames(listing.items);
  return (
    <>
      <ListTools
        name="messages"
        filter={filter}
        fetchCount={() => take(api.GET('/api/v1/counts/messages', { params: { query: filter } }))}
      />
      <ListingTable<Message>
        listing={listing}
        isNaming={names.isPending}
        label={t('nav.messages')}
        empty={t(filter.direction === 'mt' ? 'messages.empty.mt' : 'messages.empty.mo')}
        rowKey={({ messageId: id, receiptId }) => receiptId ?? id}
        columns={[
          { title: t('field.time'), dataIndex: 'at', render: (at: string) => <Time at={at} /> },
          {
            title: t('message.number'),
            dataIndex: 'number',
            render: (text: string) => <code>{text}</code>,
          },
          toChannelColumn(t, names),
          toSenderColumn(t, names),
          {
            title: t('message.text'),
            key: 'text',
            render: (_value, message) => (
              <span className="clip clip-text">{toPreview(message, language)}</span>
            ),
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
    </>
  );
}

const TimelineLink = memo(function TimelineLink({ message }: { message: Message }) {
  const t = usePageTexts();
  const { direction, receiptId, messageId } = message;
  const id = direction === 'mo' ? (receiptId ?? messageId) : messageId;
  return (
    <Link
      to="/messages/$messageId"
      params={{ messageId: id }}
      data-opens
      aria-label={`${t('receipt.timeline')} ${id}`}
    >
      {t('receipt.timeline')}
    </Link>
  );
});

function toPreview({ text, type, templateName, templateCode }: Message, language: Language): string {
  if (text !== '') return text;
  // It was erased, or taken back.
  if (type === 'text') return '—';
  return templateName ?? templateCode ?? toKindText(type, language);
}
