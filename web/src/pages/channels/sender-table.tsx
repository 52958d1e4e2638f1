import { Link } from '@tanstack/react-router';
import { App, Button, Empty, Tag, Tooltip } from 'antd';
import type { TableColumnsType } from 'antd';
import { api, take } from '../../api/client.ts';
import type { Channel, Sender } from '../../api/model.ts';
import { useTexts } from '../../i18n/language.tsx';
import type { Translate } from '../../i18n/language.tsx';
import { useChange } from '../../ui/change.ts';
import { useFind } from '../../ui/find.tsx';
import { ChannelTypeTag, senderIdTexts, senderTexts } from '../../ui/labels.tsx';
import { ProblemAlert } from '../../ui/problem.tsx';
import { DataTable } from '../../ui/table.tsx';
import { EditSender } from './edit-sender.tsx';
import { fetchDependents, sendersKey } from './queries.ts';
import type { useSenders } from './queries.ts';
import { VerificationTag } from './verification.tsx';

/** Senders, whether receipts are on for each, and the way to their webhook settings. */
export function SenderTable({
  channel,
  senders,
  mayChange = false,
  rowsOfPage,
}: {
  channel: Channel;
  senders: ReturnType<typeof useSenders>;
  mayChange?: boolean;
  rowsOfPage?: number;
}) {
  const t = useTexts();
  const { field, found } = useFind(senders.data?.items ?? [], ({ id, name, phoneNumberId }) => [
    id,
    name,
    phoneNumberId,
  ]);
  if (senders.error !== null && senders.data === undefined)
    return <ProblemAlert error={senders.error} retry={() => void senders.refetch()} />;
  return (
    <div className="stack">
      {field}
      <DataTable<Sender>
        label={t(senderTexts[channel.type])}
        rowKey="id"
        size="middle"
        loading={senders.isPending}
        dataSource={found}
        {...(rowsOfPage !== undefined && { rowsOfPage })}
        locale={{
          emptyText: senders.isPending ? (
            ' '
          ) : (
            <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('senders.empty')} />
          ),
        }}
        columns={[
          ...toIdentityColumns(channel.type, t),
          ...(channel.type === 'whatsapp' ? toNumberColumns(t) : []),
          {
            title: t('sender.receipts'),
            key: 'webhook',
            render: (_value, sender) => <WebhookState sender={sender} />,
          },
          {
            title: t('field.action'),
            key: 'action',
            render: (_value, sender) => (
              <span className="row">
                <SettingsLink channel={channel} sender={sender} />
                {mayChange && <EditSender sender={sender} />}
                {mayChange && <RemoveSender sender={sender} />}
              </span>
            ),
          },
        ]}
      />
    </div>
  );
}

/** What a sender is called, and on the sandbox which product it plays. */
function toIdentityColumns(type: Channel['type'], t: Translate): TableColumnsType<Sender> {
  const id = {
    title: type === 'sandbox' ? t('sender.id') : t(senderIdTexts[type]),
    dataIndex: 'id',
    className: 'given',
    render: (value: string) => <code>{value}</code>,
  };
  const plays = {
    title: t('sender.plays'),
    dataIndex: 'type',
    render: (value: Sender['type']) => <ChannelTypeTag type={value} />,
  };
  const name = { title: t('field.name'), dataIndex: 'name', className: 'given' };
  return type === 'sandbox' ? [id, plays, name] : [id, name];
}

/** What only a number of WhatsApp has: an id of Meta's, and Meta's word on whose it is. */
function toNumberColumns(t: Translate): TableColumnsType<Sender> {
  return [
    {
      title: t('sender.phone_number_id'),
      dataIndex: 'phoneNumberId',
      render: (id?: string) => <code>{id ?? '—'}</code>,
    },
    {
      title: t('sender.verification'),
      key: 'verification',
      render: (_value, { verification = 'unknown' }) => <VerificationTag verification={verification} />,
    },
  ];
}

function SettingsLink({ channel, sender }: { channel: Channel; sender: Sender }) {
  const t = useTexts();
  const text = t(
    sender.type === 'messenger' || sender.type === 'instagram' ? 'webhook.setup' : 'webhook.settings',
  );
  if (sender.verification === 'pending' || sender.verification === 'failed')
    return (
      <Tooltip title={t('sender.not_verified')}>
        <Button type="link" size="small" disabled>
          {text}
        </Button>
      </Tooltip>
    );
  return (
    <Link
      to="/channels/$channelId/senders/$senderId/webhook"
      params={{ channelId: channel.id, senderId: sender.id }}
      aria-label={`${text} ${sender.id}`}
    >
      {text}
    </Link>
  );
}

/** Whether receipts go anywhere, at a glance. */
function WebhookState({ sender: { http, queue } }: { sender: Sender }) {
  const t = useTexts();
  if (!http && !queue) return <Tag>{t('webhook.off')}</Tag>;
  return (
    <>
      {http && <Tag color="blue">{t('webhook.http.short')}</Tag>}
      {queue && <Tag color="blue">{t('webhook.queue.short')}</Tag>}
    </>
  );
}

function RemoveSender({ sender }: { sender: Sender }) {
  const t = useTexts();
  const { modal } = App.useApp();
  const { channelId, id: senderId } = sender;
  const remove = useChange(
    () =>
      take(
        api.DELETE('/api/v1/channels/{channelId}/senders/{senderId}', {
          params: { path: { channelId, senderId } },
        }),
      ),
    { done: 'senders.removed', refresh: [sendersKey(channelId)] },
  );
  const ask = async () => {
    // Without the number one may still remove it: it is gone already, or the service does not answer.
    const found = await fetchDependents(channelId, senderId).catch(() => undefined);
    const counts = found && t('senders.remove.counts', { count: found.messagesWaiting });
    modal.confirm({
      title: t('senders.remove.title', { id: senderId }),
      content: [counts, t('senders.remove.text')].filter((text) => text !== undefined).join(' '),
      okText: t('action.remove'),
      okButtonProps: { danger: true },
      onOk: () => remove.mutateAsync(undefined).catch(() => undefined),
    });
  };
  return (
    <Button
      type="link"
      size="small"
      danger
      aria-label={`${t('action.remove')} ${senderId}`}
      onClick={() => void ask()}
    >
      {t('action.remove')}
    </Button>
  );
}
