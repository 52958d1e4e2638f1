import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { App, Button, Card, Descriptions, Input, Modal, Space, Timeline } from 'antd';
import { useState } from 'react';
import { api, take } from '../../api/client.ts';
import type { Versioned } from '../../api/client.ts';
import type { Channel, Template } from '../../api/model.ts';
import { useIsAtLeast } from '../../app/session.ts';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { useChange } from '../../ui/change.ts';
import { Copyable } from '../../ui/copy.tsx';
import { Page } from '../../ui/page.tsx';
import { Answered } from '../../ui/problem.tsx';
import { Time } from '../../ui/time.tsx';
import { useChannels } from '../channels/queries.ts';
import { useKeptDraft } from './kept-draft.ts';
import type { DraftKeeper } from './kept-draft.ts';
import { Preview } from './preview.tsx';
import { TestSend } from './test-send.tsx';
import { templatesKey, useTemplate } from './queries.ts';
import type { TemplatePlace } from './queries.ts';
import { templateStatuses, TemplateStatusTag } from './status.tsx';
import { TemplateForm } from './template-form.tsx';

/** One language of a template: what it looks like, where its review stands, and how it came there. */
export function TemplatePage() {
  const t = usePageTexts();
  const { channelId = '', code = '', language = '' } = useParams({ strict: false });
  const place = { channelId, code, language };
  const found = useTemplate(place);
  const channels = useChannels();
  // They come in one, so that nothing jumps when what can be done shows on top.
  const template = { ...found, data: channels.isPending ? undefined : found.data };
  const channelType = channels.data?.items.find(({ id }) => id === channelId)?.type;
  const keeper = useKeptDraft(place);
  // Whoever was writing when the page was loaded anew goes on writing.
  const [isEditing, setEditing] = useState(() => keeper.read() !== null);
  const endEditing = (): void => {
    keeper.forget();
    setEditing(false);
  };
  return (
    <Page
      title={template.data === undefined ? code : `${template.data.name} (${language})`}
      crumbs={[{ text: t('nav.templates'), to: '/templates' }]}
      actions={
        template.data !== undefined && (
          <Actions
            template={template.data}
            channelType={channelType}
            isEditing={isEditing}
            onEdit={() => {
              if (isEditing) endEditing();
              else setEditing(true);
            }}
          />
        )
      }
    >
      <Answered of={template} rows={8}>
        {(data) =>
          isEditing ? (
            <Editor template={data} keeper={keeper} onDone={endEditing} />
          ) : (
            <>
              <div className="two">
                <Facts template={data} />
                <Card title={t('template.preview')}>
                  <Preview
                    type={data.type}
                    category={data.category}
                    components={data.components}
                    example={data.example}
                  />
                </Card>
              </div>
              <History place={place} createdAt={data.createdAt} />
            </>
          )
        }
      </Answered>
    </Page>
  );
}

function Facts({ template }: { template: Template }) {
  const t = usePageTexts();
  return (
    <Card>
      <Descriptions
        column={1}
        items={[
          {
            key: 'code',
            label: t('template.code'),
            children: <Copyable text={template.code} what={t('template.code')} />,
          },
          {
            key: 'channel',
            label: t('channel.title'),
            children: (
              <Link to="/channels/$channelId" params={{ channelId: template.channelId }}>
                {template.channelId}
              </Link>
            ),
          },
          { key: 'category', label: t('template.category'), children: template.category },
          {
            key: 'status',
            label: t('field.status'),
            children: <TemplateStatusTag status={template.status} />,
          },
          ...(template.reason === ''
            ? []
            : [{ key: 'reason', label: t('template.reason'), children: template.reason }]),
          ...(template.quality === ''
            ? []
            : [{ key: 'quality', label: t('template.quality'), children: template.quality }]),
          ...(template.vendorId === null
            ? []
            : [
                {
                  key: 'vendor',
                  label: t('template.vendor_id'),
                  children: <Copyable text={template.vendorId} what={t('template.vendor_id')} />,
                },
              ]),
          ...(template.reviewAt === null
            ? []
            : [{ key: 'review', label: t('template.review_at'), children: <Time at={template.reviewAt} /> }]),
          { key: 'created', label: t('field.created'), children: <Time at={template.createdAt} /> },
          { key: 'changed', label: t('field.changed'), children: <Time at={template.updatedAt} /> },
        ]}
      />
    </Card>
  );
}

function History({ place, createdAt }: { place: TemplatePlace; createdAt: string }) {
  const t = usePageTexts();
  const history = useQuery({
    queryKey: [...templatesKey, place, 'history'],
    queryFn: () =>
      take(
        api.GET('/api/v1/channels/{channelId}/templates/{code}/{language}/history', {
          params: { path: place },
        }),
      ),
    refetchInterval: 5000,
  });
  return (
    <Card title={t('template.history')}>
      <Answered of={history}>
        {({ items }) => (
          <Timeline
            items={[
              ...items.map(({ at, event, status, reason, receiptId }) => ({
                key: receiptId,
                color:
                  status === 'pass' ? 'green' : status === 'fail' || status === 'disabled' ? 'red' : 'blue',
                content: (
                  <span className="row">
                    <Time at={at} />
                    <EventTag event={event} status={status} />
                    {reason !== '' && <span>{reason}</span>}
                    <Link
                      to="/receipts/$receiptId"
                      params={{ receiptId }}
                      aria-label={`${t('receipt.title')} ${receiptId}`}
                    >
                      {t('receipt.title')}
                    </Link>
                  </span>
                ),
              })),
              {
                key: 'created',
                color: 'gray',
                content: (
                  <span className="row">
                    <Time at={createdAt} />
                    {t('template.history.created')}
                  </span>
                ),
              },
            ]}
          />
        )}
      </Answered>
    </Card>
  );
}

/** What an event did to the review; one that left it alone, such as a new quality, shows by its name. */
function EventTag({ event, status }: { event: string; status: string | null }) {
  const known = templateStatuses.find((one) => one === status);
  return known === undefined ? <code>{event}</code> : <TemplateStatusTag status={known} />;
}

function Actions({
  template,
  channelType,
  isEditing,
  onEdit,
}: {
  template: Template;
  channelType: Channel['type'] | undefined;
  isEditing: boolean;
  onEdit: () => void;
}) {
  const t = usePageTexts();
  const navigate = useNavigate();
  const { modal } = App.useApp();
  const mayChange = useIsAtLeast('operator');
  const { channelId, code, language } = template;
  const path = { channelId, code, language };
  const remove = useChange(
    () => take(api.DELETE('/api/v1/channels/{channelId}/templates/{code}/{language}', { params: { path } })),
    { done: 'template.deleted', refresh: [], onDone: () => void navigate({ to: '/templates' }) },
  );
  if (!mayChange) return null;
  const isReviewedHere = channelType === 'sandbox' || template.type === 'VIBER';
  return (
    <Space wrap>
      {isReviewedHere && template.status === 'auditing' && <Review template={template} />}
      {channelType !== undefined && !isEditing && <TestSend template={template} channelType={channelType} />}
      <Button onClick={onEdit}>{isEditing ? t('action.cancel') : t('action.edit')}</Button>
      <Button
        danger
        onClick={() =>
          void modal.confirm({
            title: t('template.delete.title', { name: template.name, language }),
            content: t('template.delete.text'),
            okText: t('action.delete'),
            okButtonProps: { danger: true },
            onOk: () => remove.mutateAsync(undefined).catch(() => undefined),
          })
        }
      >
        {t('action.delete')}
      </Button>
    </Space>
  );
}

/** Reviews that nobody else does: of the sandbox, and of Viber, where Alibaba's own staff does them. */
function Review({ template }: { template: Template }) {
  const t = usePageTexts();
  const { channelId, code, language } = template;
  const [isRefusing, setRefusing] = useState(false);
  const [reason, setReason] = useState('');
  const review = useChange(
    (decision: 'pass' | 'fail') =>
      take(
        api.POST('/api/v1/channels/{channelId}/templates/{code}/{language}/review', {
          params: { path: { channelId, code, language } },
          body: { decision, ...(decision === 'fail' && reason !== '' && { reason }) },
        }),
      ),
    {
      done: 'state.saved',
      refresh: [templatesKey],
      onDone: () => {
        setRefusing(false);
      },
    },
  );
  return (
    <>
      <Button
        type="primary"
        loading={review.isPending}
        onClick={() => {
          review.mutate('pass');
        }}
      >
        {t('template.review.pass')}
      </Button>
      <Button
        onClick={() => {
          setRefusing(true);
        }}
      >
        {t('template.review.fail')}
      </Button>
      <Modal
        open={isRefusing}
        title={t('template.review.fail')}
        okText={t('template.review.fail')}
        onOk={() => {
          review.mutate('fail');
        }}
        onCancel={() => {
          setRefusing(false);
        }}
      >
        <label htmlFor="review-reason">{t('template.reason')}</label>
        <Input
          id="review-reason"
          value={reason}
          maxLength={200}
          onChange={(event) => {
            setReason(event.target.value);
          }}
        />
      </Modal>
    </>
  );
}

function Editor({
  template,
  keeper,
  onDone,
}: {
  template: Versioned<Template>;
  keeper: DraftKeeper;
  onDone: () => void;
}) {
  const t = usePageTexts();
  const channels = useChannels();
  const { channelId, code, language } = template;
  // Of the moment at which the editor was opened: it is read again every few seconds behind it.
  const [version] = useState(() => keeper.read()?.version ?? template.version);
  const save = useChange(
    ({ components, example }: { components: Template['components']; example: Record<string, string> }) =>
      take(
        api.PUT('/api/v1/channels/{channelId}/templates/{code}/{language}', {
          params: { path: { channelId, code, language }, header: { 'if-match': version } },
          body: { components, example },
        }),
      ),
    { done: 'state.saved', refresh: [templatesKey], quiet: true, onDone },
  );
  return (
    <TemplateForm
      channels={channels.data?.items ?? []}
      template={template}
      isBusy={save.isPending}
      error={save.error}
      showNow={onDone}
      submitText={t('template.submit')}
      keeper={keeper}
      version={version}
      onDiscard={onDone}
      onSubmit={(draft) => {
        save.mutate(draft);
      }}
    />
  );
}
