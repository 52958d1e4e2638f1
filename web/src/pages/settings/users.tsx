import { PlusOutlined } from '@ant-design/icons';
import { App, Button, Form, Input, Modal, Select, Switch } from 'antd';
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { api, take, takeVersioned } from '../../api/client.ts';
import type { Versioned } from '../../api/client.ts';
import type { Role, User } from '../../api/model.ts';
import { useTexts } from '../../i18n/language.tsx';
import { useChange } from '../../ui/change.ts';
import { ActiveTag } from '../../ui/labels.tsx';
import { Answered, ProblemAlert, SaveProblem } from '../../ui/problem.tsx';
import { useSeen } from '../../ui/seen.ts';
import { Time } from '../../ui/time.tsx';
import { DataTable } from '../../ui/table.tsx';

const usersKey = ['users'] as const;
const roles = ['owner', 'operator', 'viewer'] as const satisfies readonly Role[];
const minPassword = 12;

/** Who may sign in, with which role. */
export function UserSettings() {
  const t = useTexts();
  const users = useQuery({ queryKey: usersKey, queryFn: () => take(api.GET('/api/v1/users')) });
  const [isAdding, setAdding] = useState(false);
  const [editing, setEditing] = useState<User | null>(null);
  if (users.error !== null && users.data === undefined)
    return <ProblemAlert error={users.error} retry={() => void users.refetch()} />;
  return (
    <div className="stack">
      <div className="row">
        <span>{t('users.hint')}</span>
        <span className="pager-gap" />
        <Button
          type="primary"
          icon={<PlusOutlined />}
          onClick={() => {
            setAdding(true);
          }}
        >
          {t('users.add')}
        </Button>
      </div>
      <DataTable<User>
        label={t('settings.users')}
        rowKey="id"
        loading={users.isPending}
        dataSource={users.data?.items ?? []}
        pagination={false}
        columns={[
          { title: t('user.name'), dataIndex: 'name' },
          { title: t('user.role'), dataIndex: 'role', render: (role: Role) => t(`role.${role}`) },
          {
            title: t('field.state'),
            dataIndex: 'state',
            render: (state: User['state']) => <ActiveTag state={state} />,
          },
          {
            title: t('user.totp'),
            dataIndex: 'totp',
            render: (isOn: boolean) => t(isOn ? 'field.yes' : 'field.no'),
          },
          {
            title: t('user.signed_in'),
            dataIndex: 'signedInAt',
            render: (at: string | null) => <Time at={at} />,
          },
          { title: t('field.created'), dataIndex: 'createdAt', render: (at: string) => <Time at={at} /> },
          {
            title: t('field.action'),
            key: 'action',
            render: (_value, user) => (
              <span className="row">
                <Button
                  type="link"
                  size="small"
                  aria-label={`${t('action.edit')} ${user.name}`}
                  onClick={() => {
                    setEditing(user);
                  }}
                >
                  {t('action.edit')}
                </Button>
                <RemoveUser user={user} />
              </span>
            ),
          },
        ]}
      />
      {isAdding && (
        <AddUser
          onClose={() => {
            setAdding(false);
          }}
        />
      )}
      {editing !== null && (
        <EditUser
          listed={editing}
          onClose={() => {
            setEditing(null);
          }}
        />
      )}
    </div>
  );
}

function RoleField() {
  const t = useTexts();
  return (
    <Form.Item name="role" label={t('user.role')} extra={t('user.role.hint')}>
      <Select options={roles.map((value) => ({ value, label: t(`role.${value}`) }))} />
    </Form.Item>
  );
}

function AddUser({ onClose }: { onClose: () => void }) {
  const t = useTexts();
  const add = useChange(
    (body: { name: string; role: Role; password: string }) => take(api.POST('/api/v1/users', { body })),
    { done: 'users.added', refresh: [usersKey], quiet: true, onDone: onClose },
  );
  return (
    <Modal
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
        {add.error !== null && <ProblemAlert error={add.error} />}
      </Form>
    </Modal>
  );
}

interface EditFields {
  role: Role;
  isActive: boolean;
  password?: string;
  dropsTotp?: boolean;
}

/** Changes a user as he is when the form opens, not as the list once said. */
function EditUser({ listed, onClose }: { listed: User; onClose: () => void }) {
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
  const t = useTexts();
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
    <Modal
      open
      title={user.name}
      okText={t('action.save')}
      okButtonProps={{ htmlType: 'submit', form: 'edit-user', loading: save.isPending }}
      onCancel={onClose}
    >
      <p>{t('users.edit.hint')}</p>
      <Form<EditFields>
        id="edit-user"
        layout="vertical"
        initialValues={{ role: user.role, isActive: user.state === 'active' }}
        onFinish={(fields) => {
          save.mutate(fields);
        }}
      >
        <RoleField />
        <Form.Item name="isActive" label={t('user.may_sign_in')} valuePropName="checked">
          <Switch aria-label={t('user.may_sign_in')} />
        </Form.Item>
        <Form.Item
          name="password"
          label={t('user.password.reset')}
          rules={[{ min: minPassword, message: t('user.password.rule', { min: minPassword }) }]}
        >
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        {user.totp && (
          <Form.Item name="dropsTotp" label={t('user.totp.drop')} valuePropName="checked">
            <Switch aria-label={t('user.totp.drop')} />
          </Form.Item>
        )}
        {save.error !== null && <SaveProblem error={save.error} showNow={showNow} />}
      </Form>
    </Modal>
  );
}

function RemoveUser({ user }: { user: User }) {
  const t = useTexts();
  const { modal } = App.useApp();
  const remove = useChange(
    () => take(api.DELETE('/api/v1/users/{userId}', { params: { path: { userId: user.id } } })),
    { done: 'users.removed', refresh: [usersKey] },
  );
  return (
    <Button
      type="link"
      size="small"
      danger
      aria-label={`${t('action.delete')} ${user.name}`}
      onClick={() =>
        void modal.confirm({
          title: t('users.remove.title', { name: user.name }),
          okText: t('action.delete'),
          okButtonProps: { danger: true },
          onOk: () => remove.mutateAsync(undefined).catch(() => undefined),
        })
      }
    >
      {t('action.delete')}
    </Button>
  );
}
