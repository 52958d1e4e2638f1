import { Form, Input } from 'antd';
import { api, onlyNew, take } from '../../api/client.ts';
import type { Versioned } from '../../api/client.ts';
import type { Sender } from '../../api/model.ts';
import type { paths } from '../../api/schema.d.ts';
import { useTexts } from '../../i18n/language.tsx';
import { useChange } from '../../ui/change.ts';
import { FormProblem } from '../../ui/form-problem.tsx';
import { senderIdTexts } from '../../ui/labels.tsx';
import { Unsaved } from '../../ui/unsaved.tsx';
import { sendersKey } from './queries.ts';

type SenderBody = NonNullable<
  paths['/api/v1/channels/{channelId}/senders/{senderId}']['put']['requestBody']
>['content']['application/json'];

interface SenderFields extends SenderBody {
  id: string;
}

/** Adds a sender, or changes the one that was seen. */
function useSave(channelId: string, known: Versioned<Sender> | undefined, onSaved: (sender: Sender) => void) {
  return useChange(
    ({ id, name, phoneNumberId }: SenderFields) => {
      // By its type it has every member that a sender can be given.
      const body: Record<keyof SenderBody, string | undefined> = {
        name: name === '' ? undefined : name,
        phoneNumberId: phoneNumberId?.trim(),
      };
      const header = known === undefined ? onlyNew : { 'if-match': known.version };
      return take(
        api.PUT('/api/v1/channels/{channelId}/senders/{senderId}', {
          params: { path: { channelId, senderId: (known?.id ?? id).trim() }, header },
          body,
        }),
      );
    },
    {
      done: known === undefined ? 'senders.added' : 'state.saved',
      refresh: [sendersKey(channelId), ['unrouted']],
      quiet: true,
      onDone: onSaved,
    },
  );
}

/** A form to add a sender, for the channel's page and the wizard, or to change one. */
export function SenderForm({
  channelId,
  type,
  formId,
  sender,
  onSaved,
}: {
  channelId: string;
  type: Sender['type'];
  formId: string;
  sender?: Versioned<Sender>;
  onSaved: (sender: Sender) => void;
}) {
  const t = useTexts();
  const [form] = Form.useForm<SenderFields>();
  const save = useSave(channelId, sender, (saved) => {
    form.resetFields();
    onSaved(saved);
  });
  return (
    <Form<SenderFields>
      id={formId}
      form={form}
      layout="vertical"
      {...(sender !== undefined && { initialValues: sender })}
      onFinish={(fields) => {
        save.mutate(fields);
      }}
    >
      <Form.Item
        name="id"
        label={t(senderIdTexts[type])}
        extra={t(type === 'whatsapp' ? 'sender.id.whatsapp.hint' : 'sender.id.hint')}
        rules={[{ required: true, message: t('form.required') }]}
      >
        <Input autoComplete="off" spellCheck={false} disabled={sender !== undefined} />
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
      <Unsaved change={save} />
      <FormProblem error={save.error} aliases={{ senderId: 'id' }} />
    </Form>
  );
}
