import { useQuery } from '@tanstack/react-query';
import { Form, Input, InputNumber, Modal, Select } from 'antd';
import { useState } from 'react';
import { api, take, takeVersioned } from '../../api/client.ts';
import type { Versioned } from '../../api/client.ts';
import type { Key, NewKey } from '../../api/model.ts';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { useChange } from '../../ui/change.ts';
import { FormProblem } from '../../ui/form-problem.tsx';
import { Answered } from '../../ui/problem.tsx';
import { FormModal, Unsaved } from '../../ui/unsaved.tsx';
import { useSeen } from '../../ui/form-version.ts';
import { limitNames } from './limits.ts';
import { keysKey } from './queries.ts';

const roles = ['full', 'send', 'receive', 'read'] as const satisfies readonly Key['role'][];

interface Fields {
  readonly name?: string;
  readonly role: Key['role'];
  readonly addresses: readonly string[];
  readonly limits: Key['limits'];
}

/** Changes what a key is called, what it may do, how much, and from where: as it is when the form opens, not as a list once said. */
export function EditKey({ id, onClose }: { id: string; onClose: () => void }) {
  const t = usePageTexts();
  const key = useQuery({
    queryKey: [...keysKey, id],
    queryFn: () => takeVersioned(api.GET('/api/v1/keys/{keyId}', { params: { path: { keyId: id } } })),
    gcTime: 0,
  });
  const { filling, showNow } = useSeen(key.refetch);
  if (key.data !== undefined)
    return <KeyForm key={filling} known={key.data} showNow={showNow} onClose={onClose} />;
  return (
    <Modal open title={t('keys.edit', { id })} footer={null} onCancel={onClose}>
      <Answered of={key}>{() => null}</Answered>
    </Modal>
  );
}

/** Makes a key, or changes `known` as it was when the form was filled, however often it is read again behind it. */
function useKeySave(known: Versioned<Key> | null, onDone: (made: NewKey | null) => void) {
  const [version] = useState(known?.version ?? '');
  return useChange(
    async ({ name = '', role, addresses, limits }: Fields): Promise<NewKey | null> => {
      const body = { name: name.trim(), role, addresses: [...addresses], limits };
      if (known === null) return take(api.POST('/api/v1/keys', { body }));
      await take(
        api.PATCH('/api/v1/keys/{keyId}', {
          params: { path: { keyId: known.id }, header: { 'if-match': version } },
          body,
        }),
      );
      return null;
    },
    {
      ...(known !== null && { done: 'state.saved' as const }),
      refresh: [keysKey],
      quiet: true,
      onDone,
    },
  );
}

/** What a key is called, what it may do, how much, and from where: of a new one, or of `known`. */
export function KeyForm({
  known,
  onClose,
  onMade,
  showNow = onClose,
}: {
  known: Versioned<Key> | null;
  onClose: () => void;
  onMade?: (key: NewKey) => void;
  showNow?: () => void;
}) {
  const t = usePageTexts();
  const save = useKeySave(known, (made) => {
    if (made !== null) onMade?.(made);
    onClose();
  });
  return (
    <FormModal
      open
      title={known === null ? t('keys.create') : t('keys.edit', { id: known.id })}
      okText={known === null ? t('keys.create') : t('action.save')}
      okButtonProps={{ htmlType: 'submit', form: 'key', loading: save.isPending }}
      onCancel={onClose}
    >
      <Form<Fields>
        id="key"
        layout="vertical"
        initialValues={{
          name: known?.name ?? '',
          role: known?.role ?? 'full',
          addresses: known?.addresses ?? [],
          limits: known?.limits ?? { requestsPerSecond: null, queuedMessages: null, storedBytes: null },
        }}
        onFinish={(fields) => {
          save.mutate(fields);
        }}
      >
        <Form.Item name="name" label={t('key.name')} extra={t('key.name.hint')}>
          <Input autoComplete="off" maxLength={200} />
        </Form.Item>
        <Form.Item name="role" label={t('key.role')}>
          <Select
            options={roles.map((value) => ({ value, label: t(`key.role.${value}`) }))}
            optionRender={({ value }) => <RoleOption role={roles.find((one) => one === value)} />}
          />
        </Form.Item>
        <Form.Item name="addresses" label={t('key.addresses')} extra={t('key.addresses.hint')}>
          <Select mode="tags" open={false} suffixIcon={null} tokenSeparators={[',', ' ', '\n']} />
        </Form.Item>
        <p className="hint">{t('key.limits.hint')}</p>
        {limitNames.map((limit) => (
          <Form.Item key={limit} name={['limits', limit]} label={t(`limits.${limit}`)}>
            <InputNumber min={1} precision={0} className="number" />
          </Form.Item>
        ))}
        <Unsaved change={save} />
        <FormProblem error={save.error} showNow={showNow} />
      </Form>
    </FormModal>
  );
}

/** What a key of a role may do, below its name. */
function RoleOption({ role }: { role: Key['role'] | undefined }) {
  const t = usePageTexts();
  if (role === undefined) return null;
  return (
    <>
      {t(`key.role.${role}`)}
      <br />
      <small>{t(`key.role.${role}.hint`)}</small>
    </>
  );
}
