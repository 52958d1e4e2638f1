import { useParams } from '@tanstack/react-router';
import { Button, Card, Form, InputNumber, Statistic } from 'antd';
import { Fragment } from 'react';
import { api, takeVersioned } from '../../api/client.ts';
import type { Versioned } from '../../api/client.ts';
import type { Destination } from '../../api/model.ts';
import { useIsAtLeast } from '../../app/session.ts';
import { useLanguage } from '../../i18n/language.tsx';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import type { PageTextKey } from '../../i18n/page-texts.ts';
import { useChange } from '../../ui/change.ts';
import { Page } from '../../ui/page.tsx';
import { Answered, SaveProblem } from '../../ui/problem.tsx';
import { useSeen, useVersion } from '../../ui/form-version.ts';
import { formatDuration } from '../../ui/time.tsx';
import { Unsaved } from '../../ui/unsaved.tsx';
import { DestinationBacklog } from './backlog.tsx';
import { DestinationBody } from './destination-panel.tsx';
import { DestinationPlace } from './destination-place.tsx';
import { toCount } from './destination-table.tsx';
import { LastTries } from './last-tries.tsx';
import { PresetField } from './preset.tsx';
import { destinationsKey, useDestination } from './queries.ts';
import { RatesCard } from './rates-card.tsx';
import { TryAll } from './try-now.tsx';

/** One callback URL: its state, test event and secret, how it is pushed to, and its deliveries. */
export function DestinationPage() {
  const t = usePageTexts();
  const { destinationId = '' } = useParams({ strict: false });
  const destination = useDestination(destinationId);
  const { filling, showNow } = useSeen(destination.refetch);
  return (
    <Page
      title={(destination.data?.name || destination.data?.url) ?? t('destination.title')}
      crumbs={[{ text: t('nav.deliveries'), to: '/deliveries' }]}
      actions={destination.data && <TryAll destination={destination.data} />}
    >
      <Answered of={destination} rows={12}>
        {(data) => (
          <>
            <Card>
              <div className="stack">
                <Counts destination={data} />
                <DestinationBody destination={data} />
              </div>
            </Card>
            <RatesCard destinationId={destinationId} />
            <LastTries destinationId={data.id} />
            <DestinationBacklog destination={data} />
            <div className="two">
              <DestinationPlace key={`place-${filling}`} destination={data} showNow={showNow} />
              <PushSettings key={`push-${filling}`} destination={data} showNow={showNow} />
            </div>
            <Headers />
          </>
        )}
      </Answered>
    </Page>
  );
}

/** How much waits for it, and how much was given up. */
function Counts({ destination }: { destination: Destination }) {
  const t = usePageTexts();
  return (
    <div className="cards cards-small">
      {(['waiting', 'blocked', 'unwanted', 'dead'] as const).map((state) => (
        <Statistic
          key={state}
          title={t(`delivery.state.${state}`)}
          formatter={() => toCount(destination[state])}
        />
      ))}
    </div>
  );
}

const headers = [
  ['webhook-id', 'headers.id'],
  ['webhook-timestamp', 'headers.timestamp'],
  ['webhook-signature', 'headers.signature'],
  ['chasqui-attempt', 'headers.attempt'],
  ['chasqui-repeat-cause', 'headers.cause'],
] as const satisfies readonly (readonly [string, PageTextKey])[];

/** What stands in the head of each POST. */
function Headers() {
  const t = usePageTexts();
  return (
    <Card title={t('headers.title')}>
      <dl className="ways">
        {headers.map(([name, text]) => (
          <Fragment key={name}>
            <dt>
              <code>{name}</code>
            </dt>
            <dd>{t(text)}</dd>
          </Fragment>
        ))}
      </dl>
    </Card>
  );
}

interface Fields {
  preset: Destination['preset'];
  batchSize: number;
  concurrency: number;
  timeoutMs: number;
}

function toFields({ preset, batchSize, concurrency, timeoutMs }: Destination): Fields {
  return { preset, batchSize, concurrency, timeoutMs };
}

/** Saves the settings as they were seen. */
function usePushSave(destination: Versioned<Destination>, onSaved: (made: Destination) => void) {
  const { id, preset } = destination;
  const { header, saved } = useVersion(destination, toFields);
  return useChange(
    ({ preset: chosen, batchSize, concurrency, timeoutMs }: Fields) =>
      takeVersioned(
        api.PATCH('/api/v1/destinations/{destinationId}', {
          params: { path: { destinationId: String(id) }, header },
          // A preset brings its own time limit; it is given only when it was chosen anew.
          body: {
            ...{ batchSize, concurrency },
            ...(chosen === preset ? { timeoutMs } : { preset: chosen }),
          },
        }),
      ),
    {
      done: 'state.saved',
      refresh: [destinationsKey],
      quiet: true,
      onDone: (made) => {
        saved(made);
        onSaved(made);
      },
    },
  );
}

function PushSettings({
  destination,
  showNow,
}: {
  destination: Versioned<Destination>;
  showNow: () => void;
}) {
  const { t, language } = useLanguage();
  const mayChange = useIsAtLeast('operator');
  const [form] = Form.useForm<Fields>();
  const save = usePushSave(destination, (made) => {
    // A preset brings its own time limit.
    form.setFieldsValue(toFields(made));
  });
  const schedule = destination.scheduleMs.map((ms) => formatDuration(ms, language)).join(' · ');
  return (
    <Card title={t('destination.settings')}>
      <Form<Fields>
        form={form}
        layout="vertical"
        className="narrow"
        disabled={!mayChange}
        initialValues={toFields(destination)}
        onFinish={(fields) => {
          save.mutate(fields);
        }}
      >
        <PresetField label="destination.preset" />
        <Form.Item
          name="batchSize"
          label={t('destination.batch_size')}
          extra={t('destination.batch_size.hint')}
        >
          <InputNumber min={1} max={100} precision={0} className="number" />
        </Form.Item>
        <Form.Item
          name="concurrency"
          label={t('destination.concurrency')}
          extra={t('destination.concurrency.hint')}
        >
          <InputNumber min={1} max={1000} precision={0} className="number" />
        </Form.Item>
        <Form.Item name="timeoutMs" label={t('destination.timeout')}>
          <InputNumber min={100} max={60_000} precision={0} suffix="ms" className="number" />
        </Form.Item>
        <p>
          {t('destination.schedule')}: {schedule}
        </p>
        <Unsaved change={save} />
        {save.error !== null && <SaveProblem error={save.error} showNow={showNow} />}
        {mayChange && (
          <Button type="primary" htmlType="submit" loading={save.isPending}>
            {t('action.save')}
          </Button>
        )}
      </Form>
    </Card>
  );
}
