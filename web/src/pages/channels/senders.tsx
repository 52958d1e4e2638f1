import { PlusOutlined } from '@ant-design/icons';
import { Link } from '@tanstack/react-router';
import { App, Button, Card, Empty, Form, Input, Modal, Tag, Tooltip } from 'antd';
import { useState } from 'react';
import { api, onlyNew, take } from '../../api/client.ts';
import type { Channel, Sender } from '../../api/model.ts';
import { useIsAtLeast } from '../../app/session.ts';
import { useTexts } from '../../i18n/language.tsx';
import { useChange } from '../../ui/change.ts';
import { ChannelTypeTag, senderIdTexts, senderTexts } from '../../ui/labels.tsx';
import { ProblemAlert } from '../../ui/problem.tsx';
import { DataTable } from '../../ui/table.tsx';
import { AvailableSenders } from './available-senders.tsx';
import { fetchDependents, sendersKey, useSenders, useSenderWebhook } from './queries.ts';
import { VerificationTag } from './verification.tsx';

/** Number management and its siblings: the business identities of a channel. */
export function Senders({ channel }: { channel: Channel }) {
  const t = useTexts();
  const senders = useSenders(channel.id);
  const mayChange = useIsAtLeast('operator') && channel.type !== 'sandbox';
  const [isAdding, setAdding] = useState(false);
  return (
    <div className="stack">
      <div className="row">
        <span>{t(channel.type === 'sandbox' ? 'senders.hint.sandbox' : 'senders.hint')}</span>
        <span className="pager-gap" />
        {mayChange && (
          <Button
            type="primary"
            icon={<PlusOutlined />}
            onClick={() => {
              setAdding(true);
            }}
          >
            {t('senders.add')}
          </Button>
        )}
      </div>
      <SenderTable channel={channel} senders={senders} mayRemove={mayChange} />
      {mayChange && channel.type !== 'sandbox' && (
        <Card title={t('senders.available')}>
          <AvailableSenders channelId={channel.id} type={channel.type} />
        </Card>
      )}
      {channel.type !== 'sandbox' && (
        <AddSender
          channelId={channel.id}
          type={channel.type}
          isOpen={isAdding}
          onClose={() => {
            setAdding(false);
          }}
        />
      )}
    </div>
  );
}

/** Senders, whether receipts are on for each, and the way to their webhook settings. */
export function SenderTable({
  channel,
  senders,
  mayRemove = false,
}: {
  channel: Channel;
  senders: ReturnType<typeof useSenders>;
  mayRemove?: boolean;
}) {
  const t = useTexts();
  if (senders.error !== null && senders.data === undefined)
    return <ProblemAlert error={senders.error} retry={() => void senders.refetch()} />;
  const isWhatsapp = channel.type === 'whatsapp';
  return (
    <DataTable<Sender>
      label={t(senderTexts[channel.type])}
      rowKey="id"
      size="middle"
      loading={senders.isPending}
      dataSource={senders.data?.items ?? []}
      pagination={false}
      locale={{
        emptyText: senders.isPending ? (
          ' '
        ) : (
          <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('senders.empty')} />
        ),
      }}
      columns={[
        {
          title: channel.type === 'sandbox' ? t('sender.id') : t(senderIdTexts[channel.type]),
          dataIndex: 'id',
          render: (id: string) => <code>{id}</code>,
        },
        ...(channel.type === 'sandbox'
          ? [
              {
                title: t('sender.plays'),
                dataIndex: 'type',
                render: (type: Sender['type']) => <ChannelTypeTag type={type} />,
              },
            ]
          : []),
        { title: t('field.name'), dataIndex: 'name' },
        ...(isWhatsapp
          ? [
              {
                title: t('sender.phone_number_id'),
                dataIndex: 'phoneNumberId',
                render: (id?: string) => <code>{id ?? '—'}</code>,
              },
              {
                title: t('sender.verification'),
                key: 'verification',
                render: (_value: unknown, { verification = 'unknown' }: Sender) => (
                  <VerificationTag verification={verification} />
                ),
              },
            ]
          : []),
        {
          title: t('sender.receipts'),
          key: 'webhook',
          render: (_value, { id }) => <WebhookState channelId={channel.id} senderId={id} />,
        },
        {
          title: t('field.action'),
          key: 'action',
          render: (_value, sender) => (
            <span className="row">
              <SettingsLink channel={channel} sender={sender} />
              {mayRemove && <RemoveSender sender={sender} />}
            </span>
          ),
        },
      ]}
    />
  );
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
function WebhookState({ channelId, senderId }: { channelId: string; senderId: string }) {
  const t = useTexts();
  const { data } = useSenderWebhook(channelId, senderId);
  if (data === undefined) return <span>…</span>;
  if (!data.http && !data.queue) return <Tag>{t('webhook.off')}</Tag>;
  return (
    <>
      {data.http && <Tag color="blue">{t('webhook.http.short')}</Tag>}
      {data.queue && <Tag color="blue">{t('webhook.queue.short')}</Tag>}
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

interface SenderFields {
  id: string;
  name?: string;
  phoneNumberId?: string;
}

/** A form to add a sender, for the channel's page and the wizard. */
export function SenderForm({
  channelId,
  type,
  formId,
  onAdded,
}: {
  channelId: string;
  type: Sender['type'];
  formId: string;
  onAdded: (sender: Sender) => void;
}) {
  const t = useTexts();
  const [form] = Form.useForm<SenderFields>();
  const add = useChange(
    ({ id, name, phoneNumberId }: SenderFields) =>
      take(
        api.PUT('/api/v1/channels/{channelId}/senders/{senderId}', {
          params: { path: { channelId, senderId: id.trim() }, header: onlyNew },
          body: {
            ...(name !== undefined && name !== '' && { name }),
            ...(phoneNumberId !== undefined && { phoneNumberId: phoneNumberId.trim() }),
          },
        }),
      ),
    {
      done: 'senders.added',
      refresh: [sendersKey(channelId), ['unrouted']],
      quiet: true,
      onDone: (sender) => {
        form.resetFields();
        onAdded(sender);
      },
    },
  );
  return (
    <Form<SenderFields>
      id={formId}
      form={form}
      layout="vertical"
      onFinish={(fields) => {
        add.mutate(fields);
      }}
    >
      <Form.Item
        name="id"
        label={t(senderIdTexts[type])}
        extra={t(type === 'whatsapp' ? 'sender.id.whatsapp.hint' : 'sender.id.hint')}
        rules={[{ required: true, message: t('form.required') }]}
      >
        <Input autoComplete="off" spellCheck={false} />
      </Form.Item>
      {type === 'whatsapp' && (
        <Form.Item
          name="phoneNumberId"
          label={t('sender.phone_number_id')}
          extra={t('sender.phone_number_id.hint')}
          rules={[
            { required: true, message: t('form.required') },
            { pattern: /^\s*[0-9]{1,32}\s*$/, message: t('form.digits') },
          ]}
        >
          <Input autoComplete="off" inputMode="numeric" />
        </Form.Item>
      )}
      <Form.Item name="name" label={t('field.name.optional')}>
        <Input autoComplete="off" maxLength={200} />
      </Form.Item>
      {add.error !== null && <ProblemAlert error={add.error} />}
    </Form>
  );
}

function AddSender({
  channelId,
  type,
  isOpen,
  onClose,
}: {
  channelId: string;
  type: Sender['type'];
  isOpen: boolean;
  onClose: () => void;
}) {
  const t = useTexts();
  return (
    <Modal
      open={isOpen}
      title={`${t('senders.add')} · ${t(senderTexts[type])}`}
      okText={t('action.add')}
      okButtonProps={{ htmlType: 'submit', form: 'add-sender' }}
      onCancel={onClose}
      destroyOnHidden
    >
      <SenderForm channelId={channelId} type={type} formId="add-sender" onAdded={onClose} />
    </Modal>
  );
}
