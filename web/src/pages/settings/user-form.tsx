import { useQuery } from '@tanstack/react-query';
import { Form, Input, Modal, Select, Switch } from 'antd';
import { useState } from 'react';
import { api, take, takeVersioned } from '../../api/client.ts';
import type { Versioned } from '../../api/client.ts';
import type { Role, User } from '../../api/model.ts';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { useChange } from '../../ui/change.ts';
import { FormProblem } from '../../ui/form-problem.tsx';
import { Answered } from '../../ui/problem.tsx';
import { FormModal, Unsaved } from '../../ui/unsaved.tsx';
import { useSeen } from '../../ui/form-version.ts';
import { usersKey } from './queries.ts';

const roles = ['owner', 'operator', 'viewer'] as const satisfies readonly Role[];
const minPassword = 12;

/** The role, which is not to be chosen of somebody whose company says it. */
function RoleField({ isGiven = false }: { isGiven?: boolean }) {
  const t = usePageTexts();
  return (
    <Form.Item name="role" label={t('user.role')} extra={t(isGiven ? 'user.role.company' : 'user.role.hint')}>
      <Select disabled={isGiven} options={roles.map((value) => ({ value, label: t(`role.${value}`) }))} />
    </Form.Item>
  );
}

/** Makes a user, with a first password. */
export function AddUser({ onClose }: { onClose: () => void }) {
  const t = usePageTexts();
  const add = useChange(
    (body: { name: string; role: Role; password: string }) => take(api.POST('/api/v1/users', { body })),
    { done: 'users.added', refresh: [usersKey], quiet: true, onDone: onClose },
  );
  return (
    <FormModal
      open
      title={t('users.add')}
      okText={t('action.add')}
      okButtonProps={{ htmlType: 'submit', form: 'add-user', loading: add.isPending }}
      onCancel={onClose}
    >
      <Form<{ name: string; role: Role; password: string }>
        id="add-user"
        layout="vertical"
        initialValues={{ role: 'viewer' }}
        onFinish={(fields) => {
          add.mutate(fields);
        }}
      >
        <Form.Item
          name="name"
          label={t('user.name')}
          rules={[{ required: true, message: t('form.required') }]}
        >
          <Input autoComplete="off" spellCheck={false} />
        </Form.Item>
        <RoleField />
        <Form.Item
          name="password"
          label={t('user.password')}
          extra={t('users.password.hint')}
          rules={[
            { required: true, min: minPassword, message: t('user.password.rule', { min: minPassword }) },
          ]}
        >
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        <Unsaved change={add} />
        <FormProblem error={add.error} />
      </Form>
    </FormModal>
  );
}

interface EditFields {
  role: Role;
  isActive: boolean;
  password?: string;
  dropsTotp?: boolean;
}

/** Changes a user as he is when the form opens, not as the list once said. */
export function EditUser({ listed, onClose }: { listed: User; onClose: () => void }) {
  const user = useQuery({
    queryKey: [...usersKey, listed.id],
    queryFn: () =>
      takeVersioned(api.GET('/api/v1/users/{userId}', { params: { path: { userId: listed.id } } })),
    gcTime: 0,
  });
  const { filling, showNow } = useSeen(user.refetch);
  if (user.data !== undefined)
    return <UserForm key={filling} user={user.data} showNow={showNow} onClose={onClose} />;
  return (
    <Modal open title={listed.name} footer={null} onCancel={onClose}>
      <Answered of={user}>{() => null}</Answered>
    </Modal>
  );
}

function UserForm({
  user: now,
  showNow,
  onClose,
}: {
  user: Versioned<User>;
  showNow: () => void;
  onClose: () => void;
}) {
  const t = usePageTexts();
  // What the form was filled from, however often it is read again behind it.
  const [user] = useState(now);
  const save = useChange(
    ({ role, isActive, password, dropsTotp }: EditFields) =>
      take(
        api.PATCH('/api/v1/users/{userId}', {
          params: { path: { userId: user.id }, header: { 'if-match': user.version } },
          body: {
            ...(role !== user.role && { role }),
            ...(isActive !== (user.state === 'active') && { state: isActive ? 'active' : 'disabled' }),
            ...(password !== undefined && password !== '' && { password }),
            ...(dropsTotp === true && { totp: false as const }),
          },
        }),
      ),
    { done: 'state.saved', refresh: [usersKey], quiet: true, onDone: onClose },
  );
  return (
    <FormModal
      open
      title={user.name}
      okText={t('action.save')}
      okButtonProps={{ htmlType: 'submit', form: 'edit-user', loading: save.isPending }}
      onCancel={onClose}
    >
      <p>{t(user.issuer === null ? 'users.edit.hint' : 'users.edit.company')}</p>
      <Form<EditFields>
        id="edit-user"
        layout="vertical"
        initialValues={{ role: user.role, isActive: user.state === 'active' }}
        onFinish={(fields) => {
          save.mutate(fields);
        }}
      >
        <RoleField isGiven={user.issuer !== null} />
        <Form.Item name="isActive" label={t('user.may_sign_in')} valuePropName="checked">
          <Switch aria-label={t('user.may_sign_in')} />
        </Form.Item>
        {user.issuer === null && (
          <Form.Item
            name="password"
            label={t('user.password.reset')}
            rules={[{ min: minPassword, message: t('user.password.rule', { min: minPassword }) }]}
          >
            <Input.Password autoComplete="new-password" />
          </Form.Item>
        )}
        {user.totp && (
          <Form.Item name="dropsTotp" label={t('user.totp.drop')} valuePropName="checked">
            <Switch aria-label={t('user.totp.drop')} />
          </Form.Item>
        )}
        <Unsaved change={save} />
        <FormProblem error={save.error} showNow={showNow} />
      </Form>
    </FormModal>
  );
}
