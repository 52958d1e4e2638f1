import { PlusOutlined } from '@ant-design/icons';
import { Button, Card } from 'antd';
import { useState } from 'react';
import type { Channel, Sender } from '../../api/model.ts';
import { useIsAtLeast } from '../../app/session.ts';
import { useTexts } from '../../i18n/language.tsx';
import { senderTexts } from '../../ui/labels.tsx';
import { FormModal } from '../../ui/unsaved.tsx';
import { AvailableSenders } from './available-senders.tsx';
import { toKind } from './fields.ts';
import { useSenders } from './queries.ts';
import { SenderForm } from './sender-form.tsx';
import { SenderTable } from './sender-table.tsx';

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
            icon={<PlusOutlined aria-hidden />}
            onClick={() => {
              setAdding(true);
            }}
          >
            {t('senders.add')}
          </Button>
        )}
      </div>
      <SenderTable channel={channel} senders={senders} mayChange={mayChange} />
      {mayChange &&
        !senders.isPending &&
        channel.type !== 'sandbox' &&
        toKind(channel) !== 'viber-business' && (
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
    <FormModal
      open={isOpen}
      title={`${t('senders.add')} · ${t(senderTexts[type])}`}
      okText={t('action.add')}
      okButtonProps={{ htmlType: 'submit', form: 'add-sender' }}
      onCancel={onClose}
      destroyOnHidden
    >
      <SenderForm channelId={channelId} type={type} formId="add-sender" onSaved={onClose} />
    </FormModal>
  );
}
