import { PlusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Alert, App, Button, Modal, Tag } from 'antd';
import { useState } from 'react';
import { api, take } from '../../api/client.ts';
import type { Key } from '../../api/model.ts';
import { useTexts } from '../../i18n/language.tsx';
import { useChange } from '../../ui/change.ts';
import { Copyable } from '../../ui/copy.tsx';
import { ProblemAlert } from '../../ui/problem.tsx';
import { Ago, Time } from '../../ui/time.tsx';
import { DataTable } from '../../ui/table.tsx';

const keysKey = ['keys'] as const;

/** Access keys of SDKs and scripts: made, rotated, switched off and on. */
export function KeySettings() {
  const t = useTexts();
  const { modal } = App.useApp();
  const keys = useQuery({ queryKey: keysKey, queryFn: () => take(api.GET('/api/v1/keys')) });
  const [made, setMade] = useState<{ id: string; secret: string } | null>(null);
  const create = useChange(() => take(api.POST('/api/v1/keys', { body: {} })), {
    refresh: [keysKey],
    onDone: setMade,
  });
  const rotate = useChange(
    (keyId: string) =>
      take(api.POST('/api/v1/keys/{keyId}/rotate', { params: { path: { keyId } }, body: { keepOld: true } })),
    { refresh: [keysKey], onDone: setMade },
  );
  const set = useChange(
    ({ keyId, isOn }: { keyId: string; isOn: boolean }) =>
      isOn
        ? take(api.POST('/api/v1/keys/{keyId}/enable', { params: { path: { keyId } } }))
        : take(api.POST('/api/v1/keys/{keyId}/disable', { params: { path: { keyId } } })),
    { done: 'state.saved', refresh: [keysKey] },
  );
  if (keys.error !== null && keys.data === undefined)
    return <ProblemAlert error={keys.error} retry={() => void keys.refetch()} />;
  return (
    <div className="stack">
      <div className="row">
        <span>{t('keys.hint')}</span>
        <span className="pager-gap" />
        <Button
          type="primary"
          icon={<PlusOutlined />}
          loading={create.isPending}
          onClick={() => {
            create.mutate(undefined);
          }}
        >
          {t('keys.create')}
        </Button>
      </div>
      <DataTable<Key>
        label={t('settings.keys')}
        rowKey="id"
        loading={keys.isPending}
        dataSource={keys.data?.items ?? []}
        pagination={false}
        columns={[
          {
            title: t('key.id'),
            dataIndex: 'id',
            render: (id: string) => <Copyable text={id} what={t('key.id')} />,
          },
          {
            title: t('field.state'),
            dataIndex: 'state',
            render: (state: Key['state']) => (
              <Tag color={state === 'active' ? 'green' : 'default'}>{t(`user.state.${state}`)}</Tag>
            ),
          },
          { title: t('key.used'), dataIndex: 'usedAt', render: (at?: string | null) => <Ago at={at} /> },
          { title: t('field.created'), dataIndex: 'createdAt', render: (at: string) => <Time at={at} /> },
          {
            title: t('field.action'),
            key: 'action',
            render: (_value, { id, state }) => (
              <span className="row">
                <Button
                  type="link"
                  size="small"
                  aria-label={`${t('keys.rotate')} ${id}`}
                  onClick={() => {
                    rotate.mutate(id);
                  }}
                >
                  {t('keys.rotate')}
                </Button>
                {state === 'active' ? (
                  <Button
                    type="link"
                    size="small"
                    danger
                    aria-label={`${t('action.disable')} ${id}`}
                    onClick={() =>
                      void modal.confirm({
                        title: t('keys.disable.title', { id }),
                        content: t('keys.disable.text'),
                        okText: t('action.disable'),
                        okButtonProps: { danger: true },
                        onOk: () => set.mutateAsync({ keyId: id, isOn: false }).catch(() => undefined),
                      })
                    }
                  >
                    {t('action.disable')}
                  </Button>
                ) : (
                  <Button
                    type="link"
                    size="small"
                    aria-label={`${t('action.enable')} ${id}`}
                    onClick={() => {
                      set.mutate({ keyId: id, isOn: true });
                    }}
                  >
                    {t('action.enable')}
                  </Button>
                )}
              </span>
            ),
          },
        ]}
      />
      <Modal
        open={made !== null}
        title={t('keys.made')}
        footer={
          <Button
            type="primary"
            onClick={() => {
              setMade(null);
            }}
          >
            {t('action.close')}
          </Button>
        }
        closable={false}
        mask={{ closable: false }}
      >
        <Alert type="warning" showIcon title={t('keys.made.hint')} />
        <p>
          {t('key.id')}: <Copyable text={made?.id ?? ''} what={t('key.id')} />
        </p>
        <p>
          {t('key.secret')}: <Copyable text={made?.secret ?? ''} what={t('key.secret')} />
        </p>
      </Modal>
    </div>
  );
}
