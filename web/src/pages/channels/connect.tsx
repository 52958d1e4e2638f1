import { useNavigate } from '@tanstack/react-router';
import { Button, Steps } from 'antd';
import { useState } from 'react';
import type { Channel, Sender } from '../../api/model.ts';
import { useTexts } from '../../i18n/language.tsx';
import { Page } from '../../ui/page.tsx';
import { CheckCard } from './check.tsx';
import { AddressStep, SenderStep, TypeStep } from './connect-steps.tsx';
import { CredentialStep } from './credential-step.tsx';
import type { ConnectableType } from './credentials.tsx';

/** A channel that was made, with the token that is shown this once. */
interface Connected {
  readonly channel: Channel;
  readonly verifyToken: string;
}

const steps = ['type', 'credentials', 'address', 'sender', 'check'] as const;
type Step = (typeof steps)[number];

/** Connects a channel step by step: its type, its credentials, its address at the vendor, its first sender, a check. */
export function Connect() {
  const t = useTexts();
  const [step, setStep] = useState<Step>('type');
  const [type, setType] = useState<ConnectableType>('whatsapp');
  const [connected, setConnected] = useState<Connected | null>(null);
  const [sender, setSender] = useState<Sender | null>(null);
  const goTo = (next: Step) => () => {
    setStep(next);
  };
  return (
    <Page title={t('channels.connect')} crumbs={[{ text: t('nav.channels'), to: '/channels' }]}>
      <Steps
        current={steps.indexOf(step)}
        responsive
        items={steps.map((one) => ({ title: t(`connect.step.${one}`) }))}
      />
      {step === 'type' && <TypeStep type={type} onChange={setType} onNext={goTo('credentials')} />}
      {step === 'credentials' && (
        <CredentialStep
          type={type}
          onBack={goTo('type')}
          onConnected={(channel, verifyToken) => {
            setConnected({ channel, verifyToken });
            setStep('address');
          }}
        />
      )}
      {step === 'address' && connected !== null && (
        <AddressStep type={type} {...connected} onNext={goTo('sender')} />
      )}
      {step === 'sender' && connected !== null && (
        <SenderStep
          type={type}
          channelId={connected.channel.id}
          onAdded={(made) => {
            setSender(made);
            setStep('check');
          }}
          onLater={goTo('check')}
        />
      )}
      {step === 'check' && connected !== null && (
        <CheckStep channelId={connected.channel.id} senderId={sender?.id ?? null} />
      )}
    </Page>
  );
}

/** Whether it all works, and the way on: to the settings of the first sender, or to the channel while there is none. */
function CheckStep({ channelId, senderId }: { channelId: string; senderId: string | null }) {
  const t = useTexts();
  const navigate = useNavigate();
  const goOn = (): void =>
    void (senderId === null
      ? navigate({ to: '/channels/$channelId', params: { channelId } })
      : navigate({
          to: '/channels/$channelId/senders/$senderId/webhook',
          params: { channelId, senderId },
        }));
  return (
    <>
      <CheckCard channelId={channelId} />
      <div className="form-actions">
        <Button type="primary" onClick={goOn}>
          {senderId === null ? t('connect.done') : t('webhook.settings')}
        </Button>
      </div>
    </>
  );
}
