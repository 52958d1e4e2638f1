import { api, take } from '../../api/client.ts';
import type { Versioned } from '../../api/client.ts';
import type { Channel } from '../../api/model.ts';
import { useIsAtLeast } from '../../app/session.ts';
import { useTexts } from '../../i18n/language.tsx';
import { useChange } from '../../ui/change.ts';
import { ConfirmButton } from '../../ui/confirm-button.tsx';
import { Time } from '../../ui/time.tsx';
import { credentialFields, credentialNames } from './fields.ts';
import type { CredentialName } from './fields.ts';
import { channelsKey } from './queries.ts';
import { useChannelTexts } from './texts.ts';

/** Which credentials are set, what of them may be read, and the way to take one away. */
export function KnownCredentials({ channel }: { channel: Versioned<Channel> }) {
  const toText = useChannelTexts();
  const mayChange = useIsAtLeast('operator');
  const known = credentialNames.filter((name) => channel.credentials.includes(name));
  if (known.length === 0) return '—';
  return (
    <ul className="plain">
      {known.map((name) => (
        <li key={name} className="row">
          <span>{toText(`credential.${name}`)}</span>
          <Value name={name} value={channel.openCredentials[name]} />
          {mayChange && <TakeAway name={name} channel={channel} />}
        </li>
      ))}
    </ul>
  );
}

function Value({ name, value }: { name: CredentialName; value: string | undefined }) {
  if (value === undefined) return null;
  if (credentialFields[name].input === 'time') return <Time at={value} />;
  return <span className="user-text faint">{value}</span>;
}

function TakeAway({ name, channel }: { name: CredentialName; channel: Versioned<Channel> }) {
  const t = useTexts();
  const toText = useChannelTexts();
  const what = toText(`credential.${name}`);
  const removal = useChange(
    () =>
      take(
        api.PUT('/api/v1/channels/{channelId}', {
          params: { path: { channelId: channel.id }, header: { 'if-match': channel.version } },
          body: { type: channel.type, credentials: { [name]: null } },
        }),
      ),
    { done: 'state.saved', refresh: [channelsKey] },
  );
  return (
    <ConfirmButton
      text={t('action.remove')}
      what={what}
      title={toText('credential.remove.title', { what })}
      content={toText('credential.remove.text')}
      onConfirm={() => removal.mutateAsync(undefined)}
    />
  );
}
