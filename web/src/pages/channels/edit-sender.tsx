import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { api, takeVersioned } from '../../api/client.ts';
import type { Sender } from '../../api/model.ts';
import { useTexts } from '../../i18n/language.tsx';
import { Answered } from '../../ui/problem.tsx';
import { FormModal } from '../../ui/unsaved.tsx';
import { sendersKey } from './queries.ts';
import { SenderForm } from './sender-form.tsx';

/** Changes what a sender is called, here and at Meta. */
export function EditSender({ sender }: { sender: Sender }) {
  const t = useTexts();
  const { channelId, id: senderId, type } = sender;
  const [isOpen, setOpen] = useState(false);
  const close = () => {
    setOpen(false);
  };
  const formId = `edit-sender-${senderId}`;
  const now = useQuery({
    queryKey: [...sendersKey(channelId), senderId, 'one'],
    queryFn: () =>
      takeVersioned(
        api.GET('/api/v1/channels/{channelId}/senders/{senderId}', {
          params: { path: { channelId, senderId } },
        }),
      ),
    enabled: isOpen,
    gcTime: 0,
  });
  return (
    <>
      <Button
        type="link"
        size="small"
        aria-label={`${t('action.edit')} ${senderId}`}
        onClick={() => {
          setOpen(true);
        }}
      >
        {t('action.edit')}
      </Button>
      <FormModal
        open={isOpen}
        title={senderId}
        okText={t('action.save')}
        okButtonProps={{ htmlType: 'submit', form: formId }}
        onCancel={close}
        destroyOnHidden
      >
        <Answered of={now}>
          {(data) => (
            <SenderForm channelId={channelId} type={type} formId={formId} sender={data} onSaved={close} />
          )}
        </Answered>
      </FormModal>
    </>
  );
}
