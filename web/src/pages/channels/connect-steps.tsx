import { Link } from '@tanstack/react-router';
import { Alert, Button, Card, Descriptions, Divider, Radio } from 'antd';
import type { Channel, Sender } from '../../api/model.ts';
import { useTexts } from '../../i18n/language.tsx';
import type { TextKey } from '../../i18n/texts.ts';
import { Copyable } from '../../ui/copy.tsx';
import { channelTypeTexts, senderTexts } from '../../ui/labels.tsx';
import { AvailableSenders } from './available-senders.tsx';
import type { ConnectableType } from './credentials.tsx';
import { SenderForm } from './sender-form.tsx';

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

/** Which product it is. */
export function TypeStep({
  type,
  onChange,
  onNext,
}: {
  type: ConnectableType;
  onChange: (type: ConnectableType) => void;
  onNext: () => void;
}) {
  const t = useTexts();
  return (
    <Card>
      <Radio.Group
        className="stack"
        value={type}
        aria-label={t('connect.step.type')}
        onChange={(event) => {
          onChange(event.target.value as ConnectableType);
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
        <Button type="primary" onClick={onNext}>
          {t('action.next')}
        </Button>
        <Link to="/simulator">{t('connect.sandbox')}</Link>
      </div>
    </Card>
  );
}

/** What has to be entered at the vendor's. */
export function AddressStep({
  type,
  channel,
  verifyToken,
  onNext,
}: {
  type: ConnectableType;
  channel: Channel;
  /** Empty where the vendor asks for none. */
  verifyToken: string;
  onNext: () => void;
}) {
  const t = useTexts();
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
          toItem(t('channel.hook'), channel.hookUrl),
          ...(verifyToken === '' ? [] : [toItem(t('credential.verifyToken'), verifyToken)]),
        ]}
      />
      <ol>
        {vendorSteps[type].map((key) => (
          <li key={key}>{t(key)}</li>
        ))}
      </ol>
      {!channel.hookUrl.startsWith('https:') && <Alert type="warning" showIcon title={t('connect.https')} />}
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
  type,
  channelId,
  onAdded,
  onLater,
}: {
  type: ConnectableType;
  channelId: string;
  onAdded: (sender: Sender) => void;
  onLater: () => void;
}) {
  const t = useTexts();
  const formId = 'first-sender';
  return (
    <Card title={`${t('senders.add')} · ${t(senderTexts[type])}`}>
      <AvailableSenders channelId={channelId} type={type} onAdded={onAdded} />
      <Divider plain>{t('senders.by_hand')}</Divider>
      <SenderForm channelId={channelId} type={type} formId={formId} onAdded={onAdded} />
      <div className="form-actions">
        <Button type="primary" htmlType="submit" form={formId}>
          {t('action.add')}
        </Button>
        <Button onClick={onLater}>{t('connect.later')}</Button>
      </div>
    </Card>
  );
}
