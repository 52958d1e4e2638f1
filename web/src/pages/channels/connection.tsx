import { useNavigate } from '@tanstack/react-router';
import { Button, Card, Descriptions } from 'antd';
import { useState } from 'react';
import { api, take } from '../../api/client.ts';
import type { Versioned } from '../../api/client.ts';
import type { Channel } from '../../api/model.ts';
import { useIsAtLeast } from '../../app/session.ts';
import { useTexts } from '../../i18n/language.tsx';
import { useChange } from '../../ui/change.ts';
import { ConfirmByName } from '../../ui/confirm-by-name.tsx';
import { Copyable } from '../../ui/copy.tsx';
import { ChannelSettings } from './channel-settings.tsx';
import { KnownCredentials } from './known-credentials.tsx';
import { channelsKey, useDependents } from './queries.ts';
import { RotateCredentials } from './rotate-credentials.tsx';
import { useChannelTexts } from './texts.ts';

/** How a channel is connected: its address for the vendor, its name, its credentials and options; and its end. */
export function Connection({ channel, showNow }: { channel: Versioned<Channel>; showNow: () => void }) {
  const t = useTexts();
  const mayChange = useIsAtLeast('operator');
  const isSandbox = channel.type === 'sandbox';
  return (
    <div className="stack">
      <Card>
        <Descriptions
          column={1}
          items={[
            {
              key: 'hook',
              label: t('channel.hook'),
              children: <Copyable text={channel.hookUrl} what={t('channel.hook')} />,
            },
            {
              key: 'credentials',
              label: t('channel.credentials'),
              children: <KnownCredentials channel={channel} />,
            },
          ]}
        />
      </Card>
      <ChannelSettings channel={channel} showNow={showNow} />
      {mayChange && !isSandbox && <RotateCredentials channel={channel} />}
      {mayChange && !isSandbox && <DeletionCard channelId={channel.id} />}
    </div>
  );
}

/** The end of a channel, with what goes with it counted before it is asked for. */
function DeletionCard({ channelId }: { channelId: string }) {
  const toText = useChannelTexts();
  const navigate = useNavigate();
  const [isAsking, setAsking] = useState(false);
  const { data } = useDependents(channelId, isAsking);
  const remove = useChange(
    () => take(api.DELETE('/api/v1/channels/{channelId}', { params: { path: { channelId } } })),
    { done: 'channel.deleted', refresh: [channelsKey], onDone: () => void navigate({ to: '/channels' }) },
  );
  const counts = data === undefined ? '' : `${toText('channel.delete.counts', { ...data })} `;
  return (
    <Card title={toText('channel.delete.title')}>
      <p>{toText('channel.delete.text')}</p>
      <Button
        danger
        onClick={() => {
          setAsking(true);
        }}
      >
        {toText('channel.delete.do')}
      </Button>
      <ConfirmByName
        name={channelId}
        title={toText('channel.delete.title')}
        text={`${counts}${toText('channel.delete.text')}`}
        isOpen={isAsking}
        isBusy={remove.isPending}
        onConfirm={() => {
          remove.mutate(undefined);
        }}
        onCancel={() => {
          setAsking(false);
        }}
      />
    </Card>
  );
}
