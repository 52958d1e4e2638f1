import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Button, Card, Form, Input, Select, Space } from 'antd';
import { useState } from 'react';
import { api, take, takeVersioned } from '../../api/client.ts';
import type { Versioned } from '../../api/client.ts';
import type { Destination } from '../../api/model.ts';
import { useIsAtLeast } from '../../app/session.ts';
import { useTexts } from '../../i18n/language.tsx';
import { ActionForm } from '../../ui/action-form.tsx';
import { useChange } from '../../ui/change.ts';
import { ConfirmByName } from '../../ui/confirm-by-name.tsx';
import { ProblemAlert } from '../../ui/problem.tsx';
import { useVersion } from '../../ui/seen.ts';
import { useUrlWarnings } from '../../ui/url-warnings.ts';
import { InSteps } from './in-steps.tsx';
import type { Step } from './in-steps.tsx';
import { deliveriesKey, destinationsKey, useDestinations } from './queries.ts';

const refresh = [destinationsKey, deliveriesKey, ['overview'], ['webhook']] as const;

interface Place {
  readonly name: string;
  readonly url: string;
}

/** What a callback URL is called and where it is: both can be changed, and what waits goes along. */
export function DestinationPlace({
  destination,
  showNow,
}: {
  destination: Versioned<Destination>;
  showNow: () => void;
}) {
  const t = useTexts();
  const mayChange = useIsAtLeast('operator');
  const [form] = Form.useForm<Place>();
  const toSeen = useUrlWarnings();
  const { id, name, url } = destination;
  const { header, saved } = useVersion(destination, (it) => [it.name, it.url]);
  const save = useChange(
    (given: Place) =>
      takeVersioned(
        api.PATCH('/api/v1/destinations/{destinationId}', {
          params: { path: { destinationId: String(id) }, header },
          body: { name: given.name, ...(given.url.trim() !== url && { url: given.url }) },
        }),
      ),
    {
      done: 'state.saved',
      refresh,
      quiet: true,
      onDone: (made) => {
        saved(toSeen(made));
        form.setFieldsValue({ name: made.name, url: made.url });
      },
    },
  );
  if (!mayChange) return null;
  return (
    <Card title={t('destination.place')}>
      <ActionForm<Place> name="place" form={form} change={save} submit={t('action.save')} showNow={showNow}>
        <Form.Item name="name" label={t('destination.name')} initialValue={name}>
          <Input maxLength={100} />
        </Form.Item>
        <Form.Item
          name="url"
          label={t('destination.title')}
          extra={t('destination.url.hint')}
          initialValue={url}
        >
          <Input />
        </Form.Item>
      </ActionForm>
    </Card>
  );
}

/** What waits for a callback URL handed over to another one or given up, and the removal of one that nobody needs. */
export function DestinationBacklog({ destination }: { destination: Destination }) {
  const t = useTexts();
  const mayChange = useIsAtLeast('operator');
  const [act, setAct] = useState<'unwanted' | 'hand_over' | null>(null);
  const [to, setTo] = useState<number | null>(null);
  const others = (useDestinations().data ?? []).filter(({ id }) => id !== destination.id);
  if (!mayChange) return null;
  const { id, unwanted } = destination;
  const handOver: Step = async (dryRun, cursor) => {
    const { handedOver, next } = await take(
      api.POST('/api/v1/destinations/{destinationId}/hand-over', {
        params: { path: { destinationId: String(id) } },
        body: { to: to ?? 0, dryRun, ...(cursor !== undefined && { cursor }) },
      }),
    );
    return { count: handedOver, next };
  };
  return (
    <Card title={t('backlog.title')}>
      <div className="stack">
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
              setAct('hand_over');
            }}
          >
            {t('backlog.hand_over')}
          </Button>
        </Space>
        <Space wrap>
          <Button
            danger
            disabled={unwanted === 0}
            onClick={() => {
              setAct('unwanted');
            }}
          >
            {t('give_up.unwanted', { count: unwanted })}
          </Button>
          <Removal destination={destination} />
        </Space>
      </div>
      {act === 'hand_over' && (
        <InSteps
          title={t('backlog.hand_over')}
          ask="backlog.hand_over.ask"
          done="backlog.hand_over.done"
          act={t('backlog.hand_over')}
          step={handOver}
          onClose={() => {
            setAct(null);
          }}
        />
      )}
      {act === 'unwanted' && (
        <GiveUp
          destinationId={id}
          onClose={() => {
            setAct(null);
          }}
        />
      )}
    </Card>
  );
}

/** Gives up what settings do not want any more, of one callback URL or of all. */
export function GiveUp({ destinationId, onClose }: { destinationId?: number; onClose: () => void }) {
  const t = useTexts();
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
  const t = useTexts();
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
