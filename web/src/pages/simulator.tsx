import { SendOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Alert, Badge, Button, Card, Form, Input, Segmented, Select } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { api, take } from '../api/client.ts';
import type { Message, Receipt, SenderType } from '../api/model.ts';
import { useTail } from '../api/tail.ts';
import { useIsAtLeast } from '../app/session.ts';
import { useTexts } from '../i18n/language.tsx';
import { useChange } from '../ui/change.ts';
import { useFilters } from '../ui/filter.tsx';
import { channelTypeTexts, MessageTag } from '../ui/labels.tsx';
import { Page } from '../ui/page.tsx';
import { Answered } from '../ui/problem.tsx';
import { Time } from '../ui/time.tsx';
import { useChannels, useSenders, useSenderWebhook } from './channels/queries.ts';
import { messagesKey } from './messages/queries.ts';
import { toReceiptSummary, toReceiptUser } from './messages/receipt-summary.ts';
import { ReceiptTypeTag } from './messages/receipt-table.tsx';

/** Users look like those of the channel that the sender plays; what ends in 0 is sent, delivered and read (docs/sending.md). */
const users: Readonly<Record<SenderType, string>> = {
  whatsapp: '15550002220',
  messenger: '6210000000000010',
  instagram: '9110000000000010',
  viber: '01234567890A=',
};

/** A chat window of an end user on the sandbox, with the business's side and the receipts beside it. */
export function Simulator() {
  const t = useTexts();
  const channels = useChannels();
  const sandbox = channels.data?.items.find(({ type }) => type === 'sandbox');
  return (
    <Page title={t('nav.simulator')} hint={t('simulator.hint')}>
      <Answered of={channels}>
        {() =>
          sandbox === undefined ? (
            <Alert type="info" showIcon title={t('simulator.none')} />
          ) : (
            <Chat channelId={sandbox.id} />
          )
        }
      </Answered>
    </Page>
  );
}

function Chat({ channelId }: { channelId: string }) {
  const t = useTexts();
  const { filters, setFilter } = useFilters();
  const senders = useSenders(channelId);
  return (
    <Answered of={senders}>
      {({ items }) => {
        const sender = items.find(({ id }) => id === filters['sender']) ?? items[0];
        if (sender === undefined) return <Alert type="info" showIcon title={t('simulator.none')} />;
        return (
          <>
            <div className="filter narrow">
              <label htmlFor="simulator-sender">{t('simulator.sender')}</label>
              <Select
                id="simulator-sender"
                aria-label={t('simulator.sender')}
                value={sender.id}
                options={items.map(({ id, type }) => ({
                  value: id,
                  label: `${t(channelTypeTexts[type])} · ${id}`,
                }))}
                onChange={(id) => {
                  setFilter('sender', id);
                }}
              />
            </div>
            <Conversation
              key={sender.id}
              channelId={channelId}
              senderId={sender.id}
              user={users[sender.type]}
              type={sender.type}
            />
          </>
        );
      }}
    </Answered>
  );
}

const maxReceipts = 30;

function Conversation({
  channelId,
  senderId,
  user,
  type,
}: {
  channelId: string;
  senderId: string;
  user: string;
  type: SenderType;
}) {
  const t = useTexts();
  const mayPlay = useIsAtLeast('operator');
  const webhook = useSenderWebhook(channelId, senderId);
  const [receipts, setReceipts] = useState<readonly Receipt[]>([]);
  const key = [...messagesKey, 'chat', channelId, senderId, user];
  const chat = useQuery({
    queryKey: key,
    queryFn: async () => {
      const query = { channelId, senderId, number: user, limit: 30 };
      const [mine, theirs] = await Promise.all([
        take(api.GET('/api/v1/messages', { params: { query: { ...query, direction: 'mo' } } })),
        take(api.GET('/api/v1/messages', { params: { query: { ...query, direction: 'mt' } } })),
      ]);
      return [...mine.items, ...theirs.items].sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
    },
    refetchInterval: 2000,
  });
  const state = useTail(
    { channelId, senderId },
    {
      receipt: (receipt) => {
        if (toReceiptUser(receipt) === user)
          setReceipts((list) =>
            [receipt, ...list.filter(({ receiptId }) => receiptId !== receipt.receiptId)].slice(
              0,
              maxReceipts,
            ),
          );
      },
    },
  );
  const isOff = webhook.data !== undefined && !webhook.data.http && !webhook.data.queue;
  return (
    <>
      {isOff && (
        <Alert
          type="warning"
          showIcon
          title={t('simulator.off')}
          action={
            <Link to="/channels/$channelId/senders/$senderId/webhook" params={{ channelId, senderId }}>
              {t('webhook.settings')}
            </Link>
          }
        />
      )}
      <div className="two">
        <Card title={t('simulator.chat', { user })}>
          <Answered of={chat} rows={6}>
            {(messages) => <Bubbles messages={messages} />}
          </Answered>
          {mayPlay ? (
            <Composer channelId={channelId} senderId={senderId} user={user} type={type} refresh={key} />
          ) : (
            <p>{t('simulator.viewer')}</p>
          )}
        </Card>
        <Card
          title={t('receipts.title')}
          extra={
            <Badge status={state === 'open' ? 'success' : 'processing'} text={t(`tail.state.${state}`)} />
          }
        >
          {receipts.length === 0 ? (
            <p>{t('simulator.receipts.none')}</p>
          ) : (
            <ol className="tail" aria-label={t('receipts.title')}>
              {receipts.map((receipt) => (
                <li key={receipt.receiptId}>
                  <ReceiptTypeTag type={receipt.type} />
                  <span className="tail-text">{toReceiptSummary(receipt, t)}</span>
                  <Time at={receipt.recordedAt} />
                  <Link
                    to="/receipts/$receiptId"
                    params={{ receiptId: receipt.receiptId }}
                    aria-label={`${t('receipt.timeline')} ${receipt.receiptId}`}
                  >
                    {t('receipt.timeline')}
                  </Link>
                </li>
              ))}
            </ol>
          )}
        </Card>
      </div>
    </>
  );
}

function Bubbles({ messages }: { messages: readonly Message[] }) {
  const t = useTexts();
  const end = useRef<HTMLDivElement>(null);
  const last = messages.at(-1)?.messageId;
  useEffect(() => {
    const list = end.current?.parentElement;
    if (list != null) list.scrollTop = list.scrollHeight;
  }, [last]);
  return (
    <div className="chat" tabIndex={0} role="log" aria-label={t('simulator.log')}>
      {messages.length === 0 && <p>{t('simulator.empty')}</p>}
      {messages.map((message) => (
        <div
          key={message.receiptId ?? message.messageId}
          className={message.direction === 'mo' ? 'bubble bubble-user' : 'bubble bubble-business'}
        >
          <span className="bubble-who">
            {t(message.direction === 'mo' ? 'simulator.user' : 'simulator.business')}
          </span>
          <span className="user-text">{message.text === '' ? `[${message.type}]` : message.text}</span>
          <span className="bubble-foot">
            <Time at={message.at} />
            {message.direction === 'mt' && <MessageTag {...message} />}
          </span>
        </div>
      ))}
      <div ref={end} />
    </div>
  );
}

type Side = 'user' | 'business';

function Composer({
  channelId,
  senderId,
  user,
  type: senderType,
  refresh,
}: {
  channelId: string;
  senderId: string;
  user: string;
  type: SenderType;
  refresh: readonly unknown[];
}) {
  const t = useTexts();
  const [side, setSide] = useState<Side>('user');
  const [form] = Form.useForm<{ text: string }>();
  const say = useChange(
    async (text: string) => {
      if (side === 'user')
        await take(
          api.POST('/api/v1/sandbox/{senderId}/inbound', {
            params: { path: { senderId } },
            body: { from: user, name: 'Ana', type: 'text', text },
          }),
        );
      else
        await take(
          api.POST('/api/v1/messages', {
            body: {
              channelId,
              senderId,
              to: user,
              type: 'text',
              text,
              ...(senderType === 'viber' ? { label: 'session' as const } : {}),
            },
          }),
        );
    },
    {
      refresh: [refresh],
      onDone: () => {
        form.resetFields();
      },
    },
  );
  return (
    <Form<{ text: string }>
      form={form}
      className="composer"
      onFinish={({ text }) => {
        say.mutate(text);
      }}
    >
      <Segmented<Side>
        aria-label={t('simulator.side')}
        value={side}
        onChange={setSide}
        options={[
          { value: 'user', label: t('simulator.side.user') },
          { value: 'business', label: t('simulator.side.business') },
        ]}
      />
      <div className="composer-row">
        <Form.Item name="text" noStyle rules={[{ required: true, whitespace: true }]}>
          <Input.TextArea
            autoSize={{ minRows: 1, maxRows: 5 }}
            maxLength={4096}
            aria-label={t('simulator.text')}
            placeholder={t(side === 'user' ? 'simulator.placeholder.user' : 'simulator.placeholder.business')}
            onPressEnter={(event) => {
              if (event.shiftKey || event.nativeEvent.isComposing) return;
              event.preventDefault();
              form.submit();
            }}
          />
        </Form.Item>
        <Button type="primary" htmlType="submit" icon={<SendOutlined />} loading={say.isPending}>
          {t('action.send')}
        </Button>
      </div>
    </Form>
  );
}
