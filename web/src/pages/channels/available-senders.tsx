import { useQuery } from '@tanstack/react-query';
import { Button, Empty, Tag } from 'antd';
import { api, onlyNew, take } from '../../api/client.ts';
import type { FoundSender, Sender, SenderType } from '../../api/model.ts';
import { useTexts } from '../../i18n/language.tsx';
import { useChange } from '../../ui/change.ts';
import { senderIdTexts } from '../../ui/labels.tsx';
import { ProblemAlert } from '../../ui/problem.tsx';
import { DataTable } from '../../ui/table.tsx';
import { sendersKey } from './queries.ts';
import { VerificationTag } from './verification.tsx';

/** The senders that the vendor says the credentials may use, each to be added with one click. */
export function AvailableSenders({
  channelId,
  type,
  onAdded,
}: {
  channelId: string;
  type: SenderType;
  onAdded?: (sender: Sender) => void;
}) {
  const t = useTexts();
  const found = useQuery({
    queryKey: [...sendersKey(channelId), 'available'],
    queryFn: () =>
      take(api.GET('/api/v1/channels/{channelId}/available-senders', { params: { path: { channelId } } })),
    enabled: false,
    retry: false,
  });
  const add = useAddition(channelId, (sender) => {
    // Asked again, the service notes what the vendor says of the one that is its own now.
    void found.refetch();
    onAdded?.(sender);
  });
  return (
    <div className="stack">
      <div className="row">
        <Button loading={found.isFetching} onClick={() => void found.refetch()}>
          {t('senders.ask')}
        </Button>
        <span>{t('senders.ask.hint')}</span>
      </div>
      {found.error !== null && <ProblemAlert error={found.error} />}
      {found.data !== undefined && <FoundTable found={found.data.items} type={type} onAdd={add.mutate} />}
    </div>
  );
}

function useAddition(channelId: string, onAdded: (sender: Sender) => void) {
  return useChange(
    ({ id, name, phoneNumberId }: FoundSender) =>
      take(
        api.PUT('/api/v1/channels/{channelId}/senders/{senderId}', {
          params: { path: { channelId, senderId: id }, header: onlyNew },
          body: { name, ...(phoneNumberId !== undefined && { phoneNumberId }) },
        }),
      ),
    { done: 'senders.added', refresh: [sendersKey(channelId), ['unrouted']], onDone: onAdded },
  );
}

function FoundTable({
  found,
  type,
  onAdd,
}: {
  found: readonly FoundSender[];
  type: SenderType;
  onAdd: (sender: FoundSender) => void;
}) {
  const t = useTexts();
  return (
    <DataTable<FoundSender>
      label={t('senders.available')}
      rowKey="id"
      size="middle"
      dataSource={found}
      locale={{
        emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('senders.available.empty')} />,
      }}
      columns={[
        {
          title: t(senderIdTexts[type]),
          dataIndex: 'id',
          render: (id: string) => <code>{id}</code>,
        },
        { title: t('field.name'), dataIndex: 'name', className: 'given' },
        ...(type === 'whatsapp'
          ? [
              {
                title: t('sender.verification'),
                key: 'verification',
                render: (_value: unknown, { verification }: FoundSender) => (
                  <VerificationTag verification={verification ?? 'unknown'} />
                ),
              },
            ]
          : []),
        {
          title: t('field.action'),
          key: 'action',
          render: (_value, sender) => <AddButton sender={sender} onAdd={onAdd} />,
        },
      ]}
    />
  );
}

function AddButton({ sender, onAdd }: { sender: FoundSender; onAdd: (sender: FoundSender) => void }) {
  const t = useTexts();
  if (sender.added) return <Tag>{t('senders.is_added')}</Tag>;
  return (
    <Button
      type="link"
      size="small"
      aria-label={`${t('action.add')} ${sender.id}`}
      onClick={() => {
        onAdd(sender);
      }}
    >
      {t('action.add')}
    </Button>
  );
}
