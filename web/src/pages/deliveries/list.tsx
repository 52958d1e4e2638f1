import { Button } from 'antd';
import { useState } from 'react';
import { api, take } from '../../api/client.ts';
import type { Delivery, Destination } from '../../api/model.ts';
import { useIsAtLeast } from '../../app/session.ts';
import { useTexts } from '../../i18n/language.tsx';
import { ListTools } from '../../ui/list-tools.tsx';
import { Page } from '../../ui/page.tsx';
import { Answered } from '../../ui/problem.tsx';
import { GiveUpButton } from './backlog.tsx';
import { DeliveryFilterBar, useDeliveryFilter } from './delivery-filter.tsx';
import type { DeliveryFilter } from './delivery-filter.tsx';
import { DeliveryTable, isOver } from './delivery-table.tsx';
import { DestinationTable } from './destination-table.tsx';
import { useDestinations } from './queries.ts';
import { ReplayMany } from './replay-many.tsx';
import type { Replay } from './replay-run.ts';
import { isWaiting, TryMany } from './try-now.tsx';

/** Callback URLs, failing ones first, and deliveries by state and URL with their replay. */
export function DeliveryList() {
  const t = useTexts();
  const destinations = useDestinations(10_000);
  return (
    <Page title={t('nav.deliveries')} hint={t('deliveries.hint')}>
      {/* What stands below the first table is drawn with it, so that nothing moves. */}
      <Answered of={destinations} rows={12}>
        {(data) => (
          <>
            <h2 className="section-head">{t('destinations.title')}</h2>
            <DestinationTable destinations={data} />
            <h2 className="section-head">{t('nav.deliveries')}</h2>
            <DeliveryFilterBar destinations={data} />
            <Deliveries destinations={data} />
          </>
        )}
      </Answered>
    </Page>
  );
}

/** The deliveries of the filter, with what is ticked: what stands above them is not drawn again with each tick. */
function Deliveries({ destinations }: { destinations: readonly Destination[] }) {
  const mayReplay = useIsAtLeast('operator');
  const filter = useDeliveryFilter();
  const [selected, setSelected] = useState<readonly Delivery[]>([]);
  return (
    <>
      {mayReplay && (
        <ReplayBar
          filter={filter}
          selected={selected}
          onReplayed={() => {
            setSelected([]);
          }}
        />
      )}
      <ListTools
        name="deliveries"
        filter={{ ...filter }}
        fetchCount={() => take(api.GET('/api/v1/counts/deliveries', { params: { query: filter } }))}
      />
      <DeliveryTable filter={filter} destinations={destinations} selected={selected} onSelect={setSelected} />
    </>
  );
}

/** What can be done with many deliveries at once: those that are ticked, or all that match. */
function ReplayBar({
  filter,
  selected,
  onReplayed,
}: {
  filter: DeliveryFilter;
  selected: readonly Delivery[];
  onReplayed: () => void;
}) {
  const t = useTexts();
  const [replay, setReplay] = useState<Replay | null>(null);
  const { state, destinationId, since } = filter;
  const over = selected.filter(isOver).map(({ id }) => id);
  // A replay of everything needs an end to go by.
  const canReplayAll = destinationId !== undefined || since !== undefined;
  return (
    <div className="row">
      <Button
        disabled={over.length === 0}
        onClick={() => {
          setReplay({ kind: 'selected', deliveryIds: over });
        }}
      >
        {t('replay.selected', { count: over.length })}
      </Button>
      <TryMany
        deliveryIds={selected.filter((one) => isWaiting(one)).map(({ id }) => id)}
        onDone={onReplayed}
      />
      <Button
        disabled={!canReplayAll}
        title={canReplayAll ? undefined : t('replay.all.needs')}
        onClick={() => {
          setReplay({
            kind: 'matching',
            filter: { ...filter, state: state === 'done' ? 'done' : 'dead' },
          });
        }}
      >
        {t(state === 'done' ? 'replay.all.done' : 'replay.all.dead')}
      </Button>
      {state === 'unwanted' && (
        <GiveUpButton text={t('give_up.title')} {...(destinationId !== undefined && { destinationId })} />
      )}
      {!canReplayAll && <span>{t('replay.all.needs')}</span>}
      {replay !== null && (
        <ReplayMany
          replay={replay}
          onClose={() => {
            setReplay(null);
            onReplayed();
          }}
        />
      )}
    </div>
  );
}
