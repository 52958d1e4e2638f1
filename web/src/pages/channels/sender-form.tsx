import { Form, Input } from 'antd';
import { api, onlyNew, take } from '../../api/client.ts';
import type { Sender } from '../../api/model.ts';
import { useTexts } from '../../i18n/language.tsx';
import { useChange } from '../../ui/change.ts';
import { senderIdTexts } from '../../ui/labels.tsx';
import { ProblemAlert } from '../../ui/problem.tsx';
import { sendersKey } from './queries.ts';

interface SenderFields {
  id: string;
  name?: string;
  phoneNumberId?: string;
}

function useNewSender(channelId: string, onAdded: (sender: Sender) => void) {
  return useChange(
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
    { done: 'senders.added', refresh: [sendersKey(channelId), ['unrouted']], quiet: true, onDone: onAdded },
  );
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
  const add = useNewSender(channelId, (sender) => {
    form.resetFields();
    onAdded(sender);
  });
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
