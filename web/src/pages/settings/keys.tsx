import { PlusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Modal, Radio } from 'antd';
import { useState } from 'react';
import { api, take } from '../../api/client.ts';
import type { Key, NewKey } from '../../api/model.ts';
import { useLanguage } from '../../i18n/language.tsx';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { useChange } from '../../ui/change.ts';
import { ConfirmButton } from '../../ui/confirm-button.tsx';
import { Copyable } from '../../ui/copy.tsx';
import { ActiveTag } from '../../ui/labels.tsx';
import { ProblemAlert } from '../../ui/problem.tsx';
import { DataTable } from '../../ui/table.tsx';
import { Ago, formatAmount, Time } from '../../ui/time.tsx';
import { EditKey, KeyForm } from './key-form.tsx';
import { limitNames } from './limits.ts';
import { keysKey } from './queries.ts';

/** What is open beside the list: a form for a new key or one that is there, or the rotation of one. */
type Dialog = { readonly kind: 'new' } | { readonly kind: 'edit' | 'rotate'; readonly key: Key };

/** Access keys of SDKs and scripts: what each may do and from where, made, rotated, switched off and on. */
export function KeySettings() {
  const t = usePageTexts();
  // Whoever rotates a key waits here for its last use.
  const keys = useQuery({
    queryKey: keysKey,
    queryFn: () => take(api.GET('/api/v1/keys')),
    refetchInterval: 10_000,
  });
  const [made, setMade] = useState<NewKey | null>(null);
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const close = (): void => {
    setDialog(null);
  };
  if (keys.error !== null && keys.data === undefined)
    return <ProblemAlert error={keys.error} retry={() => void keys.refetch()} />;
  return (
    <div className="stack">
      <div className="row">
        <span>{t('keys.hint')}</span>
        <span className="pager-gap" />
        <Button
          type="primary"
          icon={<PlusOutlined aria-hidden />}
          onClick={() => {
            setDialog({ kind: 'new' });
          }}
        >
          {t('keys.create')}
        </Button>
      </div>
      <KeyTable keys={keys.data?.items ?? []} isPending={keys.isPending} onOpen={setDialog} />
      {dialog?.kind === 'new' && <KeyForm known={null} onMade={setMade} onClose={close} />}
      {dialog?.kind === 'edit' && <EditKey id={dialog.key.id} onClose={close} />}
      {dialog?.kind === 'rotate' && <Rotation known={dialog.key} onMade={setMade} onClose={close} />}
      <Secret
        made={made}
        onClose={() => {
          setMade(null);
        }}
      />
    </div>
  );
}

function KeyTable({
  keys,
  isPending,
  onOpen,
}: {
  keys: readonly Key[];
  isPending: boolean;
  onOpen: (dialog: Dialog) => void;
}) {
  const t = usePageTexts();
  return (
    <DataTable<Key>
      label={t('settings.keys')}
      rowKey="id"
      loading={isPending}
      dataSource={keys}
      columns={[
        {
          title: t('key.id'),
          dataIndex: 'id',
          className: 'given',
          render: (id: string, { name }) => (
            <>
              {name !== '' && <div>{name}</div>}
              <Copyable text={id} what={t('key.id')} />
            </>
          ),
        },
        { title: t('key.role'), dataIndex: 'role', render: (role: Key['role']) => t(`key.role.${role}`) },
        {
          title: t('key.addresses'),
          dataIndex: 'addresses',
          render: (addresses: readonly string[]) =>
            addresses.length === 0 ? t('key.addresses.any') : addresses.join(', '),
        },
        {
          title: t('key.limits'),
          dataIndex: 'limits',
          render: (limits: Key['limits']) => <KeyLimits limits={limits} />,
        },
        {
          title: t('field.state'),
          dataIndex: 'state',
          render: (state: Key['state']) => <ActiveTag state={state} />,
        },
        { title: t('key.used'), dataIndex: 'usedAt', render: (at: string | null) => <Ago at={at} /> },
        { title: t('field.created'), dataIndex: 'createdAt', render: (at: string) => <Time at={at} /> },
        {
          title: t('field.action'),
          key: 'action',
          render: (_value, key) => <KeyActions known={key} onOpen={onOpen} />,
        },
      ]}
    />
  );
}

/** The limits of a key that were set. */
function KeyLimits({ limits }: { limits: Key['limits'] }) {
  const t = usePageTexts();
  const { language } = useLanguage();
  const set = limitNames.filter((name) => (limits[name] ?? 0) > 0);
  if (set.length === 0) return t('key.limits.none');
  return set.map((name) => (
    <div key={name}>
      {t(`limits.${name}`)}: {formatAmount(limits[name] ?? 0, '', language)}
    </div>
  ));
}

function KeyActions({ known, onOpen }: { known: Key; onOpen: (dialog: Dialog) => void }) {
  const t = usePageTexts();
  const actions = [
    { kind: 'edit', text: t('action.edit') },
    { kind: 'rotate', text: t('keys.rotate') },
  ] as const;
  return (
    <span className="row">
      {actions.map(({ kind, text }) => (
        <Button
          key={kind}
          type="link"
          size="small"
          aria-label={`${text} ${known.id}`}
          onClick={() => {
            onOpen({ kind, key: known });
          }}
        >
          {text}
        </Button>
      ))}
      <KeySwitch known={known} />
    </span>
  );
}

function KeySwitch({ known: { id, state } }: { known: Key }) {
  const t = usePageTexts();
  const change = useChange(
    (isOn: boolean) =>
      isOn
        ? take(api.POST('/api/v1/keys/{keyId}/enable', { params: { path: { keyId: id } } }))
        : take(api.POST('/api/v1/keys/{keyId}/disable', { params: { path: { keyId: id } } })),
    { done: 'state.saved', refresh: [keysKey] },
  );
  if (state === 'disabled')
    return (
      <Button
        type="link"
        size="small"
        aria-label={`${t('action.enable')} ${id}`}
        onClick={() => {
          change.mutate(true);
        }}
      >
        {t('action.enable')}
      </Button>
    );
  return (
    <ConfirmButton
      text={t('action.disable')}
      what={id}
      title={t('keys.disable.title', { id })}
      content={t('keys.disable.text')}
      onConfirm={() => change.mutateAsync(false)}
    />
  );
}

function Rotation({
  known: { id },
  onMade,
  onClose,
}: {
  known: Key;
  onMade: (key: NewKey) => void;
  onClose: () => void;
}) {
  const t = usePageTexts();
  const [keepOld, setKeepOld] = useState(true);
  const rotate = useChange(
    () =>
      take(api.POST('/api/v1/keys/{keyId}/rotate', { params: { path: { keyId: id } }, body: { keepOld } })),
    {
      refresh: [keysKey],
      quiet: true,
      onDone: (made) => {
        onMade(made);
        onClose();
      },
    },
  );
  return (
    <Modal
      open
      title={t('keys.rotate.title', { id })}
      okText={t('keys.rotate')}
      confirmLoading={rotate.isPending}
      onOk={() => {
        rotate.mutate(undefined);
      }}
      onCancel={onClose}
    >
      <p>{t('keys.rotate.text')}</p>
      <Radio.Group
        className="stack"
        aria-label={t('keys.rotate')}
        value={keepOld}
        onChange={(event) => {
          setKeepOld(event.target.value === true);
        }}
      >
        <Radio value={true}>{t('keys.rotate.keep')}</Radio>
        <Radio value={false}>{t('keys.rotate.drop')}</Radio>
      </Radio.Group>
      {rotate.error !== null && <ProblemAlert error={rotate.error} />}
    </Modal>
  );
}

function Secret({ made, onClose }: { made: NewKey | null; onClose: () => void }) {
  const t = usePageTexts();
  return (
    <Modal
      open={made !== null}
      title={t('keys.made')}
      footer={
        <Button type="primary" onClick={onClose}>
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
  );
}
