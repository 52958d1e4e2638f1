import { Card, Collapse, Divider, Form, Input } from 'antd';
import dayjs from 'dayjs';
import { api, takeVersioned } from '../../api/client.ts';
import type { Versioned } from '../../api/client.ts';
import type { Channel } from '../../api/model.ts';
import { useIsAtLeast } from '../../app/session.ts';
import { useTexts } from '../../i18n/language.tsx';
import { useChange } from '../../ui/change.ts';
import { useVersion } from '../../ui/form-version.ts';
import { CredentialInputs } from './credential-inputs.tsx';
import { credentialFields, credentialNames, toKind } from './fields.ts';
import type { ChannelKind, CredentialName } from './fields.ts';
import { OptionInputs } from './option-inputs.tsx';
import { channelsKey } from './queries.ts';
import { toCredentialChange, toOptions } from './values.ts';
import type { CredentialValues, OptionValues } from './values.ts';
import { SaveFoot } from './webhook-form.tsx';
import { useChannelTexts } from './texts.ts';

interface Fields {
  name: string;
  wabaId?: string;
  credentials?: CredentialValues;
  options?: OptionValues;
}

/** The credentials of a part that a kind of channel has a use for. */
function namesOf(kind: ChannelKind, part: 'old' | 'open'): readonly CredentialName[] {
  return credentialNames.filter(
    (name) => credentialFields[name].part === part && credentialFields[name].kinds.includes(kind),
  );
}

function toValues({ openCredentials }: Channel): CredentialValues {
  return Object.fromEntries(
    Object.entries(openCredentials).map(([name, value]) => [
      name,
      credentialFields[name as CredentialName].input === 'time' ? dayjs(value) : value,
    ]),
  );
}

/** Saves the channel as it was seen. Secrets are changed on this page too, and are not in this form. */
function useSave(channel: Versioned<Channel>, kind: ChannelKind | null) {
  const { header, saved } = useVersion(channel, ({ name, wabaId, openCredentials, options }) => [
    ...[name, wabaId, openCredentials, options],
  ]);
  return useChange(
    ({ name, wabaId, credentials, options }: Fields) =>
      takeVersioned(
        api.PUT('/api/v1/channels/{channelId}', {
          params: { path: { channelId: channel.id }, header },
          body: {
            type: channel.type,
            name,
            ...(wabaId !== undefined && { wabaId: wabaId.trim() }),
            ...(kind !== null && {
              credentials: toCredentialChange(credentials, channel),
              options: toOptions(kind, options),
            }),
          },
        }),
      ),
    { done: 'state.saved', refresh: [channelsKey], quiet: true, onDone: saved },
  );
}

/** All of a channel that is no secret: what it is called, which WABA it is, how it is to work; and old secrets that are still taken. */
export function ChannelSettings({ channel, showNow }: { channel: Versioned<Channel>; showNow: () => void }) {
  const t = useTexts();
  const toText = useChannelTexts();
  const mayChange = useIsAtLeast('operator');
  const kind = toKind(channel);
  const save = useSave(channel, kind);
  return (
    <Card title={t('channel.change')}>
      <Form<Fields>
        name="connection"
        layout="vertical"
        className="narrow"
        disabled={!mayChange}
        initialValues={{
          name: channel.name,
          ...(channel.wabaId !== null && { wabaId: channel.wabaId }),
          credentials: toValues(channel),
          options: channel.options,
        }}
        onFinish={(fields) => {
          save.mutate(fields);
        }}
      >
        <NameInputs isWhatsapp={channel.type === 'whatsapp'} />
        {kind !== null && (
          <>
            <CredentialInputs names={namesOf(kind, 'open')} />
            <Divider titlePlacement="start" plain>
              {t('channel.options')}
            </Divider>
            <OptionInputs kind={kind} />
            {mayChange && (
              <Collapse
                ghost
                items={[
                  {
                    key: 'old',
                    label: toText('credential.old'),
                    forceRender: true,
                    children: <CredentialInputs names={namesOf(kind, 'old')} />,
                  },
                ]}
              />
            )}
          </>
        )}
        <SaveFoot save={save} mayChange={mayChange} showNow={showNow} />
      </Form>
    </Card>
  );
}

function NameInputs({ isWhatsapp }: { isWhatsapp: boolean }) {
  const t = useTexts();
  return (
    <>
      <Form.Item
        name="name"
        label={t('field.name')}
        rules={[{ required: true, message: t('form.required') }]}
      >
        <Input autoComplete="off" maxLength={200} />
      </Form.Item>
      {isWhatsapp && (
        <Form.Item
          name="wabaId"
          label={t('channel.waba')}
          rules={[{ required: true, pattern: /^\s*[0-9]{1,32}\s*$/, message: t('form.digits') }]}
        >
          <Input inputMode="numeric" autoComplete="off" />
        </Form.Item>
      )}
    </>
  );
}
