import { Button } from 'antd';
import { useState } from 'react';
import { useIsAtLeast } from '../../app/session.ts';
import { useTexts } from '../../i18n/language.tsx';
import { Page } from '../../ui/page.tsx';
import { GiveUpButton } from './backlog.tsx';
import { DeliveryFilterBar, useDeliveryFilter } from './delivery-filter.tsx';
import type { DeliveryFilter } from './delivery-filter.tsx';
import { DeliveryTable } from './delivery-table.tsx';
import { DestinationTable } from './destination-table.tsx';
import { useDestinations } from './queries.ts';
import { ReplayMany } from './replay-many.tsx';
import type { Replay } from './replay-run.ts';

/** Callback URLs, failing ones first, and deliveries by state and URL with their replay. */
export function DeliveryList() {
  const t = useTexts();
  const mayReplay = useIsAtLeast('operator');
  const destinations = useDestinations(10_000);
  const filter = useDeliveryFilter();
  const [selected, setSelected] = useState<readonly string[]>([]);
  return (
    <Page title={t('nav.deliveries')} hint={t('deliveries.hint')}>
      <h2 className="section-head">{t('destinations.title')}</h2>
      <DestinationTable destinations={destinations} />
      <h2 className="section-head">{t('nav.deliveries')}</h2>
      <DeliveryFilterBar destinations={destinations.data ?? []} />
      {mayReplay && (
        <ReplayBar
          filter={filter}
          selected={selected}
          onReplayed={() => {
            setSelected([]);
          }}
        />
      )}
      <DeliveryTable
        filter={filter}
        destinations={destinations.data ?? []}
        selected={selected}
        onSelect={setSelected}
      />
    </Page>
  );
}

/** What can be done with many deliveries at once: those that are ticked, or all that match. */
function ReplayBar({
  filter,
  selected,
  onReplayed,
}: {
  filter: DeliveryFilter;
  selected: readonly string[];
  onReplayed: () => void;
}) {
  const t = useTexts();
  const [replay, setReplay] = useState<Replay | null>(null);
  const { state, destinationId, since } = filter;
  // A replay of everything needs an end to go by.
  const canReplayAll = destinationId !== undefined || since !== undefined;
  return (
    <div className="row">
      <Button
        disabled={selected.length === 0}
        onClick={() => {
          setReplay({ kind: 'selected', deliveryIds: selected });
        }}
      >
        {t('replay.selected', { count: selected.length })}
      </Button>
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
