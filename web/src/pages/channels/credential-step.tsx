import { Link } from '@tanstack/react-router';
import { Alert, Button, Card, Collapse, Form, Input } from 'antd';
import { api, onlyNew, Problem, take } from '../../api/client.ts';
import type { Channel } from '../../api/model.ts';
import { useTexts } from '../../i18n/language.tsx';
import { useChange } from '../../ui/change.ts';
import { FormProblem } from '../../ui/form-problem.tsx';
import { Unsaved } from '../../ui/unsaved.tsx';
import { CredentialInputs } from './credential-inputs.tsx';
import { credentialFields, credentialNames, toType } from './fields.ts';
import type { ChannelKind } from './fields.ts';
import { OptionInputs } from './option-inputs.tsx';
import { channelsKey } from './queries.ts';
import { toCredentials, toOptions } from './values.ts';
import type { CredentialValues, OptionValues } from './values.ts';
import { useChannelTexts } from './texts.ts';

interface Fields {
  id: string;
  name?: string;
  wabaId?: string;
  credentials?: CredentialValues;
  options?: OptionValues;
}

/** A channel that was made, with what of its secrets has to be given to its vendor and is shown this once; empty where there is none. */
export interface Connected {
  readonly channel: Channel;
  readonly verifyToken: string;
  readonly pathSecret: string;
}

/** Makes the channel; one that is there already is never changed. */
function useConnect(kind: ChannelKind, onConnected: (connected: Connected) => void) {
  return useChange(
    async ({ id, name, wabaId, credentials, options }: Fields) => {
      const given = toCredentials(credentials);
      const channel = await take(
        api.PUT('/api/v1/channels/{channelId}', {
          params: { path: { channelId: id.trim() }, header: onlyNew },
          body: {
            type: toType(kind),
            ...(name !== undefined && name !== '' && { name }),
            ...(wabaId !== undefined && { wabaId: wabaId.trim() }),
            credentials: given,
            options: toOptions(kind, options),
          },
        }),
      );
      return { channel, verifyToken: given['verifyToken'] ?? '', pathSecret: given['pathSecret'] ?? '' };
    },
    { refresh: [channelsKey], quiet: true, onDone: onConnected },
  );
}

/** What the channel is called here, and what it is connected with. */
export function CredentialStep({
  kind,
  onBack,
  onConnected,
}: {
  kind: ChannelKind;
  onBack: () => void;
  onConnected: (connected: Connected) => void;
}) {
  const t = useTexts();
  const toText = useChannelTexts();
  const connect = useConnect(kind, onConnected);
  const names = credentialNames.filter((name) => credentialFields[name].kinds.includes(kind));
  return (
    <Card>
      <Form<Fields>
        layout="vertical"
        className="narrow"
        onFinish={(fields) => {
          connect.mutate(fields);
        }}
      >
        <ChannelIdentityInputs isWhatsapp={kind === 'whatsapp'} />
        <CredentialInputs names={names.filter((name) => credentialFields[name].part !== 'old')} areNeeded />
        <Collapse
          ghost
          items={[
            {
              key: 'options',
              label: t('channel.options'),
              forceRender: true,
              children: <OptionInputs kind={kind} />,
            },
            {
              key: 'old',
              label: toText('credential.old'),
              forceRender: true,
              children: (
                <CredentialInputs names={names.filter((name) => credentialFields[name].part === 'old')} />
              ),
            },
          ]}
        />
        <Unsaved change={connect} />
        <NotConnected error={connect.error} id={connect.variables?.id.trim() ?? ''} />
        <div className="form-actions">
          <Button type="primary" htmlType="submit" loading={connect.isPending}>
            {toText('connect.do')}
          </Button>
          <Button onClick={onBack}>{t('action.back')}</Button>
        </div>
      </Form>
    </Card>
  );
}

/** What a new channel is called, and which WABA it is. */
function ChannelIdentityInputs({ isWhatsapp }: { isWhatsapp: boolean }) {
  const t = useTexts();
  return (
    <>
      <Form.Item
        name="id"
        label={t('channel.id')}
        extra={t('channel.id.hint')}
        rules={[
          { required: true, message: t('form.required') },
          { pattern: /^\s*[A-Za-z0-9][A-Za-z0-9._-]{0,63}\s*$/, message: t('channel.id.rule') },
        ]}
      >
        <Input autoComplete="off" spellCheck={false} />
      </Form.Item>
      <Form.Item name="name" label={t('field.name.optional')}>
        <Input autoComplete="off" maxLength={200} />
      </Form.Item>
      {isWhatsapp && (
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
    </>
  );
}

/** Why a channel was not connected; one that is there under the id is left as it is. */
function NotConnected({ error, id }: { error: Error | null; id: string }) {
  const toText = useChannelTexts();
  if (!(error instanceof Problem) || error.code !== 'already_exists')
    return <FormProblem error={error} aliases={{ channelId: 'id' }} />;
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      title={toText('connect.taken', { id })}
      action={
        <Link to="/channels/$channelId" params={{ channelId: id }}>
          {toText('connect.open')}
        </Link>
      }
    />
  );
}
