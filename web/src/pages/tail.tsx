import { PauseOutlined, PlayCircleOutlined } from '@ant-design/icons';
import { Link } from '@tanstack/react-router';
import { Badge, Button, Empty } from 'antd';
import { useState } from 'react';
import { useTail } from '../api/tail.ts';
import type { Receipt } from '../api/model.ts';
import { useTexts } from '../i18n/language.tsx';
import { FilterBar, useFilters } from '../ui/filter.tsx';
import { ChannelTypeTag } from '../ui/labels.tsx';
import { Page } from '../ui/page.tsx';
import { Time } from '../ui/time.tsx';
import { useChannelFilter } from './channels/queries.ts';
import { toReceiptSummary } from './messages/receipt-summary.ts';
import { ReceiptTypeTag } from './messages/receipt-table.tsx';
import { toReceiptType, useReceiptTypeFilter } from './messages/receipt-types.ts';

/** More than a screen or two is nothing to watch; the lists have everything. */
const maxShown = 200;

const tones = { connecting: 'processing', open: 'success' } as const;

/** What has come since the page was opened; pausing keeps what came meanwhile for later. */
function useReceipts(filter: Parameters<typeof useTail>[0]) {
  const [shown, setShown] = useState<readonly Receipt[]>([]);
  const [held, setHeld] = useState<readonly Receipt[]>([]);
  const [hasSkipped, setSkipped] = useState(false);
  const [isPaused, setPaused] = useState(false);
  const state = useTail(filter, {
    receipt: (receipt) => {
      const add = (list: readonly Receipt[]): readonly Receipt[] =>
        [receipt, ...list.filter(({ receiptId }) => receiptId !== receipt.receiptId)].slice(0, maxShown);
      if (isPaused) setHeld(add);
      else setShown(add);
    },
    skipped: () => {
      setSkipped(true);
    },
  });
  return {
    state,
    shown,
    heldCount: held.length,
    hasSkipped,
    isPaused,
    /** Pauses, or goes on with what was kept meanwhile. */
    toggle: (): void => {
      if (isPaused) {
        setShown([...held, ...shown].slice(0, maxShown));
        setHeld([]);
      }
      setPaused(!isPaused);
    },
    clear: (): void => {
      setShown([]);
      setSkipped(false);
    },
  };
}

/** Receipts as they come, newest on top. */
export function Tail() {
  const t = useTexts();
  const { filters } = useFilters();
  const { channelId, senderId } = filters;
  const receipts = useReceipts({ type: toReceiptType(filters['type']), channelId, senderId });
  const { state, shown, heldCount, hasSkipped, isPaused } = receipts;
  return (
    <Page
      title={t('nav.tail')}
      hint={t('tail.hint')}
      actions={
        <>
          <Badge status={tones[state]} text={t(`tail.state.${state}`)} />
          <Button icon={isPaused ? <PlayCircleOutlined /> : <PauseOutlined />} onClick={receipts.toggle}>
            {isPaused ? t('tail.resume', { count: heldCount }) : t('tail.pause')}
          </Button>
          <Button onClick={receipts.clear}>{t('tail.clear')}</Button>
        </>
      }
    >
      <FilterBar
        fields={[
          useReceiptTypeFilter(),
          useChannelFilter(),
          { kind: 'text', name: 'senderId', label: t('sender.id') },
        ]}
      />
      {hasSkipped && <p role="status">{t('tail.skipped')}</p>}
      {shown.length === 0 ? (
        <Empty description={t('tail.empty')} />
      ) : (
        <ol className="tail" aria-label={t('nav.tail')}>
          {shown.map((receipt) => (
            <TailRow key={receipt.receiptId} receipt={receipt} />
          ))}
        </ol>
      )}
    </Page>
  );
}

function TailRow({ receipt }: { receipt: Receipt }) {
  const t = useTexts();
  const { receiptId, recordedAt, type, channelType } = receipt;
  return (
    <li>
      <Time at={recordedAt} milliseconds />
      <ReceiptTypeTag type={type} />
      <ChannelTypeTag type={channelType} />
      <span className="tail-text">{toReceiptSummary(receipt, t)}</span>
      <Link
        to="/receipts/$receiptId"
        params={{ receiptId }}
        aria-label={`${t('receipt.timeline')} ${receiptId}`}
      >
        {t('receipt.timeline')}
      </Link>
    </li>
  );
}
