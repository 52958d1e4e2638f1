import { useNavigate, useParams } from '@tanstack/react-router';
import { Button, Card, Collapse, Descriptions, Empty, Form, Input, Modal, Statistic } from 'antd';
import { useState } from 'react';
import { api, take } from '../../api/client.ts';
import type { Queue, QueueMessage } from '../../api/model.ts';
import { useIsAtLeast } from '../../app/session.ts';
import { useLanguage } from '../../i18n/language.tsx';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { useChange } from '../../ui/change.ts';
import { ConfirmByName } from '../../ui/confirm-by-name.tsx';
import { CodeBlock, Copyable } from '../../ui/copy.tsx';
import { Page } from '../../ui/page.tsx';
import { Answered, ProblemAlert } from '../../ui/problem.tsx';
import { Ago, formatDuration, Time } from '../../ui/time.tsx';
import { Rates } from './rates.tsx';
import { queuesKey, usePeek, useQueue } from './queries.ts';
import { QueueForm } from './queue-form.tsx';

type Dialog = 'send' | 'edit' | 'delete';

/** One queue: how much waits, what would be received next, its attributes and its end. */
export function QueuePage() {
  const t = usePageTexts();
  const mayChange = useIsAtLeast('operator');
  const { name = '' } = useParams({ strict: false });
  const queue = useQueue(name);
  const peek = usePeek(name);
  const [open, setOpen] = useState<Dialog | null>(null);
  const close = (): void => {
    setOpen(null);
  };
  return (
    <Page
      title={name}
      crumbs={[{ text: t('nav.queues'), to: '/queues' }]}
      actions={mayChange && queue.data !== undefined && <QueueActions onOpen={setOpen} />}
    >
      <Answered of={queue}>
        {(data) => (
          <>
            <Depth queue={data} />
            <Rates name={name} />
            <Peek peek={peek} />
            {/* Below what would be received, however much that is. */}
            {!peek.isPending && <Attributes queue={data} />}
            {open === 'edit' && <QueueForm queue={data} onClose={close} />}
          </>
        )}
      </Answered>
      {open === 'send' && <SendForm name={name} onClose={close} />}
      <Deletion name={name} queue={queue.data} isOpen={open === 'delete'} onClose={close} />
    </Page>
  );
}

function QueueActions({ onOpen }: { onOpen: (dialog: Dialog) => void }) {
  const t = usePageTexts();
  const actions = [
    { dialog: 'send', text: t('queue.send') },
    { dialog: 'edit', text: t('queue.attributes') },
    { dialog: 'delete', text: t('queue.delete') },
  ] as const;
  return actions.map(({ dialog, text }) => (
    <Button
      key={dialog}
      danger={dialog === 'delete'}
      onClick={() => {
        onOpen(dialog);
      }}
    >
      {text}
    </Button>
  ));
}

/** The end of a queue, with what is lost with it. */
function Deletion({
  name,
  queue,
  isOpen,
  onClose,
}: {
  name: string;
  queue: Queue | undefined;
  isOpen: boolean;
  onClose: () => void;
}) {
  const t = usePageTexts();
  const navigate = useNavigate();
  const remove = useChange(() => take(api.DELETE('/api/v1/queues/{name}', { params: { path: { name } } })), {
    done: 'queue.deleted',
    refresh: [],
    onDone: () => void navigate({ to: '/queues' }),
  });
  return (
    <ConfirmByName
      name={name}
      title={t('queue.delete.title')}
      text={t('queue.delete.text', {
        count: queue === undefined ? '?' : queue.active + queue.inactive + queue.delayed,
      })}
      isOpen={isOpen}
      isBusy={remove.isPending}
      onConfirm={() => {
        remove.mutate(undefined);
      }}
      onCancel={onClose}
    />
  );
}

function Depth({ queue }: { queue: Queue }) {
  const t = usePageTexts();
  return (
    <div className="cards cards-small">
      <Card>
        <Statistic title={t('queue.active')} value={queue.active} />
      </Card>
      <Card>
        <Statistic title={t('queue.inactive')} value={queue.inactive} />
      </Card>
      <Card>
        <Statistic title={t('queue.delayed')} value={queue.delayed} />
      </Card>
      <Card>
        <div className="statistic-title">{t('queue.oldest')}</div>
        <div className="statistic-value">
          <Ago at={queue.oldestAt} />
        </div>
      </Card>
    </div>
  );
}

function Peek({ peek }: { peek: ReturnType<typeof usePeek> }) {
  const t = usePageTexts();
  return (
    <Card
      title={t('queue.peek')}
      extra={
        <Button loading={peek.isRefetching} onClick={() => void peek.refetch()}>
          {t('action.refresh')}
        </Button>
      }
    >
      <p>{t('queue.peek.hint')}</p>
      <Answered of={peek}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('queue.peek.empty')} />
          ) : (
            <Collapse
              items={items.map((message) => ({
                key: message.messageId,
                label: (
                  <span className="row">
                    <code>{message.messageId}</code>
                    <Time at={message.enqueuedAt} />
                    <span>
                      {t('queue.priority')} {message.priority} · {t('queue.dequeue_count')}{' '}
                      {message.dequeueCount}
                    </span>
                  </span>
                ),
                children: <Body message={message} />,
              }))}
            />
          )
        }
      </Answered>
    </Card>
  );
}

/** The text that a body holds in Base64, as the SDKs put it in; null when it holds none. */
function toDecodedText(body: string): string | null {
  try {
    const bytes = Uint8Array.from(atob(body), (char) => char.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // Not Base64, or of bytes that are no text.
    return null;
  }
}

function Body({ message }: { message: QueueMessage }) {
  const t = usePageTexts();
  const decoded =
    message.decoded == null ? toDecodedText(message.body) : JSON.stringify(message.decoded, null, 2);
  return (
    <div className="stack">
      {decoded !== null && (
        <div>
          <h3 className="small-head">{t('queue.decoded')}</h3>
          <CodeBlock what={t('queue.decoded')} text={decoded} />
        </div>
      )}
      <div>
        <h3 className="small-head">{t('queue.body')}</h3>
        <CodeBlock what={t('queue.body')} text={message.body} />
      </div>
    </div>
  );
}

function Attributes({ queue }: { queue: Queue }) {
  const t = usePageTexts();
  const { language } = useLanguage();
  const { attributes } = queue;
  const seconds = (value: number): string => formatDuration(value * 1000, language);
  return (
    <Card title={t('queue.attributes')}>
      <Descriptions
        column={{ xs: 1, sm: 1, md: 2 }}
        items={[
          {
            key: 'name',
            label: t('queue.name'),
            children: <Copyable text={queue.name} what={t('queue.name')} />,
          },
          {
            key: 'visibility',
            label: t('queue.visibility'),
            children: seconds(attributes.visibilitySeconds),
          },
          { key: 'retention', label: t('queue.retention'), children: seconds(attributes.retentionSeconds) },
          { key: 'delay', label: t('queue.delay'), children: seconds(attributes.delaySeconds) },
          { key: 'polling', label: t('queue.polling'), children: seconds(attributes.pollingWaitSeconds) },
          {
            key: 'bytes',
            label: t('queue.max_bytes'),
            children: `${attributes.maximumMessageBytes.toLocaleString()} B`,
          },
          { key: 'created', label: t('field.created'), children: <Time at={queue.createdAt} /> },
          { key: 'modified', label: t('field.changed'), children: <Time at={queue.modifiedAt} /> },
        ]}
      />
    </Card>
  );
}

/** Base64 of a text's UTF-8 bytes, as SMQ's SDKs put bodies in. */
function toBase64(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(''));
}

function SendForm({ name, onClose }: { name: string; onClose: () => void }) {
  const t = usePageTexts();
  const send = useChange(
    ({ text }: { text: string }) =>
      take(
        api.POST('/api/v1/queues/{name}/messages', {
          params: { path: { name } },
          body: { body: toBase64(text) },
        }),
      ),
    { done: 'queue.sent', refresh: [queuesKey], quiet: true, onDone: onClose },
  );
  return (
    <Modal
      open
      title={t('queue.send')}
      okText={t('action.send')}
      okButtonProps={{ htmlType: 'submit', form: 'send', loading: send.isPending }}
      onCancel={onClose}
    >
      <Form<{ text: string }>
        id="send"
        layout="vertical"
        onFinish={(fields) => {
          send.mutate(fields);
        }}
      >
        <Form.Item
          name="text"
          label={t('queue.send.text')}
          extra={t('queue.send.hint')}
          rules={[{ required: true, message: t('form.required') }]}
        >
          <Input.TextArea rows={4} maxLength={40_000} />
        </Form.Item>
        {send.error !== null && <ProblemAlert error={send.error} />}
      </Form>
    </Modal>
  );
}
