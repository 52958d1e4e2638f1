import { useQuery } from '@tanstack/react-query';
import { Form, Input, Modal, Select, Switch } from 'antd';
import { useState } from 'react';
import { api, take, takeVersioned } from '../../api/client.ts';
import type { Versioned } from '../../api/client.ts';
import type { NoticeTarget } from '../../api/model.ts';
import { useLanguage } from '../../i18n/language.tsx';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { useChange } from '../../ui/change.ts';
import { Copyable } from '../../ui/copy.tsx';
import { FormProblem } from '../../ui/form-problem.tsx';
import { Answered } from '../../ui/problem.tsx';
import { ruleWhile } from '../../ui/rule-while.ts';
import { FormModal, Unsaved } from '../../ui/unsaved.tsx';
import { useSeen } from '../../ui/form-version.ts';
import { noticeTargetsKey } from './queries.ts';

type Kind = NoticeTarget['kind'];
type Code = NoticeTarget['codes'][number];

const kinds = [
  'email',
  'slack',
  'dingtalk',
  'teams',
  'pagerduty',
  'webhook',
] as const satisfies readonly Kind[];
const severities = [
  'info',
  'warning',
  'error',
  'critical',
] as const satisfies readonly NoticeTarget['severity'][];
/** Kinds that are asked for a secret. */
const secretKinds: readonly Kind[] = ['dingtalk', 'pagerduty'];

interface Fields {
  name: string;
  kind: Kind;
  url?: string;
  addresses?: string[];
  secret?: string;
  severity: NoticeTarget['severity'];
  language: NoticeTarget['language'];
  codes: Code[];
  isActive: boolean;
}

/** What was filled in; an address that was left empty is none, or stays what it was. */
function toPlace({ url, addresses, secret }: Fields) {
  return {
    ...(url !== undefined && url !== '' && { url }),
    ...(addresses !== undefined && addresses.length > 0 && { addresses }),
    ...(secret !== undefined && secret !== '' && { secret }),
  };
}

/** Where a target of a kind is, and what it is signed with. */
function PlaceFields({ kind, isNew }: { kind: Kind; isNew: boolean }) {
  const t = usePageTexts();
  const needed = ruleWhile((valueOf) => valueOf('kind') === kind, {
    required: true,
    message: t('form.required'),
  });
  const rules = (isNeeded: boolean) => (isNeeded ? [needed] : []);
  const extra = isNew ? undefined : t('notices.keep');
  return (
    <>
      {kind === 'email' && (
        <Form.Item name="addresses" label={t('notices.addresses')} rules={rules(isNew)}>
          <Select mode="tags" open={false} tokenSeparators={[',', ' ', ';']} suffixIcon={null} />
        </Form.Item>
      )}
      {kind !== 'email' && kind !== 'pagerduty' && (
        <Form.Item name="url" label={t('notices.url')} extra={extra} rules={rules(isNew)}>
          <Input autoComplete="off" spellCheck={false} inputMode="url" />
        </Form.Item>
      )}
      {secretKinds.includes(kind) && (
        <Form.Item
          name="secret"
          label={t(kind === 'pagerduty' ? 'notices.routing_key' : 'notices.sign_secret')}
          extra={extra}
          rules={rules(isNew && kind === 'pagerduty')}
        >
          <Input.Password autoComplete="off" />
        </Form.Item>
      )}
    </>
  );
}

/** What a target is told, and how. */
function FilterFields() {
  const t = usePageTexts();
  return (
    <>
      <Form.Item name="severity" label={t('notices.severity')}>
        <Select options={severities.map((value) => ({ value, label: t(`notices.severity.${value}`) }))} />
      </Form.Item>
      <Form.Item name="codes" label={t('notices.codes')} extra={t('notices.codes.hint')}>
        <Select mode="tags" open={false} tokenSeparators={[',', ' ']} suffixIcon={null} />
      </Form.Item>
      <Form.Item name="language" label={t('notices.language')}>
        <Select
          options={[
            { value: 'en', label: 'English' },
            { value: 'zh', label: '中文' },
          ]}
        />
      </Form.Item>
    </>
  );
}

/** Has somebody told; a secret that was made is shown once. */
export function AddTarget({ onClose }: { onClose: () => void }) {
  const t = usePageTexts();
  const { language } = useLanguage();
  const [form] = Form.useForm<Fields>();
  const kind = Form.useWatch('kind', form) ?? 'email';
  const [secret, setSecret] = useState<string>();
  const add = useChange(
    (fields: Fields) => {
      const { name, severity, language, codes } = fields;
      return take(
        api.POST('/api/v1/notice-targets', {
          body: { name, kind: fields.kind, severity, language, codes, ...toPlace(fields) },
        }),
      );
    },
    {
      done: 'notices.added',
      refresh: [noticeTargetsKey],
      quiet: true,
      onDone: (made) => {
        if (made.secret === undefined) onClose();
        else setSecret(made.secret);
      },
    },
  );
  if (secret !== undefined)
    return (
      <Modal open title={t('notices.secret')} footer={null} onCancel={onClose}>
        <p>{t('notices.secret.hint')}</p>
        <Copyable text={secret} what={t('notices.secret')} />
      </Modal>
    );
  return (
    <FormModal
      open
      title={t('notices.add')}
      okText={t('action.add')}
      okButtonProps={{ htmlType: 'submit', form: 'add-target', loading: add.isPending }}
      onCancel={onClose}
    >
      <Form<Fields>
        id="add-target"
        form={form}
        layout="vertical"
        initialValues={{ kind: 'email', severity: 'warning', language, codes: [] }}
        onFinish={(fields) => {
          add.mutate(fields);
        }}
      >
        <Form.Item
          name="name"
          label={t('field.name')}
          rules={[{ required: true, message: t('form.required') }]}
        >
          <Input autoComplete="off" maxLength={100} />
        </Form.Item>
        <Form.Item name="kind" label={t('notices.kind')}>
          <Select options={kinds.map((value) => ({ value, label: t(`notices.kind.${value}`) }))} />
        </Form.Item>
        <PlaceFields kind={kind} isNew />
        <FilterFields />
        <Unsaved change={add} />
        <FormProblem error={add.error} />
      </Form>
    </FormModal>
  );
}

/** Changes a target as it is when the form opens. */
export function EditTarget({ listed, onClose }: { listed: NoticeTarget; onClose: () => void }) {
  const target = useQuery({
    queryKey: [...noticeTargetsKey, listed.id],
    queryFn: () =>
      takeVersioned(
        api.GET('/api/v1/notice-targets/{targetId}', { params: { path: { targetId: listed.id } } }),
      ),
    gcTime: 0,
  });
  const { filling, showNow } = useSeen(target.refetch);
  if (target.data !== undefined)
    return <TargetForm key={filling} target={target.data} showNow={showNow} onClose={onClose} />;
  return (
    <Modal open title={listed.name} footer={null} onCancel={onClose}>
      <Answered of={target}>{() => null}</Answered>
    </Modal>
  );
}

interface FormProps {
  target: Versioned<NoticeTarget>;
  showNow: () => void;
  onClose: () => void;
}

function TargetForm({ target: now, showNow, onClose }: FormProps) {
  const t = usePageTexts();
  // What the form was filled from, however often it is read again behind it.
  const [target] = useState(now);
  const save = useChange(
    (fields: Fields) => {
      const { name, severity, language, codes, isActive } = fields;
      return take(
        api.PATCH('/api/v1/notice-targets/{targetId}', {
          params: { path: { targetId: target.id }, header: { 'if-match': target.version } },
          body: { name, severity, language, codes, state: isActive ? 'active' : 'off', ...toPlace(fields) },
        }),
      );
    },
    { done: 'state.saved', refresh: [noticeTargetsKey], quiet: true, onDone: onClose },
  );
  const { name, kind, to, severity, language, codes, state } = target;
  const initialValues = { name, severity, language, codes, isActive: state === 'active' };
  return (
    <FormModal
      open
      title={name}
      okText={t('action.save')}
      okButtonProps={{ htmlType: 'submit', form: 'edit-target', loading: save.isPending }}
      onCancel={onClose}
    >
      <Form<Fields>
        id="edit-target"
        layout="vertical"
        initialValues={kind === 'email' ? { ...initialValues, addresses: to } : initialValues}
        onFinish={(fields) => {
          save.mutate(fields);
        }}
      >
        <Form.Item
          name="name"
          label={t('field.name')}
          rules={[{ required: true, message: t('form.required') }]}
        >
          <Input autoComplete="off" maxLength={100} />
        </Form.Item>
        <PlaceFields kind={kind} isNew={false} />
        <FilterFields />
        <Form.Item name="isActive" label={t('notices.on')} valuePropName="checked">
          <Switch aria-label={t('notices.on')} />
        </Form.Item>
        <Unsaved change={save} />
        <FormProblem error={save.error} showNow={showNow} />
      </Form>
    </FormModal>
  );
}
