import { useNavigate } from '@tanstack/react-router';
import { Button, Card, Descriptions, Form, Input, Tag } from 'antd';
import { useState } from 'react';
import { api, take, takeVersioned } from '../../api/client.ts';
import type { Versioned } from '../../api/client.ts';
import type { Channel } from '../../api/model.ts';
import { useIsAtLeast } from '../../app/session.ts';
import { useTexts } from '../../i18n/language.tsx';
import { useChange } from '../../ui/change.ts';
import { ConfirmByName } from '../../ui/confirm-by-name.tsx';
import { Copyable } from '../../ui/copy.tsx';
import { useVersion } from '../../ui/form-version.ts';
import { channelsKey, useDependents } from './queries.ts';
import { RotateCredentials } from './rotate-credentials.tsx';
import { SaveFoot } from './webhook-form.tsx';

interface Fields {
  name: string;
  wabaId?: string;
}

/** How a channel is connected: its address for the vendor, its name, its credentials; and its end. */
export function Connection({ channel, showNow }: { channel: Versioned<Channel>; showNow: () => void }) {
  const mayChange = useIsAtLeast('operator');
  return (
    <div className="stack">
      <Card>
        <ConnectionFacts channel={channel} />
      </Card>
      {mayChange && <ChangeCard channel={channel} showNow={showNow} />}
      {mayChange && channel.type !== 'sandbox' && <RotateCredentials channel={channel} />}
      {mayChange && channel.type !== 'sandbox' && <DeletionCard channelId={channel.id} />}
    </div>
  );
}

function ConnectionFacts({ channel: { hookUrl, credentials } }: { channel: Channel }) {
  const t = useTexts();
  return (
    <Descriptions
      column={1}
      items={[
        {
          key: 'hook',
          label: t('channel.hook'),
          children: <Copyable text={hookUrl} what={t('channel.hook')} />,
        },
        {
          key: 'credentials',
          label: t('channel.credentials'),
          children:
            credentials.length === 0 ? (
              '—'
            ) : (
              <span className="row">
                {credentials.map((name) => (
                  <Tag key={name}>{name}</Tag>
                ))}
              </span>
            ),
        },
      ]}
    />
  );
}

/** What the channel is called, and which WABA it is. */
function ChangeCard({ channel, showNow }: { channel: Versioned<Channel>; showNow: () => void }) {
  const t = useTexts();
  // Credentials are changed on this page too, and are not in this form.
  const { header, saved } = useVersion(channel, ({ name, wabaId }) => [name, wabaId]);
  const save = useChange(
    ({ name, wabaId }: Fields) =>
      takeVersioned(
        api.PUT('/api/v1/channels/{channelId}', {
          params: { path: { channelId: channel.id }, header },
          body: {
            type: channel.type,
            name,
            ...(wabaId !== undefined && { wabaId: wabaId.trim() }),
          },
        }),
      ),
    { done: 'state.saved', refresh: [channelsKey], quiet: true, onDone: saved },
  );
  return (
    <Card title={t('channel.change')}>
      <Form<Fields>
        name="connection"
        layout="vertical"
        className="narrow"
        initialValues={{ name: channel.name, ...(channel.wabaId !== null && { wabaId: channel.wabaId }) }}
        onFinish={(fields) => {
          save.mutate(fields);
        }}
      >
        <Form.Item
          name="name"
          label={t('field.name')}
          rules={[{ required: true, message: t('form.required') }]}
        >
          <Input autoComplete="off" maxLength={200} />
        </Form.Item>
        {channel.type === 'whatsapp' && (
          <Form.Item
            name="wabaId"
            label={t('channel.waba')}
            rules={[{ required: true, pattern: /^\s*[0-9]{1,32}\s*$/, message: t('form.digits') }]}
          >
            <Input inputMode="numeric" autoComplete="off" />
          </Form.Item>
        )}
        <SaveFoot save={save} mayChange showNow={showNow} />
      </Form>
    </Card>
  );
}

/** The end of a channel, with what goes with it counted before it is asked for. */
function DeletionCard({ channelId }: { channelId: string }) {
  const t = useTexts();
  const navigate = useNavigate();
  const [isAsking, setAsking] = useState(false);
  const { data } = useDependents(channelId, isAsking);
  const remove = useChange(
    () => take(api.DELETE('/api/v1/channels/{channelId}', { params: { path: { channelId } } })),
    { done: 'channel.deleted', refresh: [channelsKey], onDone: () => void navigate({ to: '/channels' }) },
  );
  const counts = data === undefined ? '' : `${t('channel.delete.counts', { ...data })} `;
  return (
    <Card title={t('channel.delete.title')}>
      <p>{t('channel.delete.text')}</p>
      <Button
        danger
        onClick={() => {
          setAsking(true);
        }}
      >
        {t('channel.delete.do')}
      </Button>
      <ConfirmByName
        name={channelId}
        title={t('channel.delete.title')}
        text={`${counts}${t('channel.delete.text')}`}
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
