import { Form, Input, InputNumber } from 'antd';
import { useState } from 'react';
import { api, onlyNew, takeVersioned } from '../../api/client.ts';
import type { Versioned } from '../../api/client.ts';
import type { Queue } from '../../api/model.ts';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import type { PageTextKey } from '../../i18n/page-texts.ts';
import { useChange } from '../../ui/change.ts';
import { FormProblem } from '../../ui/form-problem.tsx';
import { FormModal, Unsaved } from '../../ui/unsaved.tsx';
import { queuesKey } from './queries.ts';

type NumberAttribute = Exclude<keyof Queue['attributes'], 'loggingEnabled'>;

/** Ranges of the protocol (docs/smq.md); the service says so too. */
const attributes: readonly {
  name: NumberAttribute;
  label: PageTextKey;
  min: number;
  max: number;
  unit: string;
  initial: number;
}[] = [
  { name: 'visibilitySeconds', label: 'queue.visibility', min: 1, max: 43_200, unit: 's', initial: 30 },
  {
    name: 'retentionSeconds',
    label: 'queue.retention',
    min: 60,
    max: 1_296_000,
    unit: 's',
    initial: 345_600,
  },
  { name: 'delaySeconds', label: 'queue.delay', min: 0, max: 604_800, unit: 's', initial: 0 },
  { name: 'pollingWaitSeconds', label: 'queue.polling', min: 0, max: 30, unit: 's', initial: 0 },
  {
    name: 'maximumMessageBytes',
    label: 'queue.max_bytes',
    min: 1024,
    max: 65_536,
    unit: 'B',
    initial: 65_536,
  },
];

type Fields = { name: string } & Record<NumberAttribute, number>;

/** Makes a queue, or changes the attributes of `queue`. */
export function QueueForm({ queue, onClose }: { queue?: Versioned<Queue>; onClose: () => void }) {
  const t = usePageTexts();
  // Of the moment at which the form was opened: it is read again every few seconds behind it.
  const [version] = useState(queue?.version);
  const save = useChange(
    ({ name, ...given }: Fields) =>
      takeVersioned(
        api.PUT('/api/v1/queues/{name}', {
          params: {
            path: { name: queue?.name ?? name.trim() },
            header: version === undefined ? onlyNew : { 'if-match': version },
          },
          body: given,
        }),
      ),
    { done: 'state.saved', refresh: [queuesKey], quiet: true, onDone: onClose },
  );
  return (
    <FormModal
      open
      title={queue === undefined ? t('queue.create') : t('queue.attributes')}
      okText={queue === undefined ? t('action.create') : t('action.save')}
      okButtonProps={{ htmlType: 'submit', form: 'queue', loading: save.isPending }}
      onCancel={onClose}
    >
      <Form<Fields>
        id="queue"
        layout="vertical"
        initialValues={Object.fromEntries(
          attributes.map(({ name, initial }) => [name, queue?.attributes[name] ?? initial]),
        )}
        onFinish={(fields) => {
          save.mutate(fields);
        }}
      >
        {queue === undefined && (
          <Form.Item
            name="name"
            label={t('queue.name')}
            className="hint-is-rule"
            extra={t('queue.name.hint')}
            rules={[
              {
                required: true,
                pattern: /^[A-Za-z0-9][A-Za-z0-9-]{0,119}$/,
                message: t('queue.name.hint'),
              },
            ]}
          >
            <Input autoComplete="off" spellCheck={false} />
          </Form.Item>
        )}
        {attributes.map(({ name, label, min, max, unit }) => (
          <Form.Item
            key={name}
            name={name}
            label={t(label)}
            rules={[{ required: true, type: 'number', min, max, message: t('form.range', { min, max }) }]}
          >
            <InputNumber min={min} max={max} precision={0} suffix={unit} className="number" />
          </Form.Item>
        ))}
        <Unsaved change={save} />
        <FormProblem error={save.error} showNow={onClose} />
      </Form>
    </FormModal>
  );
}
