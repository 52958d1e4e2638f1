import { DownOutlined, RightOutlined } from '@ant-design/icons';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { useId, useState } from 'react';
import type { Receipt } from '../../api/model.ts';
import { useLanguage } from '../../i18n/language.tsx';
import { ChannelTypeTag } from '../../ui/labels.tsx';
import { Time } from '../../ui/time.tsx';
import { PayloadView, usePayload } from './payload.tsx';
import { toReceiptSummary } from './receipt-summary.ts';
import { ReceiptTypeTag } from './receipt-table.tsx';
import { SaidButtons, SaidMedia, toButtons } from './said.tsx';

/** A receipt in a line that opens to what its receivers get. */
export function ReceiptLine({ receipt }: { receipt: Receipt }) {
  const { t, language } = useLanguage();
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const { receiptId, recordedAt, type, channelType } = receipt;
  const summary = toReceiptSummary(receipt, t, language);
  return (
    <li>
      <Button
        type="text"
        size="small"
        icon={isOpen ? <DownOutlined /> : <RightOutlined />}
        aria-expanded={isOpen}
        aria-controls={id}
        aria-label={`${t('payload.title')}: ${summary}`}
        onClick={() => {
          setOpen(!isOpen);
        }}
      />
      <Time at={recordedAt} milliseconds />
      <ReceiptTypeTag type={type} />
      <ChannelTypeTag type={channelType} />
      <span className="tail-text">{summary}</span>
      <Link
        to="/receipts/$receiptId"
        params={{ receiptId }}
        aria-label={`${t('receipt.timeline')} ${receiptId}`}
      >
        {t('receipt.timeline')}
      </Link>
      <div id={id} className="tail-open" hidden={!isOpen}>
        {isOpen && <Opened receipt={receipt} />}
      </div>
    </li>
  );
}

function Opened({ receipt }: { receipt: Receipt }) {
  const { data } = usePayload(receipt.receiptId);
  return (
    <>
      <SaidButtons buttons={toButtons(receipt.content)} />
      {data !== undefined && <SaidMedia media={data.media} />}
      <PayloadView receiptId={receipt.receiptId} />
    </>
  );
}
