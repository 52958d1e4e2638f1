import { SendOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button, Form, Input, Segmented } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { api, take } from '../../api/client.ts';
import type { Message, SenderType } from '../../api/model.ts';
import { useTexts } from '../../i18n/language.tsx';
import { useChange } from '../../ui/change.ts';
import { MessageTag } from '../../ui/labels.tsx';
import { Time } from '../../ui/time.tsx';
import { messagesKey } from '../messages/queries.ts';

const maxMessages = 30;

/** Who talks with whom. */
export interface Parties {
  readonly channelId: string;
  readonly senderId: string;
  readonly type: SenderType;
  readonly user: string;
}

function toChatKey({ channelId, senderId, user }: Parties) {
  return [...messagesKey, 'chat', channelId, senderId, user] as const;
}

/** The newest messages of both sides, oldest first. */
export function useChat(parties: Parties) {
  const { channelId, senderId, user } = parties;
  return useQuery({
    queryKey: toChatKey(parties),
    queryFn: async () => {
      const query = { channelId, senderId, number: user, limit: maxMessages };
      const [mine, theirs] = await Promise.all([
        take(api.GET('/api/v1/messages', { params: { query: { ...query, direction: 'mo' } } })),
        take(api.GET('/api/v1/messages', { params: { query: { ...query, direction: 'mt' } } })),
      ]);
      return [...mine.items, ...theirs.items].sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
    },
    refetchInterval: 2000,
  });
}

/** What was said, the business's messages with how far they have come. */
export function Bubbles({ messages }: { messages: readonly Message[] }) {
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

/** Sends a text as the user or as the business. */
function useSay(parties: Parties, side: Side, onSaid: () => void) {
  const { channelId, senderId, type, user } = parties;
  return useChange(
    async (text: string): Promise<void> => {
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
              ...{ channelId, senderId, to: user, type: 'text', text },
              ...(type === 'viber' ? { label: 'session' as const } : {}),
            },
          }),
        );
    },
    { refresh: [toChatKey(parties)], onDone: onSaid },
  );
}

/** Where one writes as the user or as the business. */
export function Composer({ parties }: { parties: Parties }) {
  const t = useTexts();
  const [side, setSide] = useState<Side>('user');
  const [form] = Form.useForm<{ text: string }>();
  const say = useSay(parties, side, () => {
    form.resetFields();
  });
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
