import { Link, useParams } from '@tanstack/react-router';
import { Alert, Card, Checkbox, Form, Select } from 'antd';
import { api, takeVersioned } from '../../api/client.ts';
import type { Versioned } from '../../api/client.ts';
import type { SenderWebhook } from '../../api/model.ts';
import { useIsAtLeast } from '../../app/session.ts';
import { useTexts } from '../../i18n/language.tsx';
import { useChange } from '../../ui/change.ts';
import { senderTexts } from '../../ui/labels.tsx';
import { Page } from '../../ui/page.tsx';
import { Answered } from '../../ui/problem.tsx';
import { destinationsKey } from '../deliveries/queries.ts';
import { useUrlWarnings } from '../../ui/url-warnings.ts';
import { useSeen, useVersion } from '../../ui/form-version.ts';
import { CallbackUrls } from './callback-urls.tsx';
import { CopyWebhook } from './copy-webhook.tsx';
import { sendersKey, useChannel, useSenders, useSenderWebhook } from './queries.ts';
import { CallbackUrl, HttpSection, QueueSection, SaveFoot } from './webhook-form.tsx';

interface Fields {
  types: SenderWebhook['types'];
  http: boolean;
  queue: boolean;
  statusUrl?: string;
  inboundUrl?: string;
  lateStatuses: SenderWebhook['lateStatuses'];
  preset: 'standard' | 'cams';
}

/** Channel Webhook Settings of one sender: which receipts, over HTTP and where to, into the message queues. */
export function SenderWebhookPage() {
  const t = useTexts();
  const { channelId = '', senderId = '' } = useParams({ strict: false });
  const channel = useChannel(channelId);
  const webhook = useSenderWebhook(channelId, senderId);
  const { filling, showNow } = useSeen(webhook.refetch);
  const senders = useSenders(channelId);
  const verification = senders.data?.items.find(({ id }) => id === senderId)?.verification;
  const isClosed = verification === 'pending' || verification === 'failed';
  const mayCopy = useIsAtLeast('operator') && !isClosed;
  return (
    <Page
      title={`${t('webhook.settings')} · ${senderId}`}
      crumbs={[
        { text: t('nav.channels'), to: '/channels' },
        { text: channel.data?.name ?? channelId, to: `/channels/${channelId}` },
        {
          text: t(senderTexts[channel.data?.type ?? 'whatsapp']),
          to: `/channels/${channelId}/senders`,
        },
      ]}
      actions={
        <>
          {channel.data?.type === 'sandbox' && (
            <Link to="/simulator" search={{ sender: senderId }}>
              {t('channel.try')}
            </Link>
          )}
          {mayCopy && webhook.data !== undefined && (
            <CopyWebhook
              channelId={channelId}
              source={webhook.data}
              others={senders.data?.items.filter(({ id }) => id !== senderId) ?? []}
            />
          )}
        </>
      }
    >
      <Answered of={webhook} rows={10}>
        {(data) => (
          <>
            {isClosed && <Alert type="warning" showIcon title={t('sender.not_verified')} />}
            <SettingsForm
              key={filling}
              channelId={channelId}
              senderId={senderId}
              webhook={data}
              isClosed={isClosed}
              showNow={showNow}
            />
            <CallbackUrls destinations={data.destinations} />
          </>
        )}
      </Answered>
    </Page>
  );
}

function toUrl(text: string | null | undefined): string | null {
  const url = text?.trim() ?? '';
  return url === '' ? null : url;
}

/** Saves the settings as they were seen; a URL that is not asked for stays as it is. */
function useSettingsSave(channelId: string, senderId: string, webhook: Versioned<SenderWebhook>) {
  const { header, saved } = useVersion(webhook);
  const toSeen = useUrlWarnings();
  return useChange(
    ({ types, http, queue, statusUrl, inboundUrl, lateStatuses, preset }: Fields) =>
      takeVersioned(
        api.PUT('/api/v1/channels/{channelId}/senders/{senderId}/webhook', {
          params: { path: { channelId, senderId }, header },
          body: {
            ...{ types, http, queue, lateStatuses, preset },
            statusUrl: toUrl(statusUrl ?? webhook.statusUrl),
            inboundUrl: toUrl(inboundUrl ?? webhook.inboundUrl),
          },
        }),
      ),
    {
      done: 'state.saved',
      refresh: [sendersKey(channelId), destinationsKey, ['queues']],
      quiet: true,
      onDone: (made) => {
        saved(toSeen(made));
      },
    },
  );
}

function SettingsForm({
  channelId,
  senderId,
  webhook,
  isClosed,
  showNow,
}: {
  channelId: string;
  senderId: string;
  webhook: Versioned<SenderWebhook>;
  /** Meta has not verified the number, so nothing is set for it yet. */
  isClosed: boolean;
  showNow: () => void;
}) {
  const mayChange = useIsAtLeast('operator') && !isClosed;
  const [form] = Form.useForm<Fields>();
  const fields = Form.useWatch([], form) as Fields | undefined;
  const save = useSettingsSave(channelId, senderId, webhook);
  const types = fields?.types ?? webhook.types;
  return (
    <Card>
      <Form<Fields>
        form={form}
        layout="vertical"
        disabled={!mayChange}
        initialValues={{
          types: webhook.types,
          http: webhook.http,
          queue: webhook.queue,
          statusUrl: webhook.statusUrl ?? '',
          inboundUrl: webhook.inboundUrl ?? '',
          lateStatuses: webhook.lateStatuses,
          preset: 'standard',
        }}
        onFinish={(given) => {
          save.mutate(given);
        }}
      >
        <TypesSection />
        <HttpSection isOn={fields?.http ?? webhook.http}>
          {types.includes('ChatAppStatus') && (
            <CallbackUrl
              name="statusUrl"
              label="webhook.url.status"
              example="https://example.com/chatapp/status"
            />
          )}
          {types.includes('ChatAppInbound') && (
            <CallbackUrl
              name="inboundUrl"
              label="webhook.url.inbound"
              example="https://example.com/chatapp/inbound"
            />
          )}
        </HttpSection>
        <QueueSection isOn={fields?.queue ?? webhook.queue} types={types} />
        <SaveFoot save={save} mayChange={mayChange} showNow={showNow} />
      </Form>
    </Card>
  );
}

/** Which receipts are wanted, and what becomes of statuses that come late. */
function TypesSection() {
  const t = useTexts();
  return (
    <fieldset className="section">
      <legend>{t('webhook.types')}</legend>
      <Form.Item
        name="types"
        extra={t('webhook.types.hint')}
        rules={[
          {
            // `required` would put an attribute on the group that ARIA does not have there.
            validator: (_rule, chosen: readonly string[]) =>
              chosen.length > 0 ? Promise.resolve() : Promise.reject(new Error(t('webhook.types.rule'))),
          },
        ]}
      >
        <Checkbox.Group
          options={[
            { value: 'ChatAppStatus', label: t('receipt.type.ChatAppStatus') },
            { value: 'ChatAppInbound', label: t('receipt.type.ChatAppInbound') },
          ]}
        />
      </Form.Item>
      <Form.Item name="lateStatuses" label={t('webhook.late')} extra={t('webhook.late.hint')}>
        <Select
          className="narrow"
          options={[
            { value: 'mark', label: t('webhook.late.mark') },
            { value: 'drop', label: t('webhook.late.drop') },
          ]}
        />
      </Form.Item>
    </fieldset>
  );
}
