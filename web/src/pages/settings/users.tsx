import { PlusOutlined } from '@ant-design/icons';
import { App, Button } from 'antd';
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { api, take } from '../../api/client.ts';
import type { Role, User } from '../../api/model.ts';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { useChange } from '../../ui/change.ts';
import { ActiveTag } from '../../ui/labels.tsx';
import { ProblemAlert } from '../../ui/problem.tsx';
import { Ago, Time } from '../../ui/time.tsx';
import { DataTable } from '../../ui/table.tsx';
import { usersKey } from './queries.ts';
import { AddUser, EditUser } from './user-form.tsx';

/** Who may sign in, with which role. */
export function UserSettings() {
  const t = usePageTexts();
  const users = useQuery({ queryKey: usersKey, queryFn: () => take(api.GET('/api/v1/users')) });
  const [isAdding, setAdding] = useState(false);
  if (users.error !== null && users.data === undefined)
    return <ProblemAlert error={users.error} retry={() => void users.refetch()} />;
  return (
    <div className="stack">
      <div className="row">
        <span>{t('users.hint')}</span>
        <span className="pager-gap" />
        <Button
          type="primary"
          icon={<PlusOutlined aria-hidden />}
          onClick={() => {
            setAdding(true);
          }}
        >
          {t('users.add')}
        </Button>
      </div>
      <UserTable users={users.data?.items ?? []} isPending={users.isPending} />
      {isAdding && (
        <AddUser
          onClose={() => {
            setAdding(false);
          }}
        />
      )}
    </div>
  );
}

function UserTable({ users, isPending }: { users: readonly User[]; isPending: boolean }) {
  const t = usePageTexts();
  return (
    <DataTable<User>
      label={t('settings.users')}
      rowKey="id"
      loading={isPending}
      dataSource={users}
      columns={[
        { title: t('user.name'), dataIndex: 'name', className: 'given' },
        { title: t('user.role'), dataIndex: 'role', render: (role: Role) => t(`role.${role}`) },
        {
          title: t('field.state'),
          dataIndex: 'state',
          render: (state: User['state']) => <ActiveTag state={state} />,
        },
        {
          title: t('user.by'),
          dataIndex: 'issuer',
          render: (issuer: string | null) =>
            issuer === null ? t('user.by.password') : <span title={issuer}>{t('user.by.company')}</span>,
        },
        {
          title: t('user.totp'),
          dataIndex: 'totp',
          // Of who signs in elsewhere it is not known here.
          render: (isOn: boolean, { issuer }) => (issuer === null ? t(isOn ? 'field.yes' : 'field.no') : '—'),
        },
        {
          title: t('user.signed_in'),
          dataIndex: 'signedInAt',
          render: (at: string | null) => <Time at={at} />,
        },
        { title: t('user.used'), dataIndex: 'usedAt', render: (at: string | null) => <Ago at={at} /> },
        { title: t('field.created'), dataIndex: 'createdAt', render: (at: string) => <Time at={at} /> },
        {
          title: t('field.action'),
          key: 'action',
          render: (_value, user) => <UserActions user={user} />,
        },
      ]}
    />
  );
}

function UserActions({ user }: { user: User }) {
  const t = usePageTexts();
  const [isEditing, setEditing] = useState(false);
  return (
    <span className="row">
      <Button
        type="link"
        size="small"
        aria-label={`${t('action.edit')} ${user.name}`}
        onClick={() => {
          setEditing(true);
        }}
      >
        {t('action.edit')}
      </Button>
      {(user.issuer === null || user.state === 'active') && <RemoveUser user={user} />}
      {isEditing && (
        <EditUser
          listed={user}
          onClose={() => {
            setEditing(false);
          }}
        />
      )}
    </span>
  );
}

function RemoveUser({ user }: { user: User }) {
  const t = usePageTexts();
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
          content: user.issuer === null ? null : t('users.remove.company'),
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
