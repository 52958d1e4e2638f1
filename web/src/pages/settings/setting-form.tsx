import { Alert, Button, Form, Input, InputNumber, Modal, Select } from 'antd';
import { api, take } from '../../api/client.ts';
import type { SettingRow } from '../../api/model.ts';
import { useLanguage } from '../../i18n/language.tsx';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { meaningsZh } from '../../i18n/meanings-zh.ts';
import { useChange } from '../../ui/change.ts';
import { FormProblem } from '../../ui/form-problem.tsx';

const settingsKey = ['settings'] as const;
const levels = ['debug', 'info', 'warn', 'error', 'silent'];

/** Sets a setting on all nodes while the service runs. */
export function EditSetting({ row, onClose }: { row: SettingRow; onClose: () => void }) {
  const t = usePageTexts();
  const { language } = useLanguage();
  const { key, value, meaning, unit } = row;
  const save = useChange(
    (body: { value: string | number }) =>
      take(api.POST('/api/v1/settings/{key}', { params: { path: { key } }, body })),
    { done: 'state.saved', refresh: [settingsKey], quiet: true, onDone: onClose },
  );
  return (
    <Modal
      open
      title={key}
      okText={t('action.save')}
      okButtonProps={{ htmlType: 'submit', form: 'setting', loading: save.isPending }}
      onCancel={onClose}
    >
      <p>{language === 'zh' ? (meaningsZh[key] ?? meaning) : meaning}</p>
      {/days$/i.test(key) && <Alert type="warning" showIcon title={t('settings.shorter')} />}
      <Form<{ value: string | number }>
        id="setting"
        layout="vertical"
        initialValues={{ value }}
        onFinish={(fields) => {
          save.mutate(fields);
        }}
      >
        <Form.Item
          name="value"
          label={unit === '' ? t('settings.value') : `${t('settings.value')} (${unit})`}
          rules={[{ required: true, message: t('form.required') }]}
        >
          {key === 'logLevel' ? (
            <Select options={levels.map((level) => ({ value: level, label: level }))} />
          ) : typeof value === 'number' ? (
            <InputNumber min={0} precision={0} className="number" />
          ) : (
            <Input autoComplete="off" />
          )}
        </Form.Item>
        <p className="hint">{t('settings.everywhere')}</p>
        <FormProblem error={save.error} />
      </Form>
    </Modal>
  );
}

/** Has the default in force again. */
export function Undo({ row: { key, initial } }: { row: SettingRow }) {
  const t = usePageTexts();
  const undo = useChange(
    () => take(api.POST('/api/v1/settings/{key}/reset', { params: { path: { key } } })),
    {
      done: 'state.saved',
      refresh: [settingsKey],
    },
  );
  return (
    <Button
      size="small"
      loading={undo.isPending}
      aria-label={`${t('settings.undo', { initial: String(initial) })} ${key}`}
      onClick={() => {
        undo.mutate(undefined);
      }}
    >
      {t('settings.undo', { initial: String(initial) })}
    </Button>
  );
}
