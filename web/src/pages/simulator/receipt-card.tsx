import { Badge, Card } from 'antd';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { useLatest } from '../messages/latest.ts';
import { ReceiptLine } from '../messages/receipt-line.tsx';
import { toReceiptUser } from '../messages/receipt-summary.ts';
import type { Parties } from './chat.tsx';

const maxReceipts = 30;

/** The receipts of this conversation, of the last minutes and as they come. */
export function ReceiptCard({ parties: { channelId, senderId, user } }: { parties: Parties }) {
  const t = usePageTexts();
  const { state, shown } = useLatest({ channelId, senderId });
  const receipts = shown.filter((receipt) => toReceiptUser(receipt) === user).slice(0, maxReceipts);
  return (
    <Card
      title={t('receipts.title')}
      extra={<Badge status={state === 'open' ? 'success' : 'processing'} text={t(`tail.state.${state}`)} />}
    >
      {receipts.length === 0 ? (
        <p>{t('simulator.receipts.none')}</p>
      ) : (
        <ol className="tail tail-card" aria-label={t('receipts.title')}>
          {receipts.map((receipt) => (
            <ReceiptLine key={receipt.receiptId} receipt={receipt} />
          ))}
        </ol>
      )}
    </Card>
  );
}
