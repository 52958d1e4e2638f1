import { Card, Form, Select } from 'antd';
import { api, takeVersioned } from '../../api/client.ts';
import type { Versioned } from '../../api/client.ts';
import type { Channel, ChannelWebhook } from '../../api/model.ts';
import { useIsAtLeast } from '../../app/session.ts';
import { useChange } from '../../ui/change.ts';
import { Answered } from '../../ui/problem.tsx';
import { destinationsKey } from '../deliveries/queries.ts';
import { useUrlWarnings } from '../../ui/url-warnings.ts';
import { useSeen, useVersion } from '../../ui/form-version.ts';
import { CallbackUrls } from './callback-urls.tsx';
import { channelWebhookKey, useChannelWebhook } from './queries.ts';
import { CallbackUrl, HttpSection, QueueSection, SaveFoot } from './webhook-form.tsx';
import { useChannelTexts } from './texts.ts';

interface Fields {
  http: boolean;
  queue: boolean;
  auditUrl?: string;
  auditVersion: ChannelWebhook['auditVersion'];
  preset: 'standard' | 'cams';
}

/** Channel Webhook Settings of the channel itself: where reviews of templates, numbers and accounts go. */
export function AuditWebhook({ channel }: { channel: Channel }) {
  const webhook = useChannelWebhook(channel.id);
  const { filling, showNow } = useSeen(webhook.refetch);
  return (
    <Answered of={webhook}>
      {(data) => (
        <div className="stack">
          <AuditForm key={filling} channelId={channel.id} webhook={data} showNow={showNow} />
          <CallbackUrls destinations={data.destinations} />
        </div>
      )}
    </Answered>
  );
}

/** Saves the settings as they were seen; a URL that is not asked for stays as it is. */
function useAuditSave(channelId: string, webhook: Versioned<ChannelWebhook>) {
  const { header, saved } = useVersion(webhook);
  const toSeen = useUrlWarnings();
  return useChange(
    ({ auditUrl, ...given }: Fields) => {
      const url = (auditUrl ?? webhook.auditUrl ?? '').trim();
      return takeVersioned(
        api.PUT('/api/v1/channels/{channelId}/webhook', {
          params: { path: { channelId }, header },
          body: { ...given, auditUrl: url === '' ? null : url },
        }),
      );
    },
    {
      done: 'state.saved',
      refresh: [channelWebhookKey(channelId), destinationsKey, ['queues']],
      quiet: true,
      onDone: (made) => {
        saved(toSeen(made));
      },
    },
  );
}

function AuditForm({
  channelId,
  webhook,
  showNow,
}: {
  channelId: string;
  webhook: Versioned<ChannelWebhook>;
  showNow: () => void;
}) {
  const toText = useChannelTexts();
  const mayChange = useIsAtLeast('operator');
  const [form] = Form.useForm<Fields>();
  const fields = Form.useWatch([], form) as Fields | undefined;
  const save = useAuditSave(channelId, webhook);
  const { http, queue, auditUrl, auditVersion } = webhook;
  return (
    <Card>
      <p>{toText('webhook.audit.hint')}</p>
      <Form<Fields>
        form={form}
        layout="vertical"
        disabled={!mayChange}
        initialValues={{ http, queue, auditUrl: auditUrl ?? '', auditVersion, preset: 'standard' }}
        onFinish={(given) => {
          save.mutate({ ...given, preset: given.preset ?? 'standard' });
        }}
      >
        <Form.Item
          name="auditVersion"
          label={toText('webhook.audit.version')}
          extra={toText('webhook.audit.version.hint')}
        >
          <Select
            className="narrow"
            options={[
              { value: 'V1', label: toText('webhook.audit.v1') },
              { value: 'V2', label: toText('webhook.audit.v2') },
            ]}
          />
        </Form.Item>
        <HttpSection isOn={fields?.http ?? http}>
          <CallbackUrl
            name="auditUrl"
            label="webhook.url.audit"
            example="https://example.com/chatapp/audit"
          />
        </HttpSection>
        <QueueSection isOn={fields?.queue ?? queue} types={['ChatAppAudit']} />
        <SaveFoot save={save} mayChange={mayChange} showNow={showNow} />
      </Form>
    </Card>
  );
}
