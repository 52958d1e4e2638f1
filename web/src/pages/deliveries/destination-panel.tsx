import { App, Button, Space, Typography } from 'antd';
import { useState } from 'react';
import { api, take } from '../../api/client.ts';
import type { Destination } from '../../api/model.ts';
import { useIsAtLeast } from '../../app/session.ts';
import { useTexts } from '../../i18n/language.tsx';
import { useChange } from '../../ui/change.ts';
import { DestinationPauseNote, DestinationStateTag } from '../../ui/labels.tsx';
import { ProblemAlert } from '../../ui/problem.tsx';
import { Time } from '../../ui/time.tsx';
import { deliveriesKey, destinationsKey } from './queries.ts';
import { PreflightResult } from './preflight.tsx';
import { Secrets } from './secrets.tsx';
import { StateReason } from './state-reason.tsx';
import { TestEventResult } from './test-event.tsx';

/** A callback URL's state, its test event, its secret and how to verify with it. */
export function DestinationBody({ destination }: { destination: Destination }) {
  const t = useTexts();
  const mayChange = useIsAtLeast('operator');
  const destinationId = String(destination.id);
  const [isSecretOpen, setSecretOpen] = useState(false);
  const test = useChange(
    () =>
      take(api.POST('/api/v1/destinations/{destinationId}/test', { params: { path: { destinationId } } })),
    { refresh: [], quiet: true },
  );
  const preflight = useChange(
    () =>
      take(
        api.POST('/api/v1/destinations/{destinationId}/preflight', { params: { path: { destinationId } } }),
      ),
    { refresh: [], quiet: true },
  );
  return (
    <div className="stack">
      <div className="row">
        <DestinationStateTag state={destination.state} />
        {destination.state !== 'active' && (
          <Typography.Text type="secondary">
            <StateReason reason={destination} /> (<Time at={destination.stateSince} />)
          </Typography.Text>
        )}
        <DestinationPauseNote pause={destination.pause} />
      </div>
      {mayChange && (
        <Space wrap>
          <Button
            loading={test.isPending}
            onClick={() => {
              test.mutate(undefined);
            }}
          >
            {t('destination.test')}
          </Button>
          <Button
            loading={preflight.isPending}
            title={t('preflight.hint')}
            onClick={() => {
              preflight.mutate(undefined);
            }}
          >
            {t('preflight.do')}
          </Button>
          <Button
            aria-expanded={isSecretOpen}
            onClick={() => {
              setSecretOpen(!isSecretOpen);
            }}
          >
            {t('destination.secret')}
          </Button>
          <StateSwitch destination={destination} />
        </Space>
      )}
      {test.error !== null && <ProblemAlert error={test.error} />}
      {test.data !== undefined && <TestEventResult result={test.data} />}
      {preflight.error !== null && <ProblemAlert error={preflight.error} />}
      {preflight.data !== undefined && <PreflightResult result={preflight.data} />}
      {isSecretOpen && <Secrets destinationId={destinationId} />}
    </div>
  );
}

function StateSwitch({ destination }: { destination: Destination }) {
  const t = useTexts();
  const { modal } = App.useApp();
  const destinationId = String(destination.id);
  const change = useChange(
    (state: 'active' | 'off') =>
      take(
        api.PATCH('/api/v1/destinations/{destinationId}', {
          params: { path: { destinationId } },
          body: { state },
        }),
      ),
    { done: 'state.saved', refresh: [destinationsKey, deliveriesKey, ['overview']] },
  );
  if (destination.state !== 'active')
    return (
      <Button
        type="primary"
        loading={change.isPending}
        onClick={() => {
          change.mutate('active');
        }}
      >
        {t('destination.switch_on')}
      </Button>
    );
  const switchOff = (
    <Button
      danger
      loading={change.isPending}
      onClick={() =>
        void modal.confirm({
          title: t('destination.switch_off.title'),
          content: t('destination.switch_off.text'),
          okText: t('destination.switch_off'),
          okButtonProps: { danger: true },
          onOk: () => change.mutateAsync('off').catch(() => undefined),
        })
      }
    >
      {t('destination.switch_off')}
    </Button>
  );
  if (destination.pause === null) return switchOff;
  return (
    <>
      <Button
        loading={change.isPending}
        onClick={() => {
          change.mutate('active');
        }}
      >
        {t('destination.pause.end')}
      </Button>
      {switchOff}
    </>
  );
}
