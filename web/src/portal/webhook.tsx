import { useQuery } from '@tanstack/react-query';
import { Button, Card, Form, Input, Switch } from 'antd';
import { useState } from 'react';
import { take, takeVersioned } from '../api/client.ts';
import type { PortalApi, Versioned } from '../api/client.ts';
import type { SenderWebhook } from '../api/model.ts';
import { usePageTexts } from '../i18n/use-page-texts.ts';
import { TestEventResult } from '../pages/deliveries/test-event.tsx';
import { useChange } from '../ui/change.ts';
import { Copyable } from '../ui/copy.tsx';
import { FormProblem } from '../ui/form-problem.tsx';
import { Answered } from '../ui/problem.tsx';
import type { OpenSender } from './portal.tsx';

const webhookKey = ['portal', 'webhook'] as const;
const base = '/api/v1/portal/channels/{channelId}/senders/{senderId}/destinations/{destinationId}';

interface Props {
  readonly api: PortalApi;
  readonly sender: OpenSender;
  readonly mayChange: boolean;
}

/** Where receipts of a sender go, with a test and the secret of each callback URL. */
export function PortalWebhook({ api, sender, mayChange }: Props) {
  const t = usePageTexts();
  const path = { channelId: sender.channelId, senderId: sender.senderId };
  const webhook = useQuery({
    queryKey: [...webhookKey, path],
    queryFn: () =>
      takeVersioned(
        api.GET('/api/v1/portal/channels/{channelId}/senders/{senderId}/webhook', { params: { path } }),
      ),
  });
  return (
    <Card title={t('portal.webhook')}>
      <Answered of={webhook}>
        {(data) => (
          <div className="stack">
            <WebhookFields key={data.version} api={api} path={path} now={data} mayChange={mayChange} />
            {mayChange &&
              Object.entries(data.destinations).map(([url, destinationId]) => (
                <CallbackUrl
                  key={url}
                  api={api}
                  path={path}
                  url={url}
                  destinationId={String(destinationId)}
                />
              ))}
          </div>
        )}
      </Answered>
    </Card>
  );
}

interface Path {
  readonly channelId: string;
  readonly senderId: string;
}

interface Fields {
  readonly http: boolean;
  readonly statusUrl?: string | null;
  readonly inboundUrl?: string | null;
}

function WebhookFields({
  api,
  path,
  now,
  mayChange,
}: {
  api: PortalApi;
  path: Path;
  now: Versioned<SenderWebhook>;
  mayChange: boolean;
}) {
  const t = usePageTexts();
  const save = useChange(
    ({ http, statusUrl, inboundUrl }: Fields) =>
      take(
        api.POST('/api/v1/portal/channels/{channelId}/senders/{senderId}/webhook', {
          params: { path, header: { 'if-match': now.version } },
          body: {
            http,
            queue: now.queue,
            types: now.types,
            lateStatuses: now.lateStatuses,
            statusUrl: orNull(statusUrl),
            inboundUrl: orNull(inboundUrl),
          },
        }),
      ),
    { done: 'state.saved', refresh: [webhookKey], quiet: true },
  );
  return (
    <Form<Fields>
      name="webhook"
      layout="vertical"
      className="narrow"
      disabled={!mayChange}
      initialValues={now}
      onFinish={(fields) => {
        save.mutate(fields);
      }}
    >
      <Form.Item name="http" label={t('portal.http')} valuePropName="checked">
        <Switch />
      </Form.Item>
      <Form.Item name="statusUrl" label={t('portal.status_url')}>
        <Input inputMode="url" autoComplete="off" spellCheck={false} />
      </Form.Item>
      <Form.Item name="inboundUrl" label={t('portal.inbound_url')}>
        <Input inputMode="url" autoComplete="off" spellCheck={false} />
      </Form.Item>
      <FormProblem error={save.error} />
      {mayChange && (
        <Button type="primary" htmlType="submit" loading={save.isPending}>
          {t('action.save')}
        </Button>
      )}
    </Form>
  );
}

function orNull(text: string | null | undefined): string | null {
  return text === undefined || text === null || text.trim() === '' ? null : text.trim();
}

function CallbackUrl({
  api,
  path,
  url,
  destinationId,
}: {
  api: PortalApi;
  path: Path;
  url: string;
  destinationId: string;
}) {
  const t = usePageTexts();
  const [isShown, setShown] = useState(false);
  const params = { path: { ...path, destinationId } };
  const test = useChange(() => take(api.POST(`${base}/test`, { params })), { refresh: [] });
  return (
    <section className="stack" aria-label={url}>
      <p className="url">
        <code>{url}</code>
      </p>
      <span className="row">
        <Button
          loading={test.isPending}
          onClick={() => {
            test.mutate(undefined);
          }}
        >
          {t('destination.test')}
        </Button>
        <Button
          onClick={() => {
            setShown(!isShown);
          }}
        >
          {isShown ? t('action.hide') : t('portal.secret')}
        </Button>
      </span>
      {isShown && <Secrets api={api} params={params} />}
      {test.data !== undefined && <TestEventResult result={test.data} />}
    </section>
  );
}

/** The secrets that sign what is posted to a callback URL, and a new one in their place. */
function Secrets({
  api,
  params,
}: {
  api: PortalApi;
  params: { readonly path: Path & { readonly destinationId: string } };
}) {
  const t = usePageTexts();
  const secretKey = ['portal', 'secrets', params.path.destinationId];
  const secrets = useQuery({
    queryKey: secretKey,
    queryFn: () => take(api.GET(`${base}/secrets`, { params })),
  });
  const rotate = useChange(() => take(api.POST(`${base}/secrets/rotate`, { params, body: {} })), {
    done: 'state.saved',
    refresh: [secretKey],
  });
  return (
    <Answered of={secrets} rows={1}>
      {(data) => (
        <div className="stack">
          {data.secrets.map(({ secret }) => (
            <Copyable key={secret} text={secret} what={t('destination.secret')} />
          ))}
          <span className="row">
            <Button
              loading={rotate.isPending}
              onClick={() => {
                rotate.mutate(undefined);
              }}
            >
              {t('portal.rotate')}
            </Button>
          </span>
        </div>
      )}
    </Answered>
  );
}
