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

/** Receipts as they come, newest on top; pausing keeps what came meanwhile for later. */
export function Tail() {
  const t = useTexts();
  const { filters } = useFilters();
  const [shown, setShown] = useState<readonly Receipt[]>([]);
  const [held, setHeld] = useState<readonly Receipt[]>([]);
  const [hasSkipped, setSkipped] = useState(false);
  const [isPaused, setPaused] = useState(false);
  const { channelId, senderId } = filters;
  const type = toReceiptType(filters['type']);
  const state = useTail(
    { type, channelId, senderId },
    {
      receipt: (receipt) => {
        const add = (list: readonly Receipt[]): readonly Receipt[] =>
          [receipt, ...list.filter(({ receiptId }) => receiptId !== receipt.receiptId)].slice(0, maxShown);
        if (isPaused) setHeld(add);
        else setShown(add);
      },
      skipped: () => {
        setSkipped(true);
      },
    },
  );
  return (
    <Page
      title={t('nav.tail')}
      hint={t('tail.hint')}
      actions={
        <>
          <Badge status={tones[state]} text={t(`tail.state.${state}`)} />
          <Button
            icon={isPaused ? <PlayCircleOutlined /> : <PauseOutlined />}
            onClick={() => {
              if (isPaused) {
                setShown([...held, ...shown].slice(0, maxShown));
                setHeld([]);
              }
              setPaused(!isPaused);
            }}
          >
            {isPaused ? t('tail.resume', { count: held.length }) : t('tail.pause')}
          </Button>
          <Button
            onClick={() => {
              setShown([]);
              setSkipped(false);
            }}
          >
            {t('tail.clear')}
          </Button>
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
            <li key={receipt.receiptId}>
              <Time at={receipt.recordedAt} milliseconds />
              <ReceiptTypeTag type={receipt.type} />
              <ChannelTypeTag type={receipt.channelType} />
              <span className="tail-text">{toReceiptSummary(receipt, t)}</span>
              <Link
                to="/receipts/$receiptId"
                params={{ receiptId: receipt.receiptId }}
                aria-label={`${t('receipt.timeline')} ${receipt.receiptId}`}
              >
                {t('receipt.timeline')}
              </Link>
            </li>
          ))}
        </ol>
      )}
    </Page>
  );
}
