import { PlusOutlined } from '@ant-design/icons';
import { App, Button, Tag } from 'antd';
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { api, take } from '../../api/client.ts';
import type { NoticeTarget } from '../../api/model.ts';
import { useIsAtLeast } from '../../app/session.ts';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { useChange } from '../../ui/change.ts';
import { ConfirmButton } from '../../ui/confirm-button.tsx';
import { ProblemAlert } from '../../ui/problem.tsx';
import { Time } from '../../ui/time.tsx';
import { DataTable } from '../../ui/table.tsx';
import { noticeTargetsKey } from './queries.ts';
import { AddTarget, EditTarget } from './notice-target-form.tsx';

/** Who is told of notices, and how that goes. */
export function NoticeSettings() {
  const t = usePageTexts();
  const isOwner = useIsAtLeast('owner');
  const targets = useQuery({
    queryKey: noticeTargetsKey,
    queryFn: () => take(api.GET('/api/v1/notice-targets')),
  });
  // Those of the operator are told of to the first account alone.
  const ofOperator = useQuery({
    queryKey: [...noticeTargetsKey, 'operator'],
    queryFn: () => take(api.GET('/api/v1/notice-targets/operator')),
    retry: false,
  });
  const [isAdding, setAdding] = useState(false);
  if (targets.error !== null && targets.data === undefined)
    return <ProblemAlert error={targets.error} retry={() => void targets.refetch()} />;
  const operatorTargets = ofOperator.data?.items ?? [];
  return (
    <div className="stack">
      <div className="row">
        <span>{t('notices.hint')}</span>
        <span className="pager-gap" />
        {isOwner && (
          <Button
            type="primary"
            icon={<PlusOutlined aria-hidden />}
            onClick={() => {
              setAdding(true);
            }}
          >
            {t('notices.add')}
          </Button>
        )}
      </div>
      <TargetTable
        label={t('settings.notices')}
        targets={targets.data?.items ?? []}
        isPending={targets.isPending}
        isOfOperator={false}
      />
      {operatorTargets.length > 0 && (
        <>
          <p className="hint">{t('notices.operator.hint')}</p>
          <TargetTable
            label={t('notices.operator')}
            targets={operatorTargets}
            isPending={false}
            isOfOperator
          />
        </>
      )}
      {isAdding && (
        <AddTarget
          onClose={() => {
            setAdding(false);
          }}
        />
      )}
    </div>
  );
}

interface TableProps {
  label: string;
  targets: readonly NoticeTarget[];
  isPending: boolean;
  isOfOperator: boolean;
}

function TargetTable({ label, targets, isPending, isOfOperator }: TableProps) {
  const t = usePageTexts();
  return (
    <DataTable<NoticeTarget>
      label={label}
      rowKey="id"
      loading={isPending}
      dataSource={targets}
      columns={[
        {
          title: t('field.name'),
          key: 'name',
          className: 'given',
          render: (_value, { name, kind }) => name || t(`notices.kind.${kind}`),
        },
        {
          title: t('notices.kind'),
          dataIndex: 'kind',
          render: (kind: NoticeTarget['kind']) => t(`notices.kind.${kind}`),
        },
        {
          title: t('notices.to'),
          dataIndex: 'to',
          render: (to: readonly string[]) =>
            to.map((address) => (
              <div key={address} className="url">
                {address}
              </div>
            )),
        },
        {
          title: t('notices.severity'),
          dataIndex: 'severity',
          render: (severity: NoticeTarget['severity']) => t(`notices.severity.${severity}`),
        },
        { title: t('field.state'), key: 'state', render: (_value, target) => <Telling target={target} /> },
        { title: t('notices.told'), dataIndex: 'toldAt', render: (at: string | null) => <Time at={at} /> },
        {
          title: t('field.action'),
          key: 'action',
          render: (_value, target) => <TargetActions target={target} isOfOperator={isOfOperator} />,
        },
      ]}
    />
  );
}

/** Whether a target is told, and since when and why it is not. */
function Telling({ target: { state, failingSince, lastError, waiting, givenUp } }: { target: NoticeTarget }) {
  const t = usePageTexts();
  if (state === 'off') return <Tag>{t('notices.off')}</Tag>;
  if (failingSince === null) return <Tag color="green">{t('notices.on')}</Tag>;
  return (
    <div>
      <Tag color="red">{t('notices.failing')}</Tag> <Time at={failingSince} />
      <div className="hint url">{lastError}</div>
      <div className="hint">{t('notices.waiting', { waiting, givenUp })}</div>
    </div>
  );
}

function TargetActions({ target, isOfOperator }: { target: NoticeTarget; isOfOperator: boolean }) {
  const t = usePageTexts();
  const isOwner = useIsAtLeast('owner');
  const isOperator = useIsAtLeast('operator');
  const [isEditing, setEditing] = useState(false);
  const name = target.name || t(`notices.kind.${target.kind}`);
  return (
    <span className="row">
      {isOperator && <TestTarget target={target} name={name} isOfOperator={isOfOperator} />}
      {isOwner && !isOfOperator && (
        <>
          <Button
            type="link"
            size="small"
            aria-label={`${t('action.edit')} ${name}`}
            onClick={() => {
              setEditing(true);
            }}
          >
            {t('action.edit')}
          </Button>
          <RemoveTarget target={target} name={name} />
        </>
      )}
      {isEditing && (
        <EditTarget
          listed={target}
          onClose={() => {
            setEditing(false);
          }}
        />
      )}
    </span>
  );
}

interface OneTarget {
  target: NoticeTarget;
  name: string;
}

/** Sends a test and says what came of it. */
function TestTarget({ target: { id }, name, isOfOperator }: OneTarget & { isOfOperator: boolean }) {
  const t = usePageTexts();
  const { message } = App.useApp();
  const path = { params: { path: { targetId: id } } };
  const test = useChange(
    () =>
      isOfOperator
        ? take(api.POST('/api/v1/notice-targets/operator/{targetId}/test', path))
        : take(api.POST('/api/v1/notice-targets/{targetId}/test', path)),
    {
      refresh: [],
      onDone: ({ outcome, reason }) => {
        if (outcome !== 'told') message.error(t('notices.test.failed', { name, reason }));
        else if (reason === '') message.success(t('notices.test.told', { name }));
        else message.warning(`${t('notices.test.told', { name })} ${reason}`);
      },
    },
  );
  return (
    <Button
      type="link"
      size="small"
      loading={test.isPending}
      aria-label={`${t('notices.test')} ${name}`}
      onClick={() => {
        test.mutate(undefined);
      }}
    >
      {t('notices.test')}
    </Button>
  );
}

function RemoveTarget({ target: { id }, name }: OneTarget) {
  const t = usePageTexts();
  const remove = useChange(
    () => take(api.DELETE('/api/v1/notice-targets/{targetId}', { params: { path: { targetId: id } } })),
    { done: 'notices.removed', refresh: [noticeTargetsKey] },
  );
  return (
    <ConfirmButton
      text={t('action.delete')}
      what={name}
      title={t('notices.remove.title', { name })}
      onConfirm={() => remove.mutateAsync(undefined)}
    />
  );
}
