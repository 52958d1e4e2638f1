import { CloudDownloadOutlined } from '@ant-design/icons';
import { App, Button, Checkbox, Modal, Tag } from 'antd';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../api/client.ts';
import type { TemplateImportPlan } from '../../api/model.ts';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import type { TranslatePage } from '../../i18n/use-page-texts.ts';
import { useChange } from '../../ui/change.ts';
import { Answered } from '../../ui/problem.tsx';
import { DataTable } from '../../ui/table.tsx';
import { useChannels } from '../channels/queries.ts';
import { templatesKey } from './queries.ts';

/** Types of channels whose vendors have templates of their own. */
const withTemplates: readonly string[] = ['whatsapp', 'messenger'];

type Import = Awaited<ReturnType<typeof importFrom>>;
type Step = TemplateImportPlan['steps'][number];

function importFrom(channelId: string, replace: boolean) {
  return take(
    api.POST('/api/v1/channels/{channelId}/templates/import', {
      params: { path: { channelId } },
      body: { replace },
    }),
  );
}

/** Takes over what the vendors of a channel, or of all of them, have; what differs is shown before. */
export function ImportTemplates({ channelId }: { channelId: string | undefined }) {
  const t = usePageTexts();
  const { data } = useChannels();
  const [isOpen, setOpen] = useState(false);
  const channels = (data?.items ?? []).filter(
    ({ id, type }) => withTemplates.includes(type) && (channelId === undefined || id === channelId),
  );
  return (
    <>
      <Button
        disabled={channels.length === 0}
        icon={<CloudDownloadOutlined aria-hidden />}
        title={t('templates.import.hint')}
        onClick={() => {
          setOpen(true);
        }}
      >
        {t('templates.import.do')}
      </Button>
      {isOpen && (
        <ImportDialog
          channelIds={channels.map(({ id }) => id)}
          onClose={() => {
            setOpen(false);
          }}
        />
      )}
    </>
  );
}

function usePlans(channelIds: readonly string[], replace: boolean) {
  return useQuery({
    queryKey: [...templatesKey, 'import plan', channelIds, replace],
    queryFn: async () => {
      const plans: (readonly [string, TemplateImportPlan])[] = [];
      for (const channelId of channelIds) {
        const asked = { params: { path: { channelId } }, body: { replace } };
        plans.push([
          channelId,
          await take(api.POST('/api/v1/channels/{channelId}/templates/import/plan', asked)),
        ]);
      }
      return plans;
    },
    // Each look asks the vendor.
    staleTime: 60_000,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
  });
}

function ImportDialog({ channelIds, onClose }: { channelIds: readonly string[]; onClose: () => void }) {
  const t = usePageTexts();
  const { modal } = App.useApp();
  const [replace, setReplace] = useState(false);
  const plans = usePlans(channelIds, replace);
  const load = useChange(
    async () => {
      const found: (readonly [string, Import])[] = [];
      for (const id of channelIds) found.push([id, await importFrom(id, replace)]);
      return found;
    },
    {
      refresh: [templatesKey],
      onDone: (found) => {
        onClose();
        modal.info({
          title: t('templates.import.done'),
          width: 640,
          content: found.map(([id, one]) => <Told key={id} id={id} found={one} t={t} />),
        });
      },
    },
  );
  const steps = plans.data?.flatMap(([, { steps: own }]) => own) ?? [];
  const more = plans.data?.reduce((sum, [, one]) => sum + one.more, 0) ?? 0;
  const count = steps.filter(({ kind }) => kind !== 'keep').length + more;
  return (
    <Modal
      open
      width={860}
      title={t('templates.import.do')}
      okText={t('templates.import.take', { count })}
      okButtonProps={{ disabled: count === 0, loading: load.isPending }}
      onOk={() => {
        load.mutate(undefined);
      }}
      onCancel={onClose}
    >
      <p className="hint">{t('templates.import.hint')}</p>
      <Checkbox
        checked={replace}
        onChange={(event) => {
          setReplace(event.target.checked);
        }}
      >
        {t('templates.import.replace')}
      </Checkbox>
      <Answered of={plans}>
        {(found) => found.map(([id, plan]) => <PlanPart key={id} channelId={id} plan={plan} />)}
      </Answered>
    </Modal>
  );
}

const tones: Readonly<Record<Step['kind'], string>> = { make: 'green', change: 'blue', keep: 'default' };

function PlanPart({ channelId, plan }: { channelId: string; plan: TemplateImportPlan }) {
  const t = usePageTexts();
  const { listed, steps, more, isWhole, unread } = plan;
  return (
    <section aria-label={channelId}>
      <p>{t('templates.import.found', { id: channelId, listed, differing: steps.length + more })}</p>
      {!isWhole && <p>{t('templates.import.cut')}</p>}
      {steps.map((step) => (
        <PlanStep key={`${step.name} ${step.language}`} step={step} />
      ))}
      {more > 0 && <p>{t('templates.import.more', { count: more })}</p>}
      <Unread unread={unread} t={t} />
    </section>
  );
}

/** What becomes of one template, with each field that differs as it is here and there. */
function PlanStep({ step: { name, language, kind, fields } }: { step: Step }) {
  const t = usePageTexts();
  const label = `${name} (${language})`;
  return (
    <div className="import-step">
      <p className="row">
        <strong>{label}</strong> <Tag color={tones[kind]}>{t(`templates.import.kind.${kind}`)}</Tag>
      </p>
      {fields.length > 0 && (
        <DataTable<Step['fields'][number]>
          label={label}
          size="small"
          rowKey="field"
          dataSource={fields}
          columns={[
            {
              title: t('templates.import.field'),
              dataIndex: 'field',
              render: (text: string) => <code>{text}</code>,
            },
            {
              title: t('templates.import.here'),
              dataIndex: 'here',
              render: (text: string) => <Value text={text} />,
            },
            {
              title: t('templates.import.there'),
              dataIndex: 'there',
              render: (text: string) => <Value text={text} />,
            },
          ]}
        />
      )}
    </div>
  );
}

function Value({ text }: { text: string }) {
  return <span className="user-text">{text === '' ? '—' : text}</span>;
}

function Told({ id, found, t }: { id: string; found: Import; t: TranslatePage }) {
  const { listed, made, changed, isWhole, differing, unread } = found;
  return (
    <section>
      <p>{t('templates.import.counts', { id, listed, made, changed })}</p>
      {!isWhole && <p>{t('templates.import.cut')}</p>}
      {differing.length > 0 && <p>{t('templates.import.kept', { count: differing.length })}</p>}
      <Unread unread={unread} t={t} />
    </section>
  );
}

function Unread({ unread, t }: { unread: Import['unread']; t: TranslatePage }) {
  return (
    <ul>
      {unread.map(({ name, language, parts }, n) => (
        <li key={n}>{t('templates.import.unread', { name, language, parts: parts.join('; ') })}</li>
      ))}
    </ul>
  );
}
