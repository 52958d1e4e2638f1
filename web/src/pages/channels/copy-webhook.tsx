import { useQueries, useQueryClient } from '@tanstack/react-query';
import { CopyOutlined } from '@ant-design/icons';
import { Alert, Button, Checkbox, Modal, Progress, Tag } from 'antd';
import { useRef, useState } from 'react';
import { api, takeVersioned } from '../../api/client.ts';
import type { Versioned } from '../../api/client.ts';
import type { Sender, SenderWebhook } from '../../api/model.ts';
import { useFindings, useTexts } from '../../i18n/language.tsx';
import type { TextKey } from '../../i18n/texts.ts';
import { toProblemText } from '../../ui/problem.tsx';
import { DataTable } from '../../ui/table.tsx';
import { destinationsKey } from '../deliveries/queries.ts';
import { sendersKey, toSenderWebhookQuery } from './queries.ts';
import { findDifferences, toCopied, webhookPartNames } from './webhook-copies.ts';
import type { WebhookPart } from './webhook-copies.ts';
import { useChannelTexts } from './texts.ts';

const partTexts: Readonly<Record<WebhookPart, TextKey>> = {
  types: 'webhook.types',
  http: 'webhook.copy.http',
  queue: 'webhook.queue',
  late: 'webhook.late',
};

/** Another sender with its settings as they were read; undefined while they are not there yet. */
interface Target {
  readonly sender: Sender;
  readonly webhook: Versioned<SenderWebhook> | undefined;
}

/** Meta has not verified the number, so nothing is set for it yet. */
function isClosed({ verification }: Sender): boolean {
  return verification === 'pending' || verification === 'failed';
}

/** Copies the settings of a sender to others of its channel, one after the other; what was refused is told, and the rest goes on. */
function useCopies(channelId: string, source: SenderWebhook) {
  const t = useTexts();
  const tell = useFindings();
  const client = useQueryClient();
  const isStopped = useRef(false);
  const [isRunning, setRunning] = useState(false);
  const [done, setDone] = useState(0);
  const [refusals, setRefusals] = useState<ReadonlyMap<string, string>>(new Map());
  const copyTo = async ({ sender, webhook }: Target, parts: readonly WebhookPart[]): Promise<void> => {
    if (webhook === undefined) return;
    await takeVersioned(
      api.PUT('/api/v1/channels/{channelId}/senders/{senderId}/webhook', {
        params: { path: { channelId, senderId: sender.id }, header: { 'if-match': webhook.version } },
        body: toCopied(source, webhook, parts),
      }),
    );
  };
  const run = async (targets: readonly Target[], parts: readonly WebhookPart[]): Promise<void> => {
    isStopped.current = false;
    setRunning(true);
    setDone(0);
    setRefusals(new Map());
    for (const target of targets) {
      // It is set by another event, while this waits.
      if (isStopped.current) break;
      await copyTo(target, parts).catch((error: unknown) => {
        setRefusals((before) => new Map([...before, [target.sender.id, toProblemText(error, t, tell)]]));
      });
      setDone((count) => count + 1);
    }
    for (const queryKey of [sendersKey(channelId), destinationsKey, ['queues']])
      await client.invalidateQueries({ queryKey });
    setRunning(false);
  };
  const stop = (): void => {
    isStopped.current = true;
  };
  return { isRunning, done, refusals, run, stop };
}

/** The way to have the other senders of a channel set as this one is. */
export function CopyWebhook({
  channelId,
  source,
  others,
}: {
  channelId: string;
  source: SenderWebhook;
  others: readonly Sender[];
}) {
  const toText = useChannelTexts();
  const [isOpen, setOpen] = useState(false);
  if (others.length === 0) return null;
  return (
    <>
      <Button
        icon={<CopyOutlined aria-hidden />}
        onClick={() => {
          setOpen(true);
        }}
      >
        {toText('webhook.copy')}
      </Button>
      {isOpen && (
        <CopyDialog
          channelId={channelId}
          source={source}
          others={others}
          onClose={() => {
            setOpen(false);
          }}
        />
      )}
    </>
  );
}

function CopyDialog({
  channelId,
  source,
  others,
  onClose,
}: {
  channelId: string;
  source: SenderWebhook;
  others: readonly Sender[];
  onClose: () => void;
}) {
  const t = useTexts();
  const toText = useChannelTexts();
  const [parts, setParts] = useState<readonly WebhookPart[]>(webhookPartNames);
  const [left, setLeft] = useState<readonly string[]>([]);
  const read = useQueries({ queries: others.map(({ id }) => toSenderWebhookQuery(channelId, id)) });
  const targets = others.map((sender, at): Target => ({ sender, webhook: read[at]?.data }));
  const copies = useCopies(channelId, source);
  const toChanges = ({ sender, webhook }: Target): readonly WebhookPart[] =>
    webhook === undefined || isClosed(sender) ? [] : findDifferences(source, webhook, parts);
  const chosen = targets.filter((target) => toChanges(target).length > 0 && !left.includes(target.sender.id));
  const [total, setTotal] = useState(0);
  return (
    <Modal
      open
      width={720}
      title={toText('webhook.copy.title')}
      mask={{ closable: false }}
      closable={!copies.isRunning}
      onCancel={onClose}
      footer={
        <>
          <Button onClick={copies.isRunning ? copies.stop : onClose}>
            {t(copies.isRunning ? 'action.stop' : 'action.close')}
          </Button>
          <Button
            type="primary"
            loading={copies.isRunning}
            disabled={chosen.length === 0}
            onClick={() => {
              setTotal(chosen.length);
              void copies.run(chosen, parts);
            }}
          >
            {toText('webhook.copy.do', { count: chosen.length })}
          </Button>
        </>
      }
    >
      <div className="stack">
        <p>{toText('webhook.copy.text')}</p>
        <PartChoice parts={parts} isDisabled={copies.isRunning} onChange={setParts} />
        {total > 0 && <CopyProgress total={total} copies={copies} />}
        <TargetTable
          targets={targets}
          toChanges={toChanges}
          refusals={copies.refusals}
          chosen={chosen.map(({ sender }) => sender.id)}
          onChoose={(ids) => {
            setLeft(others.map(({ id }) => id).filter((id) => !ids.includes(id)));
          }}
        />
      </div>
    </Modal>
  );
}

/** What is to be copied. */
function PartChoice({
  parts,
  isDisabled,
  onChange,
}: {
  parts: readonly WebhookPart[];
  isDisabled: boolean;
  onChange: (parts: readonly WebhookPart[]) => void;
}) {
  const t = useTexts();
  return (
    <Checkbox.Group
      value={[...parts]}
      disabled={isDisabled}
      options={webhookPartNames.map((part) => ({ value: part, label: t(partTexts[part]) }))}
      onChange={onChange}
    />
  );
}

/** How far the copying has come, and in the end how it went. */
function CopyProgress({
  total,
  copies: { done, refusals, isRunning },
}: {
  total: number;
  copies: Pick<ReturnType<typeof useCopies>, 'done' | 'refusals' | 'isRunning'>;
}) {
  const toText = useChannelTexts();
  const refused = refusals.size;
  return (
    <>
      <Progress percent={Math.round((100 * done) / total)} />
      {!isRunning && (
        <Alert
          type={refused === 0 ? 'success' : 'warning'}
          showIcon
          role="status"
          title={toText('webhook.copy.done', { count: done - refused, refused })}
        />
      )}
    </>
  );
}

/** What would change, sender by sender, or why it was refused. */
function TargetTable({
  targets,
  toChanges,
  refusals,
  chosen,
  onChoose,
}: {
  targets: readonly Target[];
  toChanges: (target: Target) => readonly WebhookPart[];
  refusals: ReadonlyMap<string, string>;
  chosen: readonly string[];
  onChoose: (ids: readonly string[]) => void;
}) {
  const t = useTexts();
  const toText = useChannelTexts();
  const tellChanges = (target: Target) => {
    const refusal = refusals.get(target.sender.id);
    if (refusal !== undefined) return <span className="bad">{refusal}</span>;
    if (isClosed(target.sender)) return t('sender.not_verified');
    if (target.webhook === undefined) return '…';
    const changes = toChanges(target);
    if (changes.length === 0) return toText('webhook.copy.same');
    return changes.map((part) => <Tag key={part}>{t(partTexts[part])}</Tag>);
  };
  return (
    <DataTable<Target>
      label={toText('webhook.copy.title')}
      rowKey={({ sender }) => sender.id}
      size="small"
      dataSource={targets}
      rowSelection={{
        selectedRowKeys: [...chosen],
        onChange: (keys) => {
          onChoose(keys.map(String));
        },
        getCheckboxProps: (target) => ({
          disabled: toChanges(target).length === 0,
          'aria-label': target.sender.id,
        }),
      }}
      columns={[
        { title: t('sender.id'), key: 'id', render: (_value, { sender }) => <code>{sender.id}</code> },
        { title: t('field.name'), key: 'name', render: (_value, { sender }) => sender.name },
        {
          title: toText('webhook.copy.changes'),
          key: 'changes',
          render: (_value, target) => tellChanges(target),
        },
      ]}
    />
  );
}
