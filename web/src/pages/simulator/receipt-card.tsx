import { Link } from '@tanstack/react-router';
import { Badge, Card } from 'antd';
import { useState } from 'react';
import type { Receipt } from '../../api/model.ts';
import { useTail } from '../../api/tail.ts';
import { useTexts } from '../../i18n/language.tsx';
import { Time } from '../../ui/time.tsx';
import { toReceiptSummary, toReceiptUser } from '../messages/receipt-summary.ts';
import { ReceiptTypeTag } from '../messages/receipt-table.tsx';
import type { Parties } from './chat.tsx';

const maxReceipts = 30;

/** The receipts of this conversation as they come. */
export function ReceiptCard({ parties: { channelId, senderId, user } }: { parties: Parties }) {
  const t = useTexts();
  const [receipts, setReceipts] = useState<readonly Receipt[]>([]);
  const state = useTail(
    { channelId, senderId },
    {
      receipt: (receipt) => {
        if (toReceiptUser(receipt) !== user) return;
        setReceipts((list) =>
          [receipt, ...list.filter(({ receiptId }) => receiptId !== receipt.receiptId)].slice(0, maxReceipts),
        );
      },
    },
  );
  return (
    <Card
      title={t('receipts.title')}
      extra={<Badge status={state === 'open' ? 'success' : 'processing'} text={t(`tail.state.${state}`)} />}
    >
      {receipts.length === 0 ? (
        <p>{t('simulator.receipts.none')}</p>
      ) : (
        <ol className="tail" aria-label={t('receipts.title')}>
          {receipts.map((receipt) => (
            <ReceiptRow key={receipt.receiptId} receipt={receipt} />
          ))}
        </ol>
      )}
    </Card>
  );
}

function ReceiptRow({ receipt }: { receipt: Receipt }) {
  const t = useTexts();
  const { receiptId, type, recordedAt } = receipt;
  return (
    <li>
      <ReceiptTypeTag type={type} />
      <span className="tail-text">{toReceiptSummary(receipt, t)}</span>
      <Time at={recordedAt} />
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
