import { useNavigate } from '@tanstack/react-router';
import { Button, Steps } from 'antd';
import { useEffect, useRef, useState } from 'react';
import type { Sender } from '../../api/model.ts';
import { useTexts } from '../../i18n/language.tsx';
import { NeedsRole } from '../../ui/needs-role.tsx';
import { Page } from '../../ui/page.tsx';
import { CheckCard } from './check.tsx';
import { AddressStep, SenderStep, TypeStep } from './connect-steps.tsx';
import { CredentialStep } from './credential-step.tsx';
import type { Connected } from './credential-step.tsx';
import { toType } from './fields.ts';
import type { ChannelKind } from './fields.ts';
import { useChannelTexts } from './texts.ts';

const steps = ['type', 'credentials', 'address', 'sender', 'check'] as const;
type Step = (typeof steps)[number];

/** Connects a channel step by step: its type, its credentials, its address at the vendor, its first sender, a check. */
export function Connect() {
  const t = useTexts();
  return (
    <Page title={t('channels.connect')} crumbs={[{ text: t('nav.channels'), to: '/channels' }]}>
      <NeedsRole role="operator">
        <Wizard />
      </NeedsRole>
    </Page>
  );
}

function Wizard() {
  const toText = useChannelTexts();
  const [step, setStep] = useState<Step>('type');
  const [kind, setKind] = useState<ChannelKind>('whatsapp');
  const [connected, setConnected] = useState<Connected | null>(null);
  const [sender, setSender] = useState<Sender | null>(null);
  const goTo = (next: Step) => () => {
    setStep(next);
  };
  const place = useStepPlace(step);
  return (
    <>
      <Steps
        current={steps.indexOf(step)}
        responsive
        items={steps.map((one) => ({ title: toText(`connect.step.${one}`) }))}
      />
      <div
        ref={place}
        tabIndex={-1}
        role="group"
        aria-label={toText(`connect.step.${step}`)}
        className="stack step-place"
      >
        {step === 'type' && <TypeStep kind={kind} onChange={setKind} onNext={goTo('credentials')} />}
        {step === 'credentials' && (
          <CredentialStep
            kind={kind}
            onBack={goTo('type')}
            onConnected={(made) => {
              setConnected(made);
              setStep('address');
            }}
          />
        )}
        {step === 'address' && connected !== null && (
          <AddressStep kind={kind} {...connected} onNext={goTo('sender')} />
        )}
        {step === 'sender' && connected !== null && (
          <SenderStep
            kind={kind}
            type={toType(kind)}
            channelId={connected.channel.id}
            onAdded={(made) => {
              setSender(made);
              setStep('check');
            }}
            onLater={goTo('check')}
          />
        )}
        {step === 'check' && connected !== null && (
          <CheckStep kind={kind} channelId={connected.channel.id} senderId={sender?.id ?? null} />
        )}
      </div>
    </>
  );
}

/** Where a step is shown: whoever goes on to the next one is there, by keyboard and by eye, and not at what is gone. */
function useStepPlace(step: Step) {
  const place = useRef<HTMLDivElement>(null);
  const shown = useRef<Step>(step);
  useEffect(() => {
    if (shown.current === step) return;
    shown.current = step;
    place.current?.focus();
    place.current?.scrollIntoView({ block: 'start' });
  }, [step]);
  return place;
}

/** Whether it all works, and the way on: to the settings of the first sender, or to the channel while there is none. */
function CheckStep({
  kind,
  channelId,
  senderId,
}: {
  kind: ChannelKind;
  channelId: string;
  senderId: string | null;
}) {
  const t = useTexts();
  const toText = useChannelTexts();
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
      <CheckCard channelId={channelId} kind={kind} runsAtOnce />
      <div className="form-actions">
        <Button type="primary" onClick={goOn}>
          {senderId === null ? toText('connect.done') : t('webhook.settings')}
        </Button>
      </div>
    </>
  );
}
