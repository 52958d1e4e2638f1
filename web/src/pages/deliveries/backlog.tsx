import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Button, Card, Select, Space } from 'antd';
import { useState } from 'react';
import { api, take } from '../../api/client.ts';
import type { Destination } from '../../api/model.ts';
import { useIsAtLeast } from '../../app/session.ts';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { useChange } from '../../ui/change.ts';
import { ConfirmByName } from '../../ui/confirm-by-name.tsx';
import { ProblemAlert } from '../../ui/problem.tsx';
import { InSteps } from './in-steps.tsx';
import type { Step } from './in-steps.tsx';
import { deliveriesKey, destinationsKey, useDestinations } from './queries.ts';

/** What waits for a callback URL handed over to another one or given up, and the removal of one that nobody needs. */
export function DestinationBacklog({ destination }: { destination: Destination }) {
  const t = usePageTexts();
  const mayChange = useIsAtLeast('operator');
  if (!mayChange) return null;
  const { id, unwanted } = destination;
  return (
    <Card title={t('backlog.title')}>
      <div className="stack">
        <HandOver destinationId={id} />
        <Space wrap>
          <GiveUpButton
            text={t('give_up.unwanted', { count: unwanted })}
            isDisabled={unwanted === 0}
            destinationId={id}
          />
          <Removal destination={destination} />
        </Space>
      </div>
    </Card>
  );
}

/** Hands what waits for one callback URL over to another one that is chosen. */
function HandOver({ destinationId }: { destinationId: number }) {
  const t = usePageTexts();
  const [isOpen, setOpen] = useState(false);
  const [to, setTo] = useState<number | null>(null);
  const others = (useDestinations().data ?? []).filter(({ id }) => id !== destinationId);
  const step: Step = async (dryRun, cursor) => {
    const { handedOver, next } = await take(
      api.POST('/api/v1/destinations/{destinationId}/hand-over', {
        params: { path: { destinationId: String(destinationId) } },
        body: { to: to ?? 0, dryRun, ...(cursor !== undefined && { cursor }) },
      }),
    );
    return { count: handedOver, next };
  };
  return (
    <Space wrap>
      <Select<number>
        className="wide"
        aria-label={t('backlog.to')}
        placeholder={t('backlog.to')}
        value={to}
        onChange={setTo}
        options={others.map((one) => ({ value: one.id, label: one.name === '' ? one.url : one.name }))}
      />
      <Button
        disabled={to === null}
        onClick={() => {
          setOpen(true);
        }}
      >
        {t('backlog.hand_over')}
      </Button>
      {isOpen && (
        <InSteps
          title={t('backlog.hand_over')}
          ask="backlog.hand_over.ask"
          done="backlog.hand_over.done"
          act={t('backlog.hand_over')}
          step={step}
          onClose={() => {
            setOpen(false);
          }}
        />
      )}
    </Space>
  );
}

/** A button that gives up what settings do not want any more, of one callback URL or of all, once it was said how much that is. */
export function GiveUpButton({
  text,
  isDisabled = false,
  destinationId,
}: {
  text: string;
  isDisabled?: boolean;
  destinationId?: number;
}) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button
        danger
        disabled={isDisabled}
        onClick={() => {
          setOpen(true);
        }}
      >
        {text}
      </Button>
      {isOpen && (
        <GiveUp
          {...(destinationId !== undefined && { destinationId })}
          onClose={() => {
            setOpen(false);
          }}
        />
      )}
    </>
  );
}

function GiveUp({ destinationId, onClose }: { destinationId?: number; onClose: () => void }) {
  const t = usePageTexts();
  const step: Step = async (dryRun, cursor) => {
    const { givenUp, next } = await take(
      api.POST('/api/v1/deliveries/give-up', {
        body: {
          dryRun,
          ...(destinationId !== undefined && { destinationId }),
          ...(cursor !== undefined && { cursor }),
        },
      }),
    );
    return { count: givenUp, next };
  };
  return (
    <InSteps
      title={t('give_up.title')}
      ask="give_up.ask"
      done="give_up.done"
      act={t('give_up.do')}
      step={step}
      onClose={onClose}
    />
  );
}

function Removal({ destination }: { destination: Destination }) {
  const t = usePageTexts();
  const navigate = useNavigate();
  const [isOpen, setOpen] = useState(false);
  const destinationId = String(destination.id);
  const ask = (dryRun: boolean) =>
    take(
      api.DELETE('/api/v1/destinations/{destinationId}', {
        params: { path: { destinationId }, query: { dryRun } },
      }),
    );
  const count = useQuery({
    queryKey: [...destinationsKey, destinationId, 'removal'],
    queryFn: () => ask(true),
    enabled: isOpen,
    gcTime: 0,
  });
  const remove = useChange(() => ask(false), {
    done: 'destination.removed',
    refresh: [deliveriesKey, ['overview']],
    onDone: () => void navigate({ to: '/deliveries' }),
  });
  return (
    <>
      <Button
        danger
        onClick={() => {
          setOpen(true);
        }}
      >
        {t('destination.remove')}
      </Button>
      {isOpen && count.error !== null && <ProblemAlert error={count.error} />}
      <ConfirmByName
        name={destination.url}
        title={t('destination.remove.title')}
        text={t('destination.remove.text', {
          givenUp: count.data?.givenUp ?? 0,
          dead: count.data?.dead ?? 0,
        })}
        isOpen={isOpen && count.data !== undefined}
        isBusy={remove.isPending}
        onConfirm={() => {
          remove.mutate(undefined);
        }}
        onCancel={() => {
          setOpen(false);
        }}
      />
    </>
  );
}
