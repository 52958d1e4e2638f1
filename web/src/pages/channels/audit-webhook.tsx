import { Button, Card, Form, Select } from 'antd';
import { api, takeVersioned } from '../../api/client.ts';
import type { Versioned } from '../../api/client.ts';
import type { Channel, ChannelWebhook } from '../../api/model.ts';
import { useIsAtLeast } from '../../app/session.ts';
import { useTexts } from '../../i18n/language.tsx';
import { useChange } from '../../ui/change.ts';
import { Answered, SaveProblem } from '../../ui/problem.tsx';
import { DestinationPanels } from '../deliveries/destination-panel.tsx';
import { destinationsKey } from '../deliveries/queries.ts';
import { useUrlWarnings } from '../../ui/url-warnings.ts';
import { useSeen, useVersion } from '../../ui/seen.ts';
import { channelWebhookKey, useChannelWebhook } from './queries.ts';
import { CallbackUrl, HttpSection, QueueSection } from './webhook-form.tsx';

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
          <DestinationPanels destinations={data.destinations} />
        </div>
      )}
    </Answered>
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
  const t = useTexts();
  const mayChange = useIsAtLeast('operator');
  const [form] = Form.useForm<Fields>();
  const fields = Form.useWatch([], form) as Fields | undefined;
  const { header, saved } = useVersion(webhook);
  const toSeen = useUrlWarnings();
  const save = useChange(
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
  return (
    <Card>
      <p>{t('webhook.audit.hint')}</p>
      <Form<Fields>
        form={form}
        layout="vertical"
        disabled={!mayChange}
        initialValues={{
          http: webhook.http,
          queue: webhook.queue,
          auditUrl: webhook.auditUrl ?? '',
          auditVersion: webhook.auditVersion,
          preset: 'standard',
        }}
        onFinish={(given) => {
          save.mutate({ ...given, preset: given.preset ?? 'standard' });
        }}
      >
        <Form.Item
          name="auditVersion"
          label={t('webhook.audit.version')}
          extra={t('webhook.audit.version.hint')}
        >
          <Select
            className="narrow"
            options={[
              { value: 'V1', label: t('webhook.audit.v1') },
              { value: 'V2', label: t('webhook.audit.v2') },
            ]}
          />
        </Form.Item>
        <HttpSection isOn={fields?.http ?? webhook.http}>
          <CallbackUrl
            name="auditUrl"
            label="webhook.url.audit"
            example="https://example.com/chatapp/audit"
          />
        </HttpSection>
        <QueueSection isOn={fields?.queue ?? webhook.queue} types={['ChatAppAudit']} />
        {save.error !== null && <SaveProblem error={save.error} showNow={showNow} />}
        {mayChange && (
          <div className="form-actions">
            <Button type="primary" htmlType="submit" loading={save.isPending}>
              {t('action.save')}
            </Button>
          </div>
        )}
      </Form>
    </Card>
  );
}
