import { useQuery } from '@tanstack/react-query';
import { Button, Modal } from 'antd';
import { useState } from 'react';
import { api, take } from '../api/client.ts';
import { useIsAtLeast } from '../app/session.ts';
import { useTexts } from '../i18n/language.tsx';
import type { TextKey } from '../i18n/texts.ts';
import { useChange } from '../ui/change.ts';
import { Time } from '../ui/time.tsx';

const clockKey = ['clock'] as const;

const kinds = {
  raw_events: 'clock.raw_events',
  receipts: 'clock.receipts',
  messages: 'clock.messages',
  queue_messages: 'clock.queue_messages',
  media: 'clock.media',
  uploads: 'clock.uploads',
} as const satisfies Record<string, TextKey>;

/** An owner's word that the clock is right, beside the notice that it is in doubt or that a sweep waits; nothing once neither is so. */
export function ConfirmClock() {
  return useIsAtLeast('owner') ? <OwnersClock /> : null;
}

function OwnersClock() {
  const t = useTexts();
  const [isOpen, setIsOpen] = useState(false);
  const clock = useQuery({
    queryKey: clockKey,
    queryFn: () => take(api.GET('/api/v1/clock')),
    refetchInterval: 10_000,
    // Users of other accounts than the first are told nothing.
    retry: false,
  });
  const close = (): void => {
    setIsOpen(false);
  };
  const change = useChange(() => take(api.POST('/api/v1/clock/confirm')), {
    done: 'clock.confirmed',
    refresh: [clockKey, ['overview']],
    onDone: close,
  });
  if (clock.data === undefined) return null;
  const { now, doubt, held } = clock.data;
  if (doubt === null && held.length === 0) return null;
  return (
    <>
      <Button
        onClick={() => {
          setIsOpen(true);
        }}
      >
        {t('clock.look')}
      </Button>
      <Modal
        open={isOpen}
        title={t('clock.title')}
        okText={t('clock.confirm')}
        okButtonProps={{ danger: true, loading: change.isPending }}
        onOk={() => {
          change.mutate(undefined);
        }}
        onCancel={close}
      >
        <p>
          {t('clock.now')} <Time at={now} />
        </p>
        {doubt !== null && <p>{doubt}</p>}
        {held.length > 0 && (
          <>
            <p>{t('clock.held')}</p>
            <ul>
              {held.map(({ kind, old, kept }) => (
                <li key={kind}>{t(kinds[kind], { old, total: old + kept })}</li>
              ))}
            </ul>
          </>
        )}
        <p>{t('clock.hint')}</p>
      </Modal>
    </>
  );
}
