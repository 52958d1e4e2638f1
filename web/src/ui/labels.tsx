import { Tag } from 'antd';
import type { Channel, ChannelType, Delivery, Destination, Message, SenderType, User } from '../api/model.ts';
import { useTexts } from '../i18n/language.tsx';
import type { TextKey } from '../i18n/texts.ts';
import { Time } from './time.tsx';

export const channelTypeTexts: Readonly<Record<ChannelType, TextKey>> = {
  whatsapp: 'channel.type.whatsapp',
  messenger: 'channel.type.messenger',
  instagram: 'channel.type.instagram',
  viber: 'channel.type.viber',
  sandbox: 'channel.type.sandbox',
};

/** What the senders of a channel are called; Alibaba's own words. */
export const senderTexts: Readonly<Record<ChannelType, TextKey>> = {
  whatsapp: 'senders.whatsapp',
  messenger: 'senders.messenger',
  instagram: 'senders.instagram',
  viber: 'senders.viber',
  sandbox: 'senders.sandbox',
};

/** What one sender is called by the kind of id it has. */
export const senderIdTexts: Readonly<Record<SenderType, TextKey>> = {
  whatsapp: 'sender.id.whatsapp',
  messenger: 'sender.id.messenger',
  instagram: 'sender.id.instagram',
  viber: 'sender.id.viber',
};

const channelColors: Readonly<Record<ChannelType, string>> = {
  whatsapp: 'green',
  messenger: 'geekblue',
  instagram: 'magenta',
  viber: 'purple',
  sandbox: 'gold',
};

export function ChannelTypeTag({ type }: { type: Channel['type'] }) {
  const t = useTexts();
  return <Tag color={channelColors[type]}>{t(channelTypeTexts[type])}</Tag>;
}

const deliveryStates: Readonly<Record<Delivery['state'], { color: string; text: TextKey }>> = {
  waiting: { color: 'blue', text: 'delivery.state.waiting' },
  blocked: { color: 'default', text: 'delivery.state.blocked' },
  unwanted: { color: 'orange', text: 'delivery.state.unwanted' },
  done: { color: 'green', text: 'delivery.state.done' },
  dead: { color: 'red', text: 'delivery.state.dead' },
};

export function DeliveryStateTag({ state }: { state: Delivery['state'] }) {
  const t = useTexts();
  const { color, text } = deliveryStates[state];
  return <Tag color={color}>{t(text)}</Tag>;
}

const destinationStates: Readonly<Record<Destination['state'], { color: string; text: TextKey }>> = {
  active: { color: 'green', text: 'destination.state.active' },
  opened: { color: 'orange', text: 'destination.state.opened' },
  off: { color: 'red', text: 'destination.state.off' },
};

export function DestinationStateTag({ state }: { state: Destination['state'] }) {
  const t = useTexts();
  const { color, text } = destinationStates[state];
  return <Tag color={color}>{t(text)}</Tag>;
}

/** Until when a callback URL is left alone because its receiver said that it is too much, and why; nothing while it is not. */
export function DestinationPauseNote({ pause }: Pick<Destination, 'pause'>) {
  const t = useTexts();
  if (pause === null) return null;
  const { until, status, askedSeconds } = pause;
  return (
    <span>
      <Tag color="orange">
        {t('destination.pause.until')} <Time at={until} />
      </Tag>
      {askedSeconds === null
        ? t('destination.pause.unasked', { status })
        : t('destination.pause.asked', { status, seconds: Math.ceil(askedSeconds) })}
    </span>
  );
}

type MessageTone = Message['state'] | NonNullable<Message['status']>;

const messageTones: Readonly<Record<MessageTone, { color: string; text: TextKey }>> = {
  queued: { color: 'default', text: 'message.state.queued' },
  accepted: { color: 'blue', text: 'message.state.accepted' },
  unknown: { color: 'orange', text: 'message.state.unknown' },
  received: { color: 'cyan', text: 'message.state.received' },
  sent: { color: 'blue', text: 'message.status.sent' },
  delivered: { color: 'green', text: 'message.status.delivered' },
  read: { color: 'green', text: 'message.status.read' },
  failed: { color: 'red', text: 'message.status.failed' },
  deleted: { color: 'default', text: 'message.status.deleted' },
  subscribe: { color: 'green', text: 'message.status.subscribe' },
  unsubscribe: { color: 'orange', text: 'message.status.unsubscribe' },
};

/** The furthest that a message is known to have come, as a colour and in words. */
export function toMessageTone({ state, status }: Pick<Message, 'state' | 'status'>) {
  return messageTones[state === 'failed' ? 'failed' : (status ?? state)];
}

/** The furthest that a message is known to have come. */
export function MessageTag(message: Pick<Message, 'state' | 'status'>) {
  const t = useTexts();
  const { color, text } = toMessageTone(message);
  return <Tag color={color}>{t(text)}</Tag>;
}

/** Whether a user may sign in, or a key may be used. */
export function ActiveTag({ state }: { state: User['state'] }) {
  const t = useTexts();
  return <Tag color={state === 'active' ? 'green' : 'default'}>{t(`user.state.${state}`)}</Tag>;
}
