import { SendOutlined } from '@ant-design/icons';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Form, Input, Segmented } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { api, take } from '../../api/client.ts';
import type { Message, SenderType } from '../../api/model.ts';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { useChange } from '../../ui/change.ts';
import { MessageTag } from '../../ui/labels.tsx';
import { Time } from '../../ui/time.tsx';
import { messagesKey } from '../messages/queries.ts';
import type { SaidButton } from '../messages/said.tsx';
import { Rich } from './rich.tsx';

const maxMessages = 30;
const userName = 'Ana';

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

/** Pages of a search that are followed: one that looked at a bounded number of rows and found nothing still leads on. */
const maxPages = 50;
/** Messages that are recorded out of order are found by the next look all the same. */
const overlapMs = 60_000;

type Direction = Message['direction'];

async function findNewest(
  { channelId, senderId, user }: Parties,
  direction: Direction,
  since?: number,
): Promise<readonly Message[]> {
  const period = since === undefined ? {} : { since: new Date(since).toISOString() };
  const query = { channelId, senderId, number: user, direction, limit: maxMessages, ...period };
  const found: Message[] = [];
  let cursor: string | null = null;
  for (let pages = 0; pages < maxPages && found.length < maxMessages; pages += 1) {
    const page: { items: Message[]; next: string | null } = await take(
      api.GET('/api/v1/messages', { params: { query: { ...query, ...(cursor !== null && { cursor }) } } }),
    );
    found.push(...page.items);
    if (page.next === null) break;
    cursor = page.next;
  }
  return found;
}

interface Chat {
  readonly mine: readonly Message[];
  readonly theirs: readonly Message[];
  readonly lookedAt: number;
}

/** The newest messages of both sides, oldest first. What the user wrote does not change: later looks ask for what came since. */
export function useChat(parties: Parties) {
  const client = useQueryClient();
  const queryKey = toChatKey(parties);
  return useQuery({
    queryKey,
    queryFn: async (): Promise<Chat> => {
      const before = client.getQueryData<Chat>(queryKey);
      const lookedAt = Date.now();
      const since = before && Math.min(before.lookedAt, toLast(before.mine) ?? before.lookedAt) - overlapMs;
      const [fresh, theirs] = await Promise.all([
        findNewest(parties, 'mo', since),
        findNewest(parties, 'mt'),
      ]);
      const known = new Set(fresh.map(({ receiptId }) => receiptId));
      const mine = [...fresh, ...(before?.mine ?? []).filter(({ receiptId }) => !known.has(receiptId))];
      return { mine: mine.toSorted(byTime).slice(-maxMessages), theirs, lookedAt };
    },
    select: ({ mine, theirs }) => [...mine, ...theirs].toSorted(byTime),
    refetchInterval: 2000,
  });
}

function byTime(one: Message, other: Message): number {
  return Date.parse(one.at) - Date.parse(other.at);
}

/** When the newest of some messages was; they are sorted by time. */
function toLast(messages: readonly Message[]): number | undefined {
  const last = messages.at(-1);
  return last && Date.parse(last.at);
}

/** What was said, the business's messages with how far they have come. A button is pressed as the user. */
export function Bubbles({
  messages,
  onPress,
}: {
  messages: readonly Message[];
  onPress?: ((button: SaidButton) => void) | undefined;
}) {
  const t = usePageTexts();
  const list = useRef<HTMLDivElement>(null);
  const said = useRef<HTMLDivElement>(null);
  // The last that was said is in view, also once its buttons or its file have come.
  useEffect(() => {
    const observer = new ResizeObserver(() => {
      if (list.current !== null) list.current.scrollTop = list.current.scrollHeight;
    });
    if (said.current !== null) observer.observe(said.current);
    return () => {
      observer.disconnect();
    };
  }, []);
  return (
    <div ref={list} className="chat" tabIndex={0} role="log" aria-label={t('simulator.log')}>
      <div ref={said} className="chat-said">
        {messages.length === 0 && <p>{t('simulator.empty')}</p>}
        {messages.map((message) => (
          <div
            key={message.receiptId ?? message.messageId}
            className={message.direction === 'mo' ? 'bubble bubble-user' : 'bubble bubble-business'}
          >
            <span className="bubble-who">
              {t(message.direction === 'mo' ? 'simulator.user' : 'simulator.business')}
            </span>
            {message.type === 'text' ? (
              <span className="user-text">{message.text}</span>
            ) : (
              <Rich message={message} onPress={onPress} />
            )}
            <span className="bubble-foot">
              <Time at={message.at} />
              {message.direction === 'mt' && <MessageTag {...message} />}
            </span>
          </div>
        ))}
      </div>
    </div>
  );
}

type Side = 'user' | 'business';

/** Sends a text as the user or as the business. */
function useSay(parties: Parties, side: Side, onSaid: (text: string) => void) {
  const { channelId, senderId, type, user } = parties;
  return useChange(
    async (text: string): Promise<void> => {
      if (side === 'user')
        await take(
          api.POST('/api/v1/sandbox/{senderId}/inbound', {
            params: { path: { senderId } },
            body: { from: user, name: userName, type: 'text', text },
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
    {
      refresh: [toChatKey(parties)],
      onDone: (_answer, text) => {
        onSaid(text);
      },
    },
  );
}

/** Presses a button of the business's message as the user. */
export function usePress(parties: Parties) {
  const { senderId, user } = parties;
  return useChange(
    ({ title, payload }: SaidButton) =>
      take(
        api.POST('/api/v1/sandbox/{senderId}/inbound', {
          params: { path: { senderId } },
          body: { from: user, name: userName, type: 'reply', text: title, payload },
        }),
      ),
    { refresh: [toChatKey(parties)] },
  );
}

/** Where one writes as the user or as the business. */
export function Composer({ parties }: { parties: Parties }) {
  const t = usePageTexts();
  const [side, setSide] = useState<Side>('user');
  const [form] = Form.useForm<{ text: string }>();
  const say = useSay(parties, side, (text) => {
    // What is written next is not lost to the answer to what was sent.
    if (form.getFieldValue('text') === text) form.resetFields();
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
        <Button type="primary" htmlType="submit" icon={<SendOutlined aria-hidden />} loading={say.isPending}>
          {t('action.send')}
        </Button>
      </div>
    </Form>
  );
}
