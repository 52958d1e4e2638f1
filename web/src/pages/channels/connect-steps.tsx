import { Link } from '@tanstack/react-router';
import { Alert, Button, Card, Descriptions, Divider, Radio } from 'antd';
import type { Channel, Sender, SenderType } from '../../api/model.ts';
import { useTexts } from '../../i18n/language.tsx';
import type { ChannelTextKey } from '../../i18n/channel-texts.ts';
import { Copyable } from '../../ui/copy.tsx';
import { senderTexts } from '../../ui/labels.tsx';
import { AvailableSenders } from './available-senders.tsx';
import { channelKinds } from './fields.ts';
import type { ChannelKind } from './fields.ts';
import { SenderForm } from './sender-form.tsx';
import { useChannelTexts } from './texts.ts';

/** What has to be done at the vendor's side once the address is known. */
const vendorSteps: Readonly<Record<ChannelKind, readonly ChannelTextKey[]>> = {
  whatsapp: ['connect.meta.callback', 'connect.whatsapp.fields', 'connect.whatsapp.subscribe'],
  messenger: ['connect.meta.callback', 'connect.messenger.fields'],
  instagram: ['connect.meta.callback', 'connect.instagram.fields'],
  'viber-bot': ['connect.viber-bot.callback'],
  'viber-business': ['connect.viber-business.callback', 'connect.viber-business.proxy'],
};

/** Which product it is. */
export function TypeStep({
  kind: chosen,
  onChange,
  onNext,
}: {
  kind: ChannelKind;
  onChange: (kind: ChannelKind) => void;
  onNext: () => void;
}) {
  const t = useTexts();
  const toText = useChannelTexts();
  return (
    <Card>
      <Radio.Group
        className="stack"
        value={chosen}
        aria-label={toText('connect.step.type')}
        onChange={(event) => {
          onChange(event.target.value as ChannelKind);
        }}
      >
        {channelKinds.map((kind) => (
          <Radio key={kind} value={kind}>
            <strong>{t(`channel.kind.${kind}`)}</strong>
            <br />
            {toText(`connect.${kind}`)}
          </Radio>
        ))}
      </Radio.Group>
      <div className="form-actions">
        <Button type="primary" onClick={onNext}>
          {t('action.next')}
        </Button>
        <Link to="/simulator">{toText('connect.sandbox')}</Link>
      </div>
    </Card>
  );
}

/** What has to be entered at the vendor's. */
export function AddressStep({
  kind,
  channel,
  verifyToken,
  pathSecret,
  onNext,
}: {
  kind: ChannelKind;
  channel: Channel;
  /** Stands behind the address, where there is one: by it a callback is believed. */
  pathSecret: string;
  /** Empty where the vendor asks for none. */
  verifyToken: string;
  onNext: () => void;
}) {
  const t = useTexts();
  const toText = useChannelTexts();
  const toItem = (label: string, text: string) => ({
    key: label,
    label,
    children: <Copyable text={text} what={label} />,
  });
  return (
    <Card>
      <Descriptions
        column={1}
        items={[
          toItem(t('channel.hook'), channel.hookUrl + (pathSecret === '' ? '' : `/${pathSecret}`)),
          ...(verifyToken === '' ? [] : [toItem(toText('credential.verifyToken'), verifyToken)]),
        ]}
      />
      <ol>
        {vendorSteps[kind].map((key) => (
          <li key={key}>{toText(key)}</li>
        ))}
      </ol>
      {!channel.hookUrl.startsWith('https:') && (
        <Alert type="warning" showIcon title={toText('connect.https')} />
      )}
      <div className="form-actions">
        <Button type="primary" onClick={onNext}>
          {t('action.next')}
        </Button>
      </div>
    </Card>
  );
}

/** The first sender: one that the vendor names, or one that is entered by hand. */
export function SenderStep({
  kind,
  type,
  channelId,
  onAdded,
  onLater,
}: {
  kind: ChannelKind;
  type: SenderType;
  channelId: string;
  onAdded: (sender: Sender) => void;
  onLater: () => void;
}) {
  const t = useTexts();
  const toText = useChannelTexts();
  const formId = 'first-sender';
  return (
    <Card title={`${t('senders.add')} · ${t(senderTexts[type])}`}>
      {kind !== 'viber-business' && (
        <>
          <AvailableSenders channelId={channelId} type={type} onAdded={onAdded} />
          <Divider plain>{t('senders.by_hand')}</Divider>
        </>
      )}
      <SenderForm channelId={channelId} type={type} formId={formId} onSaved={onAdded} />
      <div className="form-actions">
        <Button type="primary" htmlType="submit" form={formId}>
          {t('action.add')}
        </Button>
        <Button onClick={onLater}>{toText('connect.later')}</Button>
      </div>
    </Card>
  );
}
