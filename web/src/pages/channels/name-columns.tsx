import type { ColumnType } from 'antd/es/table/index.js';
import type { ChannelType } from '../../api/model.ts';
import type { Translate } from '../../i18n/language.tsx';
import { ChannelTypeTag } from '../../ui/labels.tsx';
import type { useNames } from './queries.ts';

/** A row of a list that came over a channel. */
interface Listed {
  readonly channelId: string;
  readonly channelType: ChannelType;
  readonly senderId: string | null;
}

type Names = ReturnType<typeof useNames>;

/** One line of a name, however long it is and in whatever direction it is written; the whole of it, and the id, show on hover. */
function Name({ id, name }: { id: string; name: string }) {
  return (
    <bdi className="clip clip-name" title={name === id ? id : `${name} (${id})`}>
      {name}
    </bdi>
  );
}

/** Over which channel, by its name and kind. */
export function toChannelColumn<T extends Listed>(t: Translate, names: Names): ColumnType<T> {
  return {
    title: t('channel.title'),
    key: 'channel',
    render: (_value: unknown, { channelId, channelType }: T) => (
      <>
        <ChannelTypeTag type={channelType} /> <Name id={channelId} name={names.channel(channelId)} />
      </>
    ),
  };
}

/** Which sender of it, by its name. */
export function toSenderColumn<T extends Listed>(t: Translate, names: Names): ColumnType<T> {
  return {
    title: t('sender.id'),
    key: 'sender',
    render: (_value: unknown, { channelId, senderId }: T) =>
      senderId === null ? '—' : <Name id={senderId} name={names.sender(channelId, senderId)} />,
  };
}
