import { Link } from '@tanstack/react-router';
import { Alert, Button, Card, Form, Input } from 'antd';
import { api, onlyNew, Problem, take } from '../../api/client.ts';
import type { Channel } from '../../api/model.ts';
import { useTexts } from '../../i18n/language.tsx';
import { useChange } from '../../ui/change.ts';
import { ProblemAlert } from '../../ui/problem.tsx';
import { CredentialInputs, toCredentials } from './credentials.tsx';
import type { ConnectableType, CredentialValues } from './credentials.tsx';
import { channelsKey } from './queries.ts';

interface Fields {
  id: string;
  name?: string;
  wabaId?: string;
  credentials?: CredentialValues;
}

/** Makes the channel; one that is there already is never changed. */
function useConnect(type: ConnectableType, onConnected: (channel: Channel, verifyToken: string) => void) {
  return useChange(
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
}

/** What the channel is called here, and what it is connected with. */
export function CredentialStep({
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
  const connect = useConnect(type, onConnected);
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
        {type === 'whatsapp' && <WabaInput />}
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

function WabaInput() {
  const t = useTexts();
  return (
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
