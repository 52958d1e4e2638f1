import { Link } from '@tanstack/react-router';
import { Tag } from 'antd';
import type { Receipt } from '../../api/model.ts';
import { useLanguage, useTexts } from '../../i18n/language.tsx';
import type { useListing } from '../../ui/listing.tsx';
import { ListingTable } from '../../ui/listing.tsx';
import { Time } from '../../ui/time.tsx';
import { toChannelColumn, toSenderColumn } from '../channels/name-columns.tsx';
import { useNames } from '../channels/queries.ts';
import { toReceiptSummary } from './receipt-summary.ts';

const colors = { ChatAppInbound: 'cyan', ChatAppStatus: 'blue', ChatAppAudit: 'purple' } as const;

export function ReceiptTypeTag({ type }: { type: Receipt['type'] }) {
  const t = useTexts();
  return <Tag color={colors[type]}>{t(`receipt.type.${type}`)}</Tag>;
}

/** Receipts, newest first, each leading to its timeline. */
export function ReceiptTable({
  listing,
  empty,
  isExcerpt = false,
}: {
  listing: ReturnType<typeof useListing<Receipt>>;
  empty: string;
  isExcerpt?: boolean;
}) {
  const { t, language } = useLanguage();
  const names = useNames(listing.items);
  return (
    <ListingTable<Receipt>
      listing={listing}
      isNaming={names.isPending}
      label={t('receipts.title')}
      empty={empty}
      isExcerpt={isExcerpt}
      rowKey="receiptId"
      columns={[
        { title: t('field.time'), dataIndex: 'recordedAt', render: (at: string) => <Time at={at} /> },
        {
          title: t('receipt.type'),
          dataIndex: 'type',
          render: (type: Receipt['type']) => <ReceiptTypeTag type={type} />,
        },
        toChannelColumn(t, names),
        toSenderColumn(t, names),
        {
          title: t('receipt.what'),
          key: 'what',
          render: (_value, receipt) => (
            <span className="clip clip-text">{toReceiptSummary(receipt, t, language)}</span>
          ),
        },
        {
          title: t('field.action'),
          key: 'action',
          render: (_value, { receiptId }) => (
            <Link
              to="/receipts/$receiptId"
              params={{ receiptId }}
              data-opens
              aria-label={`${t('receipt.timeline')} ${receiptId}`}
            >
              {t('receipt.timeline')}
            </Link>
          ),
        },
      ]}
    />
  );
}
