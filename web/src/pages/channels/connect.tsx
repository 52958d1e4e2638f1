import { Link, useNavigate } from '@tanstack/react-router';
import { Alert, Button, Card, Descriptions, Divider, Form, Input, Radio, Steps } from 'antd';
import { useState } from 'react';
import { api, onlyNew, Problem, take } from '../../api/client.ts';
import type { Channel, ChannelType, Sender } from '../../api/model.ts';
import { useTexts } from '../../i18n/language.tsx';
import type { TextKey } from '../../i18n/texts.ts';
import { useChange } from '../../ui/change.ts';
import { Copyable } from '../../ui/copy.tsx';
import { channelTypeTexts, senderTexts } from '../../ui/labels.tsx';
import { Page } from '../../ui/page.tsx';
import { ProblemAlert } from '../../ui/problem.tsx';
import { CheckCard } from './check.tsx';
import { CredentialInputs, toCredentials } from './credentials.tsx';
import type { CredentialValues } from './credentials.tsx';
import { channelsKey } from './queries.ts';
import { AvailableSenders } from './available-senders.tsx';
import { SenderForm } from './senders.tsx';

type ConnectableType = Exclude<ChannelType, 'sandbox'>;

const kinds: readonly { type: ConnectableType; hint: TextKey }[] = [
  { type: 'whatsapp', hint: 'connect.whatsapp' },
  { type: 'messenger', hint: 'connect.messenger' },
  { type: 'instagram', hint: 'connect.instagram' },
  { type: 'viber', hint: 'connect.viber' },
];

/** What has to be done at the vendor's side once the address is known. */
const vendorSteps: Readonly<Record<ConnectableType, readonly TextKey[]>> = {
  whatsapp: ['connect.meta.callback', 'connect.whatsapp.fields', 'connect.whatsapp.subscribe'],
  messenger: ['connect.meta.callback', 'connect.messenger.fields'],
  instagram: ['connect.meta.callback', 'connect.instagram.fields'],
  viber: ['connect.viber.callback'],
};

/** Connects a channel step by step: its type, its credentials, its address at the vendor, its first sender, a check. */
export function Connect() {
  const t = useTexts();
  const navigate = useNavigate();
  const [step, setStep] = useState(0);
  const [type, setType] = useState<ConnectableType>('whatsapp');
  const [channel, setChannel] = useState<Channel | null>(null);
  const [verifyToken, setVerifyToken] = useState('');
  const [sender, setSender] = useState<Sender | null>(null);

  return (
    <Page title={t('channels.connect')} crumbs={[{ text: t('nav.channels'), to: '/channels' }]}>
      <Steps
        current={step}
        responsive
        items={[
          { title: t('connect.step.type') },
          { title: t('connect.step.credentials') },
          { title: t('connect.step.address') },
          { title: t('connect.step.sender') },
          { title: t('connect.step.check') },
        ]}
      />
      {step === 0 && (
        <Card>
          <Radio.Group
            className="stack"
            value={type}
            aria-label={t('connect.step.type')}
            onChange={(event) => {
              setType(event.target.value as ConnectableType);
            }}
          >
            {kinds.map((kind) => (
              <Radio key={kind.type} value={kind.type}>
                <strong>{t(channelTypeTexts[kind.type])}</strong>
                <br />
                {t(kind.hint)}
              </Radio>
            ))}
          </Radio.Group>
          <div className="form-actions">
            <Button
              type="primary"
              onClick={() => {
                setStep(1);
              }}
            >
              {t('action.next')}
            </Button>
            <Link to="/simulator">{t('connect.sandbox')}</Link>
          </div>
        </Card>
      )}
      {step === 1 && (
        <CredentialStep
          type={type}
          onBack={() => {
            setStep(0);
          }}
          onConnected={(made, token) => {
            setChannel(made);
            setVerifyToken(token);
            setStep(2);
          }}
        />
      )}
      {step === 2 && channel !== null && (
        <Card>
          <Descriptions
            column={1}
            items={[
              {
                key: 'hook',
                label: t('channel.hook'),
                children: <Copyable text={channel.hookUrl} what={t('channel.hook')} />,
              },
              ...(verifyToken === ''
                ? []
                : [
                    {
                      key: 'token',
                      label: t('credential.verifyToken'),
                      children: <Copyable text={verifyToken} what={t('credential.verifyToken')} />,
                    },
                  ]),
            ]}
          />
          <ol>
            {vendorSteps[type].map((key) => (
              <li key={key}>{t(key)}</li>
            ))}
          </ol>
          {!channel.hookUrl.startsWith('https:') && (
            <Alert type="warning" showIcon title={t('connect.https')} />
          )}
          <div className="form-actions">
            <Button
              type="primary"
              onClick={() => {
                setStep(3);
              }}
            >
              {t('action.next')}
            </Button>
          </div>
        </Card>
      )}
      {step === 3 && channel !== null && (
        <Card title={`${t('senders.add')} · ${t(senderTexts[type])}`}>
          <AvailableSenders
            channelId={channel.id}
            type={type}
            onAdded={(made) => {
              setSender(made);
              setStep(4);
            }}
          />
          <Divider plain>{t('senders.by_hand')}</Divider>
          <SenderForm
            channelId={channel.id}
            type={type}
            formId="first-sender"
            onAdded={(made) => {
              setSender(made);
              setStep(4);
            }}
          />
          <div className="form-actions">
            <Button type="primary" htmlType="submit" form="first-sender">
              {t('action.add')}
            </Button>
            <Button
              onClick={() => {
                setStep(4);
              }}
            >
              {t('connect.later')}
            </Button>
          </div>
        </Card>
      )}
      {step === 4 && channel !== null && (
        <>
          <CheckCard channelId={channel.id} />
          <div className="form-actions">
            <Button
              type="primary"
              onClick={() =>
                void (sender === null
                  ? navigate({ to: '/channels/$channelId', params: { channelId: channel.id } })
                  : navigate({
                      to: '/channels/$channelId/senders/$senderId/webhook',
                      params: { channelId: channel.id, senderId: sender.id },
                    }))
              }
            >
              {sender === null ? t('connect.done') : t('webhook.settings')}
            </Button>
          </div>
        </>
      )}
    </Page>
  );
}

/** Why a channel was not connected; one that is there under the id is left as it is. */
function NotConnected({ error, id }: { error: Error; id: string }) {
  const t = useTexts();
  if (!(error instanceof Problem) || error.code !== 'already_exists') return <ProblemAlert error={error} />;
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      title={t('connect.taken', { id })}
      action={
        <Link to="/channels/$channelId" params={{ channelId: id }}>
          {t('connect.open')}
        </Link>
      }
    />
  );
}

interface Fields {
  id: string;
  name?: string;
  wabaId?: string;
  credentials?: CredentialValues;
}

function CredentialStep({
  type,
  onBack,
  onConnected,
}: {
  type: ConnectableType;
  onBack: () => void;
  onConnected: (channel: Channel, verifyToken: string) => void;
}) {
  const t = useTexts();
  const [form] = Form.useForm<Fields>();
  const connect = useChange(
    async ({ id, name, wabaId, credentials }: Fields) => {
      const given = toCredentials(credentials);
      const channel = await take(
        api.PUT('/api/v1/channels/{channelId}', {
          params: { path: { channelId: id.trim() }, header: onlyNew },
          body: {
            type,
            ...(name !== undefined && name !== '' && { name }),
            ...(wabaId !== undefined && { wabaId: wabaId.trim() }),
            credentials: given,
          },
        }),
      );
      return { channel, verifyToken: given['verifyToken'] ?? '' };
    },
    {
      refresh: [channelsKey],
      quiet: true,
      onDone: ({ channel, verifyToken }) => {
        onConnected(channel, verifyToken);
      },
    },
  );
  return (
    <Card>
      <Form<Fields>
        form={form}
        layout="vertical"
        className="narrow"
        onFinish={(fields) => {
          connect.mutate(fields);
        }}
      >
        <Form.Item
          name="id"
          label={t('channel.id')}
          extra={t('channel.id.hint')}
          rules={[
            { required: true, message: t('form.required') },
            { pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, message: t('channel.id.rule') },
          ]}
        >
          <Input autoComplete="off" spellCheck={false} />
        </Form.Item>
        <Form.Item name="name" label={t('field.name.optional')}>
          <Input autoComplete="off" maxLength={200} />
        </Form.Item>
        {type === 'whatsapp' && (
          <Form.Item
            name="wabaId"
            label={t('channel.waba')}
            extra={t('channel.waba.hint')}
            rules={[
              { required: true, message: t('form.required') },
              { pattern: /^\s*[0-9]{1,32}\s*$/, message: t('form.digits') },
            ]}
          >
            <Input inputMode="numeric" autoComplete="off" />
          </Form.Item>
        )}
        <CredentialInputs type={type} form={form} areNeeded />
        {connect.error !== null && <NotConnected error={connect.error} id={connect.variables.id.trim()} />}
        <div className="form-actions">
          <Button type="primary" htmlType="submit" loading={connect.isPending}>
            {t('connect.do')}
          </Button>
          <Button onClick={onBack}>{t('action.back')}</Button>
        </div>
      </Form>
    </Card>
  );
}
