import { Link } from '@tanstack/react-router';
import { App, Button, Form, Input, Modal, Select } from 'antd';
import { useState } from 'react';
import { api, take } from '../../api/client.ts';
import type { Channel, Sender, Template } from '../../api/model.ts';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { useChange } from '../../ui/change.ts';
import { Answered, ProblemAlert } from '../../ui/problem.tsx';
import { useSenders } from '../channels/queries.ts';
import { findVariables } from './components.ts';

/** Of the sandbox; a message to it is sent, delivered and read. */
const sandboxUser = '15550002220';

interface TestFields {
  readonly senderId: string;
  readonly to: string;
  readonly params?: Readonly<Record<string, string>>;
}

/** Sends a message of the template to a number, with the samples as its values; asks before that goes through a real channel. */
export function TestSend({ template, channelType }: { template: Template; channelType: Channel['type'] }) {
  const t = usePageTexts();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button
        disabled={template.status !== 'pass'}
        title={template.status === 'pass' ? undefined : t('template.test.not_passed')}
        onClick={() => {
          setOpen(true);
        }}
      >
        {t('template.test')}
      </Button>
      {isOpen && (
        <TestDialog
          template={template}
          channelType={channelType}
          onClose={() => {
            setOpen(false);
          }}
        />
      )}
    </>
  );
}

function useSend({ channelId, code, language, type }: Template) {
  return useChange(
    ({ senderId, to, params = {} }: TestFields) =>
      take(
        api.POST('/api/v1/messages', {
          body: {
            ...{
              channelId,
              senderId,
              to: to.trim(),
              type: 'template' as const,
              templateCode: code,
              language,
            },
            params: { ...params },
            ...(type === 'VIBER' ? { label: 'transaction' as const } : {}),
          },
        }),
      ),
    { refresh: [['messages']], quiet: true },
  );
}

function TestDialog({
  template,
  channelType,
  onClose,
}: {
  template: Template;
  channelType: Channel['type'];
  onClose: () => void;
}) {
  const t = usePageTexts();
  const { modal } = App.useApp();
  const senders = useSenders(template.channelId);
  const [form] = Form.useForm<TestFields>();
  const send = useSend(template);
  const isReal = channelType !== 'sandbox';
  const submit = (fields: TestFields): void => {
    if (!isReal) {
      send.mutate(fields);
      return;
    }
    void modal.confirm({
      title: t('template.test.ask', { to: fields.to }),
      content: t('template.test.ask.text', { channel: template.channelId }),
      okText: t('action.send'),
      onOk: () => {
        send.mutate(fields);
      },
    });
  };
  return (
    <Modal
      open
      title={t('template.test')}
      okText={t('action.send')}
      okButtonProps={{ loading: send.isPending }}
      onOk={() => {
        form.submit();
      }}
      onCancel={onClose}
    >
      <p className="hint">{t(isReal ? 'template.test.real' : 'template.test.sandbox')}</p>
      <Answered of={senders}>
        {({ items }) => (
          <Form<TestFields>
            form={form}
            layout="vertical"
            initialValues={{
              senderId: toAble(items, template)[0]?.id,
              to: isReal ? '' : sandboxUser,
              params: template.example,
            }}
            onFinish={submit}
          >
            <TestInputs senders={toAble(items, template)} names={findVariables(template.components)} />
          </Form>
        )}
      </Answered>
      {send.error != null && <ProblemAlert error={send.error} />}
      {send.data !== undefined && (
        <p role="status">
          {t('template.test.sent')}{' '}
          <Link to="/messages/$messageId" params={{ messageId: send.data.messageId }}>
            <code>{send.data.messageId}</code>
          </Link>
        </p>
      )}
    </Modal>
  );
}

/** Senders that messages of the template may go out by. */
function toAble(senders: readonly Sender[], { type }: Template): readonly Sender[] {
  return senders.filter((sender) => (sender.type === 'viber') === (type === 'VIBER'));
}

function TestInputs({ senders, names }: { senders: readonly Sender[]; names: readonly string[] }) {
  const t = usePageTexts();
  const required = [{ required: true, message: t('form.required') }];
  return (
    <>
      <Form.Item name="senderId" label={t('simulator.sender')} rules={required}>
        <Select options={senders.map(({ id }) => ({ value: id, label: id }))} />
      </Form.Item>
      <Form.Item name="to" label={t('template.test.to')} rules={required}>
        <Input inputMode="tel" autoComplete="off" spellCheck={false} />
      </Form.Item>
      {names.map((name) => (
        <Form.Item key={name} name={['params', name]} label={`$(${name})`} rules={required}>
          <Input autoComplete="off" />
        </Form.Item>
      ))}
    </>
  );
}
